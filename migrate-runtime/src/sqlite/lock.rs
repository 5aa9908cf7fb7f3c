//! Waiting for locks, up to a deadline of our own.

use super::failed;
use crate::Event;
use crate::error::{Error, Kind};
use crate::migrator::Settings;
use crate::observer::Listeners;
use crate::stop::Stop;
use crate::stop::Stopped;
use migrate_sqlite::{compat, library};
use rusqlite::{Connection, ErrorCode, ffi};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A point in time until which a lock is waited for, and who is told of that.
#[derive(Clone, Copy)]
pub(super) struct Deadline<'o> {
    started: Instant,
    patience: Duration,
    listeners: Listeners<'o>,
    stop: Option<&'o Stop>,
}

/// The pauses between two tries: short at first, because most holders are
/// done in milliseconds, and never so long that a free lock goes unnoticed.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);

/// How often somebody who listens is told that a lock is waited for.
const NEWS: Duration = Duration::from_millis(500);

/// How often somebody who may want to stop is asked.
const ASKED: Duration = Duration::from_millis(50);

/// SQLite counts milliseconds in 32 bits.
const LONGEST_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);

impl<'o> Deadline<'o> {
    pub(super) fn starting(started: Instant, settings: &'o Settings) -> Deadline<'o> {
        Deadline {
            started,
            patience: settings.lock_deadline,
            listeners: settings.listeners(),
            stop: settings.stop.as_ref(),
        }
    }

    /// The time that is left; at least a millisecond, because zero would turn
    /// SQLite's busy handler off, and no more than SQLite can count.
    fn remaining(&self) -> Duration {
        self.patience
            .saturating_sub(self.started.elapsed())
            .clamp(Duration::from_millis(1), LONGEST_TIMEOUT)
    }

    /// The same patience, from now on.
    pub(super) fn anew(&self) -> Deadline<'o> {
        Deadline {
            started: Instant::now(),
            ..*self
        }
    }

    /// The same, and nobody is asked whether to stop.
    pub(super) fn unstoppable(&self) -> Deadline<'o> {
        Deadline {
            stop: None,
            ..*self
        }
    }

    /// How long SQLite may wait by itself.
    fn patience_of_sqlite(&self) -> Duration {
        let at_most = match (self.stop, self.listeners.is_any()) {
            (Some(_), _) => ASKED,
            (None, true) => NEWS,
            (None, false) => LONGEST_TIMEOUT,
        };
        self.remaining().min(at_most)
    }

    /// To be called amid a wait.
    pub(super) fn check_stop(&self, conn: &Connection, doing: &'static str) -> Result<(), Error> {
        match self.stop.is_some_and(Stop::is_wanted) {
            true => Err(Kind::Stopped(Stopped::Waiting {
                database: name(conn),
                doing,
            })
            .into()),
            false => Ok(()),
        }
    }

    /// Gives another connection a moment; `false` if time is up.
    pub(super) fn pause(&self) -> bool {
        sleep(FIRST_PAUSE);
        self.started.elapsed() < self.patience
    }

    /// The error of a lock that was not had.
    pub(super) fn locked(&self, conn: &Connection, doing: &'static str) -> Kind {
        Kind::Locked {
            database: name(conn),
            waited: self.started.elapsed(),
            doing,
        }
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
        let timeout = BusyTimeout::of(conn);
        let mut pause = FIRST_PAUSE;
        let mut told = None::<Instant>;
        loop {
            timeout.set(self.patience_of_sqlite());
            match attempt() {
                Ok(value) => return Ok(value),
                Err(Failure::Other(error)) => return Err(error),
                Err(Failure::Busy(error)) => {
                    self.check_stop(conn, doing)?;
                    let waited = self.started.elapsed();
                    if waited >= self.patience {
                        return Err(Error::with_source(self.locked(conn, doing), error));
                    }
                    if told.is_none_or(|told| told.elapsed() >= NEWS) {
                        told = Some(Instant::now());
                        self.listeners.tell(&Event::Waiting { doing, waited });
                    }
                    sleep(pause.min(self.patience - waited));
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
}

/// How long SQLite itself waits within a statement; put back when dropped.
///
/// Without a timeout the application may have a busy handler of its own, which
/// could not be put back, so that it is left alone.
pub(super) struct BusyTimeout<'c> {
    conn: &'c Connection,
    saved: Option<Duration>,
}

impl BusyTimeout<'_> {
    pub(super) fn of(conn: &Connection) -> BusyTimeout<'_> {
        let milliseconds = |row: &rusqlite::Row<'_>| row.get::<_, u32>(0);
        let saved = conn.query_row("PRAGMA busy_timeout", [], milliseconds);
        let saved = saved.ok().filter(|saved| *saved > 0);
        BusyTimeout {
            conn,
            saved: saved.map(|saved| Duration::from_millis(saved.into())),
        }
    }

    /// Lets SQLite wait until the deadline, amid a statement.
    ///
    /// For the main database that is no more than a pause: what does not get
    /// into the file stays in the cache. A statement that waits for another
    /// database would fail.
    pub(super) fn limit(&self, deadline: &Deadline<'_>) {
        let is_alone = self.conn.db_name(2).is_err();
        self.set(match is_alone && deadline.stop.is_some() {
            true => deadline.patience_of_sqlite(),
            false => deadline.remaining(),
        });
    }

    fn set(&self, timeout: Duration) {
        if self.saved.is_some() {
            let _ = self.conn.busy_timeout(timeout);
        }
    }
}

impl Drop for BusyTimeout<'_> {
    fn drop(&mut self) {
        if let Some(saved) = self.saved {
            let _ = self.conn.busy_timeout(saved);
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
    error.sqlite_error().is_some_and(is_busy_code)
}

/// The same, of the code alone.
pub(super) fn is_busy_code(error: &ffi::Error) -> bool {
    error.code == ErrorCode::DatabaseBusy || error.extended_code == ffi::SQLITE_LOCKED_SHAREDCACHE
}

/// The file of a database; none in memory, and none that has no name.
pub(super) fn file(conn: &Connection) -> Option<&Path> {
    conn.path().filter(|path| !path.is_empty()).map(Path::new)
}

/// The database as the user knows it, for a message.
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

/// Whether a connection keeps a lock while it does nothing: a shared one with
/// write-ahead logging, and the only one if the application asked for that.
pub(super) fn keeps_locks(conn: &Connection) -> rusqlite::Result<bool> {
    let locking: String = conn.query_row("PRAGMA main.locking_mode", [], |row| row.get(0))?;
    Ok(locking == "exclusive" || journal_mode(conn)? == "wal")
}

/// Reports the bug of the SQLite that is linked, if it has one and the database
/// uses write-ahead logging. A process has one library and many databases, so
/// that it is reported once, to the first run that has a listener.
pub(super) fn warn_of_wal_reset(conn: &Connection, listeners: Listeners<'_>) {
    static HAS_WARNED: AtomicBool = AtomicBool::new(false);
    // A start pays for the rest at most until it was reported.
    if !listeners.is_any() || HAS_WARNED.load(Ordering::Relaxed) {
        return;
    }
    if let Some(message) = wal_reset_warning(conn)
        && !HAS_WARNED.swap(true, Ordering::Relaxed)
    {
        listeners.tell(&Event::Warning { message: &message });
    }
}

/// The warning for this connection.
pub(super) fn wal_reset_warning(conn: &Connection) -> Option<String> {
    let message = library::wal_reset_warning(library::version())?;
    journal_mode(conn)
        .is_ok_and(|mode| mode == "wal")
        .then_some(message)
}

/// Switches to write-ahead logging. SQLite's busy handler is not called when
/// several first openers switch at once, and reading the mode first does not
/// close the race; so the switch itself is retried.
pub(super) fn enable_wal(conn: &Connection, deadline: &Deadline<'_>) -> Result<(), Error> {
    const DOING: &str = "for the switch to write-ahead logging";
    let failure = Failure::new;
    deadline.retry(conn, DOING, || {
        let current = journal_mode(conn).map_err(failure("reading the journal mode"))?;
        // A database in memory or in a temporary file, neither of which has a
        // name, has no journal to switch, and a read-only file keeps its own.
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
