//! Finding a foreign history in a database.

use crate::foreign_history::ForeignHistory;
use crate::foreign_history::tables::{HISTORY_TABLES, HistoryTable};
use crate::history_table::is_ours;
use migrate_scan::sqlite::quote;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashSet;

/// Looks for the history of another tool in a database without one of ours. A
/// history that records nothing as applied is ignored.
pub(super) fn find(conn: &Connection) -> rusqlite::Result<Option<ForeignHistory>> {
    let names: HashSet<String> = conn
        .prepare("SELECT name FROM main.sqlite_schema WHERE type IN ('table', 'view')")?
        .query_map([], |row| row.get::<_, String>(0))?
        .map(|name| name.map(|name| name.to_ascii_lowercase()))
        .collect::<rusqlite::Result<_>>()?;
    let is_there = |known: &&HistoryTable| names.contains(&known.name.to_ascii_lowercase());
    for known in HISTORY_TABLES.iter().filter(is_there) {
        let columns = columns(conn, known.name)?;
        // A history table of this crate for another registry can have this
        // name.
        if !known.recognizes(&columns) || is_ours(&columns) {
            continue;
        }
        let table = format!("main.{}", quote(known.name));
        let applied = known.query_applied(&table, &columns);
        let applied = conn.query_row(&applied, [], |_| Ok(())).optional()?;
        if applied.is_some() {
            let count = format!("SELECT count(*) FROM {table}");
            let rows: i64 = conn.query_row(&count, [], |row| row.get(0))?;
            let rows = u64::try_from(rows).unwrap_or_default();
            return Ok(Some(ForeignHistory::new(known, columns, rows)));
        }
    }
    Ok(None)
}

fn columns(conn: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    conn.prepare("SELECT name FROM pragma_table_info(?1, 'main')")?
        .query_map([table], |row| row.get(0))?
        .collect()
}
