// The module of the call is `super`, and the crate is `crate`.
use super::NAMES;
use migrate_runtime::rusqlite::{self, Transaction};

pub fn up(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    for name in NAMES {
        insert(tx, name)?;
    }
    Ok(())
}

pub fn down(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch("DELETE FROM users")
}

fn insert(tx: &Transaction<'_>, name: &str) -> rusqlite::Result<()> {
    tx.execute("INSERT INTO users (name) VALUES (?1)", [name])
        .map(drop)
}
