//! The migrations with all that a run was told, whatever their engine is.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use crate::args::Global;
use crate::failure::Failure;
use migrate_runtime::{Migration, Migrator, Version};
use migrate_scan::Engine;
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

/// Tells a migrator something that either engine can be told.
macro_rules! map {
    ($migrator:expr, $it:ident => $told:expr) => {
        match $migrator {
            #[cfg(feature = "sqlite")]
            $crate::migrator::AnyMigrator::Sqlite($it) => {
                $crate::migrator::AnyMigrator::Sqlite($told)
            }
            #[cfg(feature = "postgres")]
            $crate::migrator::AnyMigrator::Postgres($it) => {
                $crate::migrator::AnyMigrator::Postgres($told)
            }
        }
    };
}

/// Asks a migrator something.
macro_rules! with {
    ($migrator:expr, $it:ident => $answer:expr) => {
        match $migrator {
            #[cfg(feature = "sqlite")]
            AnyMigrator::Sqlite($it) => $answer,
            #[cfg(feature = "postgres")]
            AnyMigrator::Postgres($it) => $answer,
        }
    };
}

pub(crate) use map;

/// A migrator that a [`Program`](crate::Program) can be made of: one for SQLite,
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
        with!(self, it => it.registry().engine())
    }

    pub(crate) fn migrations(&self) -> &'static [Migration] {
        with!(self, it => it.registry().migrations())
    }

    #[cfg(any(feature = "adopt", feature = "sqlite"))]
    pub(crate) fn history_table_name(&self) -> &str {
        with!(self, it => it.history_table_name())
    }

    /// With what the options of every verb say.
    pub(crate) fn configured(self, global: &Global) -> Result<AnyMigrator, Failure> {
        if global.history_table.as_deref() == Some("") {
            // It would be a table without a name; the variable of an environment
            // is often set to nothing.
            return Err(Failure::usage("the name of the history table is empty")
                .help("name it with `--history-table`, or unset `MIGRATE_HISTORY_TABLE`"));
        }
        Ok(map!(self, it => it.configured(global)?))
    }

    /// With a copy of the file before the first change.
    pub(crate) fn backup_to(self, path: &Path) -> Result<AnyMigrator, Failure> {
        Ok(map!(self, it => it.with_backup(path)?))
    }
}

/// What the options say to a migrator for one engine.
trait Configure: Sized {
    fn configured(self, global: &Global) -> Result<Self, Failure>;

    fn with_backup(self, path: &Path) -> Result<Self, Failure>;
}
