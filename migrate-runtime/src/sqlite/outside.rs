//! Migrations without a transaction: one statement at a time, with the
//! progress in the history.
//!
//! `PRAGMA locking_mode = EXCLUSIVE` keeps the lock of the file between the
//! statements, or a claim does where that is impossible, and a killed process
//! gives both up. So whoever finds a row that was started, while it has the lock
//! itself and nobody has the claim, knows that nobody is at work.

use super::alone::{alone, keep_out};
use super::lock::{Deadline, is_busy_code};
use super::run::{Run, Task, cause};
use super::{failed, history, up};
use crate::error::{Error, Kind};
use crate::history_write::HistoryWrite;
use crate::observer::Hook;
use crate::script::Sql;
use crate::steps;
use crate::task::Body;
use crate::{Applied, Undone};
use migrate_model::Migration;
use migrate_model::history::{Progress, Row, State};
use migrate_model::plan::{Down, Undo};
use migrate_scan::sqlite::Head;
use migrate_sqlite::authorizer::Scope;
use migrate_sqlite::integrity::Problems;
use std::time::{Duration, Instant};

const FOR_THE_OTHERS: &str = "for the other connections";

/// Applies a migration, unless a sibling has been faster.
pub(super) fn apply(
    run: &Run<'_>,
    migration: &'static Migration,
    deadline: &Deadline<'_>,
) -> Result<Option<Applied>, Error> {
    let task = up::task(run.settings, migration)?;
    let duration = start(run, &task, deadline, |history| {
        let pending = steps::pending(run.settings, history)?;
        Ok(pending.first().map(|first| first.version) == Some(migration.version))
    })?;
    Ok(duration.map(|duration| steps::applied(migration, duration)))
}

/// Undoes a migration, unless a sibling has been faster.
pub(super) fn undo(
    run: &Run<'_>,
    undo: &Undo,
    task: &Task<'_>,
    deadline: &Deadline<'_>,
) -> Result<Option<Undone>, Error> {
    let duration = start(run, task, deadline, |history| {
        if history.iter().all(|row| row.version != undo.version) {
            return Ok(false);
        }
        // One that has died meanwhile is an obstacle.
        steps::plan_down(run.settings, history, &Down::Only(undo.version)).map(|_| true)
    })?;
    Ok(duration.map(|duration| steps::undone(undo, duration)))
}

/// Runs a migration from its first statement, if it is still due.
fn start(
    run: &Run<'_>,
    task: &Task<'_>,
    deadline: &Deadline<'_>,
    is_due: impl Fn(&[Row]) -> Result<bool, Error>,
) -> Result<Option<Duration>, Error> {
    alone(run, deadline, |run| {
        let begun = run.locked(deadline, |_| {
            if !is_due(&run.history(deadline)?)? {
                return Ok(None);
            }
            run.may_begin(task.label)?;
            keep_out(run, deadline)?;
            run.tell_started(task);
            run.begin(task, deadline)?;
            run.hook(task, Hook::Before)?;
            let progress = Progress::start(task.direction, statements(task));
            let start = task.record_start(run.settings, progress);
            history::write(run.conn, &run.settings.own.table, &start)
                .map_err(failed("recording the start of the migration"))?;
            commit(run, task.label, Some(progress))?;
            Ok(Some(progress))
        })?;
        begun
            .map(|progress| run_on(run, task, progress, deadline))
            .transpose()
    })
}

/// Goes on with a migration that stopped half-way, from the statement that did
/// not end.
pub(super) fn resume(
    run: &Run<'_>,
    task: &Task<'_>,
    row: &Row,
    deadline: &Deadline<'_>,
) -> Result<Duration, Error> {
    let edited = || {
        let label = task.label.to_owned();
        Error::from(Kind::Edited { label })
    };
    let (Body::Sql(sql), Some(progress)) = (&task.body, row.progress) else {
        return Err(edited());
    };
    if !progress.is_beginning_of(sql.texts()) {
        return Err(edited());
    }
    // What has not run yet may be more or less than it was.
    let mut progress = progress;
    progress.of = statements(task);
    alone(run, deadline, |run| {
        run.locked(deadline, |_| {
            let history = run.history(deadline)?;
            let is_same = |found: &&Row| found.state == State::Started && **found == *row;
            if history.iter().find(is_same).is_none() {
                let label = task.label.to_owned();
                return Err(Kind::NothingToRepair { label }.into());
            }
            keep_out(run, deadline)?;
            run.tell_started(task);
            run.begin(task, deadline)?;
            if let Some(change) = task.record_new_text(row) {
                history::write(run.conn, &run.settings.own.table, &change)
                    .map_err(failed("recording the migration"))?;
            }
            set_progress(run, task, progress)?;
            commit(run, task.label, Some(progress))
        })?;
        run_on(run, task, progress, deadline)
    })
}

fn statements(task: &Task<'_>) -> usize {
    match &task.body {
        Body::Sql(sql) => sql.statements.len(),
        Body::Rust { .. } => 0,
    }
}

/// Runs the statements that are left. Each is recorded when it has ended; one
/// that can run in a transaction is recorded in the same.
fn run_on(
    run: &Run<'_>,
    task: &Task<'_>,
    mut progress: Progress,
    deadline: &Deadline<'_>,
) -> Result<Duration, Error> {
    // Its first statement may take effect from now on.
    run.must_finish.set(true);
    let deadline = &deadline.unstoppable();
    let started = Instant::now();
    let result = (|| {
        let Body::Sql(sql) = &task.body else {
            return Ok(());
        };
        let context = run.context(task.label);
        for text in sql.texts().take(progress.done) {
            context.set_again(text)?;
        }
        // If all has run, what is broken may be its work.
        let before = match progress.done < sql.statements.len() {
            true => run.problems_before().map(|(_, problems)| problems),
            false => Ok(Problems::default()),
        };
        let before = before.map_err(|error| stopped(run, task, progress, deadline, error))?;
        while progress.done < sql.statements.len() {
            let deadline = deadline.anew();
            if let Err(error) = statement(run, task, sql, &mut progress, &deadline) {
                let error = match run.is_own && lacks_something(&error) {
                    true => error.elsewhere(),
                    false => error,
                };
                return Err(stopped(run, task, progress, &deadline, error));
            }
        }
        run.check(task.label, &before)
            .and_then(|_| run.hook(task, Hook::After))
            .and_then(|()| finish(run, task, started.elapsed(), &deadline.anew()))
            .map_err(|error| error.outside(progress))
    })()
    .map_err(|error| error.on_the_way(task.direction));
    let duration = started.elapsed();
    run.tell_ended(task, duration, result.as_ref().err());
    result.map(|()| duration)
}

fn statement(
    run: &Run<'_>,
    task: &Task<'_>,
    sql: &Sql<'_>,
    progress: &mut Progress,
    deadline: &Deadline<'_>,
) -> Result<(), Error> {
    let index = progress.done;
    let text = sql.statements.get(index).map_or("", |at| sql.text(*at));
    let mut next = *progress;
    next.advance(text);
    let context = run.context(task.label);
    match Head::of(text).word(0) {
        word @ ("VACUUM" | "PRAGMA") => {
            // VACUUM attaches a database and copies every table, the history
            // too; there is nothing else that the statement could do.
            let scope = match word {
                "VACUUM" => Scope::Unrestricted,
                _ => Scope::NoTransaction,
            };
            context.telling(sql, index, || {
                loop {
                    match context.step(sql, index, scope) {
                        Err(error) if cause(&error).is_some_and(is_busy_code) => {
                            if !deadline.pause() {
                                let kind = deadline.locked(run.conn, FOR_THE_OTHERS);
                                return Err(error.with_kind(kind));
                            }
                        }
                        result => return result,
                    }
                }
            })?;
            let recorded = run.locked(deadline, |_| {
                set_progress(run, task, next)?;
                commit(run, task.label, Some(next))
            });
            recorded.map_err(|error| error.outside(*progress))?;
        }
        _ => run.locked(deadline, |_| {
            context.telling(sql, index, || {
                context.step(sql, index, Scope::NoTransaction)
            })?;
            set_progress(run, task, next)?;
            commit(run, task.label, Some(next))
        })?,
    }
    *progress = next;
    Ok(())
}

/// Whether a statement asked for what an application adds to a connection.
fn lacks_something(error: &Error) -> bool {
    use std::error::Error as _;
    let message = error.source().map(ToString::to_string).unwrap_or_default();
    ["function", "collation sequence", "module"]
        .iter()
        .any(|what| message.starts_with(&format!("no such {what}:")))
}

/// A statement that reports an error has done nothing. If it was the first, the
/// migration has done nothing, and is not left as started.
///
/// Not so if the error came from the commit, which may have taken effect: then
/// the history shows one statement more.
fn stopped(
    run: &Run<'_>,
    task: &Task<'_>,
    progress: Progress,
    deadline: &Deadline<'_>,
    error: Error,
) -> Error {
    if progress.done > 0 || error.stays() {
        return error.outside(progress);
    }
    let table = &run.settings.own.table;
    let left = run.locked(deadline, |_| {
        let history = run.history(deadline)?;
        let row = history.iter().find(|row| row.version == task.version);
        let found = row.and_then(|row| row.progress);
        if found != Some(progress) {
            return Ok(found);
        }
        history::write(run.conn, table, &task.record_nothing())
            .map_err(failed("taking the start of the migration back"))?;
        commit(run, task.label, None)?;
        Ok(None)
    });
    match left {
        Ok(None) => error,
        Ok(Some(found)) => error.outside(found),
        Err(_) => error.outside(progress),
    }
}

fn finish(
    run: &Run<'_>,
    task: &Task<'_>,
    duration: Duration,
    deadline: &Deadline<'_>,
) -> Result<(), Error> {
    let table = &run.settings.own.table;
    run.locked(deadline, |_| {
        history::write(run.conn, table, &task.record_end(duration))
            .map_err(failed("recording the migration"))?;
        commit(run, task.label, None)
    })
}

fn set_progress(run: &Run<'_>, task: &Task<'_>, progress: Progress) -> Result<(), Error> {
    let change = HistoryWrite::SetProgress(task.version, progress);
    history::write(run.conn, &run.settings.own.table, &change)
        .map_err(failed("recording how far the migration got"))
}

/// Commits a change of the row. With a `progress` the history must show it if
/// the commit failed; without one, no migration may be left started.
fn commit(run: &Run<'_>, label: &str, progress: Option<Progress>) -> Result<(), Error> {
    run.commit(label, |history| match progress {
        Some(progress) => history.iter().any(|row| row.progress == Some(progress)),
        None => history.iter().all(|row| row.state == State::Applied),
    })
}
