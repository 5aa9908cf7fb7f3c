pub fn up(_tx: &migrate_runtime::rusqlite::Transaction<'_>) -> Result<(), String> {
    Ok(())
}
