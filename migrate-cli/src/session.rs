//! The interface between verbs and a database with its migrations. Verbs do not
//! depend on an engine.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use crate::context::Context;
use crate::database::{ConnectOptions, Database};
use crate::failure::Failure;
use crate::migrator::AnyMigrator;
use crate::progress::Progress;
use crate::signals::{self, SignalGuard};
#[cfg(feature = "adopt")]
use migrate_adopt::{Adoption, Error as AdoptError, Options, Tool};
use migrate_runtime::{
    Baseline, Down, DownPlan, Error, Migration, Migrator, Plan, Repair, Repaired, Report, Status,
    Verification, Version,
};
#[cfg(all(feature = "sqlite", feature = "postgres"))]
use migrate_scan::Engine;
use std::time::Duration;

/// An open database, and a migrator for the same engine.
pub(crate) trait Session {
    /// The name of the database for display, without a password.
    fn shown(&self) -> String;

    /// The command or option that backs the database up before a change.
    fn backup_command(&self) -> &'static str;

    /// Whether the database exists. On a server, connecting proves it.
    fn exists(&self) -> bool {
        true
    }

    fn migrations(&self) -> &'static [Migration];

    fn migration(&self, version: Version) -> Option<&'static Migration> {
        self.migrations().iter().find(|it| it.version == version)
    }

    /// Lets signals stop the following runs, for as long as the session lives.
    fn stop_on_signals(&mut self);

    /// Shows the progress of the next run.
    fn show(&mut self, progress: &Progress);

    /// Stops the next run after this migration.
    fn stop_after(&mut self, version: Version);

    /// Prepares to apply migrations: creates a missing file. A file that cannot
    /// be opened yet is retried until `wait` has passed.
    fn reopen_to_apply(&mut self, _wait: Duration) -> Result<(), Failure> {
        Ok(())
    }

    /// Prepares to undo migrations, which creates no file.
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

    /// The reason why the schema cannot be compared, if there is one.
    fn obstacle_to_compare(&mut self) -> Option<&'static str> {
        None
    }

    /// The differences between the schema and the one that the migrations
    /// produce, apart from some tables.
    fn compare_schema(&mut self, ignored: &[&str]) -> Result<Vec<String>, Failure>;

    fn baseline(&mut self, version: Version) -> Result<Baseline, Error>;

    fn repair(&mut self, version: Version, repair: Repair<'_>) -> Result<Repaired, Error>;

    /// A hint about adoption, if there are tables that no history explains.
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

/// The methods of a session that only call its migrator. `$run` is the macro of
/// the engine that gives a call the connection.
macro_rules! methods_of_the_migrator {
    ($run:ident) => {
        fn migrations(&self) -> &'static [Migration] {
            self.migrator.registry().migrations()
        }

        fn stop_on_signals(&mut self) {
            (self.migrator, self.signals) = signals::stop_on_signals(self.migrator.clone());
        }

        fn show(&mut self, progress: &Progress) {
            self.migrator = self.migrator.clone().observer(progress.clone());
        }

        fn stop_after(&mut self, version: Version) {
            self.migrator = self.migrator.clone().to(version);
        }

        fn plan(&mut self) -> Result<Plan, Error> {
            $run!(self, migrator, db => migrator.plan(db))
        }

        fn plan_down(&mut self, down: Down) -> Result<DownPlan, Error> {
            $run!(self, migrator, db => migrator.plan_down(db, down))
        }

        fn up(&mut self) -> Result<Report, Error> {
            $run!(self, migrator, db => migrator.up(db))
        }

        fn down(&mut self, down: Down) -> Result<Report, Error> {
            $run!(self, migrator, db => migrator.down(db, down))
        }

        fn redo(&mut self) -> Result<Report, Error> {
            $run!(self, migrator, db => migrator.redo(db))
        }

        fn verify(&mut self) -> Result<Verification, Error> {
            $run!(self, migrator, db => migrator.verify(db))
        }

        fn baseline(&mut self, version: Version) -> Result<Baseline, Error> {
            $run!(self, migrator, db => migrator.baseline(db, version))
        }

        fn repair(&mut self, version: Version, repair: Repair<'_>) -> Result<Repaired, Error> {
            $run!(self, migrator, db => migrator.repair(db, version, repair))
        }

        #[cfg(feature = "adopt")]
        fn leftover_tables(&mut self) -> Result<Vec<String>, AdoptError> {
            $run!(self, migrator, db => adopt::left_behind(migrator, db))
        }

        #[cfg(feature = "adopt")]
        fn plan_adoption(&mut self, tool: Tool, options: &Options) -> Result<Adoption, AdoptError> {
            $run!(self, migrator, db => adopt::plan_adoption(migrator, db, tool, options))
        }

        #[cfg(feature = "adopt")]
        fn adopt(&mut self, tool: Tool, options: &Options) -> Result<Adoption, AdoptError> {
            $run!(self, migrator, db => adopt::adopt(migrator, db, tool, options))
        }
    };
}

use methods_of_the_migrator;

/// The access to a database that a verb needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Read only. If the SQLite file does not exist, an empty database in memory
    /// is used, and no file is created.
    Read,
    /// Change an existing database: a wrong path must not create one.
    Existing,
    /// Apply migrations. The database is read first, without creating it. A
    /// database that cannot be reached is waited for, and signals stop that.
    Apply { wait: Option<Duration> },
}

/// Opens the database that the command line names.
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
        (database, migrator) => {
            let (shown, engine) = match database {
                Database::Sqlite(place) => (place.shown(), Engine::Sqlite),
                Database::Postgres(server) => (server.connector.shown(), Engine::Postgres),
            };
            let needed = migrator.engine();
            Err(Failure::usage(format!(
                "the database `{shown}` is {engine}, and the migrations are for {needed}"
            ))
            .help(format!(
                "use `--database` with the URL of a database for {needed}"
            )))
        }
    }
}

/// The hint for a schema that was created without a history.
const ADOPTION_HINT: &str = "the database had a schema but no history of ours: take over the \
                             history of the tool that created it with `migrate adopt`, or record \
                             what is already applied with `migrate baseline`";
