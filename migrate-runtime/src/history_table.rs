//! Recognizing our history table by its columns, for every engine.

use crate::error::Kind;
use crate::foreign_history::ForeignHistory;
use migrate_model::Migration;
use migrate_model::history::{COLUMNS, Row};
use migrate_model::plan::Options;

/// The columns of our history that a table lacks.
fn missing(columns: &[String]) -> Vec<&'static str> {
    COLUMNS
        .into_iter()
        .map(|(name, _)| name)
        .filter(|wanted| columns.iter().all(|name| name != wanted))
        .collect()
}

/// Whether a table is ours: it has most of our columns, even if it is damaged.
/// A table with few of them belongs to another tool.
pub(crate) fn is_ours(columns: &[String]) -> bool {
    missing(columns).len() <= COLUMNS.len() / 3
}

/// The problem with the columns of a table that has the name of our history.
///
/// # Errors
///
/// Fails if the table belongs to another tool.
pub(crate) fn lacks(table: &str, columns: Vec<String>) -> Result<Option<String>, Kind> {
    if !is_ours(&columns) {
        return Err(Kind::ForeignHistory(ForeignHistory::in_our_place(
            table, columns,
        )));
    }
    let missing = missing(&columns);
    let (columns, are) = match missing.len() {
        0 => return Ok(None),
        1 => ("column", "is"),
        _ => ("columns", "are"),
    };
    let missing = missing.join("`, `");
    Ok(Some(format!("the {columns} `{missing}` {are} missing")))
}

pub(crate) fn column_list() -> String {
    COLUMNS.map(|(name, _)| name).join(", ")
}

/// Whether nothing up to the target is pending, given the first migration that
/// is not recorded.
pub(crate) fn is_complete(next: Option<&Migration>, options: &Options) -> bool {
    match (next, options.target) {
        (None, _) => true,
        (Some(pending), Some(target)) => pending.version > target,
        (Some(_), None) => false,
    }
}

/// Adds a row to those that were read before it.
///
/// # Errors
///
/// Fails if the row is a duplicate.
pub(crate) fn push(history: &mut Vec<Row>, row: Row) -> Result<(), String> {
    let version = row.version;
    if history.last().is_some_and(|last| last.version >= version) {
        return Err(format!("version {version} is in it twice"));
    }
    history.push(row);
    Ok(())
}
