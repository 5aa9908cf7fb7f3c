//! Which database the scripts of a directory are for.

use std::fmt::Debug;

/// A database that migrations can be written for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Engine {
    /// SQLite.
    #[default]
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// The engine of a registry, as a type: that of SQLite.
#[derive(Clone, Copy, Debug)]
pub enum Sqlite {}

/// The engine of a registry, as a type: that of PostgreSQL.
#[derive(Clone, Copy, Debug)]
pub enum Postgres {}

/// The types that name an engine, so that the registry of one cannot be run on
/// the other.
pub trait EngineType: sealed::Sealed + Clone + Copy + Debug + Send + Sync + 'static {
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
