//! Migrated databases for tests, copied from a template.

use super::{Server, on_own_runtime, server};
use crate::error::Error;
use crate::postgres::Connector;
use crate::postgres::proof::{Scratch, Template};
use crate::{Migrator, Postgres, Version};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use tokio_postgres::Client;

/// A migrated database of a test, dropped with this value.
#[derive(Debug)]
pub struct Database {
    connector: Connector,
    url: String,
    /// Drops the database.
    _scratch: Scratch,
}

impl Database {
    /// A connector to the database.
    pub fn connector(&self) -> &Connector {
        &self.connector
    }

    /// The URL of the database, for other clients. It may contain a password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Connects to the database.
    ///
    /// # Errors
    ///
    /// Fails as [`Connector::connect`] does.
    pub async fn connect(&self) -> Result<Client, Error> {
        self.connector.connect().await
    }

    fn new(scratch: Scratch, server: &Server) -> Database {
        Database {
            connector: scratch.connector(),
            url: with_database(server.url(), scratch.name()),
            _scratch: scratch,
        }
    }
}

/// The templates of this process, by what decides their content. They go with the
/// server. On one that outlives this process, a later run drops them.
static TEMPLATES: LazyLock<Mutex<HashMap<String, Arc<Scratch>>>> = LazyLock::new(Mutex::default);

/// A database with all migrations up to the target of the migrator, on the
/// [`server`] for tests. Returns `None` if there is no server, which is reported.
///
/// The first call in a process applies the migrations to a template. Each later call
/// copies the template, with `CREATE DATABASE … TEMPLATE`. If functions are attached
/// at run time, or there is an observer, nothing is copied.
///
/// This blocks, also in an asynchronous test.
///
/// # Errors
///
/// Fails as [`Migrator::up`] does, and if the role may not create databases.
///
/// # Panics
///
/// Panics as [`server`] does.
pub fn database<M>(migrator: &Migrator<M, Postgres>) -> Result<Option<Database>, Error> {
    let Some(server) = server() else {
        return Ok(None);
    };
    let migrator = migrator.clone().untyped();
    let settings = &migrator.settings;
    if !settings.engine.attached.is_empty() || !settings.observers.is_empty() {
        let scratch = on_own_runtime(async || migrated(server, &migrator).await)?;
        return Ok(Some(Database::new(scratch, server)));
    }
    let template = {
        // The lock is held while the first call migrates: otherwise others would do
        // the same work.
        let mut templates = TEMPLATES.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(&migrator);
        if let Some(template) = templates.get(&key) {
            Arc::clone(template)
        } else {
            let made = on_own_runtime(async || migrated(server, &migrator).await)?;
            let template = Arc::new(made);
            templates.insert(key, Arc::clone(&template));
            template
        }
    };
    let scratch = on_own_runtime(async || {
        let admin = server.connector().connect().await?;
        Scratch::make(&admin, server.connector(), Template::Copy(&template)).await
    })?;
    Ok(Some(Database::new(scratch, server)))
}

/// A database with the migrations up to this one, to test the next one with existing
/// rows.
///
/// # Errors
///
/// Fails as [`database`] does.
///
/// # Panics
///
/// Panics as [`server`] does.
pub fn at<M: Into<Version>>(
    migrator: &Migrator<M, Postgres>,
    version: M,
) -> Result<Option<Database>, Error> {
    database(&migrator.clone().to(version))
}

async fn migrated(
    server: &Server,
    migrator: &Migrator<Version, Postgres>,
) -> Result<Scratch, Error> {
    let admin = server.connector().connect().await?;
    let scratch = Scratch::first(&admin, server.connector()).await?;
    let mut client = scratch.connect().await?;
    let migrator = migrator.clone().connector(scratch.connector());
    migrator.up(&mut client).await?;
    Ok(scratch)
}

/// What decides the content of a database: the registry, by its address, the target,
/// the options of the engine, and the release and commit in the history.
fn key(migrator: &Migrator<Version, Postgres>) -> String {
    let settings = &migrator.settings;
    let registry = std::ptr::from_ref(settings.registry).addr();
    format!(
        "{registry} {:?} {:?} {:?} {:?}",
        settings.plan.target, settings.engine, settings.release, settings.git_commit
    )
}

/// The URL, or the `key=value` pairs, of another database of a server.
fn with_database(url: &str, name: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return format!("{url} dbname={name}");
    };
    let (place, options) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    let host = place.split('/').next().unwrap_or_default();
    format!("{scheme}://{host}/{name}{options}")
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_a_url_is_replaced() {
        for (url, expected) in [
            (
                "postgres://u:p@h:1/a?sslmode=disable",
                "postgres://u:p@h:1/x?sslmode=disable",
            ),
            (
                "postgres://u@%2Ftmp%2Fpg:5432/postgres",
                "postgres://u@%2Ftmp%2Fpg:5432/x",
            ),
            ("postgresql://h", "postgresql://h/x"),
            ("postgresql://?host=/tmp", "postgresql:///x?host=/tmp"),
            ("host=h dbname=a", "host=h dbname=a dbname=x"),
        ] {
            assert_eq!(with_database(url, "x"), expected);
        }
    }
}
