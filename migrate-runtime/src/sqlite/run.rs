//! A run: one transaction at a time, each under the write lock.

use super::connection::check_writable;
use super::db_error::{Failure, read_only};
use super::deadline::{Deadline, READ, WRITE_LOCK};
use super::migrating_file::{in_progress, is_in_progress};
use super::run_state::RunState;
use super::session::{Session, roll_back};
use super::{foreign_history, history, no_transaction};
use crate::error::{Error, Kind};
use crate::migrator::Settings;
use crate::next_step::{Acted, Goal, NextStep, Steps};
use crate::run_report::{Done, RunReport};
use crate::{Report, Sqlite};
use migrate_model::history::Row;
use migrate_sqlite::compat;
use rusqlite::{Connection, Transaction};

/// Applies or undoes migrations. The caller has found that something may be
/// pending.
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
    let mut run = RunState::new(&session);
    report.begin(count);
    let result = run_all(&mut run, &mut steps, report);
    report.report.backup = run.backup.take();
    // The migrations are committed; an error here changes nothing about that.
    let _ = run.drop_temporary();
    result.map_err(|error| read_only(error, count.saturating_sub(report.count())))
}

/// The history, read without a lock. If it contains a started migration,
/// another process may be running it; only a read under the lock shows whether
/// that is so, and this waits for it.
pub(super) fn settled_history(
    conn: &Connection,
    settings: &Settings,
    deadline: &Deadline<'_>,
) -> Result<Vec<Row>, Error> {
    let read = || history::read(conn, &settings.engine.table);
    let history = deadline.retry(conn, READ, read)?;
    if !history.iter().any(Row::is_started) || compat::is_readonly(conn).unwrap_or(true) {
        return Ok(history);
    }
    deadline.retry(conn, WRITE_LOCK, || {
        conn.execute_batch("BEGIN IMMEDIATE")
            .map_err(Failure::new("taking the write lock"))?;
        let history = read().and_then(|history| match is_in_progress(conn, &history) {
            Ok(false) => Ok(history),
            Ok(true) => Err(Failure::Busy(in_progress())),
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
    let found = deadline.retry(conn, READ, || {
        foreign_history::find(conn).map_err(Failure::new("looking for foreign histories"))
    })?;
    found.map_or(Ok(()), |found| Err(Kind::ForeignHistory(found).into()))
}

/// Runs one step after the other until nothing is left.
fn run_all(
    run: &mut RunState<'_>,
    steps: &mut Steps<'_, Sqlite>,
    report: &mut RunReport<'_>,
) -> Result<(), Error> {
    let mut found_done = None;
    while !steps.is_over(&report.report) {
        let acted = run.locked(|run, tx| run_next(run, tx, steps, &report.report));
        let acted = acted.map_err(|error| steps.explain(error))?;
        run.is_careful = acted.is_none();
        let Some(acted) = acted else {
            run.forget();
            continue;
        };
        run.attempted.clear();
        run.is_silent = false;
        match acted {
            Acted::Done(done) => done.report(&mut report.report),
            Acted::NoTransaction(step) => {
                let this = (step.version, step.direction);
                // The separate connection found it applied, but this one does
                // not.
                if found_done == Some(this) {
                    let label = step.label.into_owned();
                    return Err(Kind::Moved { label }.into());
                }
                match no_transaction::run(run, steps, &step, &report.report)? {
                    Some(timings) => Done::of(&step, timings).report(&mut report.report),
                    None => found_done = Some(this),
                }
            }
            Acted::Nothing => return Ok(()),
        }
        run.deadline = run.deadline.restarted();
    }
    Ok(())
}

/// Runs the next step. `None` if it has to be repeated carefully.
fn run_next<'s>(
    run: &mut RunState<'_>,
    tx: &Transaction<'_>,
    steps: &mut Steps<'s, Sqlite>,
    report: &Report,
) -> Result<Option<Acted<'s, Sqlite>>, Error> {
    run.read_version()?;
    // The history is read again only if another connection has committed.
    let next = if run.planned_at == Some(run.version) {
        steps.following(report)?
    } else {
        run.forget();
        let history = run.history()?;
        steps.next(&history, report, |_| Ok(()))?
    };
    let planned = match next {
        NextStep::Done => return Ok(Some(Acted::Nothing)),
        NextStep::NoTransaction(step) => {
            run.forget();
            return Ok(Some(Acted::NoTransaction(step)));
        }
        NextStep::Transaction(planned) => planned,
    };
    let Some(mut done) = run.perform_all(tx, &planned)? else {
        return Ok(None);
    };
    run.commit_all(&mut done)?;
    // Our own commit does not change the data version.
    run.planned_at = steps.advance(planned.len()).then_some(run.version);
    Ok(Some(Acted::Done(done)))
}
