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

/// The problem with the columns of a table that has the name of our history,
/// given their names and whether they are part of its primary key.
///
/// # Errors
///
/// Fails if the table belongs to another tool.
pub(crate) fn lacks(table: &str, columns: &[(String, bool)]) -> Result<Option<String>, Kind> {
    let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
    if !is_ours(&names) {
        let found = ForeignHistory::in_our_place(table, names);
        return Err(Kind::ForeignHistory(found));
    }
    let missing = missing(&names);
    let (columns, are) = match missing.len() {
        0 => {
            let mut key = columns.iter().filter(|(_, is_key)| *is_key);
            let is_version = key.next().is_some_and(|(name, _)| name == "version");
            let is_wrong = !is_version || key.next().is_some();
            return Ok(is_wrong.then(|| "`version` is not its primary key".to_owned()));
        }
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
