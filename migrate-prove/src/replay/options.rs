//! The options of a replay.

use migrate_model::Version;
use migrate_model::history::Direction;
use rusqlite::{Connection, Transaction};

/// What a replay is done with.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Options<'a> {
    /// The name of the history table, which no migration may touch.
    pub history: &'a str,
    /// Gives each connection what the application gives it: functions,
    /// collations, virtual tables.
    pub setup: Option<Setup<'a>>,
    /// Functions of the application that are replaced by placeholders, because their
    /// code is not there: their names and numbers of arguments, -1 for any.
    pub functions: &'a [(String, i32)],
    /// Collations of the application, in the same way.
    pub collations: &'a [String],
    /// Runs a migration in Rust. Without it, the replay ends before the first.
    pub rust: Option<Rust<'a>>,
    /// How many steps SQLite's machine may take for one migration; without an
    /// end if that is not given.
    pub max_steps: Option<u64>,
}

/// Prepares a connection.
pub type Setup<'a> = &'a dyn Fn(&Connection) -> rusqlite::Result<()>;

/// Runs the function of a migration, and returns what went wrong in words.
pub type Rust<'a> = &'a dyn Fn(Version, Direction, &Transaction<'_>) -> Result<(), String>;

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            history: "_migrations",
            setup: None,
            functions: &[],
            collations: &[],
            rust: None,
            max_steps: None,
        }
    }
}
