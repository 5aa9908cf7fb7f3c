//! Histories that consist of a single number.

use super::applied::{Applied, OldHistory};
use super::record::Rows;
use crate::Tool;
use crate::error::{Error, Kind};
use migrate_runtime::rusqlite::types::Value;

/// The number of migrations that rusqlite_migration has applied, from
/// `PRAGMA user_version`.
pub(super) fn user_version(number: i64, tool: Tool) -> Result<OldHistory, Error> {
    let Ok(count) = u64::try_from(number) else {
        return Err(Kind::NegativeUserVersion(number).into());
    };
    if count == 0 {
        return Err(Error::empty(tool, None));
    }
    Ok(OldHistory {
        table: None,
        applied: Applied::Count(count),
        notes: Vec::new(),
    })
}

/// golang-migrate: one row with the newest version and whether it failed.
pub(super) fn golang_migrate(rows: Rows<'_>) -> Result<Applied, Error> {
    let (tool, table) = (Tool::GolangMigrate, rows.table);
    let rows = rows.read(|record| {
        if record.flag("dirty")? {
            return Err(Kind::Dirty(tool, record.text("version")?).into());
        }
        u64::try_from(record.integer("version")?)
            .map_err(|_| record.damaged("version", "a whole number from 0"))
    })?;
    match rows[..] {
        [] => Err(Error::empty(tool, Some(table))),
        [version] => Ok(Applied::UpTo(version)),
        _ => Err(Kind::ManyRows(table.to_owned(), rows.len()).into()),
    }
}

/// `metadata`: the initial schema counts as version 1.
pub(super) fn metadata(rows: Rows<'_>) -> Result<Applied, Error> {
    let (tool, table) = (Tool::Metadata, rows.table);
    let is_key = rows.wanted.only.is_some();
    let column = if is_key { "value" } else { "schema_version" };
    let mut values = rows
        .read(|record| Ok(text(record.value(column))))?
        .into_iter();
    // In a column, the highest number counts, which comes last.
    let value = if is_key { values.next() } else { values.last() };
    let Some(text) = value.flatten() else {
        return Err(Error::empty(tool, Some(table)));
    };
    match text.trim().parse() {
        Ok(0) => Err(Error::empty(tool, Some(table))),
        Ok(count) => Ok(Applied::Count(count)),
        Err(_) => Err(Kind::NoCount {
            table: table.to_owned(),
            text,
        }
        .into()),
    }
}

/// The value as text; `None` for NULL.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Integer(number) => Some(number.to_string()),
        Value::Real(number) => Some(format!("{number:?}")),
        Value::Text(text) => Some(text.clone()),
        Value::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}
