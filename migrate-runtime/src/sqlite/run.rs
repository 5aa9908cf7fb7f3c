//! A run: one transaction at a time, each under the write lock.

use super::connection::{check_writable, file};
use super::db_error::{Failure, failed, is_table_lock, read_only};
use super::deadline::{Deadline, FOR_A_READ, FOR_THE_LOCK, FOR_THE_READERS};
use super::interrupt::Interrupt;
use super::migrating_file::{self, at_work, is_at_work};
use super::session::{Session, restore, roll_back};
use super::{foreign_history, history, no_transaction};
use crate::error::{Error, Kind};
use crate::exclusive_file::ExclusiveFile;
use crate::history_write::HistoryWrite;
use crate::migrator::Settings;
use crate::next_step::{Goal, NextStep, Steps};
use crate::run_report::{Done, RunReport};
use crate::{Report, Sqlite};
use migrate_model::history::Row;
use migrate_sqlite::authorizer::Authorizer;
use migrate_sqlite::compat;
use migrate_sqlite::integrity::Problems;
use migrate_sqlite::settings::SavedSettings;
use rusqlite::{Connection, DropBehavior, Transaction, TransactionBehavior};
use std::path::PathBuf;

pub(super) type PlannedStep<'s> = crate::planned_step::PlannedStep<'s, Sqlite>;

/// Does what is to be done. The caller has found that something may be.
pub(super) fn run(
    conn: &mut Connection,
    settings: &Settings,
    goal: Goal,
    mut report: RunReport<'_>,
) -> Result<Report, Error> {
    #[cfg(feature = "tracing")]
    let _span = crate::trace::run(goal.direction(), conn.path()).entered();
    let result = try_run(conn, settings, goal, &mut report);
    report.end(result)
}

fn try_run(
    conn: &mut Connection,
    settings: &Settings,
    goal: Goal,
    report: &mut RunReport<'_>,
) -> Result<(), Error> {
    let deadline = Deadline::starting(report.started, settings);
    let history = settled_history(conn, settings, &deadline)?;
    let mut steps = Steps::new(settings, goal);
    let changes = steps.plan(&history, &report.report)?;
    if changes.is_empty() {
        return Ok(());
    }
    if history.is_empty() && !settings.allows_foreign_history {
        refuse_foreign_history(conn, &deadline)?;
    }
    steps.check(&history, &changes, |_| Ok(()))?;
    let count = steps.count;
    check_writable(conn, count)?;
    let session = Session::start(conn, settings, count, deadline)?;
    let mut run = Run::new(&session, settings, deadline);
    report.begin(count);
    let result = run.all(&mut steps, report);
    report.report.backup = run.backup.take();
    result.map_err(|error| read_only(error, count.saturating_sub(report.count())))
}

/// The history as it is without a lock; unless it holds a migration that has
/// been started and has not ended: another process may be at work, and only under
/// the lock it is known that none is.
pub(super) fn settled_history(
    conn: &Connection,
    settings: &Settings,
    deadline: &Deadline<'_>,
) -> Result<Vec<Row>, Error> {
    let read = || history::read(conn, &settings.own.table);
    let history = deadline.retry(conn, FOR_A_READ, read)?;
    if !history.iter().any(Row::is_started) || compat::is_readonly(conn).unwrap_or(true) {
        return Ok(history);
    }
    deadline.retry(conn, FOR_THE_LOCK, || {
        conn.execute_batch("BEGIN IMMEDIATE")
            .map_err(Failure::new("taking the write lock"))?;
        let history = read().and_then(|history| match is_at_work(conn, &history) {
            Ok(false) => Ok(history),
            Ok(true) => Err(Failure::Busy(at_work())),
            Err(error) => Err(Failure::Other(error)),
        });
        let _ = roll_back(conn);
        history
    })
}

pub(super) fn refuse_foreign_history(
    conn: &Connection,
    deadline: &Deadline<'_>,
) -> Result<(), Error> {
    let found = deadline.retry(conn, FOR_A_READ, || {
        foreign_history::find(conn).map_err(Failure::new("looking for foreign histories"))
    })?;
    found.map_or(Ok(()), |found| Err(Kind::ForeignHistory(found).into()))
}

/// What a run works with, and how far it is.
pub(super) struct Run<'a> {
    pub(super) conn: &'a Connection,
    pub(super) authorizer: &'a Authorizer,
    pub(super) settings: &'a Settings,
    pub(super) saved: &'a SavedSettings,
    pub(super) interrupt: Interrupt,
    /// Until when a lock is waited for.
    pub(super) deadline: Deadline<'a>,
    /// Whether no migration has been begun yet.
    pub(super) is_first: bool,
    /// The problems at the end of the last migration, and the state of the
    /// file for which they hold.
    pub(super) baseline: Option<(i64, Problems)>,
    /// Whether the first change has come, before which a copy is made.
    pub(super) has_changed: bool,
    /// The copy that was made.
    pub(super) backup: Option<PathBuf>,
    /// That of a migration without a transaction.
    pub(super) migrating_file: Option<ExclusiveFile>,
    /// Whether settings outlive a transaction, because the migration does.
    pub(super) keeps_settings: bool,
    /// Whether the connection was opened for this, and will be closed.
    pub(super) is_own: bool,
}

/// What became of the next step.
enum Acted<'s> {
    Done(Done),
    /// It runs without a transaction.
    NoTransaction(PlannedStep<'s>),
    /// There is none: a sibling may have been faster.
    Nothing,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        session: &'a Session<'_>,
        settings: &'a Settings,
        deadline: Deadline<'a>,
    ) -> Run<'a> {
        let (authorizer, saved) = (&session.authorizer, session.saved());
        Run {
            interrupt: session.interrupt.clone(),
            ..Run::on(session.conn, authorizer, saved, settings, deadline)
        }
    }

    pub(super) fn on(
        conn: &'a Connection,
        authorizer: &'a Authorizer,
        saved: &'a SavedSettings,
        settings: &'a Settings,
        deadline: Deadline<'a>,
    ) -> Run<'a> {
        Run {
            conn,
            authorizer,
            settings,
            saved,
            interrupt: Interrupt::new(settings.stop.as_ref()),
            deadline,
            is_first: true,
            baseline: None,
            has_changed: false,
            backup: None,
            migrating_file: None,
            keeps_settings: false,
            is_own: false,
        }
    }

    fn all(
        &mut self,
        steps: &mut Steps<'_, Sqlite>,
        report: &mut RunReport<'_>,
    ) -> Result<(), Error> {
        let mut found_done = None;
        while !steps.is_over(&report.report) {
            let acted = self.locked(|run, tx| run.next(tx, steps, &report.report));
            match acted.map_err(|error| steps.explain(error))? {
                Acted::Done(done) => done.report(&mut report.report),
                Acted::NoTransaction(step) => {
                    let this = (step.version, step.direction);
                    // Another connection has found it done, and this one has not.
                    if found_done == Some(this) {
                        let label = step.label.into_owned();
                        return Err(Kind::Moved { label }.into());
                    }
                    match no_transaction::run(self, steps, &step, &report.report)? {
                        Some(duration) => Done::of(&step, duration).report(&mut report.report),
                        None => found_done = Some(this),
                    }
                }
                Acted::Nothing => return Ok(()),
            }
            self.deadline = self.deadline.anew();
        }
        Ok(())
    }

    fn next<'s>(
        &mut self,
        tx: &Transaction<'_>,
        steps: &mut Steps<'s, Sqlite>,
        report: &Report,
    ) -> Result<Acted<'s>, Error> {
        let history = self.history()?;
        let steps = match steps.next(&history, report, |_| Ok(()))? {
            NextStep::Done => return Ok(Acted::Nothing),
            NextStep::NoTransaction(step) => return Ok(Acted::NoTransaction(step)),
            NextStep::Transaction(steps) => steps,
        };
        let (done, performed) = self.perform_all(tx, &steps)?;
        self.commit_all(&done, performed)?;
        Ok(Acted::Done(done))
    }

    /// To be called with the write lock: it is an error that passes if another
    /// process is at a migration without a transaction.
    pub(super) fn history(&self) -> Result<Vec<Row>, Error> {
        let (conn, table) = (self.conn, &self.settings.own.table);
        let history = self
            .deadline
            .retry(conn, FOR_A_READ, || history::read(conn, table))?;
        if self.migrating_file.is_none() && is_at_work(conn, &history)? {
            let kind = self.deadline.locked(conn, FOR_THE_LOCK);
            return Err(Error::with_source(kind, at_work()));
        }
        Ok(history)
    }

    /// Makes the history table if there is none.
    pub(super) fn make_history(&self) -> Result<(), Error> {
        if self.has_history()? {
            return Ok(());
        }
        history::create(self.conn, &self.settings.own.table)
            .map_err(failed("making the history table"))
    }

    pub(super) fn has_history(&self) -> Result<bool, Error> {
        let (conn, table) = (self.conn, &self.settings.own.table);
        self.deadline
            .retry(conn, FOR_A_READ, || history::exists(conn, table))
    }

    /// Changes the history, in the transaction that is open.
    pub(super) fn write(
        &self,
        change: &HistoryWrite<'_>,
        doing: &'static str,
    ) -> Result<(), Error> {
        history::write(self.conn, &self.settings.own.table, change).map_err(failed(doing))
    }

    /// Calls `act` in a transaction that holds the write lock. What `act` has
    /// not committed is rolled back.
    ///
    /// In a shared cache, a reader's table lock can meet any statement of the
    /// transaction, which then begins anew.
    pub(super) fn locked<T>(
        &mut self,
        mut act: impl FnMut(&mut Run<'a>, &Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let conn = self.conn;
        let deadline = self.deadline;
        loop {
            let mut tx = deadline.retry(conn, FOR_THE_LOCK, || {
                Transaction::new_unchecked(conn, TransactionBehavior::Immediate)
                    .map_err(Failure::new("taking the write lock"))
            })?;
            // Whether it is still open is looked at below, in every case.
            tx.set_drop_behavior(DropBehavior::Ignore);
            let acted = act(self, &tx);
            drop(tx);
            // After a commit there is nothing to roll back; in every other
            // case the transaction ends here.
            let _ = roll_back(conn);
            if !self.keeps_settings {
                self.reset();
            }
            match acted {
                Err(error) if is_table_lock(&error) => {
                    deadline.check_stop(conn, FOR_THE_READERS)?;
                    if !deadline.pause() {
                        let kind = deadline.locked(conn, FOR_THE_READERS);
                        return Err(error.with_kind(kind));
                    }
                }
                Err(error) if migrating_file::is_cause(&error) => {
                    deadline.retry(conn, FOR_THE_LOCK, || migrating_file::wait(conn))?;
                }
                acted => return acted,
            }
        }
    }

    /// Puts back what a migration may have set.
    pub(super) fn reset(&self) {
        restore(self.saved, self.conn, &self.deadline);
    }

    /// Removes the file that a killed process left, which was at a migration
    /// without a transaction.
    pub(super) fn clear_migrating_file(&self) {
        if let Some(path) = file(self.conn) {
            migrating_file::clear(path);
        }
    }
}
