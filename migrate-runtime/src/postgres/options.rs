//! What only a PostgreSQL migrator can be told.

use super::connector::Connector;
use super::functions::{Attached, Functions};
use super::table::Table;
use std::time::Duration;

/// What a PostgreSQL migrator was told beside what all are.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    pub(crate) table: Table,
    /// What unqualified names in scripts mean, if it is not what the connection
    /// says.
    pub(crate) search_path: Option<String>,
    /// The same, one by one.
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
    /// An advisory lock of the session, held for the whole run.
    #[default]
    Session,
    /// An advisory lock of each transaction, for connections through a pooler
    /// that gives each transaction another connection to the server, as
    /// PgBouncer with `pool_mode = transaction`. Migrations without a
    /// transaction cannot run so.
    Transaction,
    /// A row of a table beside the history, for servers without advisory locks:
    /// CockroachDB, and YugabyteDB before 2.27. It is a lease, which a run that
    /// was killed leaves until it ends.
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
