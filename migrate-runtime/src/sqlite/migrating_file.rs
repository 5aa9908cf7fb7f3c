//! The file `NAME-migrating`: it shows that another process is running a
//! migration without a transaction where SQLite's own lock does not.
//!
//! With write-ahead logging every connection holds a shared lock from its first
//! read until it is closed, so no connection can lock the file exclusively
//! while another one is open, however idle. In that mode a lock on an empty
//! file next to the database shows that its owner is alive: the system releases
//! it when the process dies.

use super::connection::file;
use super::db_error::Failure;
use crate::error::{Error, Kind};
use crate::exclusive_file::ExclusiveFile;
use migrate_model::history::Row;
use rusqlite::{Connection, ffi};
use std::io;
use std::path::{Path, PathBuf};

fn path_for(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-migrating");
    PathBuf::from(path)
}

/// The error that tells the caller to wait.
pub(super) fn in_progress() -> rusqlite::Error {
    let message = "another process is running a migration without a transaction";
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), Some(message.to_owned()))
}

/// Whether another live process is running a migration that the history shows
/// as started. Only call it with the write lock held.
pub(super) fn is_in_progress(conn: &Connection, history: &[Row]) -> Result<bool, Error> {
    match file(conn) {
        Some(path) if history.iter().any(Row::is_started) => is_taken(path),
        _ => Ok(false),
    }
}

/// Fails as busy while another process holds the file. Call it in a retry loop.
pub(super) fn wait(conn: &Connection) -> Result<(), Failure> {
    match is_taken(Path::new(conn.path().unwrap_or_default())) {
        Ok(false) => Ok(()),
        Ok(true) => Err(Failure::Busy(in_progress())),
        Err(error) => Err(Failure::Other(error)),
    }
}

/// Whether the cause of an error is another process that holds the file.
pub(super) fn is_cause(error: &Error) -> bool {
    use std::error::Error as _;
    let source = error.source().and_then(|source| source.downcast_ref());
    source.is_some_and(|source: &rusqlite::Error| *source == in_progress())
}

/// Takes the file if no other process holds it.
pub(super) fn take(database: &Path) -> Result<ExclusiveFile, Failure> {
    let path = path_for(database);
    match ExclusiveFile::try_take(&path) {
        Ok(Some(taken)) => Ok(taken),
        Ok(None) => Err(Failure::Busy(in_progress())),
        Err(error) => Err(Failure::Other(unusable(&path, error))),
    }
}

/// Whether a process holds the file.
fn is_taken(database: &Path) -> Result<bool, Error> {
    let path = path_for(database);
    ExclusiveFile::is_taken(&path).map_err(|error| unusable(&path, error))
}

/// Removes the file that a killed process left.
pub(super) fn clear(database: &Path) {
    if path_for(database).exists() {
        drop(take(database));
    }
}

fn unusable(path: &Path, error: io::Error) -> Error {
    let path = path.display().to_string();
    Error::with_source(Kind::MigratingFile { path }, error)
}
