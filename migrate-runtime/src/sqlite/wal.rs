//! Write-ahead logging: switching to it, and a warning about a bug of some
//! SQLite versions.

use super::connection::{file, journal_mode};
use super::db_error::Failure;
use super::deadline::Deadline;
use crate::Event;
use crate::error::{Error, Kind};
use crate::listeners::Listeners;
use migrate_sqlite::{compat, library};
use rusqlite::Connection;
use std::sync::atomic::{AtomicBool, Ordering};

/// Reports the bug if the linked SQLite has it and the database uses
/// write-ahead logging. A process has one library but many databases, so it is
/// reported once, to the first run that has a listener.
pub(super) fn warn_of_wal_reset(conn: &Connection, listeners: Listeners<'_>) {
    static HAS_WARNED: AtomicBool = AtomicBool::new(false);
    // After the report, a start no longer pays for the check.
    if !listeners.is_any() || HAS_WARNED.load(Ordering::Relaxed) {
        return;
    }
    if let Some(message) = wal_reset_warning(conn)
        && !HAS_WARNED.swap(true, Ordering::Relaxed)
    {
        listeners.emit(&Event::Warning { message: &message });
    }
}

pub(super) fn wal_reset_warning(conn: &Connection) -> Option<String> {
    let message = library::wal_reset_warning(library::version())?;
    journal_mode(conn)
        .is_ok_and(|mode| mode == "wal")
        .then_some(message)
}

/// Switches to write-ahead logging. SQLite's busy handler is not called when
/// several processes open a new file and switch at once, and reading the mode
/// first does not close the race. So the switch itself is retried.
pub(super) fn enable_wal(conn: &Connection, deadline: &Deadline<'_>) -> Result<(), Error> {
    const SWITCH: &str = "the switch to write-ahead logging";
    let failure = Failure::new;
    deadline.retry(conn, SWITCH, || {
        let current = journal_mode(conn).map_err(failure("reading the journal mode"))?;
        // A database in memory or in a temporary file has no name and no
        // journal mode to switch, and a read-only file keeps its own.
        let is_fixed = file(conn).is_none() || compat::is_readonly(conn).unwrap_or(false);
        if current == "wal" || is_fixed {
            return Ok(());
        }
        let changed: String = conn
            .query_row("PRAGMA main.journal_mode = WAL", [], |row| row.get(0))
            .map_err(failure("switching to write-ahead logging"))?;
        match changed.as_str() {
            "wal" => Ok(()),
            _ => Err(Kind::Database("switching to write-ahead logging").into()),
        }
    })
}
