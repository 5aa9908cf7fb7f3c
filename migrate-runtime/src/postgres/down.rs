//! The way down: undoing what is applied, newest first.

use super::run::{Task, tell_ended};
use super::server::Server;
use super::session::Session;
use super::transaction::{Act, Closing, End, Within, locked};
use super::up::{self, check_place};
use super::work::{Done, Then, Trip, Work};
use super::{history, outside};
use crate::error::{Error, Kind};
use crate::migrator::{Settings, Transactions};
use crate::script::Sql;
use crate::steps::{applied, known, pending, plan_down, undone};
use crate::task::Body;
use crate::{Direction, Postgres, Report};
use migrate_model::Version;
use migrate_model::history::Row;
use migrate_model::plan::{Down, DownScript, Obstacle, Undo};
use migrate_scan::postgres::{Head, scan};
use std::sync::{Mutex, PoisonError};
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
    let trip = Downwards {
        down,
        decided: Mutex::default(),
    };
    work.run(client, &trip).await
}

/// What is to be undone is decided once, under the first lock. After that,
/// whatever a sibling has undone meanwhile is no longer there to be undone, and
/// what it has applied is in the way.
struct Downwards<'a> {
    down: &'a Down,
    decided: Mutex<Option<Vec<Version>>>,
}

impl Trip for Downwards<'_> {
    async fn run(&self, client: &mut Client, work: &mut Work<'_>) -> Result<(), Error> {
        let settings = work.settings;
        let history = history::read(&*client, &settings.own.table).await?;
        work.settle(&history, false);
        let mut undos = Vec::new();
        if self.decided().is_none() && !history.iter().any(Row::is_started) {
            undos = plan_down(settings, &history, self.down)?;
            if undos.is_empty() {
                return Ok(());
            }
        }
        let server = Server::of(client).await?;
        check_complete(settings, &server, &undos)?;
        server.check_writable(undos.len())?;
        work.begin(undos.len());
        let mut session = Session::start(client, settings, server).await?;
        let result = self.under_the_lock(&mut session, work).await;
        session.end().await;
        result
    }
}

impl Downwards<'_> {
    fn decided(&self) -> Option<Vec<Version>> {
        let decided = self.decided.lock();
        decided.unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn under_the_lock(
        &self,
        session: &mut Session<'_>,
        work: &mut Work<'_>,
    ) -> Result<(), Error> {
        let settings = work.settings;
        if settings.transactions == Transactions::All {
            let done = locked(session, &Together(self.down)).await;
            return work.take(done).map_err(Error::whole).map(drop);
        }
        let history = history::read(&*session.client, &settings.own.table).await?;
        work.settle(&history, true);
        let versions = match self.decided() {
            Some(versions) => versions,
            None => {
                let undos = plan_down(settings, &history, self.down)?;
                check_complete(settings, &session.hold.server, &undos)?;
                let versions: Vec<Version> = undos.iter().map(|undo| undo.version).collect();
                let mut decided = self.decided.lock().unwrap_or_else(PoisonError::into_inner);
                *decided = Some(versions.clone());
                versions
            }
        };
        for version in versions {
            let done = locked(session, &One(version)).await;
            if let Then::Down(undo) = work.take(done)? {
                let done = outside::undo(session, &undo).await?;
                work.take(Ok(done))?;
            }
        }
        Ok(())
    }
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
    let function = settings.function(undo.version, Direction::Down);
    let task = Task::down(undo, settings.own.table.name(), scan, function)?;
    if let (Some(DownScript::Stored(_)), Body::Sql(sql)) = (undo.script(), &task.body) {
        check_stored(&undo.label, sql)?;
    }
    Ok(task)
}

/// What stands in the history may have been written by anybody, and no compiler
/// has seen it. Once the server has read a `COMMIT`, nothing is rolled back.
fn check_stored(label: &str, sql: &Sql<'_>) -> Result<(), Error> {
    let is_control = |text| Head::of(text).transaction_control().is_some();
    let Some(index) = sql.texts().position(is_control) else {
        return Ok(());
    };
    let what = match sql.in_transaction {
        true => {
            "transaction control would end the migration's transaction; remove it, the runner \
             begins and commits"
        }
        false => {
            "transaction control in a migration without a transaction; remove it, each statement \
             is recorded when it has ended"
        }
    };
    Err(sql.refused(label, index, what.to_owned()).into())
}

/// One of those that are to be undone.
struct One(Version);

impl Act for One {
    type Value = Done;

    async fn act(&self, within: &Within<'_>) -> Result<End<Done>, Error> {
        let (settings, version) = (within.hold.settings, self.0);
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
}

/// All of them, in one transaction.
struct Together<'a>(&'a Down);

impl Act for Together<'_> {
    type Value = Done;

    async fn act(&self, within: &Within<'_>) -> Result<End<Done>, Error> {
        let settings = within.hold.settings;
        let undos = plan_down(settings, &within.history().await?, self.0)?;
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
    let work = Work::new(settings, Direction::Down, started);
    work.run(client, &Redo(undo.version)).await
}

/// A migration that is undone and applied again.
struct Redo(Version);

impl Trip for Redo {
    async fn run(&self, client: &mut Client, work: &mut Work<'_>) -> Result<(), Error> {
        let settings = work.settings;
        let server = Server::of(client).await?;
        server.check_writable(1)?;
        work.begin(1);
        let mut session = Session::start(client, settings, server).await?;
        let result = self.under_the_lock(&mut session, work).await;
        session.end().await;
        result
    }
}

impl Redo {
    async fn under_the_lock(
        &self,
        session: &mut Session<'_>,
        work: &mut Work<'_>,
    ) -> Result<(), Error> {
        let history = history::read(&*session.client, &work.settings.own.table).await?;
        work.settle(&history, true);
        if !work.report.is_empty() {
            // The commit of before the connection was lost took effect.
            return Ok(());
        }
        let done = locked(session, self).await;
        work.take(done).map_err(Error::redone).map(drop)
    }
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
    settings.allows_foreign_history = true;
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

impl Act for Redo {
    type Value = Done;

    async fn act(&self, within: &Within<'_>) -> Result<End<Done>, Error> {
        let (settings, version) = (within.hold.settings, self.0);
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
}
