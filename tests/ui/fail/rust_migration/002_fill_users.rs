pub fn upgrade(_: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> {
    Ok(())
}
