fn up(_: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> {
    Ok(())
}
