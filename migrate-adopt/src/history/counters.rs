//! The tools that keep one number.

use super::record::{read, reading};
use super::shape::counts_in_a_column;
use super::{Applied, OldHistory, empty};
use crate::Tool;
use crate::error::{Error, Kind};
use migrate_core::sqlite::quote;
use migrate_runtime::rusqlite::{Connection, OptionalExtension};

/// How many migrations rusqlite_migration has applied.
pub(super) fn user_version(conn: &Connection, tool: Tool) -> Result<OldHistory, Error> {
    let number: i64 = conn
        .query_row("PRAGMA main.user_version", [], |row| row.get(0))
        .map_err(reading("PRAGMA user_version"))?;
    let Ok(count) = u64::try_from(number) else {
        return Err(Kind::NegativeUserVersion(number).into());
    };
    if count == 0 {
        return Err(empty(tool, None));
    }
    Ok(OldHistory {
        table: None,
        applied: Applied::Count(count),
        notes: Vec::new(),
    })
}

/// One row, with the newest version, and whether it failed.
pub(super) fn golang_migrate(conn: &Connection, table: &str) -> Result<Applied, Error> {
    let tool = Tool::GolangMigrate;
    let rows = read(conn, table, &["version", "dirty"], "", |record| {
        if record.flag("dirty")? {
            return Err(Kind::Dirty {
                tool,
                migration: record.text("version")?,
            }
            .into());
        }
        u64::try_from(record.integer("version")?)
            .map_err(|_| record.damaged("version", "a whole number from 0"))
    })?;
    match rows[..] {
        [] => Err(empty(tool, Some(table))),
        [version] => Ok(Applied::UpTo(version)),
        _ => Err(Kind::ManyRows {
            table: table.to_owned(),
            rows: rows.len(),
        }
        .into()),
    }
}

/// The schema from which it started counts as version 1.
pub(super) fn metadata(
    conn: &Connection,
    table: &str,
    columns: &[String],
) -> Result<Applied, Error> {
    let tool = Tool::Metadata;
    let quoted = quote(table);
    let sql = match counts_in_a_column(columns) {
        true => format!("SELECT CAST(max(schema_version) AS TEXT) FROM main.{quoted}"),
        false => {
            format!("SELECT CAST(value AS TEXT) FROM main.{quoted} WHERE key = 'schema_version'")
        }
    };
    let value: Option<Option<String>> = conn
        .query_row(&sql, [], |row| row.get(0))
        .optional()
        .map_err(reading(table))?;
    let Some(text) = value.flatten() else {
        return Err(empty(tool, Some(table)));
    };
    match text.trim().parse() {
        Ok(0) => Err(empty(tool, Some(table))),
        Ok(count) => Ok(Applied::Count(count)),
        Err(_) => Err(Kind::NoCount {
            table: table.to_owned(),
            text,
        }
        .into()),
    }
}
