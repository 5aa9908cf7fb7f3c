//! Writing the history by hand: where it begins, where it is mended, and where
//! another tool's is taken over.

use super::cause::failed;
use super::run::Task;
use super::server::Server;
use super::session::Session;
use super::transaction::{Act, Closing, End, Within, locked};
use super::{history, outside};
use crate::adoption::{matched, refuse_history};
use crate::error::{Error, Kind};
use crate::history_write::{HistoryWrite, Record};
use crate::migrator::Settings;
use crate::repair::{Baseline, Repair, Repaired, find, mended, nothing, up_to};
use crate::task::label;
use crate::{Adopted, BoxError, Postgres, Version};
use migrate_model::Migration;
use migrate_model::history::{Row, State};
use migrate_scan::postgres::scan;
use std::pin::Pin;
use tokio_postgres::{Client, Transaction};

/// Does something in one transaction that has the lock.
async fn once<A: Act>(
    client: &mut Client,
    settings: &Settings<Postgres>,
    act: &A,
) -> Result<A::Value, Error> {
    let mut session = open(client, settings).await?;
    let done = locked(&mut session, act).await;
    session.end().await;
    done.map_err(|failure| failure.error)
}

async fn open<'a>(
    client: &'a mut Client,
    settings: &'a Settings<Postgres>,
) -> Result<Session<'a>, Error> {
    let server = Server::of(client).await?;
    server.check_writable(0)?;
    Session::start(client, settings, server).await
}

/// Records the migrations up to a version without running them.
pub(super) async fn baseline(
    client: &mut Client,
    settings: &Settings<Postgres>,
    version: Version,
) -> Result<Baseline, Error> {
    let migrations = up_to(settings, version)?;
    let labels = once(client, settings, &Beginning(migrations)).await?;
    Ok(Baseline { labels })
}

struct Beginning(Vec<&'static Migration>);

impl Act for Beginning {
    type Value = Vec<&'static str>;

    async fn act(&self, within: &Within<'_>) -> Result<End<Vec<&'static str>>, Error> {
        refuse_history("a baseline", &within.history().await?)?;
        let table = &within.hold.settings.own.table;
        history::create(within.tx, table).await?;
        let record = Record {
            origin: Some("baseline"),
            ..Record::of_release(within.hold.settings)
        };
        for migration in &self.0 {
            let row = HistoryWrite::Insert(migration, record);
            let inserted = history::write(within.tx, table, &row).await;
            inserted.map_err(failed("recording the baseline"))?;
        }
        let labels = self.0.iter().map(|migration| migration.label).collect();
        Ok(End::Commit(Closing::quiet("baseline"), labels))
    }
}

/// What reads another tool's history.
pub(super) type Finding<'t> =
    Pin<Box<dyn Future<Output = Result<Vec<Adopted>, BoxError>> + Send + 't>>;

/// Records what another tool has applied.
pub(super) async fn adopt(
    client: &mut Client,
    settings: &Settings<Postgres>,
    find: impl for<'t> Fn(&'t Transaction<'t>) -> Finding<'t> + Send + Sync,
) -> Result<Baseline, Error> {
    let labels = once(client, settings, &Adopting(find)).await?;
    Ok(Baseline { labels })
}

struct Adopting<F>(F);

impl<F: for<'t> Fn(&'t Transaction<'t>) -> Finding<'t> + Send + Sync> Act for Adopting<F> {
    type Value = Vec<&'static str>;

    async fn act(&self, within: &Within<'_>) -> Result<End<Vec<&'static str>>, Error> {
        const WHAT: &str = "an adoption";
        let table = &within.hold.settings.own.table;
        // Where ours is to be, the other tool's table may be, until it is called
        // otherwise.
        let is_taken = match within.history().await {
            Err(error) if error.is_foreign_history() => true,
            history => {
                refuse_history(WHAT, &history?)?;
                false
            }
        };
        let adopted = (self.0)(within.tx).await;
        let adopted = adopted.map_err(|error| Error::with_source(Kind::NotAdopted, error))?;
        if is_taken {
            refuse_history(WHAT, &within.history().await?)?;
        }
        let migrations = matched(within.hold.settings.registry, &adopted)?;
        history::create(within.tx, table).await?;
        for (migration, adopted) in migrations.iter().zip(&adopted) {
            let row = HistoryWrite::Insert(migration, Record::adopted(adopted));
            let inserted = history::write(within.tx, table, &row).await;
            inserted.map_err(failed("recording what is adopted"))?;
        }
        let labels = migrations.iter().map(|migration| migration.label).collect();
        Ok(End::Commit(Closing::quiet("the adoption"), labels))
    }
}

/// Mends one row.
pub(super) async fn repair(
    client: &mut Client,
    settings: &Settings<Postgres>,
    version: Version,
    repair: &Repair<'_>,
) -> Result<Repaired, Error> {
    repair.check_reason()?;
    if let Repair::Resume = repair {
        let mut session = open(client, settings).await?;
        let repaired = resume(&mut session, version).await;
        session.end().await;
        return repaired;
    }
    once(client, settings, &Mending { version, repair }).await
}

struct Mending<'a> {
    version: Version,
    repair: &'a Repair<'a>,
}

impl Act for Mending<'_> {
    type Value = Repaired;

    async fn act(&self, within: &Within<'_>) -> Result<End<Repaired>, Error> {
        let (tx, settings) = (within.tx, within.hold.settings);
        let table = &settings.own.table;
        let history = within.history().await?;
        let row = find(settings, &history, self.version)?;
        let (repaired, change) = mended(settings, row, self.repair)?;
        let written = history::write(tx, table, &change).await;
        written.map_err(failed("repairing the history"))?;
        Ok(End::Commit(
            Closing::quiet(repaired.label.clone()),
            repaired,
        ))
    }
}

async fn resume(session: &mut Session<'_>, version: Version) -> Result<Repaired, Error> {
    let settings = session.hold.settings;
    let history = history::read(&*session.client, &settings.own.table).await?;
    let row: &Row = find(settings, &history, version)?;
    let (State::Started, Some(progress)) = (row.state, row.progress) else {
        return Err(nothing(row));
    };
    let (label, table) = (label(settings, row), settings.own.table.name());
    let task = Task::resumed(settings, row, progress, &label, table, scan)?;
    outside::resume(session, &task, version).await?;
    Ok(task.repaired(row))
}
