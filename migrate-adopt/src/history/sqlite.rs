//! Reading histories from SQLite.

use super::applied::OldHistory;
use super::interpret::{check_shape, table_of, understand};
use super::record::Rows;
use super::shape::{is_readable, query_applied, wanted};
use super::single_number;
use crate::Tool;
use crate::error::{Error, Kind};
use migrate_runtime::rusqlite::{self, Connection, OptionalExtension};
use migrate_scan::sqlite::quote;

/// The versions that a tool has applied, in its order and notation. For a tool
/// that records only the newest version, it is that version.
///
/// ```
/// use migrate_adopt::{Tool, applied};
/// use migrate_runtime::rusqlite::Connection;
///
/// let db = Connection::open_in_memory()?;
/// db.pragma_update(None, "user_version", 2)?;
/// assert_eq!(applied(&db, Tool::RusqliteMigration, None)?, ["1", "2"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if there is no history of this tool, or if it cannot be read.
pub fn applied(conn: &Connection, tool: Tool, table: Option<&str>) -> Result<Vec<String>, Error> {
    read(conn, tool, table).map(OldHistory::ids)
}

/// Reads the history of a tool, from its default table or the given one.
pub(crate) fn read(
    conn: &Connection,
    tool: Tool,
    table: Option<&str>,
) -> Result<OldHistory, Error> {
    let Some(table) = table_of(tool, table)? else {
        let number = conn
            .query_row("PRAGMA main.user_version", [], |row| row.get(0))
            .map_err(reading("PRAGMA user_version"))?;
        return single_number::user_version(number, tool);
    };
    let columns = columns(conn, table)?;
    if columns.is_empty() {
        return Err(Kind::NoTable {
            tool,
            table: table.to_owned(),
            schemas: Vec::new(),
            others: detect(conn)?,
        }
        .into());
    }
    check_shape(tool, table, &columns)?;
    let wanted = wanted(tool, &columns);
    let names: Vec<String> = wanted.columns.iter().map(|column| quote(column)).collect();
    let condition = wanted.only.map_or(String::new(), |(column, text)| {
        format!("WHERE {} = '{text}'", quote(column))
    });
    let sql = format!(
        "SELECT {} FROM main.{} {condition}",
        names.join(", "),
        quote(table)
    );
    let values = conn
        .prepare(&sql)
        .and_then(|mut select| {
            select
                .query_map([], |row| {
                    (0..names.len()).map(|index| row.get(index)).collect()
                })?
                .collect()
        })
        .map_err(reading(table))?;
    understand(
        tool,
        Rows {
            table,
            wanted,
            values,
        },
    )
}

/// The tools whose histories a database has: those with a row in a table with
/// the right name and columns. rusqlite_migration is never among them, because
/// any program may use `PRAGMA user_version`.
///
/// ```
/// use migrate_adopt::{Tool, detect};
/// use migrate_runtime::rusqlite::Connection;
///
/// let db = Connection::open_in_memory()?;
/// db.execute_batch("CREATE TABLE schema_migrations(version uint64, dirty bool)")?;
/// assert_eq!(detect(&db)?, []);
/// db.execute("INSERT INTO schema_migrations VALUES (7, 0)", [])?;
/// assert_eq!(detect(&db)?, [Tool::GolangMigrate]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if the database cannot be read.
pub fn detect(conn: &Connection) -> Result<Vec<Tool>, Error> {
    let mut found = Vec::new();
    for tool in Tool::ALL {
        let Some(table) = tool.table() else { continue };
        let columns = columns(conn, table)?;
        let name = format!("main.{}", quote(table));
        let Some(applied) = query_applied(tool, &name, &columns) else {
            continue;
        };
        let row = conn.query_row(&applied, [], |_| Ok(())).optional();
        if row.map_err(reading(table))?.is_some() {
            found.push(tool);
        }
    }
    Ok(found)
}

/// The tables of a database that can be the history of a tool, whatever their
/// names. They remain after an adoption, and no migration creates them.
///
/// ```
/// use migrate_adopt::{Tool, histories};
/// use migrate_runtime::rusqlite::Connection;
///
/// let db = Connection::open_in_memory()?;
/// db.execute_batch("CREATE TABLE migrations_before(version uint64, dirty bool)")?;
/// assert_eq!(histories(&db, Tool::GolangMigrate)?, ["migrations_before"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if the database cannot be read.
pub fn histories(conn: &Connection, tool: Tool) -> Result<Vec<String>, Error> {
    let sql = "SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name";
    let names = conn
        .prepare(sql)
        .and_then(|mut tables| tables.query_map([], |row| row.get(0))?.collect())
        .map_err(reading("sqlite_schema"))?;
    let mut found: Vec<String> = Vec::new();
    for name in Vec::<String>::into_iter(names) {
        // Its columns are those of any key-value table.
        let may_be = tool != Tool::Metadata || name.eq_ignore_ascii_case("metadata");
        if may_be && is_readable(tool, &columns(conn, &name)?) {
            found.push(name);
        }
    }
    Ok(found)
}

/// The columns of a table; `None` if it does not exist.
fn columns(conn: &Connection, table: &str) -> Result<Vec<String>, Error> {
    conn.prepare("SELECT name FROM pragma_table_info(?1, 'main')")
        .and_then(|mut select| select.query_map([table], |row| row.get(0))?.collect())
        .map_err(reading(table))
}

/// The error of reading a table.
fn reading(table: &str) -> impl FnOnce(rusqlite::Error) -> Error {
    let table = table.to_owned();
    move |error| Error::with_source(Kind::Reading(table), error)
}
