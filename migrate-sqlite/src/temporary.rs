//! The temporary objects of a connection.

use migrate_scan::sqlite::quote;
use rusqlite::{Connection, Result};
use std::collections::BTreeSet;

/// An object that exists on its connection alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Temporary {
    /// `table`, `view` or `trigger`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// The temporary tables, views and triggers.
///
/// # Errors
///
/// Fails if the schema cannot be read.
pub fn temporary(conn: &Connection) -> Result<BTreeSet<Temporary>> {
    // The names of SQLite's own tables start with `sqlite_`.
    let mut statement = conn.prepare_cached(
        "SELECT type, name FROM temp.sqlite_schema \
         WHERE type <> 'index' AND substr(name, 1, 7) <> 'sqlite_'",
    )?;
    let objects = statement.query_map([], |row| {
        Ok(Temporary {
            kind: row.get(0)?,
            name: row.get(1)?,
        })
    })?;
    objects.collect()
}

/// Drops temporary objects, if they still exist.
///
/// # Errors
///
/// Fails if a statement still uses one of them.
pub fn drop_temporary<'a>(
    conn: &Connection,
    objects: impl IntoIterator<Item = &'a Temporary>,
) -> Result<()> {
    for Temporary { kind, name } in objects {
        // A table takes its triggers along, and a virtual table the tables of its own.
        conn.execute_batch(&format!("DROP {kind} IF EXISTS temp.{}", quote(name)))?;
    }
    Ok(())
}
