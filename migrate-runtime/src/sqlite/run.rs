//! A run: one migration at a time, each under the lock, in either direction.

use super::brake::Brake;
use super::claim;
use super::lock::{BusyTimeout, Deadline, Failure};
use super::script::Context;
use super::session::{Session, restore, roll_back};
use super::{failed, history};
use crate::error::{Error, Kind};
use crate::exclusive_file::ExclusiveFile;
use crate::migrator::Settings;
use crate::observer::Hook;
use crate::sqlite::functions::Function;
use crate::task::Body;
use migrate_model::history::Row;
use migrate_sqlite::authorizer::Authorizer;
use migrate_sqlite::integrity::{self, Problems};
use migrate_sqlite::settings::SavedSettings;
use rusqlite::{Connection, DropBehavior, Transaction, TransactionBehavior, ffi};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub(super) const FOR_THE_LOCK: &str = "for the write lock";
pub(super) const FOR_A_READ: &str = "for a read";
const FOR_THE_READERS: &str = "for the readers";

/// What a run works with.
pub(super) struct Run<'a> {
    pub(super) conn: &'a Connection,
    pub(super) authorizer: &'a Authorizer,
    pub(super) settings: &'a Settings,
    saved: &'a SavedSettings,
    /// Whether no migration has been begun yet.
    is_first: Cell<bool>,
    /// The problems at the end of the last migration, and the state of the
    /// file for which they hold.
    baseline: RefCell<Option<(i64, Problems)>>,
    /// Whether the first change has come, before which a copy is made.
    pub(super) has_changed: Cell<bool>,
    /// The copy that was made.
    pub(super) backup: RefCell<Option<PathBuf>>,
    /// That of a migration without a transaction.
    pub(super) claim: RefCell<Option<ExclusiveFile>>,
    /// Whether settings outlive a transaction, because the migration does.
    pub(super) keeps_settings: Cell<bool>,
    /// Whether the connection was opened for this, and will be closed.
    pub(super) is_own: bool,
    pub(super) brake: Brake,
    /// Whether it is too late to stop, because something would stay half-done.
    pub(super) must_finish: Cell<bool>,
}

/// One migration, in one direction.
pub(super) type Task<'a> = crate::task::Task<'a, Function<'a>>;

/// A migration that has been performed, and waits for its commit.
pub(super) struct Performed {
    pub(super) duration: Duration,
    baseline: (i64, Problems),
}

impl Task<'_> {
    /// Whether a history shows that this was done.
    pub(super) fn is_in(&self, history: &[Row]) -> bool {
        let row = history.iter().find(|row| row.version == self.version);
        match (self.recorded, row) {
            (Some(migration), Some(row)) => migration.checksum.matches(row.checksum.as_bytes()),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(session: &'a Session<'_>, settings: &'a Settings) -> Run<'a> {
        Run {
            brake: session.brake.clone(),
            ..Run::on(session.conn, &session.authorizer, session.saved(), settings)
        }
    }

    pub(super) fn on(
        conn: &'a Connection,
        authorizer: &'a Authorizer,
        saved: &'a SavedSettings,
        settings: &'a Settings,
    ) -> Run<'a> {
        Run {
            conn,
            authorizer,
            settings,
            saved,
            is_first: Cell::new(true),
            baseline: RefCell::new(None),
            has_changed: Cell::new(false),
            backup: RefCell::new(None),
            claim: RefCell::new(None),
            keeps_settings: Cell::new(false),
            is_own: false,
            brake: Brake::new(settings.stop.as_ref()),
            must_finish: Cell::new(false),
        }
    }

    /// To be called with the write lock: it is an error that passes if another
    /// process is at a migration without a transaction.
    pub(super) fn history(&self, deadline: &Deadline<'_>) -> Result<Vec<Row>, Error> {
        let table = &self.settings.own.table;
        let history = deadline.retry(self.conn, FOR_A_READ, || history::read(self.conn, table))?;
        if self.claim.borrow().is_none() && claim::is_at_work(self.conn, &history)? {
            let kind = deadline.locked(self.conn, FOR_THE_LOCK);
            return Err(Error::with_source(kind, claim::at_work()));
        }
        Ok(history)
    }

    /// Calls `act` in a transaction that holds the write lock. What `act` has
    /// not committed is rolled back.
    ///
    /// In a shared cache, a reader's table lock can meet any statement of the
    /// transaction, which then begins anew.
    pub(super) fn locked<T>(
        &self,
        deadline: &Deadline<'_>,
        mut act: impl FnMut(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        loop {
            let mut tx = deadline.retry(self.conn, FOR_THE_LOCK, || {
                Transaction::new_unchecked(self.conn, TransactionBehavior::Immediate)
                    .map_err(Failure::new("taking the write lock"))
            })?;
            // Whether it is still open is looked at below, in every case.
            tx.set_drop_behavior(DropBehavior::Ignore);
            let acted = act(&tx);
            drop(tx);
            // After a commit there is nothing to roll back; in every other
            // case the transaction ends here.
            let _ = roll_back(self.conn);
            if !self.keeps_settings.get() {
                self.reset(deadline);
            }
            match acted {
                Err(error) if is_table_lock(&error) => {
                    deadline.check_stop(self.conn, FOR_THE_READERS)?;
                    if !deadline.pause() {
                        let kind = deadline.locked(self.conn, FOR_THE_READERS);
                        return Err(error.with_kind(kind));
                    }
                }
                Err(error) if claim::is_cause(&error) => {
                    deadline.retry(self.conn, FOR_THE_LOCK, || claim::wait(self.conn))?;
                }
                acted => return acted,
            }
        }
    }

    /// Puts back what a migration may have set.
    pub(super) fn reset(&self, deadline: &Deadline<'_>) {
        restore(self.saved, self.conn, deadline);
    }

    /// Runs a migration and writes the history, in the transaction that is
    /// open; everything but the commit.
    pub(super) fn perform(
        &self,
        tx: &Transaction<'_>,
        task: &Task<'_>,
        deadline: &Deadline<'_>,
    ) -> Result<Performed, Error> {
        let started = Instant::now();
        self.tell_started(task);
        let result = self
            .try_perform(tx, task, deadline)
            .map_err(|error| error.on_the_way(task.direction));
        if let Err(error) = &result {
            self.tell_ended(task, started.elapsed(), Some(error));
        }
        result
    }

    fn try_perform(
        &self,
        tx: &Transaction<'_>,
        task: &Task<'_>,
        deadline: &Deadline<'_>,
    ) -> Result<Performed, Error> {
        self.begin(task, deadline)?;
        let (version, before) = self.stoppable(task.label, || self.problems_before())?;
        let started = Instant::now();
        self.hook(task, Hook::Before)?;
        self.check_open(task.label)?;
        self.stoppable(task.label, || match &task.body {
            Body::Sql(sql) if self.authorizer.is_installed() => {
                self.context(task.label).run(sql, deadline)
            }
            Body::Sql(sql) => self.unguarded(task.label, sql, deadline),
            Body::Rust { function, path } => self.call(tx, task, *function, path, deadline),
        })?;
        self.hook(task, Hook::After)?;
        let duration = started.elapsed();
        self.check_hidden(task.label)?;
        let after = self.stoppable(task.label, || self.check(task.label, &before))?;
        self.record(task, duration, deadline)?;
        Ok(Performed {
            duration,
            baseline: (version, after),
        })
    }

    /// What comes before the first statement of each migration.
    pub(super) fn begin(&self, task: &Task<'_>, deadline: &Deadline<'_>) -> Result<(), Error> {
        self.check_hidden(task.label)?;
        if self.is_first.replace(false) {
            self.saved
                .allow_existing_double_quoted_strings(self.conn)
                .map_err(failed("trying to rename a table"))?;
        }
        // A script may read the history, as that of any later migration may.
        self.make_history(deadline)
    }

    /// Makes the history table if there is none.
    pub(super) fn make_history(&self, deadline: &Deadline<'_>) -> Result<(), Error> {
        let table = &self.settings.own.table;
        let has_table =
            deadline.retry(self.conn, FOR_A_READ, || history::exists(self.conn, table))?;
        if !has_table {
            history::create(self.conn, table).map_err(failed("making the history table"))?;
        }
        Ok(())
    }

    pub(super) fn context<'s>(&'s self, label: &'s str) -> Context<'s> {
        Context {
            conn: self.conn,
            authorizer: self.authorizer,
            brake: &self.brake,
            listeners: self.settings.listeners(),
            label,
        }
    }

    /// The problems that are there already. The last check still holds if no
    /// other connection has written since:
    /// <https://sqlite.org/pragma.html#pragma_data_version>.
    pub(super) fn problems_before(&self) -> Result<(i64, Problems), Error> {
        let version = self
            .conn
            .query_row("PRAGMA main.data_version", [], |row| row.get(0))
            .map_err(failed("reading its data version"))?;
        match self.baseline.take() {
            Some((at, problems)) if at == version => Ok((version, problems)),
            _ => integrity::check(self.conn, &BTreeSet::new())
                .map(|problems| (version, problems))
                .map_err(failed("checking the schema")),
        }
    }

    fn check_hidden(&self, label: &str) -> Result<(), Error> {
        let tables = integrity::hidden(self.conn, self.settings.own.table.name())
            .map_err(failed("looking for temporary tables"))?;
        if tables.is_empty() {
            return Ok(());
        }
        let label = label.to_owned();
        Err(Kind::Hidden { label, tables }.into())
    }

    pub(super) fn check(&self, label: &str, before: &Problems) -> Result<Problems, Error> {
        let after =
            integrity::check(self.conn, &BTreeSet::new()).map_err(failed("checking the schema"))?;
        let problems = after.new_schema(before);
        let label = label.to_owned();
        if !problems.is_empty() {
            let problems = texts(&problems);
            return Err(Kind::BrokenSchema { label, problems }.into());
        }
        let rows = after.new_violations(before);
        if !rows.is_empty() {
            let rows = texts(&rows);
            return Err(Kind::Violations { label, rows }.into());
        }
        Ok(after)
    }

    fn record(
        &self,
        task: &Task<'_>,
        duration: Duration,
        deadline: &Deadline<'_>,
    ) -> Result<(), Error> {
        let table = &self.settings.own.table;
        // The row may be what no longer fits into the cache, as in a script.
        let timeout = BusyTimeout::of(self.conn);
        timeout.limit(deadline);
        // The authorizer keeps a script away from it; if something came through
        // all the same, that is said here.
        deadline.retry(self.conn, FOR_A_READ, || history::exists(self.conn, table))?;
        self.check_open(task.label)?;
        history::write(self.conn, table, &task.record(self.settings, duration))
            .map_err(failed("recording the migration"))
    }

    /// Commits what was performed, of which this was the last.
    pub(super) fn finish(&self, task: &Task<'_>, performed: Performed) -> Result<(), Error> {
        self.finish_if(task, performed, |history| task.is_in(history))
    }

    /// The same; `is_done` says whether a history shows it.
    pub(super) fn finish_if(
        &self,
        task: &Task<'_>,
        performed: Performed,
        is_done: impl Fn(&[Row]) -> bool,
    ) -> Result<(), Error> {
        let committed = self
            .commit(task.label, is_done)
            .map_err(|error| error.on_the_way(task.direction));
        self.tell_ended(task, performed.duration, committed.as_ref().err());
        committed?;
        // The version of before the commit: another connection may have
        // written since, and our own commit does not change it.
        self.baseline.replace(Some(performed.baseline));
        Ok(())
    }

    /// Keeps what was performed for the next migration of the same transaction,
    /// which begins with the settings that the first one found.
    pub(super) fn keep(&self, performed: Performed, deadline: &Deadline<'_>) {
        restore(self.saved, self.conn, deadline);
        self.baseline.replace(Some(performed.baseline));
    }
}

/// The message of each problem.
pub(super) fn texts<T: ToString>(problems: &[T]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

/// What SQLite itself said, if an error came from there.
pub(super) fn cause(error: &Error) -> Option<&ffi::Error> {
    use std::error::Error as _;
    error
        .source()
        .and_then(|source| source.downcast_ref())
        .and_then(rusqlite::Error::sqlite_error)
}

/// Whether an error came from a reader of the same shared cache.
fn is_table_lock(error: &Error) -> bool {
    cause(error).is_some_and(|cause| cause.extended_code == ffi::SQLITE_LOCKED_SHAREDCACHE)
}

/// Where no journal can be made beside a file, SQLite calls the file writable
/// until the first write.
pub(super) fn read_only(error: Error, pending: usize) -> Error {
    match cause(&error) {
        Some(cause) if cause.extended_code == ffi::SQLITE_READONLY_DIRECTORY => {
            error.with_kind(Kind::ReadOnly { pending })
        }
        _ => error,
    }
}
