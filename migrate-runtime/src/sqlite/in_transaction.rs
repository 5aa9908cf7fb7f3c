//! Migrations in a transaction: the steps before, between and after their
//! statements.

use super::backup;
use super::db_error::{failed, is_interrupted};
use super::deadline::BusyTimeout;
use super::missing_tables;
use super::run_state::{Attempted, PlannedStep, RunState};
use super::script::Context;
use crate::Timings;
use crate::error::{Error, Hook, Kind};
use crate::listeners::Listeners;
use crate::planned_step::Body;
use crate::run_report::Done;
use crate::stopwatch::{Part, Stopwatch};
use migrate_sqlite::authorizer::Scope;
use migrate_sqlite::integrity::{self, MissingTables, Problems, Violation};
use migrate_sqlite::temporary::{Temporary, temporary};
use migrate_sqlite::touched::Touched;
use rusqlite::Transaction;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The result of the checks after a migration.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Sound,
    /// Something is broken, and it is not known whether it was so before.
    Suspicious,
}

impl RunState<'_> {
    /// Runs migrations in one transaction, without the commit. `None` if the
    /// transaction must be repeated with [`is_careful`](RunState::is_careful).
    pub(super) fn perform_all(
        &mut self,
        tx: &Transaction<'_>,
        steps: &[PlannedStep<'_>],
    ) -> Result<Option<Done>, Error> {
        let mut done = Done::default();
        let mut attempted = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            if at > 0 && std::mem::take(&mut self.may_have_set) {
                // Each migration begins with the same settings as the first.
                self.reset();
            }
            self.may_begin(step)?;
            let (timings, verdict) = self.perform(tx, step)?;
            attempted.push(Attempted {
                version: step.version,
                direction: step.direction,
                timings,
            });
            if verdict == Verdict::Suspicious {
                self.attempted = attempted;
                return Ok(None);
            }
            let is_last = at + 1 == steps.len();
            let had_ended = at + 1 < self.attempted.len();
            if !is_last && !had_ended {
                step.emit_ended(self.settings.listeners(), timings, None);
            }
            done.add(step, timings);
        }
        Ok(Some(done))
    }

    pub(super) fn commit_all(&mut self, done: &mut Done) -> Result<(), Error> {
        let started = Instant::now();
        let committed = self
            .commit(done.label(), &|history| done.is_in(history))
            .map_err(|error| done.on_the_way(error));
        done.add_commit(started.elapsed());
        done.emit_end(self.settings.listeners(), committed.as_ref().err());
        committed
    }

    /// Runs a migration and writes the history in the open transaction:
    /// everything but the commit.
    fn perform(
        &mut self,
        tx: &Transaction<'_>,
        step: &PlannedStep<'_>,
    ) -> Result<(Timings, Verdict), Error> {
        let listeners = self.settings.listeners();
        let this = (step.version, step.direction);
        let mut attempted = self.attempted.iter();
        let earlier = attempted.find(|it| (it.version, it.direction) == this);
        self.is_silent = earlier.is_some();
        if !self.is_silent {
            step.emit_started(listeners);
        }
        let mut stopwatch =
            Stopwatch::start(earlier.map_or_else(Timings::default, |it| it.timings));
        let result = self
            .try_perform(tx, step, &mut stopwatch)
            .map_err(|error| error.on_the_way(step.direction));
        let timings = stopwatch.timings();
        if let Err(error) = &result {
            step.emit_ended(listeners, timings, Some(error));
        }
        result.map(|verdict| (timings, verdict))
    }

    fn try_perform(
        &mut self,
        tx: &Transaction<'_>,
        step: &PlannedStep<'_>,
        stopwatch: &mut Stopwatch,
    ) -> Result<Verdict, Error> {
        let (label, interrupt) = (&*step.label, self.interrupt.clone());
        self.begin(step)?;
        let before = interrupt.stoppable(label, || self.problems_before())?;
        stopwatch.without(|| self.hook(step, Hook::Before))?;
        self.check_open(label)?;
        let temporary = self.temporary()?;
        stopwatch.begin(Part::Script);
        interrupt.stoppable(label, || match &step.body {
            Body::Sql(sql) if self.authorizer.is_installed() => self.context(label).run(sql),
            Body::Sql(sql) => self.unguarded(label, sql),
            Body::Rust { function, path } => self.call(tx, label, *function, path),
        })?;
        stopwatch.begin(Part::Checks);
        self.temporary
            .extend(self.temporary()?.difference(&temporary).cloned());
        stopwatch.without(|| self.hook(step, Hook::After))?;
        let touched = self.touched();
        self.check_hidden(label)?;
        let verdict =
            interrupt.stoppable(label, || self.check(label, before.as_ref(), &touched))?;
        if verdict == Verdict::Sound {
            let duration = stopwatch.elapsed();
            stopwatch.begin(Part::Commit);
            self.record(step, duration)?;
        }
        Ok(verdict)
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
        let registry = self.settings.registry;
        // A released migration may need what an earlier one left, and can no longer be changed.
        if !registry.get(step.version).is_some_and(|it| it.is_frozen) {
            self.drop_temporary()?;
        }
        self.check_hidden(&step.label)?;
        self.missing_tables = missing_tables::after(step, registry, self.has_referred_ahead);
        if self.has_referred_ahead || missing_tables::is_declared(registry) {
            self.checker.expect_references_to_new_tables();
        }
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
    pub(super) fn hook(&mut self, step: &PlannedStep<'_>, hook: Hook) -> Result<(), Error> {
        if self.settings.observers.is_empty() {
            return Ok(());
        }
        self.expect_code();
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
            listeners: if self.is_silent {
                Listeners(&[])
            } else {
                self.settings.listeners()
            },
            label,
        }
    }

    /// Prepares for code of the application. SQLite says what a statement does
    /// when it compiles it, so none may be left from before. Some settings are
    /// changed without a statement.
    pub(super) fn expect_code(&mut self) {
        self.conn.flush_prepared_statement_cache();
        self.may_have_set = true;
        self.may_have_temporary = true;
    }

    /// The problems that already exist, if they are known or wanted.
    fn problems_before(&mut self) -> Result<Option<Problems>, Error> {
        self.authorizer.take_touched();
        match self.baseline.take() {
            Some((at, problems)) if at == self.version => Ok(Some(problems)),
            _ if self.is_careful => self.problems().map(Some),
            _ => Ok(None),
        }
    }

    /// The tables and views that are broken where this may have broken them.
    pub(super) fn broken(&mut self, touched: &Touched) -> Result<Option<BTreeSet<String>>, Error> {
        self.checker
            .broken(self.conn, touched)
            .map_err(failed("checking the schema"))
    }

    /// All problems of the database.
    pub(super) fn problems(&self) -> Result<Problems, Error> {
        integrity::check(self.conn, &BTreeSet::new()).map_err(failed("checking the schema"))
    }

    /// The temporary objects of the connection.
    fn temporary(&self) -> Result<BTreeSet<Temporary>, Error> {
        if !self.has_had_temporary() {
            return Ok(BTreeSet::new());
        }
        temporary(self.conn).map_err(failed("looking for temporary objects"))
    }

    fn has_had_temporary(&self) -> bool {
        // This number is 0 as long as there never was a temporary object.
        let version = self
            .conn
            .query_row("PRAGMA temp.schema_version", [], |row| row.get::<_, i64>(0));
        version != Ok(0)
    }

    fn check_hidden(&mut self, label: &str) -> Result<(), Error> {
        if !self.may_have_temporary {
            return Ok(());
        }
        if !self.has_had_temporary() {
            self.may_have_temporary = false;
            return Ok(());
        }
        let tables = integrity::hidden(self.conn, self.settings.engine.table.name())
            .map_err(failed("looking for temporary tables"))?;
        if tables.is_empty() {
            return Ok(());
        }
        let label = label.to_owned();
        Err(Kind::Hidden { label, tables }.into())
    }

    /// What the migration has touched.
    fn touched(&mut self) -> Touched {
        let touched = if self.authorizer.is_installed() {
            self.authorizer.take_touched()
        } else {
            Touched::everything()
        };
        self.may_have_set |= touched.has_pragma();
        self.may_have_temporary |= touched.has_temporary();
        touched
    }

    /// Checks what a migration has broken, at a cost in proportion to what it
    /// touched, unless something is broken.
    fn check(
        &mut self,
        label: &str,
        before: Option<&Problems>,
        touched: &Touched,
    ) -> Result<Verdict, Error> {
        if self.is_careful {
            self.checker.forget();
        } else if self.missing_tables != MissingTables::RefusedAtEnd
            && self.broken(touched)?.is_some_and(|it| it.is_empty())
        {
            return Ok(Verdict::Sound);
        }
        let after = self.problems()?;
        match before {
            None if !after.is_empty() => return Ok(Verdict::Suspicious),
            None => {}
            Some(before) => compare(self, label, touched, (before, &after))?,
        }
        self.baseline = Some((self.version, after));
        Ok(Verdict::Sound)
    }

    fn record(&self, step: &PlannedStep<'_>, duration: Duration) -> Result<(), Error> {
        // The insert may be the write that outgrows the cache, as in a script.
        let timeout = BusyTimeout::of(self.conn, &self.deadline);
        timeout.limit(&self.deadline);
        self.check_open(&step.label)?;
        let change = step.record(self.settings, duration);
        self.write(&change, "recording the migration")
    }
}

/// Fails if a migration has broken something.
pub(super) fn compare(
    run: &mut RunState<'_>,
    label: &str,
    touched: &Touched,
    (before, after): (&Problems, &Problems),
) -> Result<(), Error> {
    let label = label.to_owned();
    let problems = texts(&run.missing_tables.refused(before, after));
    if !problems.is_empty() {
        return Err(Kind::BrokenSchema { label, problems }.into());
    }
    run.has_referred_ahead |=
        run.missing_tables == MissingTables::Allowed && !after.new_schema(before).is_empty();
    let violations = after.new_violations(before);
    if violations.is_empty() {
        return Ok(());
    }
    Err(Kind::Violations {
        label,
        rows: texts(&violations),
        advice: on_cascades(run, touched, &violations)?,
    }
    .into())
}

/// The reason for the violations, if foreign key actions would have prevented them.
fn on_cascades(
    run: &RunState<'_>,
    touched: &Touched,
    violations: &[Violation],
) -> Result<Option<String>, Error> {
    let mut seen = BTreeSet::new();
    let mut actions = Vec::new();
    for violation in violations {
        let table = &violation.table;
        if !seen.insert((table, &violation.parent)) {
            continue;
        }
        let action = integrity::ineffective_action(run.conn, touched, violation)
            .map_err(failed("checking the schema"))?;
        actions.extend(action.map(|action| format!("`{action}` of `{table}`")));
    }
    if actions.is_empty() {
        return Ok(None);
    }
    let actions = actions.join(" and ");
    Ok(Some(format!(
        "nothing cascades in a migration, because foreign keys are off while it runs: {actions} \
         had no effect; delete or update these rows as well, in the same migration, before the \
         rows they refer to"
    )))
}

pub(super) fn texts<T: ToString>(problems: &[T]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}
