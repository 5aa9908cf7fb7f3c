//! What verbs ask of a database, together with the migrations for it. No verb
//! knows an engine.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use crate::context::Context;
use crate::database::Database;
use crate::failure::Failure;
use crate::migrator::AnyMigrator;
use crate::progress::Progress;
#[cfg(feature = "adopt")]
use migrate_adopt::{Adoption, Error as AdoptError, Options, Tool};
use migrate_runtime::{
    Baseline, Down, DownPlan, Error, Migration, Plan, Repair, Repaired, Report, Status,
    Verification, Version,
};
#[cfg(all(feature = "sqlite", feature = "postgres"))]
use migrate_scan::Engine;
use std::time::Duration;

/// An open database, and a migrator for the same engine.
pub(crate) trait Session {
    /// The name of the database, without a password.
    fn shown(&self) -> String;

    /// How a person copies the database before a change.
    fn backup_command(&self) -> &'static str;

    /// Whether there is such a database. To connect to a server shows that.
    fn exists(&self) -> bool {
        true
    }

    fn migrations(&self) -> &'static [Migration];

    fn migration(&self, version: Version) -> Option<&'static Migration> {
        self.migrations().iter().find(|it| it.version == version)
    }

    /// Has signals stop what follows, for as long as the session lives.
    fn stop_on_signals(&mut self);

    /// Has the run that follows show its progress.
    fn show(&mut self, progress: &Progress);

    /// Has the run that follows stop after this migration.
    fn stop_after(&mut self, version: Version);

    /// Gets ready to apply something: a file is created if it is absent. A file
    /// that cannot be opened yet is tried again for as long as `wait` says.
    fn reopen_to_apply(&mut self, _wait: Duration) -> Result<(), Failure> {
        Ok(())
    }

    /// Gets ready to undo something, for which no file is created.
    fn reopen_to_undo(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn status(&mut self) -> Result<Status, Error>;

    fn plan(&mut self) -> Result<Plan, Error>;

    fn plan_down(&mut self, down: Down) -> Result<DownPlan, Error>;

    fn up(&mut self) -> Result<Report, Error>;

    fn down(&mut self, down: Down) -> Result<Report, Error>;

    fn redo(&mut self) -> Result<Report, Error>;

    fn verify(&mut self) -> Result<Verification, Error>;

    /// Why the schema cannot be compared, if it cannot.
    fn obstacle_to_compare(&mut self) -> Option<&'static str> {
        None
    }

    /// The differences between the schema and the one that the migrations
    /// produce, apart from some tables.
    fn compare_schema(&mut self, ignored: &[&str]) -> Result<Vec<String>, Failure>;

    fn baseline(&mut self, version: Version) -> Result<Baseline, Error>;

    fn repair(&mut self, version: Version, repair: Repair<'_>) -> Result<Repaired, Error>;

    /// What to do about tables that no history accounts for, if there are any.
    fn adoption_hint(&mut self) -> Option<String>;

    /// The tools whose histories the database has.
    #[cfg(feature = "adopt")]
    fn detect_tools(&mut self) -> Result<Vec<Tool>, AdoptError>;

    /// The tables that other tools have left.
    #[cfg(feature = "adopt")]
    fn leftover_tables(&mut self) -> Result<Vec<String>, AdoptError>;

    #[cfg(feature = "adopt")]
    fn plan_adoption(&mut self, tool: Tool, options: &Options) -> Result<Adoption, AdoptError>;

    #[cfg(feature = "adopt")]
    fn adopt(&mut self, tool: Tool, options: &Options) -> Result<Adoption, AdoptError>;
}

/// What a verb needs of its database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// To read it. Where there is no SQLite file, an empty database stands in
    /// for it, and none is created.
    Read,
    /// To change it, if it exists: a wrong path must not create one.
    Existing,
    /// To apply migrations: reads it first, without creating it. Waits for a
    /// database that cannot be reached, and stops on signals.
    Apply { wait: Option<Duration> },
}

/// Opens the database of the command line.
pub(crate) fn open(
    context: &Context<'_>,
    migrator: AnyMigrator,
    access: Access,
) -> Result<Box<dyn Session>, Failure> {
    let options = context.connect.clone();
    match (context.database()?, migrator) {
        #[cfg(feature = "sqlite")]
        (Database::Sqlite(place), AnyMigrator::Sqlite(migrator)) => {
            let session = sqlite::SqliteSession::open(options, place, migrator, access)?;
            Ok(Box::new(session))
        }
        #[cfg(feature = "postgres")]
        (Database::Postgres(server), AnyMigrator::Postgres(migrator)) => {
            let session = postgres::PostgresSession::open(&options, &server, migrator, access)?;
            Ok(Box::new(session))
        }
        #[cfg(all(feature = "sqlite", feature = "postgres"))]
        (Database::Sqlite(place), AnyMigrator::Postgres(_)) => Err(wrong_engine(
            &place.shown(),
            Engine::Sqlite,
            Engine::Postgres,
        )),
        #[cfg(all(feature = "sqlite", feature = "postgres"))]
        (Database::Postgres(server), AnyMigrator::Sqlite(_)) => {
            let shown = server.connector.shown();
            Err(wrong_engine(&shown, Engine::Postgres, Engine::Sqlite))
        }
    }
}

/// A database that these migrations are not for.
#[cfg(all(feature = "sqlite", feature = "postgres"))]
fn wrong_engine(database: &str, engine: Engine, needed: Engine) -> Failure {
    Failure::usage(format!(
        "the database `{database}` is {engine}, and the migrations are for {needed}"
    ))
    .help(format!(
        "name a database that is {needed} with `--database`"
    ))
}

/// What to do about the schema of somebody else.
const ADOPTION_HINT: &str = "the database had a schema and no history of ours: take over that of \
                             the tool which made it with `migrate adopt`, or record what is \
                             applied already with `migrate baseline`";
