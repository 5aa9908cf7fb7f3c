//! Migrations without a transaction: one statement at a time, with the progress
//! in the history.
//!
//! `PRAGMA locking_mode = EXCLUSIVE` keeps the lock on the database between the
//! statements, or, where that is impossible, a lock on the file next to it
//! does. A killed process releases both. So a run that finds a started row
//! while it holds the write lock and no process holds that file knows that the
//! migration was interrupted.

use super::db_error::{cause, is_busy_code};
use super::exclusive::{exclusively, keep_out};
use super::in_transaction::compare;
use super::run_state::{PlannedStep, RunState};
use crate::error::{Error, Hook};
use crate::history_write::HistoryWrite;
use crate::next_step::Steps;
use crate::planned_step::Resumed;
use crate::script::Sql;
use crate::stopwatch::{Part, Stopwatch};
use crate::{Repaired, Report, Sqlite, Timings};
use migrate_model::Version;
use migrate_model::history::{Progress, Row, State};
use migrate_scan::sqlite::Head;
use migrate_sqlite::authorizer::Scope;
use migrate_sqlite::integrity::Problems;
use migrate_sqlite::statement::compile;
use std::collections::BTreeSet;

const OTHERS: &str = "the other connections";
const RECORDING_PROGRESS: &str = "recording how far the migration got";

/// Runs a migration from its first statement, unless another process was
/// faster.
pub(super) fn run<'s>(
    run: &mut RunState<'_>,
    steps: &mut Steps<'s, Sqlite>,
    step: &PlannedStep<'s>,
    report: &Report,
) -> Result<Option<Timings>, Error> {
    exclusively(run, |run| {
        let started = run.locked(|run, _| {
            if !steps.is_due(step, &run.history()?, report)? {
                return Ok(None);
            }
            run.may_begin(step)?;
            begin(run, step, |run, stopwatch| {
                stopwatch.without(|| run.hook(step, Hook::Before))?;
                // None of its statements has run yet.
                step.check_stop(run.settings)?;
                let (progress, start) = step.start(run.settings);
                stopwatch.begin(Part::Script);
                run.write(&start, "recording the start of the migration")?;
                Ok(progress)
            })
            .map(Some)
        })?;
        started
            .map(|(progress, stopwatch)| run_statements(run, step, progress, stopwatch))
            .transpose()
    })
}

/// Resumes an interrupted migration at the statement that did not complete.
pub(super) fn resume(
    run: &mut RunState<'_>,
    history: &[Row],
    version: Version,
) -> Result<Repaired, Error> {
    let settings = run.settings;
    // Refuse before another connection is opened.
    Resumed::<Sqlite>::plan(settings, history, version)?;
    exclusively(run, |run| {
        let (resumed, stopwatch) = run.locked(|run, _| {
            let resumed = Resumed::<Sqlite>::plan(settings, &run.history()?, version)?;
            let (_, stopwatch) = begin(run, &resumed.step, |run, stopwatch| {
                stopwatch.begin(Part::Script);
                for change in &resumed.writes {
                    run.write(change, RECORDING_PROGRESS)?;
                }
                Ok(resumed.progress)
            })?;
            Ok((resumed, stopwatch))
        })?;
        run_statements(run, &resumed.step, resumed.progress, stopwatch)?;
        Ok(resumed.repaired)
    })
}

/// Keeps others out, and commits the row that records the migration as started.
fn begin<'a>(
    run: &mut RunState<'a>,
    step: &PlannedStep<'_>,
    record: impl FnOnce(&mut RunState<'a>, &mut Stopwatch) -> Result<Progress, Error>,
) -> Result<(Progress, Stopwatch), Error> {
    keep_out(run)?;
    step.emit_started(run.settings.listeners());
    let mut stopwatch = Stopwatch::start(Timings::default());
    let begun = run
        .begin(step)
        .and_then(|()| record(run, &mut stopwatch))
        .and_then(|progress| commit(run, step, Some(progress)).map(|()| progress))
        .map_err(|error| error.on_the_way(step.direction));
    if let Err(error) = &begun {
        step.emit_ended(run.settings.listeners(), stopwatch.timings(), Some(error));
    }
    begun.map(|progress| (progress, stopwatch))
}

/// Runs the remaining statements, and records the end.
fn run_statements(
    run: &mut RunState<'_>,
    step: &PlannedStep<'_>,
    mut progress: Progress,
    mut stopwatch: Stopwatch,
) -> Result<Timings, Error> {
    // From here on a statement may have taken effect.
    run.deadline = run.deadline.unstoppable();
    let result = statements(run, step, &mut progress, &mut stopwatch);
    let result = result.map_err(|error| error.on_the_way(step.direction));
    let timings = stopwatch.timings();
    step.emit_ended(run.settings.listeners(), timings, result.as_ref().err());
    result.map(|()| timings)
}

/// Each statement is recorded when it has completed. If it can run in a
/// transaction, it is recorded in the same one.
fn statements(
    run: &mut RunState<'_>,
    step: &PlannedStep<'_>,
    progress: &mut Progress,
    stopwatch: &mut Stopwatch,
) -> Result<(), Error> {
    let Some(sql) = step.no_transaction() else {
        return Ok(());
    };
    stopwatch.begin(Part::Checks);
    for text in sql.texts().take(progress.done) {
        run.context(&step.label).repeat_setting(text)?;
    }
    // If all statements have already run, a broken schema may be their doing.
    let mut before = Before::Nothing;
    if progress.done < sql.count() {
        match problems_before(run, sql, progress.done) {
            Ok(problems) => before = problems,
            Err(error) => return Err(stopped(run, step, *progress, error)),
        }
    }
    stopwatch.begin(Part::Script);
    while progress.done < sql.count() {
        run.deadline = run.deadline.restarted();
        if let Err(error) = statement(run, step, sql, progress) {
            let error = if run.is_own && needs_application(&error) {
                error.aside(
                    "; it ran on a separate connection, which has only what `connect_with` adds",
                )
            } else {
                error
            };
            return Err(stopped(run, step, *progress, error));
        }
    }
    stopwatch.begin(Part::Checks);
    run.deadline = run.deadline.restarted();
    check(run, &step.label, &before)
        .and_then(|()| stopwatch.without(|| run.hook(step, Hook::After)))
        .and_then(|()| {
            let end = step.record_end(stopwatch.elapsed());
            stopwatch.begin(Part::Commit);
            write(run, step, &end, "recording the migration", None)
        })
        .map_err(|error| error.outside(*progress))
}

/// What is known about the problems before the first statement.
enum Before {
    /// They do not count.
    Nothing,
    /// The statements touch nothing that is broken.
    NoneWhereTouched,
    All(Problems),
}

/// The statements commit one by one, so the state before them cannot be looked at
/// afterwards. If all of them can be compiled now, what they touch is known.
fn problems_before(run: &mut RunState<'_>, sql: &Sql, from: usize) -> Result<Before, Error> {
    run.authorizer.take_touched();
    run.forget();
    let is_known = sql.texts().skip(from).all(|text| {
        let runs_early = matches!(Head::of(text).word(0), "VACUUM" | "PRAGMA");
        runs_early || compile(run.conn, run.authorizer, Scope::NoTransaction, text)
    });
    let touched = run.authorizer.take_touched();
    if is_known && run.broken(&touched)?.is_some_and(|it| it.is_empty()) {
        return Ok(Before::NoneWhereTouched);
    }
    run.problems().map(Before::All)
}

/// Checks what the statements have broken.
fn check(run: &mut RunState<'_>, label: &str, before: &Before) -> Result<(), Error> {
    let touched = run.authorizer.take_touched();
    run.checker.forget();
    // Problems outside of `broken`, if it is known, were there before.
    let mut broken = None;
    let nothing = Problems::default();
    let before = match before {
        Before::NoneWhereTouched => {
            broken = run.broken(&touched)?;
            &nothing
        }
        Before::Nothing => &nothing,
        Before::All(before) => before,
    };
    if broken.as_ref().is_some_and(BTreeSet::is_empty) {
        return Ok(());
    }
    let mut after = run.problems()?;
    if let Some(broken) = broken {
        after = after.only(&broken);
    }
    compare(run, label, &touched, (before, &after))
}

fn statement(
    run: &mut RunState<'_>,
    step: &PlannedStep<'_>,
    sql: &Sql,
    progress: &mut Progress,
) -> Result<(), Error> {
    let index = progress.done;
    let text = sql.statement(index).map_or("", |at| sql.text(at));
    let mut next = *progress;
    next.advance(text);
    let record = HistoryWrite::SetProgress(step.version, next);
    match Head::of(text).word(0) {
        word @ ("VACUUM" | "PRAGMA") => {
            // VACUUM attaches a database and copies every table, the history
            // too. The statement cannot do anything else.
            let scope = if word == "VACUUM" {
                Scope::Unrestricted
            } else {
                Scope::NoTransaction
            };
            let (conn, deadline) = (run.conn, run.deadline);
            let context = run.context(&step.label);
            context.with_events(sql, index, || {
                loop {
                    match context.step(sql, index, scope) {
                        Err(error) if cause(&error).is_some_and(is_busy_code) => {
                            if !deadline.pause() {
                                let kind = deadline.locked(conn, OTHERS);
                                return Err(error.with_kind(kind));
                            }
                        }
                        result => return result,
                    }
                }
            })?;
            write(run, step, &record, RECORDING_PROGRESS, Some(next))
                .map_err(|error| error.outside(*progress))?;
        }
        _ => run.locked(|run, _| {
            let context = run.context(&step.label);
            context.with_events(sql, index, || {
                context.step(sql, index, Scope::NoTransaction)
            })?;
            run.write(&record, RECORDING_PROGRESS)?;
            commit(run, step, Some(next))
        })?,
    }
    *progress = next;
    Ok(())
}

/// Whether a statement needs something that an application adds to its
/// connections.
fn needs_application(error: &Error) -> bool {
    use std::error::Error as _;
    let message = error.source().map(ToString::to_string).unwrap_or_default();
    ["function", "collation sequence", "module"]
        .iter()
        .any(|what| message.starts_with(&format!("no such {what}:")))
}

/// A failed statement has changed nothing. If it was the first, the migration
/// has changed nothing, and its row is removed again.
///
/// That is not true if the error came from the commit, which may have taken
/// effect: then the history shows one more statement.
fn stopped(
    run: &mut RunState<'_>,
    step: &PlannedStep<'_>,
    progress: Progress,
    error: Error,
) -> Error {
    if progress.done > 0 || error.stays() {
        return error.outside(progress);
    }
    let left = run.locked(|run, _| {
        let history = run.history()?;
        let row = history.iter().find(|row| row.version == step.version);
        let found = row.and_then(|row| row.progress);
        if found != Some(progress) {
            return Ok(found);
        }
        let doing = "removing the record of the start";
        run.write(&step.record_nothing(), doing)?;
        commit(run, step, None)?;
        Ok(None)
    });
    match left {
        Ok(None) => error,
        Ok(Some(found)) => error.outside(found),
        Err(_) => error.outside(progress),
    }
}

/// Changes the history in a transaction of its own.
fn write(
    run: &mut RunState<'_>,
    step: &PlannedStep<'_>,
    change: &HistoryWrite<'_>,
    doing: &'static str,
    progress: Option<Progress>,
) -> Result<(), Error> {
    run.locked(|run, _| {
        run.write(change, doing)?;
        commit(run, step, progress)
    })
}

/// Commits a change of the row. If the commit reports an error, the history
/// must show `progress`, or without one, no started migration.
fn commit(
    run: &RunState<'_>,
    step: &PlannedStep<'_>,
    progress: Option<Progress>,
) -> Result<(), Error> {
    run.commit(&step.label, &|history| match progress {
        Some(progress) => history.iter().any(|row| row.progress == Some(progress)),
        None => history.iter().all(|row| row.state == State::Applied),
    })
}
