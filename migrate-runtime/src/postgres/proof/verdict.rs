//! The findings that follow from the result of a trial.

use super::finding::{
    Failure, Finding, Findings, beginning, last_named, naming, script, starts_with, words,
};
use super::sample_rows::Counts;
use crate::postgres::proof::catalog::Catalog;
use crate::{Direction, Error, Migration, Script};
use migrate_source::diagnostic::Code;
use std::collections::BTreeMap;
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
    // The generated row was inserted first; in reality the migration's row is first. What
    // `INSERT … SELECT` inserts twice are existing rows.
    if error.postgres().and_then(|cause| cause.code()) == Some(&SqlState::UNIQUE_VIOLATION)
        && statement_at(&script, failure.range.start).is_some_and(inserts_values)
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
    // P09 reports the same column.
    if code == Code::FailsWithRows
        && findings.allows(&script, Code::AddNotNullToRows, failure.range.start)
    {
        return;
    }
    findings.add(Finding {
        code,
        direction,
        range: failure.range,
        message: format!("this fails on a table that has rows: {}", failure.message),
        help,
        notes: failure.notes,
    });
}

/// Reports that the statements after one that fails on rows have met none. Returns the
/// reason, unless there are none.
pub(super) fn not_tried(
    error: &Error,
    migration: &'static Migration,
    findings: &mut Findings,
) -> Option<String> {
    let failure = Failure::of(error, &migration.up);
    let mut later = migration.up.statements();
    if !later.any(|it| it.start as usize > failure.range.start) {
        return None;
    }
    findings.add(Finding {
        code: Code::NotTriedOnRows,
        direction: Direction::Up,
        range: failure.range,
        message: format!(
            "the statements after this one were not tried on rows: {}",
            failure.message
        ),
        help: "try the migration on a copy of a real database",
        notes: Vec::new(),
    });
    Some(failure.message)
}

/// Reports that a migration meets no row in a table, for which none was found. Returns
/// the reason, if there is one.
pub(super) fn without_rows(
    empty: &BTreeMap<String, String>,
    migration: &'static Migration,
    findings: &mut Findings,
) -> Option<String> {
    let script = &migration.up;
    let mut reason = None;
    let needs_rows = |statement: &str| {
        let verbs = ["ALTER", "CREATE", "DELETE", "MERGE", "UPDATE"];
        let words = words(statement);
        let second = words.get(1).map(|it| it.to_ascii_lowercase());
        let creates = starts_with(statement, &["CREATE"]);
        let is_index = matches!(second.as_deref(), Some("index" | "unique"));
        starts_with(statement, &verbs) && (!creates || is_index)
    };
    for (table, why) in empty.iter().filter(|_| !script.is_rust()) {
        let name = table.rsplit('.').next().unwrap_or(table);
        let mut statements = script
            .statements()
            .filter(|it| needs_rows(script.text(*it)));
        let statement = statements.find(|it| {
            let words = words(script.text(*it));
            words.iter().any(|word| word.eq_ignore_ascii_case(name))
        });
        let Some(statement) = statement else { continue };
        let start = statement.start as usize;
        let place = last_named(script.text(statement), name);
        findings.add(Finding {
            code: Code::NotTriedOnRows,
            direction: Direction::Up,
            range: place.map_or(start..start, |it| start + it.start..start + it.end),
            message: format!("this was not tried on rows, because none was found for `{table}`"),
            help: "insert a valid row in an earlier migration, or try it on a copy of a real \
                   database",
            notes: vec![format!("the last attempt: {why}")],
        });
        reason.get_or_insert_with(|| format!("`{name}` stays empty"));
    }
    reason
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
        let is_reported = direction == Direction::Up && drops(&script, table);
        let mut statements = script.statements();
        if is_reported || statements.any(|it| deletes(script.text(it), table)) {
            continue;
        }
        let rows = if lost == 1 { "row" } else { "rows" };
        findings.add(Finding {
            code: Code::LosesRows,
            direction,
            range: rebuilding(&script, table).unwrap_or_else(|| deleting(&script)),
            message: format!(
                "`{table}` loses {lost} {rows} here, though no statement deletes them"
            ),
            help: "keep them, or delete them first with an explicit `DELETE`",
            notes: Vec::new(),
        });
    }
}

/// The place of a table in a script that drops, creates or renames it.
fn rebuilding(script: &Script, table: &str) -> Option<Range<usize>> {
    let is_rebuilt = script.statements().any(|it| {
        let words = words(script.text(it));
        let has = |word: &str| words.iter().any(|it| it.eq_ignore_ascii_case(word));
        let name = table.rsplit('.').next().unwrap_or(table);
        ["drop", "create", "rename"].into_iter().any(has) && has(name)
    });
    naming(script, table).filter(|_| is_rebuilt)
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

/// The statement that has failed; empty if that is unknown.
pub(super) fn statement_of(error: &Error, script: &Script) -> &'static str {
    let start = Failure::of(error, script).range.start;
    statement_at(script, start).unwrap_or_default()
}

fn statement_at(script: &Script, at: usize) -> Option<&'static str> {
    let mut statements = script.statements();
    let statement = statements.find(|it| (it.start as usize..it.end as usize).contains(&at))?;
    Some(script.text(statement))
}

fn inserts_values(statement: &str) -> bool {
    let words = words(statement);
    let has = |word: &str| words.iter().any(|it| it.eq_ignore_ascii_case(word));
    has("insert") && !has("select")
}

/// Whether a script drops a table and lets no other take its name: P14 reports that.
fn drops(script: &Script, table: &str) -> bool {
    let name = table.rsplit('.').next().unwrap_or(table);
    let has = |statement: &str, wanted: &[&str]| {
        let words = words(statement);
        wanted
            .iter()
            .all(|word| words.iter().any(|it| it.eq_ignore_ascii_case(word)))
    };
    let any = |wanted: &[&str]| script.statements().any(|it| has(script.text(it), wanted));
    any(&["drop", "table", name]) && !any(&["rename", "to", name])
}
