//! The database engines that scripts are written for.

use crate::{Scan, Token, TokenKind, postgres, sqlite};
use std::fmt;
use std::ops::Range;

/// A database engine that migrations can be written for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Engine {
    /// SQLite.
    #[default]
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Engine {
    /// Splits a script into statements the way the engine does.
    pub fn scan(self, text: &str) -> Scan {
        match self {
            Engine::Sqlite => sqlite::scan(text),
            Engine::Postgres => postgres::scan(text),
        }
    }

    /// The byte ranges of the words in `text`: keywords, names and numbers.
    pub fn words(self, text: &str) -> Vec<Range<usize>> {
        let words = |tokens: &mut dyn Iterator<Item = Token>| {
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
