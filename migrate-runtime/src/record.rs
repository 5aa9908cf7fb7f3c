//! What the history is, for every engine: which columns make it ours, and what a
//! row says.

use crate::error::Kind;
use crate::foreign_history::ForeignHistory;
use migrate_model::Migration;
use migrate_model::history::{COLUMNS, Progress};

/// Which of our columns a table lacks.
fn missing(columns: &[String]) -> Vec<&'static str> {
    COLUMNS
        .into_iter()
        .map(|(name, _)| name)
        .filter(|wanted| columns.iter().all(|name| name != wanted))
        .collect()
}

/// A table in which most of our columns stand is ours, if need be damaged; one
/// in which few do is another tool's.
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

/// What the history says of a migration beside its own data.
#[derive(Clone, Copy, Default)]
pub(crate) struct Record<'a> {
    pub(crate) execution_ms: u64,
    pub(crate) release: Option<&'a str>,
    pub(crate) git_commit: Option<&'a str>,
    pub(crate) origin: Option<&'a str>,
    /// Now, if nothing is said.
    pub(crate) applied_at: Option<&'a str>,
    pub(crate) note: Option<&'a str>,
    /// For a migration without a transaction that has only been started.
    pub(crate) progress: Option<Progress>,
}

impl<'a> Record<'a> {
    /// What every row says of the application.
    pub(crate) fn of_release<E: crate::Engine>(
        settings: &'a crate::migrator::Settings<E>,
    ) -> Record<'a> {
        Record {
            release: settings.release.as_deref(),
            git_commit: settings.git_commit.as_deref(),
            ..Record::default()
        }
    }

    /// What a row says of a migration that another tool has applied.
    pub(crate) fn adopted(adopted: &'a crate::Adopted) -> Record<'a> {
        Record {
            execution_ms: adopted.execution_ms,
            origin: Some(&adopted.origin),
            applied_at: adopted.applied_at.as_deref(),
            note: adopted.note.as_deref(),
            ..Record::default()
        }
    }
}

/// The down as a row holds it: that of a migration in Rust cannot be.
pub(crate) fn stored_down(migration: &Migration) -> Option<&'static str> {
    let down = migration.down.filter(|down| !down.is_rust());
    down.map(|down| down.sql())
}
