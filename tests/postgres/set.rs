//! A set of migrations, and a database to apply it to.

use migrate_model::files::InMemory;
use migrate_runtime::postgres::{Blocking, Connector};
use migrate_runtime::{Error, Migrator, Numbering, Postgres, Report, Version};
use migrate_scan::Engine;
use migrate_servers::{Database, Server};
use migrate_source::Options;
use migrate_source::directory::read;
use migrate_tools::leak;

pub(crate) type OnPostgres = Migrator<Version, Postgres>;

/// Made without the compiler's checks.
pub(crate) fn migrator(files: &[(&str, &str)]) -> OnPostgres {
    let mut options = Options::default();
    options.engine = Engine::Postgres;
    let directory = read(&mut InMemory(files), &options);
    assert!(!directory.migrations.is_empty(), "{files:?}");
    let registry = leak(Numbering::DEFAULT, directory.migrations);
    Migrator::new(Box::leak(Box::new((*registry).on_engine())))
}

/// An empty database, and a connection to it.
pub(crate) struct Set {
    // Before the database, which is dropped when nobody is connected.
    pub(crate) db: Blocking,
    pub(crate) database: Database,
}

impl Set {
    pub(crate) fn new() -> Option<Set> {
        let database = Server::shared()?.database();
        let connector = Connector::parse(database.url()).unwrap();
        let db = Blocking::connect(&connector).unwrap();
        Some(Set { db, database })
    }

    pub(crate) fn up(&mut self, migrator: &OnPostgres) -> Result<Report, Error> {
        self.db.run(async |client| migrator.up(client).await)
    }

    /// Everything that is in the database.
    pub(crate) fn dump(&self) -> String {
        migrate_tests::postgres::dump(|sql| self.database.psql(sql))
    }
}
