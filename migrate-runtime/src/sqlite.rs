//! The SQLite engine: the verbs, and the protocol that makes them safe.
//!
//! The order of the steps matters more than anything else here. A run reads
//! the history without a lock; if something is pending it takes the write lock
//! (`BEGIN IMMEDIATE`), reads the history *again*, and only then applies one
//! migration, writes its row and commits both. So a process that lost the race
//! finds under the lock that there is nothing left to do.

mod guard;
mod history;
mod integrity;
mod lock;
mod run;
mod script;
mod session;

use crate::error::{Error, Kind};
use crate::{Migrator, Plan, Report, Status};
use migrate_core::plan;
use rusqlite::{Connection, ffi};
use std::time::Instant;

impl<M> Migrator<M> {
    /// Applies every pending migration up to the target, in order.
    ///
    /// Each one commits together with its row in the history, exactly once,
    /// also when several processes start at the same moment. With nothing
    /// pending it takes no lock and writes nothing.
    ///
    /// For the run the connection's foreign keys are off (references are
    /// checked before each commit instead), `synchronous` is at least FULL,
    /// and double-quoted strings are not accepted, unless the schema holds some
    /// already; all is put back at the end,
    /// after an error and a panic too. An authorizer of the application is
    /// replaced and must be set again; a progress handler is taken off if it
    /// interrupts even that.
    ///
    /// # Errors
    ///
    /// Fails if a migration fails (it is rolled back, those before it stay and
    /// stand in [`Error::report`]), if database and registry disagree, if the
    /// history cannot be understood, if the lock is not had in time, if
    /// something is pending on a read-only database, or if the connection is
    /// in use. The predicates of [`Error`] tell which.
    pub fn up(&self, conn: &mut Connection) -> Result<Report, Error> {
        let started = Instant::now();
        self.check_entry(conn)?;
        if self.wal {
            lock::enable_wal(conn, &lock::Deadline::starting(started, self.lock_deadline))?;
        }
        let mut report = Report::default();
        if !history::is_current(conn, self.registry, &self.plan) {
            report = run::up(conn, self, started)?;
        }
        report.elapsed = started.elapsed();
        Ok(report)
    }

    /// What [`up`](Migrator::up) would apply; nothing is written.
    ///
    /// # Errors
    ///
    /// Fails as `up` does where database and registry disagree, or where the
    /// history cannot be read.
    pub fn plan(&self, conn: &Connection) -> Result<Plan, Error> {
        self.check_source()?;
        let history = self.read_history(conn)?;
        let pending = plan::plan(self.registry, &history, &self.plan).map_err(Kind::Drift)?;
        Ok(Plan { pending })
    }

    /// Where the database stands; nothing is written. Disagreements are part
    /// of the status and no error.
    ///
    /// # Errors
    ///
    /// Fails if the history cannot be read or understood.
    pub fn status(&self, conn: &Connection) -> Result<Status, Error> {
        self.check_source()?;
        let history = self.read_history(conn)?;
        Ok(Status::new(self.registry, history, self.plan.ahead))
    }

    fn read_history(&self, conn: &Connection) -> Result<Vec<migrate_core::history::Row>, Error> {
        let deadline = lock::Deadline::starting(Instant::now(), self.lock_deadline);
        deadline.retry(conn, "for a read", || history::read(conn))
    }

    fn check_source(&self) -> Result<(), Error> {
        self.source.map_or(Ok(()), crate::source::Source::check)
    }

    fn check_entry(&self, conn: &Connection) -> Result<(), Error> {
        self.check_source()?;
        if !conn.is_autocommit() {
            return Err(Kind::InUse("is inside of a transaction").into());
        }
        if conn.is_busy() {
            return Err(Kind::InUse("has a statement that is still running").into());
        }
        Ok(())
    }
}

/// The error of a call that has no better name.
fn failed(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Error {
    move |error| Error::with_source(Kind::Database(doing), without_sql(error))
}

/// rusqlite prints the whole remaining text with an input error: megabytes of
/// a seed file would end in a log. The message and the code are enough. And
/// SQLite speaks of a readonly database where only its directory is.
fn without_sql(error: rusqlite::Error) -> rusqlite::Error {
    let (error, message) = match error {
        rusqlite::Error::SqlInputError { error, msg, .. } => (error, Some(msg)),
        rusqlite::Error::SqliteFailure(error, message) => (error, message),
        other => return other,
    };
    let message = match error.extended_code {
        ffi::SQLITE_READONLY_DIRECTORY => Some("its directory cannot be written".to_owned()),
        _ => message,
    };
    rusqlite::Error::SqliteFailure(error, message)
}

/// A name as SQL: quoted, with its own quotes doubled.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
