//! The checks of the model on a connection: broken references, views and triggers
//! are looked for before each commit.

use super::history::Table;
use migrate_model::sqlite::integrity::{self, Database, Value};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

pub(super) use migrate_model::sqlite::integrity::Problems;

/// Finds all problems of the main database.
pub(super) fn check(conn: &Connection) -> rusqlite::Result<Problems> {
    integrity::check(&Checked(conn))
}

/// What is to be said of each.
pub(super) fn texts<T: ToString>(problems: &[T]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

struct Checked<'c>(&'c Connection);

impl Database for Checked<'_> {
    type Error = rusqlite::Error;

    fn query(&self, sql: &str, parameters: &[&str]) -> rusqlite::Result<Vec<Vec<Value>>> {
        let mut statement = self.0.prepare(sql)?;
        let columns = statement.column_count();
        let rows = statement.query_map(rusqlite::params_from_iter(parameters), |row| {
            (0..columns).map(|at| Ok(value(row.get_ref(at)?))).collect()
        })?;
        rows.collect()
    }

    fn compile(&self, sql: &str) -> rusqlite::Result<()> {
        self.0.prepare(sql).map(drop)
    }

    fn message(error: rusqlite::Error) -> rusqlite::Result<String> {
        match error {
            rusqlite::Error::SqlInputError { msg, .. } => Ok(msg),
            rusqlite::Error::SqliteFailure(inner, Some(message))
                if inner.code == rusqlite::ErrorCode::Unknown =>
            {
                Ok(message)
            }
            other => Err(other),
        }
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        _ => Value::Other,
    }
}

/// The tables and views of the main database that a temporary one of the same
/// name hides: SQLite looks there first, so that a migration would read and
/// write what is gone when the connection closes. The history is always named
/// with its schema.
pub(super) fn hidden(conn: &Connection, history: &Table) -> rusqlite::Result<Vec<String>> {
    conn.prepare(
        "SELECT name FROM temp.sqlite_schema \
         WHERE type IN ('table', 'view') AND name <> ?1 COLLATE NOCASE \
         AND name COLLATE NOCASE IN \
         (SELECT name FROM main.sqlite_schema WHERE type IN ('table', 'view')) ORDER BY name",
    )?
    .query_map([history.name()], |row| row.get(0))?
    .collect()
}
