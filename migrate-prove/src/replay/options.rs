//! The options of a replay.

use migrate_model::Version;
use migrate_model::history::Direction;
use migrate_source::SqliteVersion;
use rusqlite::{Connection, Transaction};

/// The options of a replay.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Options<'a> {
    /// The name of the history table, which no migration may touch.
    pub history: &'a str,
    /// Prepares each connection as the application does: functions, collations, virtual tables.
    pub setup: Option<Setup<'a>>,
    /// Functions of the application whose code is not available, and that are replaced by
    /// placeholders: names and numbers of arguments, -1 for any.
    pub functions: &'a [(String, i32)],
    /// Collations of the application that are replaced by placeholders.
    pub collations: &'a [String],
    /// Runs a migration in Rust. Default: the replay ends before the first.
    pub rust: Option<Rust<'a>>,
    /// The number of steps that SQLite's virtual machine may take for one migration. Default: no
    /// limit.
    pub max_steps: Option<u64>,
    /// The oldest SQLite that the application supports, for what a help offers.
    pub min_sqlite: Option<SqliteVersion>,
}

/// Prepares a connection.
pub type Setup<'a> = &'a dyn Fn(&Connection) -> rusqlite::Result<()>;

/// Runs the function of a migration, and returns the message of its error.
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
            min_sqlite: None,
        }
    }
}
