//! The options of a migrator that only SQLite has.

use super::functions::{Attached, Functions};
use super::setup::{Setup, StandIns};
use super::table::Table;
use crate::closure::Closure;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

/// The options of an SQLite migrator, besides those of every engine.
#[derive(Clone, Debug, Default)]
pub struct SqliteOptions {
    pub(crate) table: Table,
    pub(crate) wal: bool,
    pub(crate) min_sqlite: i32,
    pub(crate) functions: &'static [Functions],
    pub(crate) attached: Vec<Attached>,
    pub(crate) backup: Option<PathBuf>,
    pub(super) connect: Option<Connect>,
    pub(crate) setup: Option<Setup>,
    pub(crate) stand_ins: StandIns,
}

type Connect = Closure<dyn Fn(&Path) -> rusqlite::Result<Connection> + Send + Sync>;

impl SqliteOptions {
    pub(super) fn has_functions(&self) -> bool {
        !self.functions.is_empty() || !self.attached.is_empty()
    }

    /// Opens another connection to the same file. It does not create the file
    /// if it is gone: an empty database is not the one that the caller has
    /// open.
    pub(crate) fn connect(&self, path: &Path) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        match &self.connect {
            Some(connect) => connect.0(path),
            None => Connection::open_with_flags(path, flags),
        }
    }
}
