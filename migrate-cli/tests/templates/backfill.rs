// 002_backfill: say here what it does, and why.
//
// It runs in a transaction, together with its row in the history; an error or a
// panic rolls all of it back. `super` is the module of `embed_migrations!`.

use migrate_runtime::rusqlite::{Result, Transaction};

pub fn up(tx: &Transaction<'_>) -> Result<()> {
    // tx.execute("UPDATE examples SET name = trim(name)", [])?;
    Ok(())
}

/// If it cannot be undone, remove this function.
pub fn down(tx: &Transaction<'_>) -> Result<()> {
    // tx.execute_batch("…")?;
    Ok(())
}
