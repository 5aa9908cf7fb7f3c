//! The way down: undoing what is applied, newest first.

use super::lock::Deadline;
use super::observed::Start;
use super::outside;
use super::run::{Run, Task};
use super::up::{settled_history, task as up_task};
use crate::error::{Error, Kind};
use crate::migrator::{Settings, Transactions};
use crate::steps::{applied, known, pending, plan_down, undone};
use crate::{Applied, Direction, DownPlan, Migrator, Report, Undone};
use migrate_model::Version;
use migrate_model::history::Row;
use migrate_model::plan::{Down, Undo};
use migrate_scan::sqlite;
use rusqlite::{Connection, Transaction};
use std::time::Instant;

impl<M> Migrator<M> {
    /// What [`down`](Migrator::down) would undo, and with which scripts;
    /// nothing is written.
    ///
    /// ```
    /// # use migrate_runtime::{Down, embed_migrations};
    /// # embed_migrations!("../migrations", watch = false);
    /// # let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
    /// Migration::migrator().up(&mut db)?;
    /// let plan = Migration::migrator().plan_down(&db, Down::Steps(1))?;
    /// assert_eq!(plan.to_string(), "would undo 003_add_tree_indexes");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails as `down` does where there is no way back, or where the history
    /// cannot be read.
    pub fn plan_down(&self, conn: &Connection, down: Down<M>) -> Result<DownPlan, Error>
    where
        M: Into<Version>,
    {
        let plan = || {
            self.settings.check_source()?;
            let history = self.read_history(conn)?;
            let undos = plan_down(&self.settings, &history, &down.untyped())?;
            check_complete(&self.settings, &undos)?;
            Ok(DownPlan { undos })
        };
        plan().map_err(|error: Error| error.on_the_way(Direction::Down))
    }
}

/// Undoes migrations.
pub(super) fn down(
    conn: &mut Connection,
    settings: &Settings,
    down: &Down,
    started: Instant,
) -> Result<Report, Error> {
    let first = Deadline::starting(started, settings);
    let history = settled_history(conn, settings, &first)?;
    let undos = plan_down(settings, &history, down)?;
    if undos.is_empty() {
        return Ok(Report::default());
    }
    check_complete(settings, &undos)?;
    let start = Start {
        settings,
        direction: Direction::Down,
        count: undos.len(),
        started,
        first,
    };
    start.run(conn, |run, report| match settings.transactions {
        Transactions::Each => each(run, down, first, report),
        Transactions::All => {
            report.undone = run.locked(&first, |tx| {
                together(run, tx, down, &first).map_err(Error::whole)
            })?;
            Ok(())
        }
    })
}

/// Whether all that is to be undone can be, before anything is.
fn check_complete(settings: &Settings, undos: &[Undo]) -> Result<(), Error> {
    for undo in undos {
        let task = task(settings, undo)?;
        if settings.transactions == Transactions::All && task.outside().is_some() {
            let label = undo.label.clone();
            return Err(Kind::NotTogether { label }.into());
        }
    }
    Ok(())
}

/// What a migration does on the way down.
fn task<'a>(settings: &'a Settings, undo: &'a Undo) -> Result<Task<'a>, Error> {
    let function = settings.function(undo.version, Direction::Down);
    Task::down(undo, settings.own.table.name(), sqlite::scan, function)
}

/// What is to be undone is decided once, under the first lock. After that,
/// whatever a sibling has undone meanwhile is no longer there to be undone, and
/// what it has applied is in the way.
fn each(run: &Run<'_>, down: &Down, first: Deadline<'_>, report: &mut Report) -> Result<(), Error> {
    let versions = run.locked(&first, |_| {
        let undos = plan_down(run.settings, &run.history(&first)?, down)?;
        check_complete(run.settings, &undos)?;
        Ok(undos.iter().map(|undo| undo.version).collect::<Vec<_>>())
    })?;
    for version in versions {
        let deadline = first.anew();
        match run.locked(&deadline, |tx| one(run, tx, version, &deadline))? {
            Next::Undone(undone) => report.undone.push(undone),
            Next::Outside(undo) => {
                let task = task(run.settings, &undo)?;
                match outside::undo(run, &undo, &task, &deadline)? {
                    Some(undone) => report.undone.push(undone),
                    None => check_undone(run, &undo, &deadline)?,
                }
            }
            Next::None => {}
        }
    }
    Ok(())
}

/// Another connection has found it undone, and this one must, too.
fn check_undone(run: &Run<'_>, undo: &Undo, deadline: &Deadline<'_>) -> Result<(), Error> {
    let history = run.history(deadline)?;
    match history.iter().any(|row| row.version == undo.version) {
        true => {
            let label = undo.label.clone();
            Err(Kind::Moved { label }.into())
        }
        false => Ok(()),
    }
}

/// What became of a migration that was to be undone.
enum Next {
    Undone(Undone),
    /// It runs without a transaction.
    Outside(Box<Undo>),
    /// A sibling has undone it.
    None,
}

fn one(
    run: &Run<'_>,
    tx: &Transaction<'_>,
    version: Version,
    deadline: &Deadline<'_>,
) -> Result<Next, Error> {
    let history = run.history(deadline)?;
    if history.iter().all(|row| row.version != version) {
        return Ok(Next::None);
    }
    let mut undos = plan_down(run.settings, &history, &Down::Only(version))?;
    let Some(undo) = undos.pop() else {
        return Ok(Next::None);
    };
    let task = task(run.settings, &undo)?;
    if task.outside().is_some() {
        return Ok(Next::Outside(Box::new(undo)));
    }
    run.may_begin(&undo.label)?;
    let performed = run.perform(tx, &task, deadline)?;
    let undone = undone(&undo, performed.duration);
    run.finish(&task, performed)?;
    Ok(Next::Undone(undone))
}

/// All of them, in one transaction.
fn together(
    run: &Run<'_>,
    tx: &Transaction<'_>,
    down: &Down,
    deadline: &Deadline<'_>,
) -> Result<Vec<Undone>, Error> {
    let undos = plan_down(run.settings, &run.history(deadline)?, down)?;
    check_complete(run.settings, &undos)?;
    let mut all = Vec::new();
    for (i, undo) in undos.iter().enumerate() {
        run.may_begin(&undo.label)?;
        let task = task(run.settings, undo)?;
        let performed = run.perform(tx, &task, deadline)?;
        all.push(undone(undo, performed.duration));
        if i + 1 < undos.len() {
            run.tell_ended(&task, performed.duration, None);
            run.keep(performed, deadline);
        } else {
            run.finish(&task, performed)?;
        }
    }
    Ok(all)
}

/// Undoes the newest migration and applies it as it is now: in one transaction,
/// so that nobody ever sees the database without it, unless one of the two runs
/// without. If its file was edited since, the down is that of the old text.
pub(super) fn redo(
    conn: &mut Connection,
    settings: &Settings,
    started: Instant,
) -> Result<Report, Error> {
    let first = Deadline::starting(started, settings);
    let history = settled_history(conn, settings, &first)?;
    let undos = plan_down(settings, &history, &Down::Steps(1))?;
    let Some(undo) = undos.first() else {
        return Ok(Report::default());
    };
    let migration = known(settings, undo)?;
    up_task(settings, migration)?;
    let task = task(settings, undo)?;
    if task.outside().is_some() || !migration.up.in_transaction() {
        let mut settings = settings.clone();
        settings.plan = settings.plan.to(undo.version);
        settings.transactions = Transactions::Each;
        // What would refuse the second run must do so before the first.
        let below: Vec<Row> = history
            .iter()
            .filter(|row| row.version != undo.version)
            .cloned()
            .collect();
        pending(&settings, &below)?;
        super::up::check_complete(&settings, &[migration])?;
        let mut report = down(conn, &settings, &Down::Only(undo.version), started)?;
        settings.allows_foreign_history = true;
        // It has been made before the first of the two.
        settings.own.backup = None;
        // What was undone stays so, whatever becomes of the second run.
        let again = super::up::up(conn, &settings, Instant::now())
            .map_err(|error| error.on_the_way(Direction::Up).with_report(report.clone()))?;
        report.applied = again.applied;
        report.elapsed = started.elapsed();
        return Ok(report);
    }
    let start = Start {
        settings,
        direction: Direction::Down,
        count: 1,
        started,
        first,
    };
    start.run(conn, |run, report| {
        let (undone, applied) = run.locked(&first, |tx| {
            redo_in(run, tx, undo.version, &first).map_err(Error::redone)
        })?;
        report.undone.push(undone);
        report.applied.push(applied);
        Ok(())
    })
}

fn redo_in(
    run: &Run<'_>,
    tx: &Transaction<'_>,
    version: Version,
    deadline: &Deadline<'_>,
) -> Result<(Undone, Applied), Error> {
    let history = run.history(deadline)?;
    let undos = plan_down(run.settings, &history, &Down::Only(version))?;
    let Some(undo) = undos.first() else {
        let label = version.to_string();
        return Err(Kind::NotKnown { label }.into());
    };
    let migration = known(run.settings, undo)?;
    run.may_begin(&undo.label)?;
    let down = task(run.settings, undo)?;
    let performed = run.perform(tx, &down, deadline)?;
    let undone = undone(undo, performed.duration);
    run.tell_ended(&down, performed.duration, None);
    run.keep(performed, deadline);
    let up = up_task(run.settings, migration)?;
    let performed = run.perform(tx, &up, deadline)?;
    let applied = applied(migration, performed.duration);
    // The row from before looks the same but for its times.
    run.finish_if(&up, performed, |history| {
        up.is_in(history) && !history.contains(&undo.row)
    })?;
    Ok((undone, applied))
}
