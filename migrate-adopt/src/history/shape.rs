//! Which tool has made a table, by its columns.

use super::record::reading;
use crate::Tool;
use crate::error::Error;
use migrate_core::sqlite::quote;
use migrate_runtime::rusqlite::{Connection, OptionalExtension};

/// The columns that the history of a tool has. Others may follow.
const fn columns_of(tool: Tool) -> &'static [&'static str] {
    match tool {
        Tool::Refinery => &["version", "name", "applied_on", "checksum"],
        Tool::Sqlx => &[
            "version",
            "description",
            "installed_on",
            "success",
            "checksum",
            "execution_time",
        ],
        Tool::Diesel => &["version", "run_on"],
        Tool::RusqliteMigration => &[],
        Tool::SeaOrm => &["version", "applied_at"],
        Tool::GolangMigrate => &["version", "dirty"],
        Tool::Goose => &["id", "version_id", "is_applied", "tstamp"],
        Tool::Dbmate => &["version"],
        Tool::Flyway => &[
            "installed_rank",
            "version",
            "description",
            "type",
            "script",
            "checksum",
            "installed_on",
            "execution_time",
            "success",
        ],
        Tool::Names => &["id", "name", "applied_at"],
        Tool::Metadata => &["schema_version"],
        Tool::Archon => &["version", "migration_name", "applied_at", "checksum"],
        Tool::Numbered => &[
            "version",
            "name",
            "checksum",
            "applied_at",
            "execution_time_ms",
        ],
    }
}

/// Whether a table of these columns can be the tool's.
pub(crate) fn made(tool: Tool, columns: &[String]) -> bool {
    let has = |wanted: &str| {
        columns
            .iter()
            .any(|column| column.eq_ignore_ascii_case(wanted))
    };
    let wanted = columns_of(tool);
    let has_all = !wanted.is_empty() && wanted.iter().all(|wanted| has(wanted));
    match tool {
        // One column says too little to be one of many.
        Tool::Dbmate => has_all && columns.len() == 1,
        // Ours has these columns too, beside others.
        Tool::Names => has_all && !has("checksum") && !has("hash"),
        Tool::Numbered => has_all && !has("origin"),
        Tool::Diesel | Tool::SeaOrm => has_all && columns.len() == 2,
        Tool::Metadata => has_all || has("key") && has("value"),
        _ => has_all,
    }
}

/// The tools that can have made a table of these columns.
pub(crate) fn detect_in(columns: &[String]) -> Vec<Tool> {
    let is_one = |tool: &Tool| *tool != Tool::Metadata && made(*tool, columns);
    Tool::ALL.into_iter().filter(is_one).collect()
}

/// The tools whose histories a database has: those with a row in a table of
/// the right name and shape. rusqlite_migration is never among them, because
/// `PRAGMA user_version` may be anybody's.
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
        if made(tool, &columns) && has_rows(conn, tool, table, &columns)? {
            found.push(tool);
        }
    }
    Ok(found)
}

/// The tables of a database that can be the history of a tool, whatever they are
/// called: what it has left behind after its history was taken over, and which
/// no migration makes.
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
        // Its columns are those of any table of keys and values.
        let may_be = tool != Tool::Metadata || name.eq_ignore_ascii_case("metadata");
        if may_be && made(tool, &columns(conn, &name)?) {
            found.push(name);
        }
    }
    Ok(found)
}

fn has_rows(conn: &Connection, tool: Tool, table: &str, columns: &[String]) -> Result<bool, Error> {
    let filter = match tool {
        Tool::Metadata if !counts_in_a_column(columns) => "WHERE key = 'schema_version'",
        // Its own first row says nothing.
        Tool::Goose => "WHERE version_id <> 0",
        _ => "",
    };
    let sql = format!("SELECT 1 FROM main.{} {filter} LIMIT 1", quote(table));
    let row = conn.query_row(&sql, [], |_| Ok(())).optional();
    Ok(row.map_err(reading(table))?.is_some())
}

/// Whether `schema_version` is a column, and not a key.
pub(super) fn counts_in_a_column(columns: &[String]) -> bool {
    columns
        .iter()
        .any(|column| column.eq_ignore_ascii_case("schema_version"))
}

/// None, if there is no such table.
pub(super) fn columns(conn: &Connection, table: &str) -> Result<Vec<String>, Error> {
    conn.prepare("SELECT name FROM pragma_table_info(?1, 'main')")
        .and_then(|mut select| select.query_map([table], |row| row.get(0))?.collect())
        .map_err(reading(table))
}
