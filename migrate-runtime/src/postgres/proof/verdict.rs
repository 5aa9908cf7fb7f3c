//! The findings that follow from the result of a trial.

use super::finding::{Failure, Finding, Findings, beginning, naming, script, words};
use super::sample_rows::Counts;
use crate::postgres::proof::catalog::Catalog;
use crate::{Direction, Error, Migration, Script};
use migrate_source::diagnostic::Code;
use std::ops::Range;
use tokio_postgres::error::SqlState;

/// Whether other rows might have been accepted: the error is about a violated
/// constraint or an unsuitable value.
pub(super) fn is_about_rows(error: &Error) -> bool {
    let code = error.postgres().and_then(|cause| cause.code());
    code.is_some_and(|code| code.code().starts_with("22") || code.code().starts_with("23"))
}

/// A migration and its direction.
pub(super) type Task = (&'static Migration, Direction);

/// Reports something that fails only because there are rows.
pub(super) fn with_rows(error: &Error, before: &Catalog, task: Task, findings: &mut Findings) {
    let (migration, direction) = task;
    let Some(script) = script(migration, direction) else {
        return;
    };
    let failure = Failure::of(error, &script);
    // The generated row was inserted first; in reality the migration's row is first.
    if error.postgres().and_then(|cause| cause.code()) == Some(&SqlState::UNIQUE_VIOLATION)
        && statement_at(&script, failure.range.start).is_some_and(is_insert)
    {
        return;
    }
    let (code, help) = if !is_about_rows(error) || is_new_column(error, before) {
        let help = "give the existing rows a value, such as a default";
        (Code::FailsWithRows, help)
    } else {
        let help = "handle such rows in a statement before this one";
        (Code::FailsOnRows, help)
    };
    findings.add(Finding {
        code,
        direction,
        range: failure.range,
        message: format!("this fails on a table that has rows: {}", failure.message),
        help,
        notes: failure.notes,
    });
}

/// A new column has no value in any row.
fn is_new_column(error: &Error, before: &Catalog) -> bool {
    let Some(cause) = error.postgres().and_then(|cause| cause.as_db_error()) else {
        return false;
    };
    let (Some(column), Some(table)) = (cause.column(), cause.table()) else {
        return false;
    };
    let schema = cause.schema().unwrap_or_default();
    let names = [
        format!("{table}.{column}"),
        format!("{schema}.{table}.{column}"),
    ];
    let is_known = names.iter().any(|name| before.has("column", name));
    cause.code() == &SqlState::NOT_NULL_VIOLATION && !is_known
}

pub(super) fn down_fails(error: &Error, migration: &'static Migration, findings: &mut Findings) {
    let Some(down) = &migration.down else {
        return;
    };
    let failure = Failure::of(error, down);
    findings.add(Finding {
        code: Code::DownFails,
        direction: Direction::Down,
        range: failure.range,
        message: format!("the down fails: {}", failure.message),
        help: "correct the down; it runs on what the up leaves, and on tables that have rows",
        notes: failure.notes,
    });
}

pub(super) fn not_restored(
    differences: Vec<String>,
    migration: &'static Migration,
    findings: &mut Findings,
) {
    let Some(down) = &migration.down else {
        return;
    };
    let named = differences
        .iter()
        .find_map(|difference| naming(down, difference.split('`').nth(1)?));
    findings.add(Finding {
        code: Code::DownDoesNotRestore,
        direction: Direction::Down,
        range: named.unwrap_or_else(|| beginning(down)),
        message: "this down does not restore the schema from before its up".to_owned(),
        help: "make it undo everything that the up does",
        notes: differences,
    });
}

pub(super) fn not_repeatable(
    range: Range<usize>,
    message: String,
    notes: Vec<String>,
    findings: &mut Findings,
) {
    findings.add(Finding {
        code: Code::NotRepeatable,
        direction: Direction::Up,
        range,
        message,
        help: "make the down undo everything that the up does, rows included",
        notes,
    });
}

/// Tables with fewer rows than before, from which no statement deletes.
pub(super) fn lost(
    before: &Counts,
    after: &Counts,
    (migration, direction): Task,
    findings: &mut Findings,
) {
    let Some(script) = script(migration, direction) else {
        return;
    };
    // The deletes of a function in Rust cannot be seen.
    if script.is_rust() {
        return;
    }
    for (table, lost) in before.fewer(after) {
        if script
            .statements()
            .any(|it| deletes(script.text(it), table))
        {
            continue;
        }
        let rows = if lost == 1 { "row" } else { "rows" };
        findings.add(Finding {
            code: Code::LosesRows,
            direction,
            range: naming(&script, table).unwrap_or_else(|| deleting(&script)),
            message: format!(
                "`{table}` loses {lost} {rows} here, though no statement deletes them"
            ),
            help: "keep them, or delete them first with an explicit `DELETE`",
            notes: Vec::new(),
        });
    }
}

/// The first place where a script deletes something.
fn deleting(script: &Script) -> Range<usize> {
    let words = ["delete", "truncate", "drop", "merge"];
    let found = words.iter().find_map(|word| naming(script, word));
    found.unwrap_or_else(|| beginning(script))
}

/// Whether a statement deletes from a table by name.
fn deletes(statement: &str, table: &str) -> bool {
    let words = words(statement);
    let has = |word: &str| words.iter().any(|it| it.eq_ignore_ascii_case(word));
    let name = table.rsplit('.').next().unwrap_or(table);
    ["delete", "truncate", "merge"].into_iter().any(has) && has(name)
}

fn statement_at(script: &Script, at: usize) -> Option<&'static str> {
    let mut statements = script.statements();
    let statement = statements.find(|it| (it.start as usize..it.end as usize).contains(&at))?;
    Some(script.text(statement))
}

fn is_insert(statement: &str) -> bool {
    let words = words(statement);
    words.iter().any(|word| word.eq_ignore_ascii_case("insert"))
}
