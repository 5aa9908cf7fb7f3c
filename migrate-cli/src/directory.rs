//! The migrations directory, read for the engine of its scripts.

use crate::database::ConnectOptions;
#[cfg(feature = "postgres")]
use crate::database::Database;
use crate::failure::Failure;
#[cfg(not(all(feature = "postgres", feature = "sqlite")))]
use crate::features::missing_engine;
use crate::migrator::AnyMigrator;
use migrate_model::{Numbering, Version};
use migrate_runtime::Migrator;
#[cfg(feature = "postgres")]
use migrate_runtime::Postgres;
#[cfg(feature = "sqlite")]
use migrate_runtime::Sqlite;
use migrate_scan::Engine;
use migrate_tools::lock::{self, Changes};
use migrate_tools::{Check, check_directory, read_directory};
use std::path::Path;

#[derive(Clone, Copy)]
pub(crate) struct Directory<'a> {
    pub(crate) path: &'a Path,
    pub(crate) numbering: Numbering,
    pub(crate) engine: Engine,
}

impl Directory<'_> {
    /// The migrations, ready to run.
    pub(crate) fn read(&self) -> Result<AnyMigrator, Failure> {
        let (path, numbering) = (self.path, self.numbering);
        match self.engine {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite => Ok(AnyMigrator::Sqlite(Migrator::new(read_directory(
                path, numbering,
            )?))),
            #[cfg(feature = "postgres")]
            Engine::Postgres => Ok(AnyMigrator::Postgres(Migrator::new(read_directory(
                path, numbering,
            )?))),
            #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
            missing => Err(missing_engine(missing)),
        }
    }

    /// Checks the directory. Migrations for SQLite are replayed in memory, and
    /// migrations for PostgreSQL in scratch databases on the server given with
    /// `--database`. `DATABASE_URL` is not used: it may name a production
    /// server.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(unused_variables, reason = "SQLite needs no server")
    )]
    pub(crate) fn check(
        &self,
        url: Option<&str>,
        options: &ConnectOptions,
    ) -> Result<Check, Failure> {
        let (path, numbering) = (self.path, self.numbering);
        match self.engine {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite => Ok(check_directory::<Sqlite>(path, numbering)),
            #[cfg(feature = "postgres")]
            Engine::Postgres => {
                if let Some(Database::Postgres(server)) = url.map(Database::parse).transpose()? {
                    let connector = &server.connector;
                    let mut db = server.connect(options, None)?;
                    return Ok(db.run(async |_| {
                        migrate_tools::postgres::prove_directory(path, numbering, connector).await
                    })?);
                }
                let mut check = check_directory::<Postgres>(path, numbering);
                check.notes = vec![
                    "the migrations were not replayed: use `--database` to name a PostgreSQL \
                     server where scratch databases can be created and dropped"
                        .to_owned(),
                ];
                Ok(check)
            }
            #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
            missing => Err(missing_engine(missing)),
        }
    }

    /// Adds new migrations to the lock file as drafts.
    pub(crate) fn update_lock(&self) -> Result<Changes, Failure> {
        let (path, numbering) = (self.path, self.numbering);
        match self.engine {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite => Ok(lock::update::<Sqlite>(path, numbering)?),
            #[cfg(feature = "postgres")]
            Engine::Postgres => Ok(lock::update::<Postgres>(path, numbering)?),
            #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
            missing => Err(missing_engine(missing)),
        }
    }

    /// Freezes all drafts, or those up to a version.
    pub(crate) fn freeze(&self, up_to: Option<Version>) -> Result<Changes, Failure> {
        let (path, numbering) = (self.path, self.numbering);
        match self.engine {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite => Ok(lock::freeze::<Sqlite>(path, numbering, up_to)?),
            #[cfg(feature = "postgres")]
            Engine::Postgres => Ok(lock::freeze::<Postgres>(path, numbering, up_to)?),
            #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
            missing => Err(missing_engine(missing)),
        }
    }
}
