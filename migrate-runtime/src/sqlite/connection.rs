//! Facts about a connection: its file, its modes, and whether it can write.

use super::db_error::failed;
use crate::error::{Error, Kind};
use migrate_sqlite::compat;
use rusqlite::Connection;
use std::path::Path;

/// The file of a database. A database in memory and a temporary one have none.
pub(super) fn file(conn: &Connection) -> Option<&Path> {
    conn.path().filter(|path| !path.is_empty()).map(Path::new)
}

/// The name of the database in messages.
pub(super) fn name(conn: &Connection) -> String {
    match file(conn) {
        None => "the in-memory database".to_owned(),
        Some(path) => format!("`{}`", path.display()),
    }
}

/// The journal mode of the main database, in lower case.
pub(super) fn journal_mode(conn: &Connection) -> rusqlite::Result<String> {
    conn.query_row("PRAGMA main.journal_mode", [], |row| row.get(0))
}

/// Whether a connection keeps a lock while it is idle: a shared one with
/// write-ahead logging, the exclusive one if the application asked for it.
pub(super) fn keeps_locks(conn: &Connection) -> rusqlite::Result<bool> {
    let locking: String = conn.query_row("PRAGMA main.locking_mode", [], |row| row.get(0))?;
    Ok(locking == "exclusive" || journal_mode(conn)? == "wal")
}

pub(super) fn check_writable(conn: &Connection, pending: usize) -> Result<(), Error> {
    if compat::is_readonly(conn).map_err(failed("checking whether the connection is read-only"))? {
        return Err(Kind::ReadOnly { pending }.into());
    }
    Ok(())
}
