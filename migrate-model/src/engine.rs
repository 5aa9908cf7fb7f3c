//! Which database the scripts of a directory are for.

use crate::scan::{Scan, TokenKind};
use crate::{postgres, sqlite};
use std::fmt;
use std::ops::Range;

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

impl Engine {
    /// Splits a script into statements as the engine does.
    pub fn scan(self, text: &str) -> Scan {
        match self {
            Engine::Sqlite => sqlite::scan(text),
            Engine::Postgres => postgres::scan(text),
        }
    }

    /// The places of the words of a text: keywords, names and numbers.
    pub(crate) fn words(self, text: &str) -> Vec<Range<usize>> {
        let words = |tokens: &mut dyn Iterator<Item = crate::scan::Token>| {
            tokens
                .filter(|token| token.kind == TokenKind::Word)
                .map(|token| token.range)
                .collect()
        };
        match self {
            Engine::Sqlite => words(&mut sqlite::Tokens::new(text)),
            Engine::Postgres => words(&mut postgres::Tokens::new(text)),
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        })
    }
}

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
