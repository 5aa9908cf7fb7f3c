//! The state of a run: what it works with, its progress, and transactions that
//! hold the write lock.

use super::connection::file;
use super::db_error::{Failure, failed, is_table_lock};
use super::deadline::{Deadline, READ, READERS, WRITE_LOCK};
use super::history;
use super::interrupt::Interrupt;
use super::migrating_file::{self, in_progress, is_in_progress};
use super::session::{Session, restore, roll_back};
use crate::error::Error;
use crate::exclusive_file::ExclusiveFile;
use crate::history_write::HistoryWrite;
use crate::migrator::Settings;
use crate::{Direction, Sqlite, Timings};
use migrate_model::Version;
use migrate_model::history::Row;
use migrate_sqlite::authorizer::Authorizer;
use migrate_sqlite::integrity::{Checker, MissingTables, Problems};
use migrate_sqlite::settings::SavedSettings;
use migrate_sqlite::temporary::{Temporary, drop_temporary};
use rusqlite::{Connection, DropBehavior, Transaction, TransactionBehavior};
use std::collections::BTreeSet;
use std::path::PathBuf;

pub(super) type PlannedStep<'s> = crate::planned_step::PlannedStep<'s, Sqlite>;

/// A migration of a transaction that is repeated.
pub(super) struct Attempted {
    pub(super) version: Version,
    pub(super) direction: Direction,
    pub(super) timings: Timings,
}

/// The state of a run.
pub(super) struct RunState<'a> {
    pub(super) conn: &'a Connection,
    pub(super) authorizer: &'a Authorizer,
    pub(super) settings: &'a Settings,
    pub(super) saved: &'a SavedSettings,
    pub(super) interrupt: Interrupt,
    /// Until when the run waits for a lock.
    pub(super) deadline: Deadline<'a>,
    /// Whether no migration has begun yet.
    pub(super) is_first: bool,
    pub(super) checker: Checker,
    /// The problems after the last migration, if they are known, and the data
    /// version of the file for which they are valid.
    pub(super) baseline: Option<(i64, Problems)>,
    /// Whether the transaction is repeated because it may have broken something,
    /// unless that was broken before.
    pub(super) is_careful: bool,
    /// What holds for references to missing tables after the current step.
    pub(super) missing_tables: MissingTables,
    /// Whether a migration of this run has left a reference to a missing table.
    pub(super) has_referred_ahead: bool,
    /// The migrations that began before their transaction was repeated. Their
    /// start was reported then.
    pub(super) attempted: Vec<Attempted>,
    /// Whether the events of statements have been reported already.
    pub(super) is_silent: bool,
    /// The data version of the file, read under the lock.
    pub(super) version: i64,
    /// The data version for which the plan, made from the whole history, is valid.
    pub(super) planned_at: Option<i64>,
    /// Whether there may be temporary tables or views.
    pub(super) may_have_temporary: bool,
    /// The temporary objects that migrations of this run have created.
    pub(super) temporary: BTreeSet<Temporary>,
    /// Whether the history table exists.
    pub(super) has_table: bool,
    /// Whether a migration of this transaction may have changed a setting.
    pub(super) may_have_set: bool,
    /// Whether the run has changed something. The backup is made before.
    pub(super) has_changed: bool,
    pub(super) backup: Option<PathBuf>,
    /// The file that a migration without a transaction holds.
    pub(super) migrating_file: Option<ExclusiveFile>,
    /// Whether settings outlive a transaction, because the migration does.
    pub(super) keeps_settings: bool,
    /// Whether this is a separate connection, which will be closed.
    pub(super) is_own: bool,
}

impl<'a> RunState<'a> {
    pub(super) fn new(session: &'a Session<'_>) -> RunState<'a> {
        let (authorizer, saved) = (&session.authorizer, &session.saved);
        let (settings, deadline) = (session.settings, session.deadline);
        RunState {
            interrupt: session.interrupt.clone(),
            ..RunState::on(session.conn, authorizer, saved, settings, deadline)
        }
    }

    pub(super) fn on(
        conn: &'a Connection,
        authorizer: &'a Authorizer,
        saved: &'a SavedSettings,
        settings: &'a Settings,
        deadline: Deadline<'a>,
    ) -> RunState<'a> {
        RunState {
            conn,
            authorizer,
            settings,
            saved,
            interrupt: Interrupt::new(settings.stop.as_ref()),
            deadline: deadline.on(conn),
            is_first: true,
            checker: Checker::default(),
            baseline: None,
            is_careful: false,
            missing_tables: MissingTables::Refused,
            has_referred_ahead: false,
            attempted: Vec::new(),
            is_silent: false,
            version: 0,
            planned_at: None,
            may_have_temporary: true,
            temporary: BTreeSet::new(),
            has_table: false,
            may_have_set: false,
            has_changed: false,
            backup: None,
            migrating_file: None,
            keeps_settings: false,
            is_own: false,
        }
    }

    /// The history, read with the write lock held. Returns an error that
    /// [`locked`](Self::locked) retries if another process is running a
    /// migration without a transaction.
    pub(super) fn history(&self) -> Result<Vec<Row>, Error> {
        let (conn, table) = (self.conn, &self.settings.engine.table);
        let history = self
            .deadline
            .retry(conn, READ, || history::read(conn, table))?;
        if self.migrating_file.is_none() && is_in_progress(conn, &history)? {
            let kind = self.deadline.locked(conn, WRITE_LOCK);
            return Err(Error::with_source(kind, in_progress()));
        }
        Ok(history)
    }

    /// Creates the history table if it does not exist.
    pub(super) fn make_history(&mut self) -> Result<(), Error> {
        if self.has_table {
            return Ok(());
        }
        let (conn, table) = (self.conn, &self.settings.engine.table);
        let exists = || history::exists(conn, table);
        if !self.deadline.retry(conn, READ, exists)? {
            history::create(conn, table).map_err(failed("creating the history table"))?;
        }
        self.has_table = true;
        Ok(())
    }

    pub(super) fn write(
        &self,
        change: &HistoryWrite<'_>,
        doing: &'static str,
    ) -> Result<(), Error> {
        history::write(self.conn, &self.settings.engine.table, change).map_err(failed(doing))
    }

    /// Calls `act` in a transaction that holds the write lock. Whatever `act`
    /// has not committed is rolled back.
    ///
    /// In a shared cache, any statement of the transaction can meet the table
    /// lock of a reader. The transaction then restarts.
    pub(super) fn locked<T>(
        &mut self,
        mut act: impl FnMut(&mut RunState<'a>, &Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let deadline = self.deadline;
        loop {
            let tx = self.begin_locked(&deadline)?;
            let acted = act(self, &tx);
            drop(tx);
            // After a commit there is nothing to roll back; in every other
            // case the transaction ends here.
            let _ = roll_back(self.conn);
            if !self.keeps_settings && (self.may_have_set || acted.is_err()) {
                self.reset();
            }
            self.may_have_set = false;
            match acted {
                Err(error) => {
                    self.forget();
                    self.pause_after(error, &deadline)?;
                }
                acted => return acted,
            }
        }
    }

    fn begin_locked(&self, deadline: &Deadline<'_>) -> Result<Transaction<'a>, Error> {
        let conn = self.conn;
        let mut tx = deadline.retry(conn, WRITE_LOCK, || {
            Transaction::new_unchecked(conn, TransactionBehavior::Immediate)
                .map_err(Failure::new("taking the write lock"))
        })?;
        // `roll_back` checks whether it is still open.
        tx.set_drop_behavior(DropBehavior::Ignore);
        Ok(tx)
    }

    /// Waits until the transaction can restart, unless the error is final.
    fn pause_after(&self, error: Error, deadline: &Deadline<'_>) -> Result<(), Error> {
        let conn = self.conn;
        if is_table_lock(&error) {
            deadline.check_stop(conn, READERS)?;
            if !deadline.pause() {
                return Err(error.with_kind(deadline.locked(conn, READERS)));
            }
            Ok(())
        } else if migrating_file::is_cause(&error) {
            deadline.retry(conn, WRITE_LOCK, || migrating_file::wait(conn))
        } else {
            Err(error)
        }
    }

    /// Forgets what was true in a transaction that was rolled back.
    pub(super) fn forget(&mut self) {
        self.checker.forget();
        self.baseline = None;
        self.planned_at = None;
        self.has_table = false;
    }

    /// Reads the data version of the file, which changes if another connection
    /// commits: <https://sqlite.org/pragma.html#pragma_data_version>.
    pub(super) fn read_version(&mut self) -> Result<(), Error> {
        self.version = self
            .conn
            .query_row("PRAGMA main.data_version", [], |row| row.get(0))
            .map_err(failed("reading the data version"))?;
        Ok(())
    }

    /// Drops the temporary objects of earlier migrations. Those of the application stay.
    pub(super) fn drop_temporary(&self) -> Result<(), Error> {
        // They are not forgotten: a rollback restores them.
        drop_temporary(self.conn, &self.temporary).map_err(failed("dropping temporary objects"))
    }

    /// Restores the settings that a migration may have changed.
    pub(super) fn reset(&self) {
        restore(self.saved, self.conn, &self.deadline);
    }

    /// Removes the file of a process that was killed during a migration without
    /// a transaction.
    pub(super) fn clear_migrating_file(&self) {
        if let Some(path) = file(self.conn) {
            migrating_file::clear(path);
        }
    }
}
