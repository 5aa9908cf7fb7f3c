//! A migrator of either engine, with the options of a run.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;

use crate::args::{Global, LockOptions};
use crate::failure::Failure;
#[cfg(feature = "sqlite")]
use crate::features;
use migrate_runtime::{Migration, Migrator, Version};
use migrate_scan::Engine;
use migrate_tools::SqliteVersion;
use std::path::Path;

/// A migrator of either engine.
#[allow(
    clippy::large_enum_variant,
    reason = "a process has few of them; with one engine there is one variant"
)]
#[derive(Clone, Debug)]
pub enum AnyMigrator {
    #[cfg(feature = "sqlite")]
    Sqlite(Migrator<Version>),
    #[cfg(feature = "postgres")]
    Postgres(Migrator<Version, migrate_runtime::Postgres>),
}

/// Reads a property that migrators of both engines have.
macro_rules! get {
    ($migrator:expr, $it:ident => $value:expr) => {
        match $migrator {
            #[cfg(feature = "sqlite")]
            $crate::migrator::AnyMigrator::Sqlite($it) => $value,
            #[cfg(feature = "postgres")]
            $crate::migrator::AnyMigrator::Postgres($it) => $value,
        }
    };
}

/// Sets an option that migrators of both engines have.
macro_rules! map {
    ($migrator:expr, $it:ident => $changed:expr) => {
        $crate::migrator::get!($migrator, $it => $crate::migrator::Sealed::any($changed))
    };
}

pub(crate) use {get, map};

/// A migrator that a [`Program`](crate::Program) can embed: one for SQLite,
/// which needs the feature `sqlite`, or one for PostgreSQL, which needs the
/// feature `postgres`.
pub trait Embedded: sealed::Sealed {}

mod sealed {
    pub trait Sealed {
        fn any(self) -> super::AnyMigrator;
    }
}

pub(crate) use sealed::Sealed;

#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
impl<M> Embedded for Migrator<M> {}

#[cfg(feature = "sqlite")]
impl<M> Sealed for Migrator<M> {
    fn any(self) -> AnyMigrator {
        AnyMigrator::Sqlite(self.untyped())
    }
}

#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
impl<M> Embedded for Migrator<M, migrate_runtime::Postgres> {}

#[cfg(feature = "postgres")]
impl<M> Sealed for Migrator<M, migrate_runtime::Postgres> {
    fn any(self) -> AnyMigrator {
        AnyMigrator::Postgres(self.untyped())
    }
}

impl AnyMigrator {
    pub(crate) fn engine(&self) -> Engine {
        get!(self, it => it.registry().engine())
    }

    pub(crate) fn migrations(&self) -> &'static [Migration] {
        get!(self, it => it.registry().migrations())
    }

    #[cfg(any(feature = "adopt", feature = "sqlite"))]
    pub(crate) fn get_history_table(&self) -> &str {
        get!(self, it => it.get_history_table())
    }

    /// The oldest SQLite that the program supports, if it names one.
    pub(crate) fn min_sqlite(&self) -> Option<SqliteVersion> {
        match self {
            #[cfg(feature = "sqlite")]
            AnyMigrator::Sqlite(migrator) => SqliteVersion::from_number(migrator.get_min_sqlite()),
            #[cfg(feature = "postgres")]
            AnyMigrator::Postgres(_) => None,
        }
    }

    /// Applies the options that every verb accepts.
    pub(crate) fn configured(self, global: &Global) -> Result<AnyMigrator, Failure> {
        if global.history_table.as_deref() == Some("") {
            // SQLite would create a table without a name, and environment variables
            // are often set to an empty string.
            return Err(Failure::usage("the name of the history table is empty")
                .help("name it with `--history-table`, or unset `MIGRATE_HISTORY_TABLE`"));
        }
        match self {
            #[cfg(feature = "sqlite")]
            AnyMigrator::Sqlite(migrator) => match (global.postgres.given(), &global.history_table)
            {
                (Some(_), _) if !features::has_engine(Engine::Postgres) => {
                    Err(features::missing_engine(Engine::Postgres))
                }
                (Some(option), _) => {
                    Err(Failure::usage(format!("`{option}` is only for PostgreSQL"))
                        .help("omit it, or name a PostgreSQL database"))
                }
                (None, Some(table)) => Ok(AnyMigrator::Sqlite(migrator.history_table(table))),
                (None, None) => Ok(AnyMigrator::Sqlite(migrator)),
            },
            #[cfg(feature = "postgres")]
            AnyMigrator::Postgres(migrator) => {
                postgres::configured(migrator, global).map(AnyMigrator::Postgres)
            }
        }
    }

    pub(crate) fn without_target(self) -> AnyMigrator {
        map!(self, it => it.without_target())
    }

    pub(crate) fn without_backup(self) -> AnyMigrator {
        match self {
            #[cfg(feature = "sqlite")]
            AnyMigrator::Sqlite(migrator) => AnyMigrator::Sqlite(migrator.without_backup()),
            #[cfg(feature = "postgres")]
            migrator @ AnyMigrator::Postgres(_) => migrator,
        }
    }

    /// Sets the lock timeout of a verb that takes locks.
    pub(crate) fn with_lock_options(self, options: &LockOptions) -> AnyMigrator {
        match options.lock_timeout {
            Some(timeout) => map!(self, it => it.lock_timeout(timeout)),
            None => self,
        }
    }

    /// Copies the file before the first change.
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(unused_variables, reason = "it refuses any")
    )]
    pub(crate) fn backup_to(self, path: &Path) -> Result<AnyMigrator, Failure> {
        match self {
            #[cfg(feature = "sqlite")]
            AnyMigrator::Sqlite(migrator) => Ok(AnyMigrator::Sqlite(migrator.backup_to(path))),
            #[cfg(feature = "postgres")]
            AnyMigrator::Postgres(_) => Err(Failure::usage(
                "`--backup` copies the file of an SQLite database, and this is a PostgreSQL \
                 database",
            )
            .help("make a backup with `pg_dump` first, and omit `--backup`")),
        }
    }
}
