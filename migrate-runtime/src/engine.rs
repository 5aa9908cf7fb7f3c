//! The supported databases.

use migrate_model::{EngineType, Postgres, Sqlite};
use std::fmt::Debug;
use std::time::Duration;

/// A database that this build can migrate: `Sqlite` or `Postgres`.
///
/// It is the second parameter of [`Migrator`](crate::Migrator), so the
/// migrations for one database cannot run on another.
pub trait Engine: EngineType {
    /// The options that only this engine has.
    #[doc(hidden)]
    type EngineOptions: Clone + Debug + Default + Send + Sync;

    /// How long to wait for the lock by default.
    #[doc(hidden)]
    const LOCK_TIMEOUT: Duration;
}

impl Engine for Sqlite {
    #[cfg(feature = "sqlite")]
    type EngineOptions = crate::sqlite::SqliteOptions;
    #[cfg(not(feature = "sqlite"))]
    type EngineOptions = ();

    const LOCK_TIMEOUT: Duration = Duration::from_secs(60);
}

impl Engine for Postgres {
    #[cfg(feature = "postgres")]
    type EngineOptions = crate::postgres::PostgresOptions;
    #[cfg(not(feature = "postgres"))]
    type EngineOptions = ();

    /// Migrating a large database takes minutes, and all processes that start
    /// meanwhile wait for it.
    const LOCK_TIMEOUT: Duration = Duration::from_secs(300);
}
