use migrate_runtime::rusqlite::{Result, Transaction};

pub fn up(_tx: Transaction<'_>) -> Result<()> {
    Ok(())
}
