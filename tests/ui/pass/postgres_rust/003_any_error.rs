use migrate_runtime::tokio_postgres::Transaction;

pub(crate) async fn up(tx: &Transaction<'_>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let count: i64 = tx.query_one("SELECT count(*) FROM users", &[]).await?.get(0);
    if count == 0 {
        return Err("there are no users".into());
    }
    Ok(())
}
