//! The options of a migrator that only PostgreSQL has.

use super::connector::Connector;
use super::functions::{Attached, Functions};
use super::table::Table;
use std::time::Duration;

/// The options of a PostgreSQL migrator, besides those of every engine.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    pub(crate) table: Table,
    /// The `search_path` of scripts; `None` keeps that of the connection.
    pub(crate) search_path: Option<String>,
    /// The schemas of `search_path`.
    pub(crate) schemas: Vec<String>,
    pub(crate) lock: Lock,
    pub(crate) table_lock_timeout: Duration,
    pub(crate) attempts: u32,
    pub(crate) connector: Option<Connector>,
    pub(crate) functions: &'static [Functions],
    pub(crate) attached: Vec<Attached>,
}

/// How runs keep each other out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lock {
    /// A session-level advisory lock, held for the whole run.
    #[default]
    Session,
    /// A transaction-level advisory lock, for connections through a pooler that
    /// may use another server connection for each transaction, such as
    /// PgBouncer with `pool_mode = transaction`. Migrations without a
    /// transaction cannot run with it.
    Transaction,
    /// A row in a table next to the history, for servers without advisory
    /// locks: CockroachDB, and YugabyteDB before 2.27. It is a lease: if a run
    /// is killed, it stays until it expires.
    Table,
}

impl Default for PostgresOptions {
    fn default() -> PostgresOptions {
        PostgresOptions {
            table: Table::default(),
            search_path: None,
            schemas: Vec::new(),
            lock: Lock::default(),
            table_lock_timeout: Duration::from_secs(5),
            attempts: 5,
            connector: None,
            functions: &[],
            attached: Vec::new(),
        }
    }
}
