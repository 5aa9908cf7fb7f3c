//! Migrations in a transaction: the steps before, between and after their
//! statements.

use super::backup;
use super::db_error::{failed, is_interrupted};
use super::deadline::BusyTimeout;
use super::run_state::{PlannedStep, RunState};
use super::script::Context;
use crate::error::{Error, Hook, Kind};
use crate::planned_step::Body;
use crate::run_report::Done;
use migrate_sqlite::authorizer::Scope;
use migrate_sqlite::integrity::{self, Problems};
use rusqlite::Transaction;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// A migration that has run and is not yet committed.
pub(super) struct Performed {
    duration: Duration,
    baseline: (i64, Problems),
}

impl RunState<'_> {
    /// Runs migrations in one transaction, without the commit.
    pub(super) fn perform_all(
        &mut self,
        tx: &Transaction<'_>,
        steps: &[PlannedStep<'_>],
    ) -> Result<(Done, Option<Performed>), Error> {
        let mut done = Done::default();
        let mut last: Option<Performed> = None;
        for (at, step) in steps.iter().enumerate() {
            if let Some(performed) = last.take() {
                // Each migration begins with the same settings as the first.
                self.reset();
                self.baseline = Some(performed.baseline);
            }
            self.may_begin(step)?;
            let performed = self.perform(tx, step)?;
            if at + 1 < steps.len() {
                step.emit_ended(self.settings.listeners(), performed.duration, None);
            }
            done.add(step, performed.duration);
            last = Some(performed);
        }
        Ok((done, last))
    }

    pub(super) fn commit_all(
        &mut self,
        done: &Done,
        performed: Option<Performed>,
    ) -> Result<(), Error> {
        let committed = self
            .commit(done.label(), &|history| done.is_in(history))
            .map_err(|error| done.on_the_way(error));
        done.emit_end(self.settings.listeners(), committed.as_ref().err());
        committed?;
        // The data version from before the commit: another connection may have
        // written since, and our own commit does not change it.
        self.baseline = performed.map(|performed| performed.baseline);
        Ok(())
    }

    /// Runs a migration and writes the history in the open transaction:
    /// everything but the commit.
    fn perform(
        &mut self,
        tx: &Transaction<'_>,
        step: &PlannedStep<'_>,
    ) -> Result<Performed, Error> {
        let started = Instant::now();
        let listeners = self.settings.listeners();
        step.emit_started(listeners);
        let result = self
            .try_perform(tx, step)
            .map_err(|error| error.on_the_way(step.direction));
        if let Err(error) = &result {
            step.emit_ended(listeners, started.elapsed(), Some(error));
        }
        result
    }

    fn try_perform(
        &mut self,
        tx: &Transaction<'_>,
        step: &PlannedStep<'_>,
    ) -> Result<Performed, Error> {
        let (label, interrupt) = (&*step.label, self.interrupt.clone());
        self.begin(step)?;
        let (version, before) = interrupt.stoppable(label, || self.problems_before())?;
        self.hook(step, Hook::Before)?;
        self.check_open(label)?;
        let started = Instant::now();
        interrupt.stoppable(label, || match &step.body {
            Body::Sql(sql) if self.authorizer.is_installed() => self.context(label).run(sql),
            Body::Sql(sql) => self.unguarded(label, sql),
            Body::Rust { function, path } => self.call(tx, label, *function, path),
        })?;
        let duration = started.elapsed();
        self.hook(step, Hook::After)?;
        self.check_hidden(label)?;
        let after = interrupt.stoppable(label, || self.check(label, &before))?;
        self.record(step, duration)?;
        Ok(Performed {
            duration,
            baseline: (version, after),
        })
    }

    /// The first step of a migration: checks whether it may begin, and makes
    /// the backup.
    pub(super) fn may_begin(&mut self, step: &PlannedStep<'_>) -> Result<(), Error> {
        step.check_stop(self.settings)?;
        let copied = backup::before_first_change(self, &step.label);
        if copied.as_ref().err().is_none_or(is_interrupted) {
            step.check_stop(self.settings)?;
        }
        copied
    }

    /// The preparation for the first statement of each migration.
    pub(super) fn begin(&mut self, step: &PlannedStep<'_>) -> Result<(), Error> {
        self.check_hidden(&step.label)?;
        if std::mem::take(&mut self.is_first) {
            self.saved
                .allow_existing_double_quoted_strings(self.conn)
                .map_err(failed("trying to rename a table"))?;
        }
        // A script may read the history, so the first one must find it too.
        self.make_history()
    }

    /// Calls the observer. It may use the connection, but not end the
    /// transaction.
    pub(super) fn hook(&self, step: &PlannedStep<'_>, hook: Hook) -> Result<(), Error> {
        let _entered = self.authorizer.enter(Scope::Transaction);
        let mut asked = step.asked();
        asked.connection = Some(self.conn);
        self.settings.listeners().ask(&asked, hook)
    }

    pub(super) fn context<'s>(&'s self, label: &'s str) -> Context<'s> {
        Context {
            conn: self.conn,
            authorizer: self.authorizer,
            interrupt: &self.interrupt,
            deadline: self.deadline,
            listeners: self.settings.listeners(),
            label,
        }
    }

    /// The problems that already exist. The result of the last check is still
    /// valid if no other connection has written since:
    /// <https://sqlite.org/pragma.html#pragma_data_version>.
    pub(super) fn problems_before(&mut self) -> Result<(i64, Problems), Error> {
        let version = self
            .conn
            .query_row("PRAGMA main.data_version", [], |row| row.get(0))
            .map_err(failed("reading the data version"))?;
        match self.baseline.take() {
            Some((at, problems)) if at == version => Ok((version, problems)),
            _ => integrity::check(self.conn, &BTreeSet::new())
                .map(|problems| (version, problems))
                .map_err(failed("checking the schema")),
        }
    }

    fn check_hidden(&self, label: &str) -> Result<(), Error> {
        let tables = integrity::hidden(self.conn, self.settings.engine.table.name())
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
        let problems = texts(&after.new_schema(before));
        let label = label.to_owned();
        if !problems.is_empty() {
            return Err(Kind::BrokenSchema { label, problems }.into());
        }
        let rows = texts(&after.new_violations(before));
        if !rows.is_empty() {
            return Err(Kind::Violations { label, rows }.into());
        }
        Ok(after)
    }

    fn record(&self, step: &PlannedStep<'_>, duration: Duration) -> Result<(), Error> {
        // The insert may be the write that outgrows the cache, as in a script.
        let timeout = BusyTimeout::of(self.conn);
        timeout.limit(&self.deadline);
        // The authorizer keeps scripts away from the table. If one changed it
        // nevertheless, that is reported here.
        self.has_history()?;
        self.check_open(&step.label)?;
        let change = step.record(self.settings, duration);
        self.write(&change, "recording the migration")
    }
}

pub(super) fn texts<T: ToString>(problems: &[T]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}
