//! Waiting for locks, up to a deadline that is independent of SQLite's.

use super::connection::name;
use super::db_error::Failure;
use crate::Event;
use crate::error::{Error, Kind, Stopped};
use crate::listeners::Listeners;
use crate::migrator::Settings;
use crate::stop::Stop;
use rusqlite::Connection;
use std::thread::sleep;
use std::time::{Duration, Instant};

pub(super) const WRITE_LOCK: &str = "the write lock";
pub(super) const READ: &str = "a read";
pub(super) const READERS: &str = "the readers";

/// Until when a run waits for a lock. During the wait, events are reported, and
/// the run can be stopped.
#[derive(Clone, Copy)]
pub(super) struct Deadline<'o> {
    started: Instant,
    timeout: Duration,
    listeners: Listeners<'o>,
    stop: Option<&'o Stop>,
    /// The timeout that the application has set, if it was read already.
    known: Option<Option<Duration>>,
}

/// The pauses between two attempts: short at first, because most holders are
/// done in milliseconds, and never so long that a free lock goes unnoticed.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);

/// The time between two events of a wait.
const EVENT_INTERVAL: Duration = Duration::from_millis(500);

/// The time between two checks whether to stop.
const STOP_INTERVAL: Duration = Duration::from_millis(50);

/// SQLite stores a timeout as milliseconds in 32 bits.
const LONGEST_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);

impl<'o> Deadline<'o> {
    pub(super) fn starting(started: Instant, settings: &'o Settings) -> Deadline<'o> {
        Deadline {
            started,
            timeout: settings.lock_timeout,
            listeners: settings.listeners(),
            stop: settings.stop.as_ref(),
            known: None,
        }
    }

    /// The same deadline for a run on a connection, whose timeout is read once:
    /// every use of it would compile a statement.
    pub(super) fn on(&self, conn: &Connection) -> Deadline<'o> {
        Deadline {
            known: Some(timeout_of(conn)),
            ..*self
        }
    }

    /// The time that is left: at least a millisecond, because zero would
    /// disable SQLite's busy handler, and at most what SQLite can store.
    fn remaining(&self) -> Duration {
        self.timeout
            .saturating_sub(self.started.elapsed())
            .clamp(Duration::from_millis(1), LONGEST_TIMEOUT)
    }

    /// The same timeout, counted from now.
    pub(super) fn restarted(&self) -> Deadline<'o> {
        Deadline {
            started: Instant::now(),
            ..*self
        }
    }

    /// The same deadline, but the wait cannot be stopped.
    pub(super) fn unstoppable(&self) -> Deadline<'o> {
        Deadline {
            stop: None,
            ..*self
        }
    }

    /// How long SQLite may wait by itself.
    fn sqlite_timeout(&self) -> Duration {
        let at_most = match (self.stop, self.listeners.is_any()) {
            (Some(_), _) => STOP_INTERVAL,
            (None, true) => EVENT_INTERVAL,
            (None, false) => LONGEST_TIMEOUT,
        };
        self.remaining().min(at_most)
    }

    /// Fails if the run is to stop. Call it during a wait.
    pub(super) fn check_stop(
        &self,
        conn: &Connection,
        waiting_for: &'static str,
    ) -> Result<(), Error> {
        if self.stop.is_some_and(Stop::is_wanted) {
            let database = name(conn);
            return Err(Kind::Stopped(Stopped::Waiting {
                database,
                waiting_for,
            })
            .into());
        }
        Ok(())
    }

    /// Sleeps for a moment. Returns `false` if the deadline has passed.
    pub(super) fn pause(&self) -> bool {
        sleep(FIRST_PAUSE);
        self.started.elapsed() < self.timeout
    }

    /// The error if the lock was not released in time.
    pub(super) fn locked(&self, conn: &Connection, waiting_for: &'static str) -> Kind {
        Kind::Locked {
            database: name(conn),
            waited: self.started.elapsed(),
            waiting_for,
        }
    }

    /// Calls `attempt` until it no longer meets a lock or the deadline has
    /// passed.
    ///
    /// SQLite's busy handler does not cover every case: it is not called when
    /// two connections would wait for each other, nor for the table locks of a
    /// shared cache. Those errors are retried here.
    pub(super) fn retry<T>(
        &self,
        conn: &Connection,
        waiting_for: &'static str,
        mut attempt: impl FnMut() -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let mut retries = Retries::start(self, conn, waiting_for);
        loop {
            match attempt() {
                Ok(value) => return Ok(value),
                Err(failure) => retries.pause(failure)?,
            }
        }
    }
}

/// The pauses between the attempts of [`Deadline::retry`], apart from it because
/// that is compiled for each kind of attempt.
struct Retries<'d, 'c> {
    deadline: &'d Deadline<'d>,
    timeout: BusyTimeout<'c>,
    waiting_for: &'static str,
    pause: Duration,
    reported: Option<Instant>,
}

impl<'d, 'c> Retries<'d, 'c> {
    fn start(
        deadline: &'d Deadline<'d>,
        conn: &'c Connection,
        waiting_for: &'static str,
    ) -> Retries<'d, 'c> {
        let timeout = BusyTimeout::of(conn, deadline);
        timeout.set(deadline.sqlite_timeout());
        Retries {
            deadline,
            timeout,
            waiting_for,
            pause: FIRST_PAUSE,
            reported: None,
        }
    }

    /// Sleeps before the next attempt, unless the failure is final.
    fn pause(&mut self, failure: Failure) -> Result<(), Error> {
        let error = match failure {
            Failure::Busy(error) => error,
            Failure::Other(error) => return Err(error),
        };
        let (deadline, conn, waiting_for) = (self.deadline, self.timeout.conn, self.waiting_for);
        deadline.check_stop(conn, waiting_for)?;
        let waited = deadline.started.elapsed();
        if waited >= deadline.timeout {
            return Err(Error::with_source(
                deadline.locked(conn, waiting_for),
                error,
            ));
        }
        let is_due = |reported: Instant| reported.elapsed() >= EVENT_INTERVAL;
        if self.reported.is_none_or(is_due) {
            self.reported = Some(Instant::now());
            deadline.listeners.emit(&Event::Waiting {
                waiting_for,
                waited,
            });
        }
        sleep(self.pause.min(deadline.timeout - waited));
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        self.timeout.set(deadline.sqlite_timeout());
        Ok(())
    }
}

/// How long SQLite itself waits within a statement; restored when dropped.
///
/// If no timeout is set, the application may have a busy handler of its own,
/// which could not be restored, so it is left alone.
pub(super) struct BusyTimeout<'c> {
    conn: &'c Connection,
    saved: Option<Duration>,
}

impl BusyTimeout<'_> {
    pub(super) fn of<'c>(conn: &'c Connection, deadline: &Deadline<'_>) -> BusyTimeout<'c> {
        let saved = deadline.known.unwrap_or_else(|| timeout_of(conn));
        BusyTimeout { conn, saved }
    }

    /// Lets SQLite wait until the deadline during a statement.
    ///
    /// For the main database a short wait is harmless: what cannot be written
    /// to the file stays in the cache. A statement that waits for an attached
    /// database would fail.
    pub(super) fn limit(&self, deadline: &Deadline<'_>) {
        let is_alone = self.conn.db_name(2).is_err();
        self.set(if is_alone && deadline.stop.is_some() {
            deadline.sqlite_timeout()
        } else {
            deadline.remaining()
        });
    }

    fn set(&self, timeout: Duration) {
        if self.saved.is_some() {
            let _ = self.conn.busy_timeout(timeout);
        }
    }
}

fn timeout_of(conn: &Connection) -> Option<Duration> {
    let milliseconds = |row: &rusqlite::Row<'_>| row.get::<_, u32>(0);
    let timeout = conn.query_row("PRAGMA busy_timeout", [], milliseconds);
    let timeout = timeout.ok().filter(|timeout| *timeout > 0);
    timeout.map(|timeout| Duration::from_millis(timeout.into()))
}

impl Drop for BusyTimeout<'_> {
    fn drop(&mut self) {
        if let Some(saved) = self.saved {
            let _ = self.conn.busy_timeout(saved);
        }
    }
}
