//! The way up: what is pending, until nothing is.

use super::claim::{at_work, is_at_work};
use super::lock::{Deadline, Failure};
use super::observed::Start;
use super::run::{FOR_A_READ, FOR_THE_LOCK, Run, Task};
use super::{failed, foreign_history, history, outside};
use crate::error::{Error, Kind};
use crate::migrator::{Settings, Transactions};
use crate::steps::{applied, no_function, pending};
use crate::{Applied, Direction, Report};
use migrate_model::Migration;
use migrate_model::history::Row;
use migrate_sqlite::compat;
use rusqlite::{Connection, Transaction};
use std::time::Instant;

/// Applies what is pending. The caller has found that something may be.
pub(super) fn up(
    conn: &mut Connection,
    settings: &Settings,
    started: Instant,
) -> Result<Report, Error> {
    let first = Deadline::starting(started, settings);
    let history = settled_history(conn, settings, &first)?;
    let pending = pending(settings, &history)?;
    if pending.is_empty() {
        return Ok(Report::default());
    }
    if history.is_empty() && !settings.allows_foreign_history {
        refuse_foreign_history(conn, &first)?;
    }
    check_complete(settings, &pending)?;
    let start = Start {
        settings,
        direction: Direction::Up,
        count: pending.len(),
        started,
        first,
    };
    start.run(conn, |run, report| match settings.transactions {
        Transactions::Each => each(run, first, report),
        Transactions::All => {
            report.applied =
                run.locked(&first, |tx| together(run, tx, &first).map_err(Error::whole))?;
            Ok(())
        }
    })
}

/// The history as it is without a lock; unless it holds a migration that has
/// been started and has not ended: another process may be at work, and only who
/// has the lock knows that none is.
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
        let _ = super::session::roll_back(conn);
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

pub(super) fn check_writable(conn: &Connection, pending: usize) -> Result<(), Error> {
    let is_readonly =
        compat::is_readonly(conn).map_err(failed("asking whether it is read-only"))?;
    match is_readonly {
        true => Err(Kind::ReadOnly { pending }.into()),
        false => Ok(()),
    }
}

/// Whether all that is pending can run at all, before anything does.
pub(super) fn check_complete(
    settings: &Settings,
    pending: &[&'static Migration],
) -> Result<(), Error> {
    for migration in pending {
        if migration.up.is_rust()
            && settings
                .function(migration.version, Direction::Up)
                .is_none()
        {
            return Err(no_function(migration.label, &migration.up).into());
        }
        if settings.transactions == Transactions::All && !migration.up.in_transaction() {
            return Err(Kind::NotTogether {
                label: migration.label.to_owned(),
            }
            .into());
        }
    }
    Ok(())
}

/// What a migration does on the way up.
pub(super) fn task<'a>(
    settings: &'a Settings,
    migration: &'static Migration,
) -> Result<Task<'a>, Error> {
    let function = settings.function(migration.version, Direction::Up);
    Task::up(migration, function)
}

/// What became of the first pending migration.
enum Next {
    /// It is applied.
    Applied(Applied),
    /// It runs without a transaction.
    Outside(&'static Migration),
    /// There is none: a sibling may have been faster.
    None,
}

fn each(run: &Run<'_>, first: Deadline<'_>, report: &mut Report) -> Result<(), Error> {
    let mut deadline = first;
    let mut found_done = None;
    loop {
        match run.locked(&deadline, |tx| next(run, tx, &deadline))? {
            Next::Applied(applied) => report.applied.push(applied),
            // Another connection has found it done, and this one has not.
            Next::Outside(migration) if found_done == Some(migration.version) => {
                let label = migration.label.to_owned();
                return Err(Kind::Moved { label }.into());
            }
            Next::Outside(migration) => match outside::apply(run, migration, &deadline)? {
                Some(applied) => report.applied.push(applied),
                None => found_done = Some(migration.version),
            },
            Next::None => return Ok(()),
        }
        deadline = deadline.anew();
    }
}

fn next(run: &Run<'_>, tx: &Transaction<'_>, deadline: &Deadline<'_>) -> Result<Next, Error> {
    let history = run.history(deadline)?;
    let Some(&migration) = pending(run.settings, &history)?.first() else {
        return Ok(Next::None);
    };
    if !migration.up.in_transaction() {
        return Ok(Next::Outside(migration));
    }
    run.may_begin(migration.label)?;
    let task = task(run.settings, migration)?;
    let performed = run.perform(tx, &task, deadline)?;
    let applied = applied(migration, performed.duration);
    run.finish(&task, performed)?;
    Ok(Next::Applied(applied))
}

/// All that is pending, in one transaction that somebody else begins, and this
/// ends.
fn together(
    run: &Run<'_>,
    tx: &Transaction<'_>,
    deadline: &Deadline<'_>,
) -> Result<Vec<Applied>, Error> {
    let (done, last) = perform_all(run, tx, deadline)?;
    if let Some((task, performed)) = last {
        run.finish(&task, performed)?;
    }
    Ok(done)
}

/// The last migration of several, which waits for the commit.
type Last<'a> = Option<(Task<'a>, super::run::Performed)>;

/// Performs all that is pending, and commits nothing.
pub(super) fn perform_all<'a>(
    run: &Run<'a>,
    tx: &Transaction<'_>,
    deadline: &Deadline<'_>,
) -> Result<(Vec<Applied>, Last<'a>), Error> {
    let history = run.history(deadline)?;
    let pending = pending(run.settings, &history)?;
    let mut done = Vec::new();
    let mut last: Last<'a> = None;
    for migration in pending {
        run.may_begin(migration.label)?;
        if let Some((task, performed)) = last.take() {
            run.tell_ended(&task, performed.duration, None);
            run.keep(performed, deadline);
        }
        let task = task(run.settings, migration)?;
        let performed = run.perform(tx, &task, deadline)?;
        done.push(applied(migration, performed.duration));
        last = Some((task, performed));
    }
    Ok((done, last))
}
