//! The way up: what is pending, until nothing is.

use super::run::{Task, tell_ended};
use super::server::Server;
use super::session::Session;
use super::transaction::{Act, Closing, End, Within, locked};
use super::work::{Done, Then, Trip, Work};
use super::{foreign_history, history, outside};
use crate::error::{Error, Kind, PostgresKind};
use crate::migrator::{Settings, Transactions};
use crate::postgres::Lock;
use crate::script::Sql;
use crate::steps::{applied, no_function, pending};
use crate::{Direction, Postgres, Report};
use migrate_model::Migration;
use migrate_model::history::Row;
use migrate_scan::postgres;
use std::time::Instant;
use tokio_postgres::Client;

/// Applies what is pending. The caller has found that something may be.
pub(super) async fn up(
    client: &mut Client,
    settings: &Settings<Postgres>,
    started: Instant,
) -> Result<Report, Error> {
    let work = Work::new(settings, Direction::Up, started);
    work.run(client, &Upwards).await
}

struct Upwards;

impl Trip for Upwards {
    async fn run(&self, client: &mut Client, work: &mut Work<'_>) -> Result<(), Error> {
        let settings = work.settings;
        let history = history::read(&*client, &settings.own.table).await?;
        work.settle(&history, false);
        let mut count = 0;
        // Another process may be at work; only who has the lock knows that none
        // is.
        if !history.iter().any(Row::is_started) {
            let pending = pending(settings, &history)?;
            if pending.is_empty() {
                return Ok(());
            }
            count = pending.len();
            if history.is_empty() && !settings.allows_foreign_history {
                foreign_history::refuse(client, settings.own.table.schema()).await?;
            }
        }
        let server = Server::of(client).await?;
        server.check_writable(count)?;
        work.begin(count);
        let mut session = Session::start(client, settings, server).await?;
        let result = under_the_lock(&mut session, work).await;
        session.end().await;
        result
    }
}

async fn under_the_lock(session: &mut Session<'_>, work: &mut Work<'_>) -> Result<(), Error> {
    let settings = work.settings;
    let history = history::read(&*session.client, &settings.own.table).await?;
    // A lock of the transaction nobody has yet.
    work.settle(&history, settings.own.lock != Lock::Transaction);
    check_complete(
        settings,
        &session.hold.server,
        &pending(settings, &history)?,
    )?;
    match settings.transactions {
        Transactions::Each => each(session, work).await,
        Transactions::All => {
            let done = locked(session, &Together).await;
            work.take(done).map_err(Error::whole).map(drop)
        }
    }
}

/// Whether all that is pending can run at all, before anything does.
pub(super) fn check_complete(
    settings: &Settings<Postgres>,
    server: &Server,
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
        let sql = Sql::embedded(&migration.up);
        check_place(settings, server, migration.label, &sql)?;
    }
    Ok(())
}

/// Whether a script can run the way that this run takes.
pub(super) fn check_place(
    settings: &Settings<Postgres>,
    server: &Server,
    label: &str,
    sql: &Sql<'_>,
) -> Result<(), Error> {
    let label = || label.to_owned();
    if !sql.in_transaction && settings.transactions == Transactions::All {
        return Err(Kind::NotTogether { label: label() }.into());
    }
    if !sql.in_transaction && settings.own.lock != Lock::Session {
        return Err(PostgresKind::NotPooled { label: label() }.into());
    }
    let changes = sql.texts().filter(|text| changes_schema(text)).count();
    if !server.has_transactional_ddl() && changes > 0 && sql.statements.len() > 1 {
        return Err(PostgresKind::SeveralChanges {
            label: label(),
            server: server.shown().to_owned(),
        }
        .into());
    }
    Ok(())
}

fn changes_schema(statement: &str) -> bool {
    let head = postgres::Head::of(statement);
    matches!(
        head.word(0),
        "ALTER" | "COMMENT" | "CREATE" | "DROP" | "GRANT" | "REINDEX" | "REVOKE" | "TRUNCATE"
    )
}

/// What a migration does on the way up.
pub(super) fn task<'a>(
    settings: &'a Settings<Postgres>,
    migration: &'static Migration,
) -> Result<Task<'a>, Error> {
    let function = settings.function(migration.version, Direction::Up);
    Task::up(migration, function)
}

async fn each(session: &mut Session<'_>, work: &mut Work<'_>) -> Result<(), Error> {
    loop {
        let done = locked(session, &Next).await;
        match work.take(done)? {
            Then::Up(migration) => {
                let done = outside::apply(session, migration).await?;
                work.take(Ok(done))?;
            }
            Then::Again => {}
            Then::End | Then::Down(_) => return Ok(()),
        }
    }
}

/// The first one that is pending.
struct Next;

impl Act for Next {
    type Value = Done;

    async fn act(&self, within: &Within<'_>) -> Result<End<Done>, Error> {
        let settings = within.hold.settings;
        let history = within.history().await?;
        let Some(&migration) = pending(settings, &history)?.first() else {
            return Ok(End::RollBack(Done::default()));
        };
        if !migration.up.in_transaction() {
            return Ok(End::RollBack(Done {
                then: Then::Up(migration),
                ..Done::default()
            }));
        }
        within.may_begin(migration.label)?;
        let task = task(settings, migration)?;
        let duration = within.perform(&task, true).await?;
        let done = Done {
            applied: vec![applied(migration, duration)],
            then: Then::Again,
            ..Done::default()
        };
        Ok(End::Commit(Closing::of(&task, duration), done))
    }
}

/// All that is pending, in one transaction.
struct Together;

impl Act for Together {
    type Value = Done;

    async fn act(&self, within: &Within<'_>) -> Result<End<Done>, Error> {
        let settings = within.hold.settings;
        let history = within.history().await?;
        let pending = pending(settings, &history)?;
        let mut done = Done::default();
        let mut closing = None;
        for (i, migration) in pending.iter().enumerate() {
            within.may_begin(migration.label)?;
            let task = task(settings, migration)?;
            let is_last = i + 1 == pending.len();
            let duration = within.perform(&task, is_last).await?;
            done.applied.push(applied(migration, duration));
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
