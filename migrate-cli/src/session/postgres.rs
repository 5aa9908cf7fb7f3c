//! A session with a PostgreSQL server.

use super::*;
use crate::database::postgres::Server;
#[cfg(feature = "adopt")]
use migrate_adopt::postgres as adopt;
use migrate_runtime::postgres::{Blocking, Connector};
use migrate_runtime::{Postgres, tokio_postgres};
use migrate_tools::postgres::compare_schema;

/// A connection to a server. Reading and writing use the same one, because
/// connecting creates nothing.
pub(super) struct PostgresSession {
    connector: Connector,
    migrator: Migrator<Version, Postgres>,
    db: Blocking,
    /// Must be the last field: signals are handled until the connection is
    /// closed.
    signals: Option<SignalGuard>,
}

/// Runs an async method of the migrator to completion.
macro_rules! run {
    ($session:ident, $migrator:ident, $client:ident => $verb:expr) => {{
        let $migrator = &$session.migrator;
        $session.db.run(async |$client| $verb.await)
    }};
}

impl PostgresSession {
    pub(super) fn open(
        options: &ConnectOptions,
        server: &Server,
        migrator: Migrator<Version, Postgres>,
        access: Access,
    ) -> Result<PostgresSession, Failure> {
        let wait = match access {
            Access::Apply { wait } => wait,
            _ => None,
        };
        let connector = server.further(options);
        let mut session = PostgresSession {
            db: server.connect(options, wait)?,
            // A run that loses its connection opens a new one.
            migrator: migrator.connector(connector.clone()),
            connector,
            signals: None,
        };
        // Until the connection is open, a signal ends the process: nothing has
        // started that could be left incomplete.
        if matches!(access, Access::Apply { .. }) {
            session.stop_on_signals();
        }
        Ok(session)
    }
}

impl Session for PostgresSession {
    methods_of_the_migrator!(run);

    fn shown(&self) -> String {
        self.connector.shown()
    }

    fn backup_command(&self) -> &'static str {
        "pg_dump"
    }

    fn status(&mut self) -> Result<Status, Error> {
        run!(self, migrator, client => migrator.status(client))
    }

    /// The migrations are replayed in a scratch database on the same server,
    /// which the role must be allowed to create.
    fn obstacle_to_compare(&mut self) -> Option<&'static str> {
        let may_create = self
            .db
            .run(async |client| may_create_databases(client).await);
        matches!(may_create, Ok(false)).then_some(
            "to replay the migrations in a scratch database, the role needs the privilege \
             `CREATEDB`",
        )
    }

    fn compare_schema(&mut self, ignored: &[&str]) -> Result<Vec<String>, Failure> {
        let connector = &self.connector;
        Ok(run!(self, migrator, client =>
            compare_schema(migrator, client, connector, None, ignored))?)
    }

    fn adoption_hint(&mut self) -> Option<String> {
        let table = self.migrator.get_history_table();
        let ours = [table.to_owned(), format!("{table}_lock")];
        let found =
            run!(self, migrator, client => has_tables(client, migrator.get_search_path(), &ours));
        matches!(found, Ok(true)).then(|| ADOPTION_HINT.to_owned())
    }

    #[cfg(feature = "adopt")]
    fn detect_tools(&mut self) -> Result<Vec<Tool>, AdoptError> {
        let schemas: Vec<&str> = self
            .migrator
            .get_search_path()
            .iter()
            .map(String::as_str)
            .collect();
        self.db
            .run(async |client| adopt::detect(client, &schemas).await)
    }
}

async fn may_create_databases(
    client: &tokio_postgres::Client,
) -> Result<bool, tokio_postgres::Error> {
    let sql = "SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles \
               WHERE rolname = current_user";
    client.query_one(sql, &[]).await?.try_get(0)
}

/// Whether there are tables, besides ours, in the schemas that scripts use.
async fn has_tables(
    client: &tokio_postgres::Client,
    schemas: &[String],
    ours: &[String],
) -> Result<bool, tokio_postgres::Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND c.relname::text <> ALL ($1::text[])
         AND n.nspname::text = ANY (CASE WHEN $2::text[] = '{}'
         THEN pg_catalog.current_schemas(false)::text[] ELSE $2::text[] END))";
    let row = client.query_one(sql, &[&ours, &schemas]).await?;
    row.try_get(0)
}
