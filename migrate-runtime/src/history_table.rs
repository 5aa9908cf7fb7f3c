//! Which table is the history, for every engine: its columns make it ours.

use crate::error::Kind;
use crate::foreign_history::ForeignHistory;
use migrate_model::Migration;
use migrate_model::history::{COLUMNS, Row};
use migrate_model::plan::Options;

/// Which of our columns a table lacks.
fn missing(columns: &[String]) -> Vec<&'static str> {
    COLUMNS
        .into_iter()
        .map(|(name, _)| name)
        .filter(|wanted| columns.iter().all(|name| name != wanted))
        .collect()
}

/// A table that has most of our columns is ours, even if it is damaged. One that
/// has few of them is another tool's.
pub(crate) fn is_ours(columns: &[String]) -> bool {
    missing(columns).len() <= COLUMNS.len() / 3
}

/// What is wrong with the columns of the table that has the name of our history.
///
/// # Errors
///
/// If it is another tool's.
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

/// The names of the columns, as a query lists them.
pub(crate) fn column_list() -> String {
    COLUMNS.map(|(name, _)| name).join(", ")
}

/// Whether nothing up to the target is pending, if the next migration that is
/// not recorded is this one.
pub(crate) fn is_complete(next: Option<&Migration>, options: &Options) -> bool {
    match (next, options.target) {
        (None, _) => true,
        (Some(pending), Some(target)) => pending.version > target,
        (Some(_), None) => false,
    }
}

/// Adds a row that was read after those before it.
///
/// # Errors
///
/// Says what is wrong with it.
pub(crate) fn push(history: &mut Vec<Row>, row: Row) -> Result<(), String> {
    let version = row.version;
    if history.last().is_some_and(|last| last.version >= version) {
        return Err(format!("version {version} stands in it twice"));
    }
    history.push(row);
    Ok(())
}
