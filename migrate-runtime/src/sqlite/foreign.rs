//! Looking for the histories of other tools.

use crate::foreign::{Found, KNOWN, Known, has};
use crate::record::is_ours;
use rusqlite::{Connection, OptionalExtension};

/// Looks for the history of another tool, in a database that has none of ours.
/// One that records nothing as applied counts for nothing.
pub(super) fn find(conn: &Connection) -> rusqlite::Result<Option<Found>> {
    for known in &KNOWN {
        let columns = columns(conn, known.table)?;
        // That of another registry may have this name.
        if is_ours(&columns) {
            continue;
        }
        if !known.has_made(&columns) {
            if known.table == "metadata" && has_version_key(conn, &columns)? {
                return found(conn, known, columns).map(Some);
            }
            continue;
        }
        if is_without_applied(conn, known, &columns)? {
            continue;
        }
        let found = found(conn, known, columns)?;
        if found.rows != Some(0) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Whether the rows are only those that a tool writes before it has applied
/// anything, or after it has undone all.
fn is_without_applied(
    conn: &Connection,
    known: &Known,
    columns: &[String],
) -> rusqlite::Result<bool> {
    let sql = match known.table {
        // A log, in which the newest row of a version counts, and 0 is no version.
        "goose_db_version" if has(columns, &["id"]) => {
            "SELECT NOT EXISTS (SELECT 1 FROM (
                SELECT is_applied, max(id) FROM main.goose_db_version
                WHERE version_id <> 0 GROUP BY version_id
            ) WHERE is_applied)"
        }
        "metadata" => {
            "SELECT NOT EXISTS (SELECT 1 FROM main.metadata WHERE trim(schema_version) <> '0')"
        }
        _ => return Ok(false),
    };
    conn.query_row(sql, [], |row| row.get(0))
}

/// `metadata` may also be a table of keys and values.
fn has_version_key(conn: &Connection, columns: &[String]) -> rusqlite::Result<bool> {
    if !has(columns, &["key", "value"]) {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM main.metadata
        WHERE key = 'schema_version' AND trim(CAST(value AS TEXT)) <> '0'";
    Ok(conn.query_row(sql, [], |_| Ok(())).optional()?.is_some())
}

fn found(conn: &Connection, known: &Known, columns: Vec<String>) -> rusqlite::Result<Found> {
    let sql = format!("SELECT count(*) FROM main.{}", super::quote(known.table));
    let rows: i64 = conn.query_row(&sql, [], |row| row.get(0))?;
    Ok(Found::of(known, columns, u64::try_from(rows).ok()))
}

fn columns(conn: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    conn.prepare("SELECT name FROM pragma_table_info(?1, 'main')")?
        .query_map([table], |row| row.get(0))?
        .collect()
}
