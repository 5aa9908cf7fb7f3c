//! Writing the history by hand: where it begins, where it is mended, and where
//! another tool's is taken over.

use super::cause::failed;
use super::run::{Body, Closing, End, Task, Within, locked, record_of_release};
use super::server::Server;
use super::session::Session;
use super::{history, outside};
use crate::adoption::{matched, refuse_history};
use crate::error::{Error, Kind};
use crate::migrator::Settings;
use crate::repair::{Baseline, Change, Repair, Repaired, find, mended, nothing, up_to};
use crate::script::Sql;
use crate::{Adopted, BoxError, Direction, Postgres, Version};
use migrate_core::history::{Row, State};
use migrate_core::plan::DownScript;
use migrate_core::postgres::scan;
use tokio_postgres::{Client, Transaction};

/// Calls `act` on a connection that has the lock.
async fn with_session<T>(
    client: &mut Client,
    settings: &Settings<Postgres>,
    act: impl AsyncFnOnce(&mut Session<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let server = Server::of(client).await?;
    server.check_writable(0)?;
    let mut session = Session::start(client, settings, server).await?;
    let result = act(&mut session).await;
    session.end().await;
    result
}

/// Records the migrations up to a version without running them.
pub(super) async fn baseline(
    client: &mut Client,
    settings: &Settings<Postgres>,
    version: Version,
) -> Result<Baseline, Error> {
    let migrations = up_to(settings, version)?;
    with_session(client, settings, async |session| {
        let recorded = locked(session, async |within| {
            refuse_history("a baseline", &within.history().await?)?;
            let table = &settings.own.table;
            history::create(within.tx, table).await?;
            let record = history::Record {
                origin: Some("baseline"),
                ..record_of_release(within.hold)
            };
            for migration in &migrations {
                let inserted = history::insert(within.tx, table, migration, &record).await;
                inserted.map_err(failed("recording the baseline"))?;
            }
            Ok(End::Commit(Closing::quiet("baseline"), ()))
        });
        recorded.await.map_err(|failure| failure.error)
    })
    .await?;
    Ok(Baseline {
        labels: migrations.iter().map(|migration| migration.label).collect(),
    })
}

/// Records what another tool has applied.
pub(super) async fn adopt(
    client: &mut Client,
    settings: &Settings<Postgres>,
    find: impl AsyncFn(&Transaction<'_>) -> Result<Vec<Adopted>, BoxError>,
) -> Result<Baseline, Error> {
    let labels = with_session(client, settings, async |session| {
        let adopted = locked(session, async |within| adopt_in(within, &find).await);
        adopted.await.map_err(|failure| failure.error)
    })
    .await?;
    Ok(Baseline { labels })
}

async fn adopt_in(
    within: &Within<'_, '_>,
    find: &impl AsyncFn(&Transaction<'_>) -> Result<Vec<Adopted>, BoxError>,
) -> Result<End<Vec<&'static str>>, Error> {
    const WHAT: &str = "an adoption";
    let table = &within.hold.settings.own.table;
    // Where ours is to be, the other tool's table may be, until it is called
    // otherwise.
    let is_taken = match within.history().await {
        Err(error) if error.is_foreign() => true,
        history => {
            refuse_history(WHAT, &history?)?;
            false
        }
    };
    let adopted = find(within.tx).await;
    let adopted = adopted.map_err(|error| Error::with_source(Kind::NotAdopted, error))?;
    if is_taken {
        refuse_history(WHAT, &within.history().await?)?;
    }
    let migrations = matched(within.hold.settings.registry, &adopted)?;
    history::create(within.tx, table).await?;
    for (migration, adopted) in migrations.iter().zip(&adopted) {
        let record = history::Record {
            execution_ms: adopted.execution_ms,
            origin: Some(&adopted.origin),
            applied_at: adopted.applied_at.as_deref(),
            note: adopted.note.as_deref(),
            ..history::Record::default()
        };
        let inserted = history::insert(within.tx, table, migration, &record).await;
        inserted.map_err(failed("recording what is adopted"))?;
    }
    let labels = migrations.iter().map(|migration| migration.label).collect();
    Ok(End::Commit(Closing::quiet("the adoption"), labels))
}

/// Mends one row.
pub(super) async fn repair(
    client: &mut Client,
    settings: &Settings<Postgres>,
    version: Version,
    repair: &Repair<'_>,
) -> Result<Repaired, Error> {
    repair.check_reason()?;
    with_session(client, settings, async |session| match repair {
        Repair::Resume => resume(session, version).await,
        _ => {
            let mended = locked(session, async |within| mend(within, version, repair).await);
            mended.await.map_err(|failure| failure.error)
        }
    })
    .await
}

async fn mend(
    within: &Within<'_, '_>,
    version: Version,
    repair: &Repair<'_>,
) -> Result<End<Repaired>, Error> {
    let (tx, settings) = (within.tx, within.hold.settings);
    let table = &settings.own.table;
    let history = within.history().await?;
    let row = find(settings, &history, version)?;
    let (repaired, change) = mended(settings, row, repair)?;
    match change {
        Change::Restamp(migration, note) => history::restamp(tx, table, migration, &note).await,
        Change::Reopen(note) => match history::reopen(tx, table, version).await {
            Ok(()) => history::annotate(tx, table, version, &note).await,
            Err(error) => Err(error),
        },
        Change::Delete => history::delete(tx, table, version).await,
    }
    .map_err(failed("repairing the history"))?;
    Ok(End::Commit(
        Closing::quiet(repaired.label.clone()),
        repaired,
    ))
}

async fn resume(session: &mut Session<'_>, version: Version) -> Result<Repaired, Error> {
    let settings = session.hold.settings;
    let history = history::read(&*session.client, &settings.own.table).await?;
    let row: &Row = find(settings, &history, version)?;
    let (State::Started, Some(progress)) = (row.state, row.progress) else {
        return Err(nothing(row));
    };
    let registered = settings.registry.get(version);
    let known = registered.filter(|migration| migration.name == row.name);
    let sql = match progress.direction {
        Direction::Up => known.map(|migration| Sql::embedded(&migration.up)),
        Direction::Down => DownScript::of(row, registered)
            .map(|down| Sql::down(down, row, settings.own.table.name(), scan)),
    };
    let sql = sql.ok_or_else(|| {
        let label = row.label();
        Kind::NotKnown { label }
    })?;
    let label = known.map_or_else(|| row.label(), |known| known.label.to_owned());
    let task = Task {
        version,
        label: &label,
        direction: progress.direction,
        body: Body::Sql(sql),
        recorded: known.filter(|_| progress.direction == Direction::Up),
    };
    outside::resume(session, &task, version).await?;
    let new = task
        .recorded
        .map(|migration| migration.checksum.to_string());
    Ok(Repaired {
        version,
        label: label.clone(),
        old: row.checksum.clone(),
        new,
        what: "resumed and ended",
    })
}
