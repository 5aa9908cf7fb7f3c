//! The methods of a migrator that only PostgreSQL has.

use super::connector::Connector;
use super::functions::{Attached, Doing, Functions, boxed};
use super::options::Lock;
use super::table::Table;
use crate::closure::Closure;
use crate::{BoxError, Direction, Migrator, Postgres, Version};
use migrate_scan::sqlite::quote;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Transaction;

impl<M> Migrator<M, Postgres> {
    /// The name of the history table; default: `_migrations`. With different
    /// names, several registries can share one schema.
    #[must_use]
    pub fn history_table(mut self, name: &str) -> Migrator<M, Postgres> {
        self.settings.engine.table = Table::new(self.get_history_schema(), name);
        self
    }

    /// The schema of the history table; default: `public`. It is created if it
    /// does not exist. The objects that scripts create are not affected.
    #[must_use]
    pub fn history_schema(mut self, name: &str) -> Migrator<M, Postgres> {
        self.settings.engine.table = Table::new(name, self.get_history_table());
        self
    }

    /// Migrates this schema of the database, for one schema per tenant: it
    /// contains the history, it has its own lock, and unqualified names in
    /// scripts refer to objects in this schema only. It is created if it does
    /// not exist.
    ///
    /// ```no_run
    /// use migrate_runtime::{Checksum, Migration, Migrator, Postgres, Registry, Script, Version};
    /// # static REGISTRY: Registry<Postgres> = Registry::new(&[Migration::new(
    /// #     Version::new(1),
    /// #     "001_users",
    /// #     Checksum::from_hex([b'0'; 64]),
    /// #     Script::single("001_users.sql", "CREATE TABLE users(id bigint PRIMARY KEY)"),
    /// # )])
    /// # .on_engine();
    /// # async fn example(client: &mut tokio_postgres::Client) -> Result<(), migrate_runtime::Error> {
    /// for tenant in ["tenant_a", "tenant_b"] {
    ///     let migrator = Migrator::<Version, Postgres>::new(&REGISTRY).in_schema(tenant);
    ///     migrator.up(client).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn in_schema(self, name: &str) -> Migrator<M, Postgres> {
        self.history_schema(name).search_path([name])
    }

    /// The schemas in which unqualified names in scripts are looked up, in this
    /// order, instead of the `search_path` of the connection.
    #[must_use]
    pub fn search_path<'a>(
        mut self,
        schemas: impl IntoIterator<Item = &'a str>,
    ) -> Migrator<M, Postgres> {
        let schemas: Vec<String> = schemas.into_iter().map(str::to_owned).collect();
        let quoted: Vec<String> = schemas.iter().map(|name| quote(name)).collect();
        self.settings.engine.search_path = Some(quoted.join(", "));
        self.settings.engine.schemas = schemas;
        self
    }

    /// The kind of lock that keeps other runs out; default: [`Lock::Session`].
    #[must_use]
    pub fn lock(mut self, lock: Lock) -> Migrator<M, Postgres> {
        self.settings.engine.lock = lock;
        self
    }

    /// For a connection through PgBouncer with `pool_mode = transaction`, and
    /// similar poolers: [`Lock::Transaction`].
    #[must_use]
    pub fn behind_pooler(self) -> Migrator<M, Postgres> {
        self.lock(Lock::Transaction)
    }

    /// How long a statement may wait for a table lock before the migration is
    /// rolled back and tried again; default: 5 seconds.
    ///
    /// Every query on a table queues after a change that waits for it, so this
    /// is how long the application may be blocked:
    /// <https://www.postgresql.org/docs/current/explicit-locking.html>.
    #[must_use]
    pub fn table_lock_timeout(mut self, timeout: Duration) -> Migrator<M, Postgres> {
        self.settings.engine.table_lock_timeout = timeout;
        self
    }

    /// The number of attempts at a migration that was not granted a lock, met a
    /// deadlock, or could not be serialized; default: 5. The pauses between
    /// them double.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Migrator<M, Postgres> {
        self.settings.engine.attempts = attempts.max(1);
        self
    }

    /// How to reconnect after a lost connection: to determine the outcome of a
    /// commit, and to continue. Default: a lost connection is an error, and the
    /// next run continues.
    #[must_use]
    pub fn connector(mut self, connector: Connector) -> Migrator<M, Postgres> {
        self.settings.engine.connector = Some(connector);
        self
    }

    /// The function that applies a migration whose script is
    /// [`Script::rust`](crate::Script::rust), for a registry that is built by
    /// hand.
    ///
    /// ```
    /// use migrate_runtime::{Checksum, Migration, Migrator, Postgres, Registry, Script, Version};
    /// use tokio_postgres::{Error, Transaction};
    ///
    /// static REGISTRY: Registry<Postgres> = Registry::new(&[Migration::new(
    ///     Version::new(1),
    ///     "001_users",
    ///     Checksum::from_hex([b'0'; 64]),
    ///     Script::rust("src/users.rs"),
    /// )])
    /// .on_engine();
    ///
    /// async fn users(tx: &Transaction<'_>) -> Result<(), Error> {
    ///     tx.batch_execute("CREATE TABLE users(id bigint PRIMARY KEY)").await
    /// }
    ///
    /// let migrator = Migrator::<Version, Postgres>::new(&REGISTRY)
    ///     .with_up(Version::new(1), |tx| Box::pin(users(tx)));
    /// # drop(migrator);
    /// ```
    #[must_use]
    pub fn with_up<E: Into<BoxError> + 'static>(
        self,
        migration: M,
        up: impl for<'t> Fn(&'t Transaction<'t>) -> Doing<'t, E> + Send + Sync + 'static,
    ) -> Migrator<M, Postgres>
    where
        M: Into<Version>,
    {
        self.attach(migration.into(), Direction::Up, up)
    }

    /// The function that undoes a migration in Rust.
    #[must_use]
    pub fn with_down<E: Into<BoxError> + 'static>(
        self,
        migration: M,
        down: impl for<'t> Fn(&'t Transaction<'t>) -> Doing<'t, E> + Send + Sync + 'static,
    ) -> Migrator<M, Postgres>
    where
        M: Into<Version>,
    {
        self.attach(migration.into(), Direction::Down, down)
    }

    fn attach<E: Into<BoxError> + 'static>(
        mut self,
        version: Version,
        direction: Direction,
        function: impl for<'t> Fn(&'t Transaction<'t>) -> Doing<'t, E> + Send + Sync + 'static,
    ) -> Migrator<M, Postgres> {
        self.settings.engine.attached.push(Attached {
            version,
            direction,
            function: Closure(Arc::new(move |tx| boxed(function(tx)))),
        });
        self
    }

    /// The functions of the migrations in Rust.
    #[doc(hidden)]
    #[must_use]
    pub fn functions(mut self, functions: &'static [Functions]) -> Migrator<M, Postgres> {
        self.settings.engine.functions = functions;
        self
    }

    /// The connector for reconnecting; `None` if
    /// [`connector`](Migrator::connector) was not called.
    pub fn get_connector(&self) -> Option<&Connector> {
        self.settings.engine.connector.as_ref()
    }

    /// The schemas of the search path; empty if
    /// [`search_path`](Migrator::search_path) was not called.
    pub fn get_search_path(&self) -> &[String] {
        &self.settings.engine.schemas
    }

    /// The name of the history table, without its schema.
    pub fn get_history_table(&self) -> &str {
        self.settings.engine.table.name()
    }

    /// The schema of the history table.
    pub fn get_history_schema(&self) -> &str {
        self.settings.engine.table.schema()
    }
}
