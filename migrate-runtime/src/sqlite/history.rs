//! The history table: everything that reads or writes it.

use super::lock::Failure;
use super::quote;
use crate::error::Kind;
use crate::record::{Record, lacks, stored_down};
use migrate_model::history::{COLUMNS, Progress, Row, State};
use migrate_model::plan::Options;
use migrate_model::{Migration, Registry, Version};
use migrate_sqlite::compat;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Params, params};
use std::borrow::Cow;

mod row;

/// The history table of a migrator.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    name: Cow<'static, str>,
    /// What the fast path asks, made once.
    compare: Cow<'static, str>,
}

const NAME: &str = "_migrations";

/// What the fast path compares. A column that is fetched costs more than a
/// comparison inside of SQLite, so the state is compared there, and the version
/// is NULL where it is another one. The order is that of the table itself; by
/// its name it is an error in a view, which is no history.
const COMPARE: &str = "SELECT CASE state WHEN 'applied' THEN version END, checksum, name \
                       FROM main._migrations ORDER BY rowid";

/// The time of a row: RFC 3339, UTC.
const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

impl Default for Table {
    fn default() -> Table {
        Table {
            name: Cow::Borrowed(NAME),
            compare: Cow::Borrowed(COMPARE),
        }
    }
}

impl Table {
    pub(crate) fn named(name: &str) -> Table {
        let quoted = format!("main.{}", quote(name));
        Table {
            name: Cow::Owned(name.to_owned()),
            compare: Cow::Owned(COMPARE.replace("main._migrations", &quoted)),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// As it is written in a statement.
    fn sql(&self) -> String {
        format!("main.{}", quote(&self.name))
    }

    fn damaged(&self, what: String) -> Failure {
        Kind::Damaged {
            table: self.name.to_string(),
            what,
        }
        .into()
    }
}

/// The fast path: whether the history is exactly what the registry says, and
/// nothing up to the target is pending. One statement, no lock beyond its
/// read, no write, and no allocation for a row.
///
/// `false` only means that a closer look is needed: errors are found again, and
/// told, by whoever takes it.
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
    // A view can have a column that is called `rowid`, and a table without this
    // key the right rows by chance. It is asked last, of the schema for which
    // the statement was good; it costs no statement.
    if !compat::is_primary_key(conn, table.name(), "version") {
        return false;
    }
    match (expected.next(), options.target) {
        (None, _) => true,
        (Some(pending), Some(target)) => pending.version > target,
        (Some(_), None) => false,
    }
}

fn is_recorded(row: &rusqlite::Row<'_>, migration: &Migration) -> bool {
    let version = migration.version.get().cast_signed();
    matches!(row.get_ref(0), Ok(ValueRef::Integer(found)) if found == version)
        && matches!(row.get_ref(1), Ok(ValueRef::Text(text)) if migration.checksum.matches(text))
        && matches!(row.get_ref(2), Ok(ValueRef::Text(text)) if text == migration.name.as_bytes())
}

/// Reads the whole history, sorted by version. A database without the table
/// has an empty one; any other trouble is an error, never "version 0".
pub(super) fn read(conn: &Connection, table: &Table) -> Result<Vec<Row>, Failure> {
    if !exists(conn, table)? {
        return Ok(Vec::new());
    }
    let failure = |error: rusqlite::Error| Failure::new("reading the history")(error);
    let columns: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    let (columns, name) = (columns.join(", "), table.sql());
    let sql = format!("SELECT rowid, {columns} FROM {name} ORDER BY rowid");
    let mut statement = conn.prepare(&sql).map_err(|error| match &error {
        // All other columns have been found.
        rusqlite::Error::SqlInputError { msg, .. } if msg.ends_with(": rowid") => {
            table.damaged("it is a table without a rowid".to_owned())
        }
        _ => failure(error),
    })?;
    let mut rows = statement.query([]).map_err(failure)?;
    let mut history: Vec<Row> = Vec::new();
    while let Some(row) = rows.next().map_err(failure)? {
        let row = row::parse(row).map_err(|what| table.damaged(what))?;
        if history
            .last()
            .is_some_and(|before| before.version >= row.version)
        {
            return Err(table.damaged(format!("version {} stands in it twice", row.version)));
        }
        history.push(row);
    }
    Ok(history)
}

/// Whether the table is there, in the shape that this crate gave it.
pub(super) fn exists(conn: &Connection, table: &Table) -> Result<bool, Failure> {
    let failure = |error: rusqlite::Error| Failure::new("looking for the history")(error);
    let kind: Option<String> = conn
        .query_row(
            // Triggers have a name space of their own. The application may have
            // put something else in the place of `lower`.
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
        Some("index") => return Err(table.damaged("it is an index, not a table".to_owned())),
        Some(other) => return Err(table.damaged(format!("it is a {other}, not a table"))),
    }
    let mut statement = conn
        .prepare("SELECT name, pk FROM pragma_table_info(?1, 'main')")
        .map_err(failure)?;
    let columns: Vec<(String, i64)> = statement
        .query_map([table.name()], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .map_err(failure)?;
    check_columns(table, &columns)?;
    Ok(true)
}

fn check_columns(table: &Table, columns: &[(String, i64)]) -> Result<(), Failure> {
    let names = columns.iter().map(|(name, _)| name.clone()).collect();
    if let Some(what) = lacks(table.name(), names)? {
        return Err(table.damaged(what));
    }
    let key: Vec<&str> = columns
        .iter()
        .filter(|(_, position)| *position > 0)
        .map(|(name, _)| name.as_str())
        .collect();
    if key != ["version"] {
        return Err(table.damaged("`version` is not its primary key".to_owned()));
    }
    Ok(())
}

/// Makes the table; only under the write lock, and only when something is to
/// be applied.
pub(super) fn create(conn: &Connection, table: &Table) -> rusqlite::Result<()> {
    let columns = COLUMNS.map(|(name, kind)| format!("\n    {name} {kind}"));
    let (name, columns) = (table.sql(), columns.join(","));
    write(
        conn,
        &format!("CREATE TABLE {name} ({columns}\n) STRICT"),
        [],
    )
}

/// Records a migration, in the transaction that applied or started it.
pub(super) fn insert(
    conn: &Connection,
    table: &Table,
    migration: &Migration,
    record: &Record<'_>,
) -> rusqlite::Result<()> {
    let state = match record.progress {
        None => State::Applied,
        Some(_) => State::Started,
    };
    let sql = format!(
        "INSERT INTO {} (version, name, checksum, state, applied_at, execution_ms, release, \
         git_commit, down_sql, origin, progress, note) \
         VALUES (?1, ?2, ?3, ?4, coalesce(?11, {NOW}), ?5, ?6, ?7, ?8, ?9, ?10, ?12)",
        table.sql()
    );
    write(
        conn,
        &sql,
        params![
            migration.version.get().cast_signed(),
            migration.name,
            migration.checksum.to_string(),
            state.as_str(),
            i64::try_from(record.execution_ms).unwrap_or(i64::MAX),
            record.release,
            record.git_commit,
            stored_down(migration),
            record.origin,
            record.progress.map(|progress| progress.to_string()),
            record.applied_at,
            record.note,
        ],
    )
}

/// Removes the row of a migration that has been undone.
pub(super) fn delete(conn: &Connection, table: &Table, version: Version) -> rusqlite::Result<()> {
    let sql = format!("DELETE FROM {} WHERE version = ?1", table.sql());
    write(conn, &sql, [version.get().cast_signed()])
}

/// Says how far a script without a transaction got.
pub(super) fn set_progress(
    conn: &Connection,
    table: &Table,
    version: Version,
    progress: Progress,
) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE {} SET state = 'started', progress = ?2 WHERE version = ?1",
        table.sql()
    );
    let version = version.get().cast_signed();
    write(conn, &sql, params![version, progress.to_string()])
}

/// A migration that was started counts as applied from now on.
pub(super) fn finish(
    conn: &Connection,
    table: &Table,
    version: Version,
    execution_ms: u64,
) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE {} SET state = 'applied', progress = NULL, applied_at = {NOW}, \
         execution_ms = ?2 WHERE version = ?1",
        table.sql()
    );
    let execution_ms = i64::try_from(execution_ms).unwrap_or(i64::MAX);
    let version = version.get().cast_signed();
    write(conn, &sql, params![version, execution_ms])
}

/// A migration that was started counts as applied again, as it was before.
pub(super) fn reopen(conn: &Connection, table: &Table, version: Version) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE {} SET state = 'applied', progress = NULL WHERE version = ?1",
        table.sql()
    );
    write(conn, &sql, [version.get().cast_signed()])
}

/// Gives a row what the registry says, as applied, and adds a line to its note.
pub(super) fn restamp(
    conn: &Connection,
    table: &Table,
    migration: &Migration,
    note: &str,
) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE {} SET name = ?2, checksum = ?3, down_sql = ?4 WHERE version = ?1",
        table.sql()
    );
    let version = migration.version.get().cast_signed();
    let (name, checksum) = (migration.name, migration.checksum.to_string());
    let down = stored_down(migration);
    write(conn, &sql, params![version, name, checksum, down])?;
    annotate(conn, table, migration.version, note)
}

/// Adds a line with the time to the note of a row.
pub(super) fn annotate(
    conn: &Connection,
    table: &Table,
    version: Version,
    note: &str,
) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE {} SET note = CASE WHEN note IS NULL THEN '' ELSE note || char(10) END \
         || {NOW} || ' ' || ?2 WHERE version = ?1",
        table.sql()
    );
    write(conn, &sql, params![version.get().cast_signed(), note])
}

/// With `PRAGMA count_changes` a write returns a row, which `execute` refuses.
fn write(conn: &Connection, sql: &str, params: impl Params) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query(params)?;
    while rows.next()?.is_some() {}
    Ok(())
}
