//! Changing the history without running migrations: baselines, repairs, and the
//! adoption of another tool's history.

use super::server::Server;
use super::session::Session;
use super::transaction::{Commit, End, LockedTransaction, LockedUnit, locked};
use super::{history, no_transaction};
use crate::adoption::{matched, refuse_history};
use crate::error::{Error, Kind};
use crate::history_write::{HistoryWrite, Record};
use crate::migrator::Settings;
use crate::repair::{Baseline, Repair, Repaired, find, plan_repair, up_to};
use crate::{Adopted, BoxError, Postgres, Version};
use migrate_model::Migration;
use std::pin::Pin;
use tokio_postgres::{Client, Transaction};

/// Runs a unit in one transaction under the lock.
async fn once<U: LockedUnit>(
    client: &mut Client,
    settings: &Settings<Postgres>,
    unit: &mut U,
) -> Result<U::Value, Error> {
    let mut session = open(client, settings).await?;
    let done = locked(&mut session, unit).await;
    session.end().await;
    Ok(done?)
}

async fn open<'a>(
    client: &'a mut Client,
    settings: &'a Settings<Postgres>,
) -> Result<Session<'a>, Error> {
    let server = Server::of(client).await?;
    server.check_writable(0)?;
    Session::start(client, settings, server).await
}

pub(super) async fn baseline(
    client: &mut Client,
    settings: &Settings<Postgres>,
    version: Version,
) -> Result<Baseline, Error> {
    let migrations = up_to(settings, version)?;
    once(client, settings, &mut Baselining(migrations)).await
}

struct Baselining(Vec<&'static Migration>);

impl LockedUnit for Baselining {
    type Value = Baseline;

    async fn act(&mut self, locked: &mut LockedTransaction<'_>) -> Result<End<Baseline>, Error> {
        refuse_history("a baseline", &locked.history().await?)?;
        let table = &locked.state.settings.engine.table;
        history::create(locked.tx, table).await?;
        let record = Record {
            origin: Some("baseline"),
            ..Record::of_release(locked.state.settings)
        };
        for migration in &self.0 {
            let row = HistoryWrite::Insert(migration, record);
            locked.write(&row, "recording the baseline").await?;
        }
        let commit = Commit::of_history("baseline");
        Ok(End::Commit(commit, Baseline::of(&self.0)))
    }
}

/// The future that reads another tool's history.
pub(super) type Finding<'t> =
    Pin<Box<dyn Future<Output = Result<Vec<Adopted>, BoxError>> + Send + 't>>;

pub(super) async fn adopt(
    client: &mut Client,
    settings: &Settings<Postgres>,
    find: impl for<'t> Fn(&'t Transaction<'t>) -> Finding<'t> + Send + Sync,
) -> Result<Baseline, Error> {
    once(client, settings, &mut Adopting(find)).await
}

struct Adopting<F>(F);

impl<F: for<'t> Fn(&'t Transaction<'t>) -> Finding<'t> + Send + Sync> LockedUnit for Adopting<F> {
    type Value = Baseline;

    async fn act(&mut self, locked: &mut LockedTransaction<'_>) -> Result<End<Baseline>, Error> {
        const WHAT: &str = "an adoption";
        let table = &locked.state.settings.engine.table;
        // The other tool's table may have the name of ours until `find` renames
        // it.
        let is_taken = match locked.history().await {
            Err(error) if error.is_foreign_history() => true,
            history => {
                refuse_history(WHAT, &history?)?;
                false
            }
        };
        let adopted = (self.0)(locked.tx).await;
        let adopted = adopted.map_err(|error| Error::with_source(Kind::NotAdopted, error))?;
        if is_taken {
            refuse_history(WHAT, &locked.history().await?)?;
        }
        let migrations = matched(locked.state.settings.registry, &adopted)?;
        history::create(locked.tx, table).await?;
        for (migration, adopted) in migrations.iter().zip(&adopted) {
            let row = HistoryWrite::Insert(migration, Record::adopted(adopted));
            locked.write(&row, "recording the adoption").await?;
        }
        let commit = Commit::of_history("the adoption");
        Ok(End::Commit(commit, Baseline::of(&migrations)))
    }
}

pub(super) async fn repair(
    client: &mut Client,
    settings: &Settings<Postgres>,
    version: Version,
    repair: &Repair<'_>,
) -> Result<Repaired, Error> {
    repair.check_reason()?;
    if let Repair::Resume = repair {
        let mut session = open(client, settings).await?;
        let repaired = no_transaction::resume(&mut session, version).await;
        session.end().await;
        return repaired;
    }
    once(client, settings, &mut Repairing { version, repair }).await
}

struct Repairing<'a> {
    version: Version,
    repair: &'a Repair<'a>,
}

impl LockedUnit for Repairing<'_> {
    type Value = Repaired;

    async fn act(&mut self, locked: &mut LockedTransaction<'_>) -> Result<End<Repaired>, Error> {
        let settings = locked.state.settings;
        let history = locked.history().await?;
        let row = find(settings, &history, self.version)?;
        let (repaired, change) = plan_repair(settings, row, self.repair)?;
        locked.write(&change, "repairing the history").await?;
        Ok(End::Commit(
            Commit::of_history(repaired.label.clone()),
            repaired,
        ))
    }
}
