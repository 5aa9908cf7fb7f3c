//! The verbs on a PostgreSQL server.

use super::adoption;
use crate::context::Context;
use crate::database::postgres::Server;
use crate::failure::Failure;
use migrate_runtime::postgres::{Blocking, Connector};
use migrate_runtime::{
    Baseline, Down, DownPlan, Error, Migrator, Plan, Postgres, Repair, Repaired, Report, Status,
    Verification, Version, tokio_postgres,
};
use migrate_tools::postgres::compare_schema;
use std::time::Duration;

/// A connection, which is the same for reading and for writing: nothing is made
/// by connecting.
pub(super) struct Connected<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) db: Blocking,
    connector: Connector,
    pub(super) migrator: Migrator<Version, Postgres>,
}

impl<'a> Connected<'a> {
    pub(super) fn to(
        context: &'a Context<'a>,
        server: &Server,
        migrator: Migrator<Version, Postgres>,
        patience: Option<Duration>,
    ) -> Result<Connected<'a>, Failure> {
        Ok(Connected {
            context,
            db: server.connect(&context.connect, patience)?,
            connector: server.connector.clone(),
            // A run that loses its connection makes another.
            migrator: migrator.connector(server.connector.clone()),
        })
    }

    /// Nothing is made by connecting.
    pub(super) fn make(self, _: Duration) -> Result<Connected<'a>, Failure> {
        Ok(self)
    }

    pub(super) fn open(self) -> Result<Connected<'a>, Failure> {
        Ok(self)
    }

    pub(super) fn exists(&self) -> bool {
        true
    }

    pub(super) fn status(&mut self) -> Result<Status, Error> {
        let migrator = &self.migrator;
        self.db.run(async |client| migrator.status(client).await)
    }

    pub(super) fn plan(&mut self) -> Result<Plan, Error> {
        let migrator = &self.migrator;
        self.db.run(async |client| migrator.plan(client).await)
    }

    pub(super) fn plan_down(&mut self, down: Down<Version>) -> Result<DownPlan, Error> {
        let migrator = &self.migrator;
        self.db
            .run(async |client| migrator.plan_down(client, down).await)
    }

    pub(super) fn up(&mut self) -> Result<Report, Error> {
        let migrator = &self.migrator;
        self.db.run(async |client| migrator.up(client).await)
    }

    pub(super) fn down(&mut self, down: Down<Version>) -> Result<Report, Error> {
        let migrator = &self.migrator;
        self.db
            .run(async |client| migrator.down(client, down).await)
    }

    pub(super) fn redo(&mut self) -> Result<Report, Error> {
        let migrator = &self.migrator;
        self.db.run(async |client| migrator.redo(client).await)
    }

    pub(super) fn verify(&mut self) -> Result<Verification, Error> {
        let migrator = &self.migrator;
        self.db.run(async |client| migrator.verify(client).await)
    }

    /// They are replayed in a scratch database on the same server.
    pub(super) fn compare_schema(&mut self) -> Result<Option<Vec<String>>, Failure> {
        let migrator = &self.migrator;
        let mut migrations = migrator.registry().migrations().iter();
        if !self.context.has_functions() && migrations.any(|it| it.up.is_rust()) {
            self.context.output.note(super::IN_RUST);
            return Ok(None);
        }
        let may_replay = self.db.run(async |client| may_make_databases(client).await);
        if matches!(may_replay, Ok(false)) {
            self.context.output.note(
                "the schema was not compared: to replay the migrations in a scratch database the \
                 role needs the right `CREATEDB`",
            );
            return Ok(None);
        }
        let Some(ignored) = adoption::left_on_server(self)? else {
            return Ok(None);
        };
        let (migrator, connector) = (&self.migrator, &self.connector);
        let ignored: Vec<&str> = ignored.iter().map(String::as_str).collect();
        let found = self.db.run(async |client| {
            compare_schema(migrator, client, connector, None, &ignored).await
        })?;
        Ok(Some(found))
    }

    pub(super) fn baseline(&mut self, version: Version) -> Result<Baseline, Error> {
        let migrator = &self.migrator;
        self.db
            .run(async |client| migrator.baseline(client, version).await)
    }

    pub(super) fn repair(
        &mut self,
        version: Version,
        repair: Repair<'_>,
    ) -> Result<Repaired, Error> {
        let migrator = &self.migrator;
        self.db
            .run(async |client| migrator.repair(client, version, repair).await)
    }

    pub(super) fn way_out(&mut self) -> Option<String> {
        let history = self.status().ok()?;
        let is_without = history.entries().iter().all(|entry| entry.row.is_none());
        let table = self.migrator.history_table_name();
        let table = [table.to_owned(), format!("{table}_lock")];
        let schemas = self.migrator.schemas();
        let found = self
            .db
            .run(async |client| has_schema(client, schemas, &table).await);
        (is_without && matches!(found, Ok(true))).then(|| super::ADOPT.to_owned())
    }
}

async fn may_make_databases(
    client: &tokio_postgres::Client,
) -> Result<bool, tokio_postgres::Error> {
    let sql = "SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles \
               WHERE rolname = current_user";
    client.query_one(sql, &[]).await?.try_get(0)
}

/// Whether there are tables that scripts could mean and that are not ours.
async fn has_schema(
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
