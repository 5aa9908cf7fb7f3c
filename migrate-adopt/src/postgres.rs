//! Takes over databases that other tools have migrated on PostgreSQL. It needs the
//! feature `postgres`.
//!
//! The verbs are those of the crate's root, for a client of tokio-postgres:
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
//! # Where the table is looked for
//!
//! In the schemas that [`Migrator::search_path`] names, or else in those of the
//! connection, and then in that of our own history. [`Options::table`] can name
//! another one: `tools.refinery_schema_history`.
//!
//! # Locks
//!
//! Ours is held as in every run. Under it the advisory lock of the old tool is
//! taken too, where it has one, so that a program that still migrates with it is
//! waited for: that of sqlx, golang-migrate, flyway, and the one that goose has
//! if it is told so. It is asked for again and again, and never waited for
//! inside of the server. refinery, diesel and sea-orm take none, nor
//! does dbmate, as far as is known.
//!
//! # The schema
//!
//! It is compared as on SQLite, unless [`Options::verify`] says otherwise: before
//! our lock is taken, with what the migrations make in a scratch database on the
//! same server. [`Migrator::connector`] says how to get there, and the role needs
//! the right to make databases. Under the lock the old history is read once more,
//! and must be the same.
//!
//! # Times
//!
//! A time without an offset is taken for one in the time zone of the connection,
//! as the server writes its `now()`.

mod compare;
mod lock;
mod place;
mod read;

pub use read::{applied, detect, histories};

use crate::adoption::draft::{self, Draft};
use crate::adoption::left::tools_of;
use crate::error::{Error, Kind};
use crate::{Adoption, Options, Tool};
use compare::Compared;
use migrate_model::Migration;
use migrate_runtime::{Adopted, BoxError, Migrator, Postgres};
use migrate_scan::sqlite::quote;
use place::Place;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_postgres::{Client, GenericClient, Transaction};

/// What an adoption needs to know; it owns it, because the transaction in which
/// it is needed has a life of its own.
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
            patience: migrator.lock_patience(),
        }
    }
}

/// What [`adopt`] would do; nothing is written, and no lock is taken.
///
/// # Errors
///
/// As [`adopt`], for whatever can be known without the lock.
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
/// without running anything. The tool's table is left as it is, unless
/// [`Options::rename_to`] gives it another name.
///
/// # Errors
///
/// As [`adopt`](crate::adopt) on SQLite, and if the old tool holds its lock for
/// longer than [`Migrator::lock_deadline`] says. Where the schema is compared, it
/// fails without a [`Migrator::connector`], and if the role may not make a
/// database.
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

/// How often the schema is compared with a history that goes on meanwhile.
const ATTEMPTS: u32 = 3;

async fn attempt<M>(
    migrator: &Migrator<M, Postgres>,
    client: &mut Client,
    ask: &Arc<Ask>,
) -> Result<Adoption, Error> {
    let tool = ask.tool;
    check_place(migrator, client, ask).await?;
    // What can be refused without the lock is refused before it is waited for;
    // and nobody waits for us while the migrations are replayed.
    let compared = compare::compare(migrator, &*client, ask).await?;
    compared.clone().finish(ask)?;
    // The runtime hands errors on as they are, but only to be read. It may ask
    // several times, and the last answer counts.
    let outcome = Arc::new(Mutex::new(None));
    let told = Arc::clone(&outcome);
    let written = migrator
        .adopt(client, finder(Arc::clone(ask), Arc::new(compared), told))
        .await;
    let outcome = outcome
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match (written, outcome) {
        (_, Some(Err(error))) => Err(error),
        (Ok(_), Some(Ok(adoption))) => Ok(adoption),
        (Err(error), _) => Err(Error::with_source(Kind::Runtime { tool }, error)),
        (Ok(_), None) => Err(Kind::Runtime { tool }.into()),
    }
}

type Told = Arc<Mutex<Option<Result<Adoption, Error>>>>;

type Finding<'t> = Pin<Box<dyn Future<Output = Result<Vec<Adopted>, BoxError>> + Send + 't>>;

/// What reads the old history in the transaction that writes ours. It is made by
/// a function, so that a future that holds it can go to another thread.
fn finder(
    ask: Arc<Ask>,
    compared: Arc<Compared>,
    told: Told,
) -> impl for<'t> Fn(&'t Transaction<'t>) -> Finding<'t> + Send + Sync {
    move |tx| {
        let (ask, compared, told) = (Arc::clone(&ask), Arc::clone(&compared), Arc::clone(&told));
        Box::pin(async move {
            let (found, adopted) = match find_locked(tx, &ask, &compared).await {
                Ok((adoption, adopted)) => (Ok(adoption), Ok(adopted)),
                Err(error) => {
                    let text = error.to_string();
                    (Err(error), Err(text.into()))
                }
            };
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
            adopted
        })
    }
}

/// As [`adopt`], if there is something to adopt: for an application that has
/// changed to this family of crates, and starts on databases that the old tool
/// has migrated, and on new ones.
///
/// None, if the database has a history of ours, or none of the tool. When
/// several processes start at once, one of them adopts, and the others get
/// none.
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
        // Another process was faster, if there is a history by now.
        Err(error) => {
            let ask = Ask::new(migrator, tool, options);
            match check_place(migrator, client, &ask).await {
                Err(again) if again.is_adopted() => Ok(None),
                _ => Err(error),
            }
        }
    }
}

/// The tables of the tools from which the history of a database was adopted, and
/// of those that were left earlier: no migration makes them, and nobody has to
/// drop them. None, if nothing was adopted. Each has its schema before its name.
///
/// # Errors
///
/// Fails if the history or the schemas cannot be read.
pub async fn left_behind<M>(
    migrator: &Migrator<M, Postgres>,
    client: &Client,
) -> Result<Vec<String>, Error> {
    let status = migrator.status(client).await.map_err(|error| {
        let table = migrator.history_table_name().to_owned();
        Error::with_source(Kind::Reading { table }, error)
    })?;
    let tools = tools_of(&status);
    if tools.is_empty() {
        return Ok(Vec::new());
    }
    let place = Place::of(migrator);
    let left = read::left(client, &place, &tools).await?;
    Ok(left.iter().map(|(_, table)| table.shown()).collect())
}

/// There must be no history of ours, and a place for it.
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
    draft::check_place(status, what, &ask.place.ours(), || is_of_tool)
}

/// What the old history says.
async fn draft(client: &(impl GenericClient + Sync), ask: &Ask) -> Result<Draft, Error> {
    let (tool, options) = (ask.tool, &ask.options);
    let table = options.table.as_deref();
    let ours = ask.place.ours();
    let old = read::read(client, &ask.place, tool, table).await;
    let (_, old) = old.map_err(|error| error.with_our_table(&ours))?;
    Draft::new(tool, options, ask.migrations, old, &ours)
}

/// In the transaction that writes ours.
async fn find_locked(
    tx: &Transaction<'_>,
    ask: &Ask,
    compared: &Compared,
) -> Result<(Adoption, Vec<Adopted>), Error> {
    let table = ask.options.table.as_deref();
    let table = read::located(tx, &ask.place, ask.tool, table).await?;
    lock::take(tx, ask.tool, &table, ask.patience).await?;
    let found = compared.confirm(draft(tx, ask).await?, ask)?.finish(ask)?;
    if let Some(name) = &found.0.renamed_to {
        let sql = format!("ALTER TABLE {} RENAME TO {}", table.sql(), quote(name));
        tx.batch_execute(&sql).await.map_err(|error| {
            let (table, name) = (table.shown(), name.clone());
            Error::with_source(Kind::NotRenamed { table, name }, said(&error))
        })?;
    }
    Ok(found)
}

/// What the server said, in one line: tokio-postgres itself says `db error`.
fn said(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("{} ({})", error.message(), error.code().code()),
        None => error.to_string(),
    }
}
