use migrate_runtime::rusqlite::Transaction;

pub struct Trouble;

pub fn up(_tx: &Transaction<'_>) -> Result<(), Trouble> {
    Ok(())
}
