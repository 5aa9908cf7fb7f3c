//! Adopts PostgreSQL databases that other tools have migrated. Needs the feature
//! `postgres`.
//!
//! The functions are those of the crate root, for a tokio-postgres client:
//!
//! ```no_run
//! use migrate_adopt::{Options, Tool, postgres};
//! use migrate_runtime::postgres::Connector;
//! use migrate_runtime::{Migrator, Postgres, Version};
//!
//! # async fn example(
//! #     migrator: Migrator<Version, Postgres>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! let connector = Connector::parse("postgres://localhost/orders")?;
//! let mut client = connector.connect().await?;
//! let migrator = migrator.connector(connector);
//! assert_eq!(postgres::detect(&client, &[]).await?, [Tool::Sqlx]);
//! let options = Options::default();
//! let adoption = postgres::adopt(&migrator, &mut client, Tool::Sqlx, &options).await?;
//! println!("{adoption}");
//! migrator.up(&mut client).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Where the table is searched
//!
//! The table is searched in the schemas of [`Migrator::search_path`], or else in
//! those of the connection, and then in the schema of our own history.
//! [`Options::table`] can name another one: `tools.refinery_schema_history`.
//!
//! # Locks
//!
//! Our lock is held as in every run. While it is held, the advisory lock of the
//! old tool is acquired too, to wait for a program that still migrates with that
//! tool: sqlx, golang-migrate and flyway have such a lock, and goose if it is
//! configured. The lock is polled, so no statement blocks in the server.
//! refinery, diesel and sea-orm have no lock, and neither has dbmate, as far as
//! is known.
//!
//! # The schema
//!
//! The schema is compared as on SQLite, unless [`Options::verify`] excludes it:
//! before our lock is acquired, the migrations are replayed in a scratch database
//! on the same server. That needs a [`Migrator::connector`], and a role with the
//! privilege `CREATEDB`. Under the lock, the old history is read again and must
//! not have changed.
//!
//! # Times
//!
//! A time without an offset is read in the time zone of the connection, in which
//! the server writes `now()`.

mod compare;
mod lock;
mod place;
mod read;

pub use read::{applied, detect, histories};

use crate::adoption::draft::{self, AdoptionResult, Draft};
use crate::adoption::leftover::tools_of;
use crate::error::{Error, Kind};
use crate::{Adoption, Options, Tool};
use compare::Compared;
use migrate_model::Migration;
use migrate_runtime::__private::postgres::PostgresError;
use migrate_runtime::{Adopted, BoxError, Migrator, Postgres};
use migrate_scan::sqlite::quote;
use place::Place;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_postgres::{Client, GenericClient, Transaction};

/// The input of an adoption. It is owned, because the transaction that uses it
/// may outlive the caller's borrows.
struct Ask {
    tool: Tool,
    options: Options,
    migrations: &'static [Migration],
    place: Place,
    patience: Duration,
}

impl Ask {
    fn new<M>(migrator: &Migrator<M, Postgres>, tool: Tool, options: &Options) -> Ask {
        Ask {
            tool,
            options: options.clone(),
            migrations: migrator.registry().migrations(),
            place: Place::of(migrator),
            patience: migrator.get_lock_timeout(),
        }
    }
}

/// Shows what [`adopt`] would do. Nothing is written, and no lock is acquired.
///
/// # Errors
///
/// As [`adopt`], as far as it can be known without the lock.
pub async fn plan_adoption<M>(
    migrator: &Migrator<M, Postgres>,
    client: &Client,
    tool: Tool,
    options: &Options,
) -> Result<Adoption, Error> {
    let ask = Ask::new(migrator, tool, options);
    check_place(migrator, client, &ask).await?;
    let compared = compare::compare(migrator, client, &ask).await?;
    let (adoption, _) = compared.finish(&ask)?;
    Ok(adoption)
}

/// Records in our history what another tool has applied, in one transaction and
/// without running any migration. The tool's table is not changed, unless
/// [`Options::rename_to`] renames it.
///
/// # Errors
///
/// As [`adopt`](crate::adopt) on SQLite. Also fails if the old tool holds its
/// lock for longer than [`Migrator::lock_timeout`]. If the schema is compared,
/// fails without a [`Migrator::connector`], and if the role must not create
/// databases.
pub async fn adopt<M>(
    migrator: &Migrator<M, Postgres>,
    client: &mut Client,
    tool: Tool,
    options: &Options,
) -> Result<Adoption, Error> {
    let ask = Arc::new(Ask::new(migrator, tool, options));
    let mut attempts = ATTEMPTS;
    loop {
        attempts -= 1;
        match attempt(migrator, client, &ask).await {
            Err(error) if error.is_changed() && attempts > 0 => {}
            outcome => return outcome,
        }
    }
}

/// How often the comparison is repeated if the history changes meanwhile.
const ATTEMPTS: u32 = 3;

async fn attempt<M>(
    migrator: &Migrator<M, Postgres>,
    client: &mut Client,
    ask: &Arc<Ask>,
) -> Result<Adoption, Error> {
    check_place(migrator, client, ask).await?;
    // Everything that can be refused without the lock is refused first, and
    // no other process waits for us while the migrations are replayed.
    let compared = compare::compare(migrator, &*client, ask).await?;
    compared.clone().finish(ask)?;
    // The runtime may call this several times, and the last result counts.
    let found = Slot::default();
    let find = finder(Arc::clone(ask), Arc::new(compared), Arc::clone(&found));
    let written = migrator.adopt(client, find).await;
    let found = found.lock().unwrap_or_else(PoisonError::into_inner).take();
    draft::outcome(ask.tool, written, found)
}

type Slot = Arc<Mutex<Option<Result<Adoption, Error>>>>;

type Finding<'t> = Pin<Box<dyn Future<Output = Result<Vec<Adopted>, BoxError>> + Send + 't>>;

/// The closure that reads the old history in the transaction that writes ours.
/// A function creates it, so that a future that holds it is `Send`.
fn finder(
    ask: Arc<Ask>,
    compared: Arc<Compared>,
    slot: Slot,
) -> impl for<'t> Fn(&'t Transaction<'t>) -> Finding<'t> + Send + Sync {
    move |tx| {
        let (ask, compared, slot) = (Arc::clone(&ask), Arc::clone(&compared), Arc::clone(&slot));
        Box::pin(async move {
            let (adoption, adopted) = draft::divided(find_locked(tx, &ask, &compared).await);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(adoption);
            adopted
        })
    }
}

/// Like [`adopt`], but only if there is something to adopt: for an application
/// that has switched to this family of crates, and starts both on databases that
/// the old tool has migrated and on new ones.
///
/// Returns `None` if the database already has a history of ours, or none of the
/// tool. If several processes start at once, one of them adopts, and the others
/// get `None`.
///
/// # Errors
///
/// As [`adopt`].
pub async fn adopt_if_needed<M>(
    migrator: &Migrator<M, Postgres>,
    client: &mut Client,
    tool: Tool,
    options: &Options,
) -> Result<Option<Adoption>, Error> {
    match adopt(migrator, client, tool, options).await {
        Ok(adoption) => Ok(Some(adoption)),
        Err(error) if error.is_missing() || error.is_adopted() => Ok(None),
        // If there is a history now, another process was faster.
        Err(error) => {
            let ask = Ask::new(migrator, tool, options);
            match check_place(migrator, client, &ask).await {
                Err(again) if again.is_adopted() => Ok(None),
                _ => Err(error),
            }
        }
    }
}

/// The history tables of the tools from which this history was adopted, and of
/// tools used before them. No migration creates these tables, and they need not
/// be dropped. Empty if nothing was adopted. Each name includes the schema.
///
/// # Errors
///
/// Fails if the history or the schemas cannot be read.
pub async fn left_behind<M>(
    migrator: &Migrator<M, Postgres>,
    client: &Client,
) -> Result<Vec<String>, Error> {
    let status = migrator.status(client).await.map_err(|error| {
        let table = migrator.get_history_table().to_owned();
        Error::with_source(Kind::Reading(table), error)
    })?;
    let tools = tools_of(&status);
    if tools.is_empty() {
        return Ok(Vec::new());
    }
    let place = Place::of(migrator);
    let left = read::leftover(client, &place, &tools).await?;
    Ok(left.iter().map(|(_, table)| table.shown()).collect())
}

/// Fails if there is a history of ours, or if its name is taken.
async fn check_place<M>(
    migrator: &Migrator<M, Postgres>,
    client: &Client,
    ask: &Ask,
) -> Result<(), Error> {
    let status = migrator.status(client).await;
    let is_foreign_history = status
        .as_ref()
        .is_err_and(migrate_runtime::Error::is_foreign_history);
    let is_of_tool = if is_foreign_history {
        let table = ask.options.table.as_deref().or(ask.tool.table());
        let found = match table {
            Some(table) => place::locate(client, &ask.place, ask.tool, table).await?,
            None => None,
        };
        found.is_some_and(|table| ask.place.is_ours(&table))
    } else {
        false
    };
    let what = (ask.tool, &ask.options);
    draft::check_place(status, what, &ask.place.ours(), is_of_tool)
}

async fn draft(client: &(impl GenericClient + Sync), ask: &Ask) -> Result<Draft, Error> {
    let (tool, options) = (ask.tool, &ask.options);
    let table = options.table.as_deref();
    let ours = ask.place.ours();
    let old = read::read(client, &ask.place, tool, table).await;
    let old = old.map_err(|error| error.with_our_table(&ours))?;
    Draft::new(tool, options, ask.migrations, old, &ours)
}

/// Reads the old history again in the transaction that writes ours, under the
/// locks, and renames the old table if requested.
async fn find_locked(tx: &Transaction<'_>, ask: &Ask, compared: &Compared) -> AdoptionResult {
    let named = ask.options.table.as_deref();
    let table = read::located(tx, &ask.place, ask.tool, named).await?;
    lock::take(tx, ask.tool, &table, ask.patience).await?;
    let found = compared.confirm(draft(tx, ask).await?, ask)?.finish(ask)?;
    if let Some(name) = &found.0.renamed_to {
        let sql = format!("ALTER TABLE {} RENAME TO {}", table.sql(), quote(name));
        tx.batch_execute(&sql).await.map_err(|error| {
            let (table, name) = (table.shown(), name.clone());
            Error::with_source(Kind::NotRenamed { table, name }, PostgresError(error))
        })?;
    }
    Ok(found)
}
