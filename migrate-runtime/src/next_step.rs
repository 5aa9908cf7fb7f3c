//! What a run does next: the decisions on the way up, on the way down and of a
//! redo, for every engine.
//!
//! An engine reads the history under its lock and asks for the next step. It
//! performs the step, adds it to the report, and asks again.

use crate::error::{Error, Kind};
use crate::migrator::{Settings, Transactions};
use crate::planned_step::{EngineRules, PlannedStep};
use crate::repair::not_known;
use crate::run_report::Done;
use crate::{Direction, DownPlan, Engine, Report};
use migrate_model::history::Row;
use migrate_model::plan::{self, Down, Obstacle, Options, Undo};
use migrate_model::{Migration, Version};
use std::collections::VecDeque;

/// The goal of a run.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// Apply everything up to the target.
    Up,
    Down(Down),
    /// Undo the newest migration, and apply it again in its current form.
    Redo,
}

impl Goal {
    pub(crate) fn direction(self) -> Direction {
        match self {
            Goal::Up => Direction::Up,
            Goal::Down(_) | Goal::Redo => Direction::Down,
        }
    }
}

pub(crate) enum Change {
    Up(&'static Migration),
    Down(Box<Undo>),
}

pub(crate) enum NextStep<'s, E: EngineRules> {
    /// These migrations, in one transaction.
    Transaction(Vec<PlannedStep<'s, E>>),
    NoTransaction(Box<PlannedStep<'s, E>>),
    Done,
}

/// The result of a step in a transaction.
pub(crate) enum Acted<'s, E: EngineRules> {
    Done(Done),
    /// The migration runs without a transaction, and has not started.
    NoTransaction(Box<PlannedStep<'s, E>>),
    /// Nothing was left to do. Another process may have been faster.
    Nothing,
}

/// The decisions of one run.
pub(crate) struct Steps<'s, E: EngineRules> {
    settings: &'s Settings<E>,
    goal: Goal,
    /// The migrations to undo, decided once, under the first lock. After that,
    /// a migration that another process has undone is skipped, and one that it
    /// has applied is an error.
    left: Option<Vec<Version>>,
    /// The migration of a redo, as soon as it is known.
    redone: Option<Version>,
    /// Whether a redo is one transaction.
    is_one_redo: bool,
    /// The number of migrations of the run, once they were checked.
    pub(crate) count: usize,
    is_checked: bool,
    /// The changes after the last plan, in order.
    rest: VecDeque<Change>,
    /// Whether every change of the last plan was performed. On the way down, a
    /// later plan has one change only.
    is_finished: bool,
}

impl<'s, E: EngineRules> Steps<'s, E> {
    pub(crate) fn new(settings: &'s Settings<E>, goal: Goal) -> Steps<'s, E> {
        Steps {
            settings,
            goal,
            left: None,
            redone: None,
            is_one_redo: false,
            count: 0,
            is_checked: false,
            rest: VecDeque::new(),
            is_finished: false,
        }
    }

    /// Whether nothing is left to do, whatever the history contains.
    pub(crate) fn is_over(&self, report: &Report) -> bool {
        match (self.goal, &self.left) {
            (Goal::Up, _) if self.is_finished => true,
            (Goal::Redo, _) => !report.applied.is_empty(),
            _ if self.settings.transactions == Transactions::All => !report.is_empty(),
            (Goal::Down(_), Some(left)) => left.iter().all(|version| is_undone(report, *version)),
            _ => false,
        }
    }

    /// The changes that are left to do, given a history. If it was read without
    /// the lock, they only show whether the lock is needed.
    pub(crate) fn plan(&mut self, history: &[Row], report: &Report) -> Result<Vec<Change>, Error> {
        match self.goal {
            Goal::Up => Ok(ups(pending(self.settings, history)?)),
            Goal::Down(down) => self.plan_down(history, report, &down),
            Goal::Redo => self.plan_redo(history, report),
        }
    }

    fn plan_down(
        &mut self,
        history: &[Row],
        report: &Report,
        down: &Down,
    ) -> Result<Vec<Change>, Error> {
        let Some(left) = &mut self.left else {
            return Ok(downs(plan_down(self.settings, history, down)?));
        };
        let is_there = |version| history.iter().any(|row| row.version == version);
        while let Some(&version) = left.first() {
            if is_there(version) && !is_undone(report, version) {
                let undos = plan_down(self.settings, history, &Down::Only(version))?;
                return Ok(downs(undos));
            }
            left.remove(0);
        }
        Ok(Vec::new())
    }

    fn plan_redo(&mut self, history: &[Row], report: &Report) -> Result<Vec<Change>, Error> {
        if let Some(undone) = report.undone.first() {
            let mut again = self.again(history, undone.version)?;
            again.retain(|migration| migration.version == undone.version);
            return Ok(ups(again));
        }
        let down = self.redone.map_or(Down::Steps(1), Down::Only);
        let Some(undo) = plan_down(self.settings, history, &down)?.pop() else {
            return Ok(Vec::new());
        };
        self.redone = Some(undo.version);
        let migration = self.settings.registry.get(undo.version);
        let migration = migration.ok_or_else(|| not_known(&undo.label))?;
        Ok(vec![Change::Down(Box::new(undo)), Change::Up(migration)])
    }

    /// The pending migrations up to a version that was undone.
    fn again(&self, history: &[Row], version: Version) -> Result<Vec<&'static Migration>, Error> {
        let options = self.settings.plan.to(version);
        pending_to(self.settings, history, &options)
    }

    fn step(&self, change: &Change) -> Result<PlannedStep<'s, E>, Error> {
        match change {
            Change::Up(migration) => PlannedStep::up(self.settings, migration),
            Change::Down(undo) => PlannedStep::down(self.settings, undo),
        }
    }

    /// Checks before anything runs that all changes can be made. `rules` are
    /// the checks of the engine.
    pub(crate) fn check(
        &mut self,
        history: &[Row],
        changes: &[Change],
        rules: impl Fn(&PlannedStep<'s, E>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let is_redo = matches!(self.goal, Goal::Redo);
        let share_one = !is_redo && self.settings.transactions == Transactions::All;
        for change in changes {
            let step = self.step(change)?;
            let is_outside = step.no_transaction().is_some();
            if is_outside && share_one {
                let label = step.label.into_owned();
                return Err(Kind::NotTogether { label }.into());
            }
            rules(&step)?;
            if is_outside && let Some(version) = self.redone {
                // An error in the second half must be found before the first.
                let below: Vec<Row> = history
                    .iter()
                    .filter(|row| row.version != version)
                    .cloned()
                    .collect();
                self.again(&below, version)?;
            }
        }
        self.count = if is_redo { 1 } else { changes.len() };
        Ok(())
    }

    /// The next step, given a history that was read under the lock and the
    /// report of what was done so far. It may be called again if that step was
    /// rolled back.
    pub(crate) fn next(
        &mut self,
        history: &[Row],
        report: &Report,
        rules: impl Fn(&PlannedStep<'s, E>) -> Result<(), Error>,
    ) -> Result<NextStep<'s, E>, Error> {
        if self.is_over(report) {
            return Ok(NextStep::Done);
        }
        let changes = self.plan(history, report)?;
        if !self.is_checked {
            self.check(history, &changes, rules)?;
            self.is_checked = true;
            if let Goal::Down(_) = self.goal {
                self.left = Some(changes.iter().map(Change::version).collect());
            }
        }
        self.rest = changes.into();
        self.following(report)
    }

    /// The next step of the last plan: for a history that has changed only by the
    /// steps of this run.
    pub(crate) fn following(&mut self, report: &Report) -> Result<NextStep<'s, E>, Error> {
        if self.is_over(report) {
            return Ok(NextStep::Done);
        }
        let is_each = self.settings.transactions == Transactions::Each;
        let is_redo = matches!(self.goal, Goal::Redo);
        let at_once = if is_each && !is_redo {
            1
        } else {
            self.rest.len()
        };
        let steps = self
            .rest
            .iter()
            .take(at_once)
            .map(|change| self.step(change));
        let mut steps = steps.collect::<Result<Vec<_>, Error>>()?;
        if steps.iter().any(|step| step.no_transaction().is_some()) {
            steps.truncate(1);
        }
        self.is_one_redo = is_redo && steps.len() == 2;
        Ok(match steps.pop() {
            None => NextStep::Done,
            Some(only) if steps.is_empty() && only.no_transaction().is_some() => {
                NextStep::NoTransaction(Box::new(only))
            }
            Some(last) => {
                steps.push(last);
                NextStep::Transaction(steps)
            }
        })
    }

    /// Removes steps that were performed from the plan, and returns whether any
    /// are left in it.
    #[cfg(feature = "sqlite")]
    pub(crate) fn advance(&mut self, count: usize) -> bool {
        self.rest.drain(..count.min(self.rest.len()));
        self.is_finished = self.rest.is_empty();
        !self.is_finished
    }

    /// Whether a step without a transaction is still the next one.
    pub(crate) fn is_due(
        &mut self,
        step: &PlannedStep<'s, E>,
        history: &[Row],
        report: &Report,
    ) -> Result<bool, Error> {
        let next = self.next(history, report, |_| Ok(()))?;
        Ok(matches!(next, NextStep::NoTransaction(next)
            if (next.version, next.direction) == (step.version, step.direction)))
    }

    /// Adds to the error of a transaction what else was in it.
    pub(crate) fn explain(&self, error: Error) -> Error {
        if self.is_one_redo {
            error.aside_of_a_migration(
                "; a redo is one transaction, so the migration is still applied as before",
            )
        } else if self.settings.transactions == Transactions::All
            && !matches!(self.goal, Goal::Redo)
        {
            error.whole()
        } else {
            error
        }
    }
}

impl Change {
    /// Turns the changes of a way down into a plan.
    pub(crate) fn down_plan(changes: Vec<Change>) -> DownPlan {
        let undos = changes.into_iter().filter_map(|change| match change {
            Change::Down(undo) => Some(*undo),
            Change::Up(_) => None,
        });
        DownPlan {
            undos: undos.collect(),
        }
    }

    fn version(&self) -> Version {
        match self {
            Change::Up(migration) => migration.version,
            Change::Down(undo) => undo.version,
        }
    }
}

fn ups(migrations: Vec<&'static Migration>) -> Vec<Change> {
    migrations.into_iter().map(Change::Up).collect()
}

fn downs(undos: Vec<Undo>) -> Vec<Change> {
    let undos = undos.into_iter().map(Box::new);
    undos.map(Change::Down).collect()
}

fn is_undone(report: &Report, version: Version) -> bool {
    report.undone.iter().any(|undone| undone.version == version)
}

/// The pending migrations, if the history agrees with the registry.
pub(crate) fn pending<E: Engine>(
    settings: &Settings<E>,
    history: &[Row],
) -> Result<Vec<&'static Migration>, Error> {
    pending_to(settings, history, &settings.plan)
}

fn pending_to<E: Engine>(
    settings: &Settings<E>,
    history: &[Row],
    options: &Options,
) -> Result<Vec<&'static Migration>, Error> {
    plan::plan(settings.registry, history, options).map_err(|drift| Kind::Drift(drift).into())
}

fn plan_down<E: Engine>(
    settings: &Settings<E>,
    history: &[Row],
    down: &Down,
) -> Result<Vec<Undo>, Error> {
    plan::plan_down(settings.registry, history, down).map_err(|obstacle| {
        match obstacle {
            Obstacle::Dirty(dirty) => Kind::Drift(dirty),
            other => Kind::NoWayBack(other),
        }
        .into()
    })
}
