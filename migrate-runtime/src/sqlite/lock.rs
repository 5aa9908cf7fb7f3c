//! Waiting for locks, up to a deadline of our own.

use super::failed;
use crate::error::{Error, Kind};
use rusqlite::{Connection, ErrorCode, ffi};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A point in time until which a lock is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    started: Instant,
    patience: Duration,
}

/// The pauses between two tries: short at first, because most holders are
/// done in milliseconds, and never so long that a free lock goes unnoticed.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);

impl Deadline {
    pub(super) fn starting(started: Instant, patience: Duration) -> Deadline {
        Deadline { started, patience }
    }

    /// The time that is left; at least a millisecond, because zero would turn
    /// SQLite's busy handler off.
    pub(super) fn remaining(&self) -> Duration {
        self.patience
            .saturating_sub(self.started.elapsed())
            .max(Duration::from_millis(1))
    }

    /// Calls `attempt` until it no longer meets a lock, or time is up.
    ///
    /// SQLite's busy handler does not cover every case: it is not called where
    /// two connections would wait for each other, nor for the table locks of a
    /// shared cache. So those errors are retried here.
    pub(super) fn retry<T>(
        &self,
        conn: &Connection,
        doing: &'static str,
        mut attempt: impl FnMut() -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let mut pause = FIRST_PAUSE;
        loop {
            match attempt() {
                Ok(value) => return Ok(value),
                Err(Failure::Other(error)) => return Err(error),
                Err(Failure::Busy(error)) => {
                    let waited = self.started.elapsed();
                    if waited >= self.patience {
                        let kind = Kind::Locked {
                            database: name(conn),
                            waited,
                            doing,
                        };
                        return Err(Error::with_source(kind, error));
                    }
                    sleep(pause.min(self.patience - waited));
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
}

/// Why an attempt failed: a lock that may be gone in a moment, or for good.
pub(super) enum Failure {
    Busy(rusqlite::Error),
    Other(Error),
}

impl Failure {
    pub(super) fn new(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Failure {
        move |error| match is_busy(&error) {
            true => Failure::Busy(error),
            false => Failure::Other(failed(doing)(error)),
        }
    }
}

impl From<Kind> for Failure {
    fn from(kind: Kind) -> Failure {
        Failure::Other(kind.into())
    }
}

/// Whether another connection is in the way. A plain `SQLITE_LOCKED` is not
/// among them: that is a conflict on the same connection, and would last.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| {
        error.code == ErrorCode::DatabaseBusy
            || error.extended_code == ffi::SQLITE_LOCKED_SHAREDCACHE
    })
}

/// The database as the user knows it.
pub(super) fn name(conn: &Connection) -> String {
    match conn.path() {
        Some("") | None => "the in-memory database".to_owned(),
        Some(path) => path.to_owned(),
    }
}

/// Switches to write-ahead logging. SQLite's busy handler is not called when
/// several first openers switch at once, and reading the mode first does not
/// close the race; so the switch itself is retried.
pub(super) fn enable_wal(conn: &Connection, deadline: &Deadline) -> Result<(), Error> {
    const DOING: &str = "for the switch to write-ahead logging";
    let failure = Failure::new;
    deadline.retry(conn, DOING, || {
        let mode = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
        let current = conn
            .query_row("PRAGMA main.journal_mode", [], mode)
            .map_err(failure("reading the journal mode"))?;
        // An in-memory database has no journal to switch, and a read-only file
        // keeps the one that it has.
        let is_fixed = current == "memory" || conn.is_readonly("main").unwrap_or(false);
        if current == "wal" || is_fixed {
            return Ok(());
        }
        let changed = conn
            .query_row("PRAGMA main.journal_mode = WAL", [], mode)
            .map_err(failure("switching to write-ahead logging"))?;
        match changed.as_str() {
            "wal" => Ok(()),
            _ => Err(Kind::Database("switching to write-ahead logging").into()),
        }
    })
}
