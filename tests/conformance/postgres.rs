//! A database of a real PostgreSQL server.

use crate::database::{Database, On, Work};
use migrate_runtime::postgres::{Blocking, Connector};
use migrate_runtime::tokio_postgres::Transaction;
use migrate_runtime::{
    Adopted, Baseline, BoxError, Direction, Down, DownPlan, Error, Migrator, Numbering, Plan,
    Repair, Repaired, Report, Status, Verification, Version,
};
use migrate_servers::Server;
use migrate_tests::postgres;
use migrate_tools::read_directory;
use std::path::Path;
use std::sync::Arc;

pub(crate) struct Postgres {
    // Before the database, which cannot be dropped while this is connected.
    db: Blocking,
    database: Arc<migrate_servers::Database>,
}

impl Postgres {
    fn open(database: Arc<migrate_servers::Database>) -> Postgres {
        let connector = Connector::parse(database.url()).unwrap();
        let db = Blocking::connect(&connector).unwrap();
        Postgres { db, database }
    }

    /// The same database, for those cases that are of this engine alone.
    pub(crate) fn psql(&self, sql: &str) -> String {
        self.database.psql(sql)
    }
}

async fn work(tx: &Transaction<'_>, work: Work) -> Result<(), BoxError> {
    match work {
        Work::Runs(sql) => Ok(tx.batch_execute(sql).await?),
        Work::Fails(sql, words) => {
            tx.batch_execute(sql).await?;
            Err(words.into())
        }
        Work::Panics(sql, words) => {
            tx.batch_execute(sql).await?;
            panic!("{words}")
        }
    }
}

async fn find(
    tx: &Transaction<'_>,
    script: &'static str,
    found: Result<Vec<Adopted>, &'static str>,
) -> Result<Vec<Adopted>, BoxError> {
    tx.batch_execute(script).await?;
    Ok(found?)
}

impl Database for Postgres {
    type Engine = migrate_runtime::Postgres;

    const ENDLESS: &'static str = "SELECT pg_sleep(600);";

    fn new() -> Option<Postgres> {
        let database = Server::shared()?.database();
        Some(Postgres::open(Arc::new(database)))
    }

    fn another(&self) -> Postgres {
        Postgres::open(Arc::clone(&self.database))
    }

    fn read(directory: &Path) -> Result<On<Self>, migrate_tools::Error> {
        read_directory(directory, Numbering::DEFAULT).map(Migrator::new)
    }

    fn history_table(migrator: On<Self>, name: &str) -> On<Self> {
        migrator.history_table(name)
    }

    fn attach(migrator: On<Self>, version: u64, direction: Direction, what: Work) -> On<Self> {
        let version = Version::new(version);
        match direction {
            Direction::Up => migrator.with_up(version, move |tx| Box::pin(work(tx, what))),
            Direction::Down => migrator.with_down(version, move |tx| Box::pin(work(tx, what))),
        }
    }

    fn up(&mut self, migrator: &On<Self>) -> Result<Report, Error> {
        self.db.run(async |client| migrator.up(client).await)
    }

    fn down(&mut self, migrator: &On<Self>, down: Down<Version>) -> Result<Report, Error> {
        self.db
            .run(async |client| migrator.down(client, down).await)
    }

    fn redo(&mut self, migrator: &On<Self>) -> Result<Report, Error> {
        self.db.run(async |client| migrator.redo(client).await)
    }

    fn reset(&mut self, migrator: &On<Self>) -> Result<Report, Error> {
        self.db.run(async |client| migrator.reset(client).await)
    }

    fn plan(&mut self, migrator: &On<Self>) -> Result<Plan, Error> {
        self.db.run(async |client| migrator.plan(client).await)
    }

    fn plan_down(&mut self, migrator: &On<Self>, down: Down<Version>) -> Result<DownPlan, Error> {
        self.db
            .run(async |client| migrator.plan_down(client, down).await)
    }

    fn status(&mut self, migrator: &On<Self>) -> Result<Status, Error> {
        self.db.run(async |client| migrator.status(client).await)
    }

    fn verify(&mut self, migrator: &On<Self>) -> Result<Verification, Error> {
        self.db.run(async |client| migrator.verify(client).await)
    }

    fn baseline(&mut self, migrator: &On<Self>, version: u64) -> Result<Baseline, Error> {
        let version = Version::new(version);
        self.db
            .run(async |client| migrator.baseline(client, version).await)
    }

    fn repair(
        &mut self,
        migrator: &On<Self>,
        version: u64,
        repair: Repair<'_>,
    ) -> Result<Repaired, Error> {
        let version = Version::new(version);
        self.db
            .run(async |client| migrator.repair(client, version, repair).await)
    }

    fn adopt(
        &mut self,
        migrator: &On<Self>,
        script: &'static str,
        found: Result<Vec<Adopted>, &'static str>,
    ) -> Result<Baseline, Error> {
        self.db.run(async |client| {
            migrator
                .adopt(client, |tx| Box::pin(find(tx, script, found.clone())))
                .await
        })
    }

    fn execute(&mut self, sql: &str) {
        self.db
            .run(async |client| client.batch_execute(sql).await)
            .expect(sql);
    }

    fn rows(&mut self, sql: &str) -> String {
        self.database.psql(sql)
    }

    fn dump(&mut self) -> String {
        postgres::dump(|sql| self.psql(sql))
    }

    fn tables(&mut self) -> Vec<String> {
        let rows = self.psql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' \
             ORDER BY tablename COLLATE \"C\"",
        );
        rows.lines().map(str::to_owned).collect()
    }

    fn assert_free(&mut self) {
        let process: i32 = self.db.run(async |client| {
            let row = client.query_one("SELECT pg_backend_pid()", &[]).await;
            row.unwrap().get(0)
        });
        let state = format!("SELECT state FROM pg_stat_activity WHERE pid = {process}");
        assert_eq!(self.psql(&state), "idle");
        let locks = format!("SELECT locktype, mode FROM pg_locks WHERE pid = {process}");
        assert_eq!(self.psql(&locks), "");
    }
}
