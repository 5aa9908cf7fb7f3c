//! Which database a registry is for, as a type.

use migrate_scan::Engine;
use std::fmt;

/// The engine of a registry, as a type: that of SQLite.
#[derive(Clone, Copy, Debug)]
pub enum Sqlite {}

/// The engine of a registry, as a type: that of PostgreSQL.
#[derive(Clone, Copy, Debug)]
pub enum Postgres {}

/// The types that name an engine, so that the registry of one cannot be run on
/// the other.
pub trait EngineType: sealed::Sealed + Clone + Copy + fmt::Debug + Send + Sync + 'static {
    /// The same as a value.
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
