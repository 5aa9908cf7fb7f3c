//! Scratch databases, which are dropped whatever happens.
//!
//! **Nothing is dropped but what was created here.** A current run knows its database
//! by its name, which no other run uses. The database of a run that was killed is
//! recognized by its name and its comment, which both say so, and by its age; and it
//! must have no connections.

use crate::error::{Error, Kind, ProofKind};
use crate::postgres::Connector;
use crate::postgres::tools::{PostgresError, check_version_of, failed, literal, nonce, rows};
use futures_util::future::join;
use migrate_scan::sqlite::quote;
use std::time::Duration;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

const PREFIX: &str = "migrate_check_";

/// The beginning of the comment that marks a scratch database. The start time follows,
/// in seconds of the server's clock.
const MARK: &str = "made by migrate to try migrations, and dropped by a later run; begun at ";

/// In seconds. A run is connected almost all the time, so a database that is older and
/// has no connection belongs to no run.
const OLD: i64 = 3600;

const MAKING: &str = "making a scratch database";

/// A scratch database, dropped with this value.
#[derive(Debug)]
pub(in crate::postgres) struct Scratch {
    /// To the database of the caller, where only scratch databases are created
    /// and dropped.
    server: Connector,
    name: String,
    is_over: bool,
}

/// The initial content of a new database.
#[derive(Clone, Copy, Debug)]
pub(in crate::postgres) enum Template<'t> {
    /// Empty, with the encoding and the locale of the database that `client` is
    /// connected to.
    ///
    /// This is `template0`, which is the same on every server and never has
    /// connections, while `template1` may. So objects that were added to `template1`
    /// do not hide what a migration lacks.
    Empty,
    /// A copy of another database, which must have no connections.
    Copy(&'t Scratch),
}

impl Scratch {
    /// Creates a database, after dropping those of runs that were killed.
    pub(in crate::postgres) async fn first(
        admin: &Client,
        server: &Connector,
    ) -> Result<Scratch, Error> {
        check_version_of(admin).await?;
        drop_left(admin).await?;
        Scratch::make(admin, server, Template::Empty).await
    }

    pub(in crate::postgres) async fn make(
        admin: &Client,
        server: &Connector,
        template: Template<'_>,
    ) -> Result<Scratch, Error> {
        // This exists before the database does, so that the database is dropped even
        // if this future is dropped while the server works.
        let mut scratch = Scratch {
            server: server.clone(),
            name: format!("{PREFIX}{}", nonce()),
            is_over: false,
        };
        let name = quote(&scratch.name);
        let create = match template {
            Template::Copy(other) => {
                format!("CREATE DATABASE {name} TEMPLATE {}", quote(&other.name))
            }
            Template::Empty => format!(
                "CREATE DATABASE {name} TEMPLATE template0{}",
                locale(admin).await?
            ),
        };
        if let Err(error) = admin.batch_execute(&create).await {
            // The server refused, so there is nothing to drop.
            scratch.is_over = error.as_db_error().is_some();
            return Err(refused(admin, error).await);
        }
        let comment = format!(
            "DO $do$ BEGIN EXECUTE pg_catalog.format('COMMENT ON DATABASE {name} IS %L', \
             {} || pg_catalog.floor(extract(epoch FROM pg_catalog.now()))::text); END $do$",
            literal(MARK)
        );
        admin
            .batch_execute(&comment)
            .await
            .map_err(failed(MAKING))?;
        Ok(scratch)
    }

    pub(in crate::postgres) fn name(&self) -> &str {
        &self.name
    }

    pub(in crate::postgres) fn connector(&self) -> Connector {
        self.server.to_database(&self.name)
    }

    pub(in crate::postgres) async fn connect(&self) -> Result<Client, Error> {
        let client = connect_beside(&self.connector()).await?;
        // The database need not survive a crash.
        let fast = client.batch_execute("SET synchronous_commit = off");
        // If this process is killed, the server ends its long statements. Not every server
        // knows this setting.
        let alert = client.batch_execute("SET client_connection_check_interval = '5s'");
        let (fast, _) = join(fast, alert).await;
        fast.map_err(failed(MAKING))?;
        Ok(client)
    }

    /// Drops the database and closes its connections.
    pub(super) async fn remove(mut self, admin: &Client) -> Result<(), Error> {
        let dropped = admin.batch_execute(&drop_statement(&self.name)).await;
        dropped.map_err(failed("dropping the scratch database"))?;
        self.is_over = true;
        Ok(())
    }
}

/// How long to wait for a further connection: the server has just accepted one.
const FURTHER: Duration = Duration::from_secs(5);

/// Connects to a server that has just accepted another connection. If it accepts only
/// one, the error says so.
pub(super) async fn connect_beside(connector: &Connector) -> Result<Client, Error> {
    let soon = connector.clone().connect_timeout_at_most(FURTHER);
    soon.connect().await.map_err(|error| {
        if error.may_be_out_of_connections() {
            let at = connector.shown();
            error.with_kind(ProofKind::OneConnection { at }.into())
        } else {
            error
        }
    })
}

fn drop_statement(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quote(name))
}

/// The timeout for dropping a database in `drop`, which must not block for long.
const PATIENCE: Duration = Duration::from_secs(10);

impl Drop for Scratch {
    /// Drops the database after an error, after a panic, or when the future of a run is
    /// dropped. The caller's runtime may no longer run anything, so this uses a small
    /// runtime of its own and waits for it.
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let server = self
            .server
            .clone()
            .connect_timeout_at_most(Duration::from_secs(2));
        let name = std::mem::take(&mut self.name);
        let thread = std::thread::Builder::new().spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                let _ = runtime.block_on(async {
                    tokio::time::timeout(PATIENCE, remove_alone(&server, &name)).await
                });
            }
        });
        if let Ok(thread) = thread {
            let _ = thread.join();
        }
    }
}

async fn remove_alone(server: &Connector, name: &str) -> Result<(), Error> {
    const DROPPING: &str = "dropping the scratch database";
    let client = server.connect().await?;
    // The server may still be creating the database, which others cannot see yet:
    // nothing would be dropped now, and the database would stay.
    let end = format!(
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity \
         WHERE query LIKE 'CREATE DATABASE \"{name}\"%' AND state = 'active'"
    );
    for _ in 0..100 {
        let rows = rows(client.simple_query(&end).await, DROPPING)?;
        if rows.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let dropped = client.batch_execute(&drop_statement(name)).await;
    dropped.map_err(failed(DROPPING))?;
    Ok(())
}

/// Drops the databases of runs that were killed.
async fn drop_left(admin: &Client) -> Result<(), Error> {
    const LOOKING: &str = "looking for scratch databases that were left";
    let sql = format!(
        "SELECT d.datname, pg_catalog.shobj_description(d.oid, 'pg_database'), \
         pg_catalog.floor(extract(epoch FROM pg_catalog.now()))::text \
         FROM pg_catalog.pg_database d \
         WHERE d.datname ~ '^{PREFIX}[0-9a-f]{{16}}$' \
         AND pg_catalog.pg_has_role(d.datdba, 'USAGE') AND NOT EXISTS \
         (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)"
    );
    for row in rows(admin.simple_query(&sql).await, LOOKING)? {
        let text = |at: usize| row.get(at).unwrap_or_default();
        let begun = text(1)
            .strip_prefix(MARK)
            .and_then(|begun| begun.parse::<i64>().ok());
        let now = text(2).parse::<i64>().ok();
        let is_old = begun
            .zip(now)
            .is_some_and(|(begun, now)| now.saturating_sub(begun) > OLD);
        if is_old {
            // Without FORCE: if it has connections in the meantime, it stays.
            let sql = format!("DROP DATABASE IF EXISTS {}", quote(text(0)));
            let _ = admin.batch_execute(&sql).await;
        }
    }
    Ok(())
}

/// The encoding and the locale of the connected database, in the form of `CREATE
/// DATABASE`. The names of the columns depend on the server's version.
async fn locale(admin: &Client) -> Result<String, Error> {
    let sql = "SELECT pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, \
               pg_catalog.to_jsonb(d) ->> 'datlocprovider', \
               coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', \
               pg_catalog.to_jsonb(d) ->> 'daticulocale') \
               FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()";
    let rows = rows(admin.simple_query(sql).await, MAKING)?;
    let Some(row) = rows.first() else {
        return Ok(String::new());
    };
    let text = |at: usize| literal(row.get(at).unwrap_or_default());
    let mut options = format!(
        " ENCODING {} LC_COLLATE {} LC_CTYPE {}",
        text(0),
        text(1),
        text(2)
    );
    match row.get(3) {
        Some("i") => options += &format!(" LOCALE_PROVIDER icu ICU_LOCALE {}", text(4)),
        Some("b") => options += &format!(" LOCALE_PROVIDER builtin BUILTIN_LOCALE {}", text(4)),
        _ => {}
    }
    Ok(options)
}

async fn refused(admin: &Client, error: tokio_postgres::Error) -> Error {
    if error.code() != Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
        return Error::with_source(Kind::Database(MAKING), PostgresError(error));
    }
    let answer = admin.simple_query("SELECT current_user").await;
    let rows = rows(answer, MAKING).unwrap_or_default();
    let role = rows.first().and_then(|row| row.get(0)).unwrap_or_default();
    Error::with_source(
        ProofKind::NoScratch(role.to_owned()).into(),
        PostgresError(error),
    )
}
