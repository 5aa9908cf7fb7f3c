//! The migrations directory, read for the engine of its scripts.

use crate::database::ConnectOptions;
#[cfg(feature = "postgres")]
use crate::database::Database;
use crate::failure::Failure;
#[cfg(not(all(feature = "postgres", feature = "sqlite")))]
use crate::features::missing_engine;
use crate::migrator::{AnyMigrator, Sealed};
use migrate_model::{Numbering, Version};
use migrate_runtime::Migrator;
#[cfg(feature = "postgres")]
use migrate_runtime::Postgres;
#[cfg(feature = "sqlite")]
use migrate_runtime::Sqlite;
use migrate_scan::Engine;
use migrate_tools::lock::{self, Changes};
use migrate_tools::{Check, CheckOptions, SqliteVersion, check_directory};
use migrate_tools::{count_unreadable, read_directory};
use std::path::Path;

/// Evaluates an expression with `$E` as the type of an engine; fails if that engine is not
/// compiled in.
macro_rules! with_engine {
    ($engine:expr, $E:ident => $value:expr) => {
        match $engine {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite => {
                type $E = Sqlite;
                Ok($value)
            }
            #[cfg(feature = "postgres")]
            Engine::Postgres => {
                type $E = Postgres;
                Ok($value)
            }
            #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
            missing => Err(missing_engine(missing)),
        }
    };
}

#[derive(Clone, Copy)]
pub(crate) struct Directory<'a> {
    pub(crate) path: &'a Path,
    pub(crate) numbering: Numbering,
    pub(crate) engine: Engine,
}

impl Directory<'_> {
    /// The migrations, ready to run.
    pub(crate) fn read(&self) -> Result<AnyMigrator, Failure> {
        with_engine!(self.engine, E => {
            Migrator::<Version, E>::new(read_directory(self.path, self.numbering)?).any()
        })
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
        min_sqlite: Option<SqliteVersion>,
    ) -> Result<Check, Failure> {
        let path = self.path;
        let mut without_server = CheckOptions::from(self.numbering);
        without_server.min_sqlite = min_sqlite;
        match self.engine {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite => Ok(check_directory::<Sqlite>(path, without_server)),
            #[cfg(feature = "postgres")]
            Engine::Postgres => {
                if let Some(Database::Postgres(server)) = url.map(Database::parse).transpose()? {
                    let db = server.connect(options, None)?;
                    let connector = server.further(options);
                    let numbering = self.numbering;
                    return Ok(db.disconnect_and_run(async || {
                        migrate_tools::postgres::prove_directory(path, numbering, &connector).await
                    })?);
                }
                let mut check = check_directory::<Postgres>(path, without_server);
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

    /// The number of errors of the files and of the syntax.
    pub(crate) fn count_unreadable(&self) -> Result<usize, Failure> {
        with_engine!(self.engine, E => count_unreadable::<E>(self.path, self.numbering))
    }

    pub(crate) fn update_lock(&self) -> Result<Changes, Failure> {
        with_engine!(self.engine, E => lock::update::<E>(self.path, self.numbering)?)
    }

    pub(crate) fn freeze(&self, up_to: Option<Version>) -> Result<Changes, Failure> {
        with_engine!(self.engine, E => lock::freeze::<E>(self.path, self.numbering, up_to)?)
    }
}
