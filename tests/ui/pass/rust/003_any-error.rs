use migrate_runtime::schema::add_column_if_missing;

pub(crate) fn up(
    tx: &migrate_runtime::rusqlite::Transaction<'_>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let number: i64 = "7".parse()?;
    add_column_if_missing(tx, "users", "age", &format!("INTEGER DEFAULT {number}"))?;
    Ok(())
}
