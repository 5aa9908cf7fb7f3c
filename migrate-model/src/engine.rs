//! Marker types for the database engine of a registry.

use migrate_scan::Engine;
use std::fmt;

/// Marks a registry for SQLite.
#[derive(Clone, Copy, Debug)]
pub enum Sqlite {}

/// Marks a registry for PostgreSQL.
#[derive(Clone, Copy, Debug)]
pub enum Postgres {}

/// A type that names an engine. A registry carries one, so a registry for SQLite cannot be run
/// on PostgreSQL, or the reverse.
pub trait EngineType: sealed::Sealed + Clone + Copy + fmt::Debug + Send + Sync + 'static {
    /// The engine as a value.
    const ENGINE: Engine;
}

impl EngineType for Sqlite {
    const ENGINE: Engine = Engine::Sqlite;
}

impl EngineType for Postgres {
    const ENGINE: Engine = Engine::Postgres;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Sqlite {}
    impl Sealed for super::Postgres {}
}
