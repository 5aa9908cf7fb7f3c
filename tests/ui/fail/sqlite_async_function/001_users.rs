pub async fn up(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> {
    Ok(())
}
