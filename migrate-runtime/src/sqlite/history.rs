//! The history table: everything that reads or writes it.

use super::db_error::Failure;
use super::table::Table;
use crate::error::Kind;
use crate::history_row::{Cell, parse};
use crate::history_table::{column_list, is_complete, lacks, push};
use crate::history_write::{Dialect, HistoryWrite, Statement, Value};
use migrate_model::history::Row;
use migrate_model::plan::Options;
use migrate_model::{Migration, Registry};
use migrate_sqlite::compat;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Params, ToSql, params_from_iter};

const DIALECT: Dialect = Dialect {
    parameter: '?',
    now: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    line_end: "char(10)",
    types: ["INTEGER", "TEXT"],
    table_options: " STRICT",
};

/// The fast path: whether the history matches the registry exactly, and nothing
/// up to the target is pending. One statement, no lock beyond that of the read,
/// no write, and no allocation for a row.
///
/// `false` only means that the slow path is needed, which finds and reports
/// errors.
pub(super) fn is_current(
    conn: &Connection,
    table: &Table,
    registry: &Registry,
    options: &Options,
) -> bool {
    let Ok(mut statement) = conn.prepare_cached(&table.compare) else {
        return false;
    };
    let Ok(mut rows) = statement.query([]) else {
        return false;
    };
    let mut expected = registry.migrations().iter();
    loop {
        match rows.next() {
            Ok(Some(row)) => match expected.next() {
                Some(migration) if is_recorded(row, migration) => {}
                _ => return false,
            },
            Ok(None) => break,
            Err(_) => return false,
        }
    }
    // A view can have a column named `rowid`, and a table without this key can
    // have the right rows by chance. This is checked last, against the schema
    // for which the statement was prepared. It needs no statement.
    if !compat::is_primary_key(conn, table.name(), "version") {
        return false;
    }
    is_complete(expected.next(), options)
}

fn is_recorded(row: &rusqlite::Row<'_>, migration: &Migration) -> bool {
    let version = migration.version.get().cast_signed();
    matches!(row.get_ref(0), Ok(ValueRef::Integer(found)) if found == version)
        && matches!(row.get_ref(1), Ok(ValueRef::Text(text)) if migration.checksum.matches(text))
        && matches!(row.get_ref(2), Ok(ValueRef::Text(text)) if text == migration.name.as_bytes())
}

/// Reads the whole history, sorted by version. A database without the table has
/// an empty history. Any other failure is an error, never "version 0".
pub(super) fn read(conn: &Connection, table: &Table) -> Result<Vec<Row>, Failure> {
    if !exists(conn, table)? {
        return Ok(Vec::new());
    }
    let failure = |error: rusqlite::Error| Failure::new("reading the history")(error);
    let (columns, name) = (column_list(), table.sql());
    let sql = format!("SELECT rowid, {columns} FROM {name} ORDER BY rowid");
    let mut statement = conn.prepare(&sql).map_err(|error| match &error {
        // All other columns have been found.
        rusqlite::Error::SqlInputError { msg, .. } if msg.ends_with(": rowid") => {
            damaged(table, "it is a table without a rowid".to_owned())
        }
        _ => failure(error),
    })?;
    let mut rows = statement.query([]).map_err(failure)?;
    let mut history: Vec<Row> = Vec::new();
    while let Some(row) = rows.next().map_err(failure)? {
        check_key(row)
            .and_then(|()| parse(|at| cell(row, at + 1)))
            .and_then(|row| push(&mut history, row))
            .map_err(|what| damaged(table, what))?;
    }
    Ok(history)
}

/// With a key of another type, the rows are in another order.
fn check_key(row: &rusqlite::Row<'_>) -> Result<(), String> {
    match (row.get_ref(0), row.get_ref(1)) {
        (Ok(ValueRef::Integer(rowid)), Ok(ValueRef::Integer(version))) if rowid != version => {
            Err("`version` is not an `INTEGER PRIMARY KEY`".to_owned())
        }
        _ => Ok(()),
    }
}

fn cell<'r>(row: &'r rusqlite::Row<'_>, at: usize) -> Cell<'r> {
    match row.get_ref(at) {
        Ok(ValueRef::Integer(number)) => Cell::Integer(number),
        Ok(ValueRef::Real(number)) => Cell::Other(number.to_string()),
        Ok(ValueRef::Text(bytes)) => str::from_utf8(bytes).map_or_else(
            |_| Cell::Other(format!("`{}`", String::from_utf8_lossy(bytes))),
            Cell::Text,
        ),
        Ok(ValueRef::Blob(_)) => Cell::Other("a blob".to_owned()),
        Ok(ValueRef::Null) | Err(_) => Cell::Null,
    }
}

/// Whether the table exists, with the columns that this crate gave it.
pub(super) fn exists(conn: &Connection, table: &Table) -> Result<bool, Failure> {
    let failure = |error: rusqlite::Error| Failure::new("looking for the history")(error);
    let kind: Option<String> = conn
        .query_row(
            // Triggers have a namespace of their own. `COLLATE NOCASE` is used
            // because the application may have replaced `lower`.
            "SELECT type FROM main.sqlite_schema \
             WHERE name = ?1 COLLATE NOCASE AND type <> 'trigger'",
            [table.name()],
            |row| row.get(0),
        )
        .optional()
        .map_err(failure)?;
    match kind.as_deref() {
        None => return Ok(false),
        Some("table") => {}
        Some("index") => return Err(damaged(table, "it is an index, not a table".to_owned())),
        Some(other) => return Err(damaged(table, format!("it is a {other}, not a table"))),
    }
    let mut statement = conn
        .prepare("SELECT name, pk > 0 FROM pragma_table_info(?1, 'main')")
        .map_err(failure)?;
    let columns: Vec<(String, bool)> = statement
        .query_map([table.name()], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .map_err(failure)?;
    match lacks(table.name(), &columns)? {
        Some(what) => Err(damaged(table, what)),
        None => Ok(true),
    }
}

/// Creates the table. Only called under the write lock, and only if something
/// is to be applied.
pub(super) fn create(conn: &Connection, table: &Table) -> rusqlite::Result<()> {
    execute(conn, &DIALECT.create_table(&table.sql()), [])
}

pub(super) fn write(
    conn: &Connection,
    table: &Table,
    change: &HistoryWrite<'_>,
) -> rusqlite::Result<()> {
    let Statement { sql, values } = change.statement(&DIALECT, &table.sql());
    execute(conn, &sql, params_from_iter(values))
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Value::Integer(number) => number.to_sql(),
            Value::Text(text) => text.to_sql(),
        }
    }
}

/// With `PRAGMA count_changes` a write returns a row, which rusqlite's
/// `execute` refuses.
fn execute(conn: &Connection, sql: &str, params: impl Params) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while rows.next()?.is_some() {}
    Ok(())
}

fn damaged(table: &Table, what: String) -> Failure {
    let table = table.name().to_owned();
    Kind::Damaged { table, what }.into()
}
