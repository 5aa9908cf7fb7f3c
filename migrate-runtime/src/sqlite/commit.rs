//! Committing, and determining the outcome of a commit that failed.

use super::connection::{file, journal_mode};
use super::db_error::{Failure, is_busy, without_sql};
use super::deadline::READERS;
use super::history;
use super::run_state::RunState;
use super::session::roll_back;
use crate::error::{Error, Kind};
use migrate_model::history::Row;
use rusqlite::ffi;

impl RunState<'_> {
    /// With a rollback journal, a commit has to wait for readers. The
    /// transaction stays open, so the commit can be repeated.
    pub(super) fn commit(
        &self,
        label: &str,
        is_done: &dyn Fn(&[Row]) -> bool,
    ) -> Result<(), Error> {
        self.check_open(label)?;
        let mut failure = None;
        self.deadline.restarted().retry(self.conn, READERS, || {
            match self.conn.execute_batch("COMMIT") {
                Ok(()) => Ok(()),
                Err(error) if is_busy(&error) && !self.conn.is_autocommit() => {
                    Err(Failure::Busy(error))
                }
                Err(error) => {
                    failure = Some(error);
                    Ok(())
                }
            }
        })?;
        match failure {
            None => Ok(()),
            Some(error) => self.settle(label, error, is_done),
        }
    }

    /// SQLite ends a transaction itself when it cannot continue, and the
    /// statement returns an error. If that error was ignored, nothing may be
    /// written: each statement would commit on its own.
    pub(super) fn check_open(&self, label: &str) -> Result<(), Error> {
        if self.conn.is_autocommit() {
            let label = label.to_owned();
            return Err(Kind::Ended { label }.into());
        }
        Ok(())
    }

    /// Whether a commit that failed, and is not in the history, can never
    /// appear there. With write-ahead logging the connections of this process
    /// share an index that may lack it, and the next process to open the file
    /// can still find it.
    fn is_final(&self, error: &rusqlite::Error) -> bool {
        let is_vetoed = error
            .sqlite_error()
            .is_some_and(|error| error.extended_code == ffi::SQLITE_CONSTRAINT_COMMITHOOK);
        is_vetoed || journal_mode(self.conn).is_ok_and(|mode| mode != "wal")
    }

    /// A commit that reports an error may have taken effect: with write-ahead
    /// logging the error can come after the commit record. Only the history in
    /// the file shows it, read on a separate connection. A database in memory
    /// has no second reader, and no disk that could fail.
    fn settle(
        &self,
        label: &str,
        error: rusqlite::Error,
        is_done: &dyn Fn(&[Row]) -> bool,
    ) -> Result<(), Error> {
        let _ = roll_back(self.conn);
        let table = &self.settings.engine.table;
        let history = match file(self.conn) {
            None => history::read(self.conn, table).ok(),
            Some(path) => self
                .settings
                .engine
                .connect(path)
                .ok()
                .and_then(|conn| history::read(&conn, table).ok()),
        };
        let label = label.to_owned();
        let kind = match history {
            Some(history) if is_done(&history) => return Ok(()),
            Some(_) if self.is_final(&error) => Kind::Commit { label },
            _ => Kind::CommitUnknown { label },
        };
        Err(Error::with_source(kind, without_sql(error)))
    }
}
