pub fn up(tx: &tokio_postgres::Transaction<'_>) -> Result<(), tokio_postgres::Error> {
    Ok(())
}
