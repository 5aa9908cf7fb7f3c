use rusqlite::Transaction;

pub fn up(_tx: &Transaction<'_>) {}
