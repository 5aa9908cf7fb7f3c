//! Queries about a schema, for migrations in Rust that must do nothing if their
//! change already exists.
//!
//! ```
//! use migrate_runtime::{rusqlite, schema};
//!
//! pub fn up(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> {
//!     if schema::table_exists(tx, "sessions")? {
//!         schema::add_column_if_missing(tx, "sessions", "user_id", "TEXT")?;
//!         tx.execute_batch("CREATE INDEX IF NOT EXISTS by_user ON sessions(user_id)")?;
//!     }
//!     Ok(())
//! }
//! # let mut db = rusqlite::Connection::open_in_memory()?;
//! # db.execute_batch("CREATE TABLE sessions(id INTEGER PRIMARY KEY)")?;
//! # up(&db.transaction()?)?;
//! # Ok::<(), rusqlite::Error>(())
//! ```
//!
//! They search the main database. Names are compared without regard to ASCII
//! case, as in SQLite.

use rusqlite::{Connection, Result};

/// Whether there is a table with this name, ordinary or virtual.
///
/// # Errors
///
/// Returns the error of SQLite.
pub fn table_exists(conn: &Connection, table: &str) -> Result<bool> {
    exists(conn, "table", table)
}

/// Whether there is an index with this name.
///
/// # Errors
///
/// Returns the error of SQLite.
pub fn index_exists(conn: &Connection, index: &str) -> Result<bool> {
    exists(conn, "index", index)
}

fn exists(conn: &Connection, kind: &str, name: &str) -> Result<bool> {
    conn.query_row(
        "SELECT EXISTS (SELECT 1 FROM main.sqlite_schema \
         WHERE type = ?1 AND name = ?2 COLLATE NOCASE)",
        [kind, name],
        |row| row.get(0),
    )
}

/// Whether a table or view has a column with this name, generated columns
/// included. Returns `false` if there is no such table.
///
/// # Errors
///
/// Returns the error of SQLite.
pub fn column_exists(conn: &Connection, table: &str, column: &str) -> Result<bool> {
    conn.query_row(
        "SELECT EXISTS (SELECT 1 FROM pragma_table_xinfo(?1, 'main') \
         WHERE name = ?2 COLLATE NOCASE)",
        [table, column],
        |row| row.get(0),
    )
}

/// Adds a column unless the table has one with that name. Returns whether it
/// did. The definition is SQL: `TEXT NOT NULL DEFAULT ''`.
///
/// # Errors
///
/// Returns the error of SQLite, in particular if there is no such table.
pub fn add_column_if_missing(
    conn: &Connection,
    table: &str,
    column: &str,
    definition: &str,
) -> Result<bool> {
    if column_exists(conn, table, column)? {
        return Ok(false);
    }
    let quote = migrate_scan::sqlite::quote;
    let (table, column) = (quote(table), quote(column));
    conn.execute_batch(&format!(
        "ALTER TABLE main.{table} ADD COLUMN {column} {definition}"
    ))?;
    Ok(true)
}
