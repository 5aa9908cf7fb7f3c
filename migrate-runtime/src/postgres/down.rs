//! The way down: undoing what is applied, newest first.

use super::run::{Body, Closing, End, Task, Within, locked, tell_ended};
use super::server::Server;
use super::session::Session;
use super::up::{self, check_place};
use super::work::{Done, Then, Work};
use super::{history, outside};
use crate::error::{Error, Kind};
use crate::migrator::{Settings, Transactions};
use crate::script::Sql;
use crate::steps::{applied, known, no_function, not_known, pending, plan_down, undone};
use crate::{Direction, Postgres, Report};
use migrate_core::Version;
use migrate_core::history::Row;
use migrate_core::plan::{Down, DownScript, Obstacle, Undo};
use migrate_core::postgres::scan;
use std::time::Instant;
use tokio_postgres::Client;

/// Undoes migrations.
pub(super) async fn down(
    client: &mut Client,
    settings: &Settings<Postgres>,
    down: &Down,
    started: Instant,
) -> Result<Report, Error> {
    let work = Work::new(settings, Direction::Down, started);
    // What is to be undone is decided once, under the first lock. After that,
    // whatever a sibling has undone meanwhile is no longer there to be undone,
    // and what it has applied is in the way.
    let decided = std::sync::Mutex::new(None::<Vec<Version>>);
    work.run(client, async |client, work| {
        let history = history::read(&*client, &settings.own.table).await?;
        work.settle(&history, false);
        let undos = match history.iter().any(Row::is_started) {
            true => Vec::new(),
            false if is_decided(&decided) => Vec::new(),
            false => {
                let undos = plan_down(settings, &history, down)?;
                if undos.is_empty() {
                    return Ok(());
                }
                undos
            }
        };
        let server = Server::of(client).await?;
        check_complete(settings, &server, &undos)?;
        server.check_writable(undos.len())?;
        work.begin(undos.len());
        let mut session = Session::start(client, settings, server).await?;
        let result = under_the_lock(&mut session, work, down, &decided).await;
        session.end().await;
        result
    })
    .await
}

type Decided = std::sync::Mutex<Option<Vec<Version>>>;

fn is_decided(decided: &Decided) -> bool {
    let decided = decided.lock();
    decided.is_ok_and(|decided| decided.is_some())
}

async fn under_the_lock(
    session: &mut Session<'_>,
    work: &mut Work<'_>,
    down: &Down,
    decided: &Decided,
) -> Result<(), Error> {
    let settings = work.settings;
    if settings.transactions == Transactions::All {
        let done = locked(session, async |within| together(within, down).await).await;
        return work.take(done).map_err(Error::whole).map(drop);
    }
    let history = history::read(&*session.client, &settings.own.table).await?;
    work.settle(&history, true);
    let known = decided.lock().ok().and_then(|decided| decided.clone());
    let versions = match known {
        Some(versions) => versions,
        None => {
            let undos = plan_down(settings, &history, down)?;
            check_complete(settings, &session.hold.server, &undos)?;
            let versions: Vec<Version> = undos.iter().map(|undo| undo.version).collect();
            if let Ok(mut decided) = decided.lock() {
                *decided = Some(versions.clone());
            }
            versions
        }
    };
    for version in versions {
        let done = locked(session, async |within| one(within, version).await).await;
        if let Then::Down(undo) = work.take(done)? {
            let done = outside::undo(session, &undo).await?;
            work.take(Ok(done))?;
        }
    }
    Ok(())
}

/// Whether all that is to be undone can be, before anything is.
pub(super) fn check_complete(
    settings: &Settings<Postgres>,
    server: &Server,
    undos: &[Undo],
) -> Result<(), Error> {
    for undo in undos {
        if let Body::Sql(sql) = &task(settings, undo)?.body {
            check_place(settings, server, &undo.label, sql)?;
        }
    }
    Ok(())
}

/// What a migration does on the way down.
pub(super) fn task<'a>(
    settings: &'a Settings<Postgres>,
    undo: &'a Undo,
) -> Result<Task<'a>, Error> {
    let body = match undo.script() {
        Some(DownScript::Embedded(down)) if down.is_rust() => Body::Rust {
            function: settings
                .function(undo.version, Direction::Down)
                .ok_or_else(|| no_function(&undo.label, &down))?,
            path: down.path(),
        },
        Some(down) => Body::Sql(Sql::down(down, &undo.row, settings.own.table.name(), scan)),
        // Not reached: the planner has seen that there is one.
        None => return Err(not_known(undo).into()),
    };
    Ok(Task {
        version: undo.version,
        label: &undo.label,
        direction: Direction::Down,
        body,
        recorded: None,
    })
}

async fn one(within: &Within<'_, '_>, version: Version) -> Result<End<Done>, Error> {
    let settings = within.hold.settings;
    let history = within.history().await?;
    if history.iter().all(|row| row.version != version) {
        return Ok(End::RollBack(Done::default()));
    }
    let mut undos = plan_down(settings, &history, &Down::Only(version))?;
    let Some(undo) = undos.pop() else {
        return Ok(End::RollBack(Done::default()));
    };
    let task = task(settings, &undo)?;
    if task.outside().is_some() {
        let then = Then::Down(Box::new(undo.clone()));
        return Ok(End::RollBack(Done {
            then,
            ..Done::default()
        }));
    }
    within.may_begin(&undo.label)?;
    let duration = within.perform(&task, true).await?;
    let done = Done {
        undone: vec![undone(&undo, duration)],
        ..Done::default()
    };
    Ok(End::Commit(Closing::of(&task, duration), done))
}

/// All of them, in one transaction.
async fn together(within: &Within<'_, '_>, down: &Down) -> Result<End<Done>, Error> {
    let settings = within.hold.settings;
    let undos = plan_down(settings, &within.history().await?, down)?;
    check_complete(settings, &within.hold.server, &undos)?;
    let mut done = Done::default();
    let mut closing = None;
    for (i, undo) in undos.iter().enumerate() {
        within.may_begin(&undo.label)?;
        let task = task(settings, undo)?;
        let is_last = i + 1 == undos.len();
        let duration = within.perform(&task, is_last).await?;
        done.undone.push(undone(undo, duration));
        match is_last {
            true => closing = Some(Closing::of(&task, duration)),
            false => tell_ended(within.hold, &task, duration, None),
        }
    }
    Ok(match closing {
        Some(closing) => End::Commit(closing, done),
        None => End::RollBack(done),
    })
}

/// Undoes the newest migration and applies it as it is now: in one transaction,
/// so that nobody ever sees the database without it, unless one of the two runs
/// without. If its file was edited since, the down is that of the old text.
pub(super) async fn redo(
    client: &mut Client,
    settings: &Settings<Postgres>,
    started: Instant,
) -> Result<Report, Error> {
    let history = history::read(&*client, &settings.own.table).await?;
    let undos = plan_down(settings, &history, &Down::Steps(1))?;
    let Some(undo) = undos.first() else {
        return Ok(Report::default());
    };
    let migration = known(settings, undo)?;
    up::task(settings, migration)?;
    let is_outside = task(settings, undo)?.outside().is_some();
    if is_outside || !migration.up.in_transaction() {
        return in_two(client, settings, &history, undo, started).await;
    }
    let version = undo.version;
    let work = Work::new(settings, Direction::Down, started);
    work.run(client, async |client, work| {
        let history = history::read(&*client, &settings.own.table).await?;
        work.settle(&history, false);
        let server = Server::of(client).await?;
        server.check_writable(1)?;
        work.begin(1);
        let mut session = Session::start(client, settings, server).await?;
        let history = history::read(&*session.client, &settings.own.table).await;
        if let Ok(history) = &history {
            work.settle(history, true);
        }
        let result = match work.report.is_empty() {
            true => locked(&mut session, async |within| redo_in(within, version).await).await,
            // The commit of before the connection was lost took effect.
            false => Ok(Done::default()),
        };
        session.end().await;
        history?;
        work.take(result).map_err(Error::redone).map(drop)
    })
    .await
}

/// One run after the other, because a migration that has no transaction cannot
/// share one.
async fn in_two(
    client: &mut Client,
    settings: &Settings<Postgres>,
    history: &[Row],
    undo: &Undo,
    started: Instant,
) -> Result<Report, Error> {
    let mut settings = settings.clone();
    settings.plan = settings.plan.to(undo.version);
    settings.transactions = Transactions::Each;
    settings.ignores_others = true;
    // What would refuse the second run must do so before the first.
    let below: Vec<Row> = history
        .iter()
        .filter(|row| row.version != undo.version)
        .cloned()
        .collect();
    let again = pending(&settings, &below)?;
    let server = Server::of(client).await?;
    up::check_complete(&settings, &server, &again)?;
    let mut report = down(client, &settings, &Down::Only(undo.version), started).await?;
    // What was undone stays so, whatever becomes of the second run.
    let again = up::up(client, &settings, Instant::now()).await;
    let again =
        again.map_err(|error| error.on_the_way(Direction::Up).with_report(report.clone()))?;
    report.applied = again.applied;
    report.elapsed = started.elapsed();
    Ok(report)
}

async fn redo_in(within: &Within<'_, '_>, version: Version) -> Result<End<Done>, Error> {
    let settings = within.hold.settings;
    let history = within.history().await?;
    let undos = plan_down(settings, &history, &Down::Only(version))?;
    let Some(undo) = undos.first() else {
        let label = version.to_string();
        return Err(Kind::NoWayBack(Obstacle::NotApplied { label }).into());
    };
    let migration = known(settings, undo)?;
    within.may_begin(&undo.label)?;
    let down = task(settings, undo)?;
    let duration = within.perform(&down, false).await?;
    let undone = undone(undo, duration);
    tell_ended(within.hold, &down, duration, None);
    let up = up::task(settings, migration)?;
    let duration = within.perform(&up, true).await?;
    let done = Done {
        undone: vec![undone],
        applied: vec![applied(migration, duration)],
        before: Some(undo.row.clone()),
        then: Then::End,
    };
    Ok(End::Commit(Closing::of(&up, duration), done))
}
