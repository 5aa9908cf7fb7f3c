//! The rules for the error of a statement: S04 to S09, S18, S37, and errors without a rule.

use crate::replay::catalogue::tokens;
use crate::replay::finding::{Findings, nth_word};
use crate::replay::options::Options;
use crate::replay::run::{Failure, FailureKind, Task};
use migrate_source::SqliteVersion;
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_source::lint::or_allow;
use std::ops::Range;

/// Reports a statement that fails on a fresh database, as in every new installation. The caller may
/// know a better help than the usual one.
pub(crate) fn on_a_fresh_database(
    task: Task<'_, '_>,
    failure: &Failure,
    help: Option<&str>,
    findings: &mut Findings<'_, '_>,
) {
    let usual = "correct the statement; it or an earlier migration must create what it needs";
    let help = help.unwrap_or(usual);
    let usual = (Code::ReplayFailed, message(failure), help);
    add(task, usual, failure, findings);
}

/// Reports a statement that fails only because there are rows.
pub(crate) fn with_rows(task: Task<'_, '_>, failure: &Failure, findings: &mut Findings<'_, '_>) {
    let text = task.part.statement(failure.statement);
    // The existing rows are generated, so the duplicate may not occur in reality.
    if failure.message.starts_with("UNIQUE constraint failed") && is_insert(text) {
        return;
    }
    // Whether a text is JSON can only be guessed.
    if failure.message.starts_with("malformed JSON") {
        return;
    }
    let message = format!("this fails on a table that has rows: {}", failure.message);
    let help = "handle such rows in a statement before this one";
    add(task, (Code::FailsOnRows, message, help), failure, findings);
}

/// Reports a down that fails.
pub(crate) fn of_down(task: Task<'_, '_>, failure: &Failure, findings: &mut Findings<'_, '_>) {
    let message = format!("the down fails: {}", failure.message);
    let help = "correct the down; it runs on what the up leaves, and on tables that have rows";
    add(task, (Code::DownFails, message, help), failure, findings);
}

/// Reports an up that fails after its down.
pub(crate) fn of_second_up(task: Task<'_, '_>, failure: &Failure, findings: &mut Findings<'_, '_>) {
    let message = format!(
        "this cannot be applied again after its down: {}",
        failure.message
    );
    let help = "make the down undo everything that the up does, rows included";
    let range = place(task, failure);
    findings.add(task.part, Code::NotRepeatable, range, message, help);
}

/// Adds the finding for a failure: the given one, unless its error has a rule of its own.
fn add(
    task: Task<'_, '_>,
    (code, text, help): (Code, String, &str),
    failure: &Failure,
    findings: &mut Findings<'_, '_>,
) {
    let (code, text, help) = match failure.kind {
        FailureKind::TooLong => (
            Code::ReplayTooLong,
            message(failure),
            "make it do less, or leave the replay out of the compiler: `prove = false \"why\"` in \
             the call",
        ),
        FailureKind::Refused(help) => (code, text, help),
        _ => {
            let (code, help) = known(task, failure).unwrap_or((code, help));
            (code, text, help)
        }
    };
    findings.add(task.part, code, place(task, failure), text, help);
}

fn place(task: Task<'_, '_>, failure: &Failure) -> Range<usize> {
    new_column(task, failure).unwrap_or_else(|| failure.range.clone())
}

/// The place of the column in `ALTER TABLE … ADD COLUMN`, for which SQLite gives no offset.
fn new_column(task: Task<'_, '_>, failure: &Failure) -> Option<Range<usize>> {
    let words = tokens(task.part.statement(failure.statement));
    let add = words.iter().position(|word| word == "add")?;
    let is_alter = words.first().is_some_and(|word| word == "alter");
    let is_named = words.get(add + 1).is_some_and(|word| word == "column");
    let column = add + if is_named { 2 } else { 1 };
    is_alter
        .then(|| nth_word(task.part, failure.statement, column))
        .flatten()
}

fn message(failure: &Failure) -> String {
    match failure.kind {
        FailureKind::TooLong => "the replay of this statement takes too long".to_owned(),
        FailureKind::Function => format!("this migration fails: {}", failure.message),
        FailureKind::Refused(_) => format!("the runner refuses this: {}", failure.message),
        _ => format!("SQLite refuses this: {}", failure.message),
    }
}

/// Offers `SET NOT NULL` for a column that cannot be added, if each supported SQLite has it.
pub(crate) fn offer_set_not_null(findings: &mut [Diagnostic], options: &Options<'_>) {
    if options.min_sqlite < Some(SqliteVersion::minor(53)) {
        return;
    }
    let codes = [Code::AddNotNull, Code::AddNonconstantDefault];
    for finding in findings.iter_mut().filter(|it| codes.contains(&it.code)) {
        let help = "give it a constant default; or add it without `NOT NULL` and default, fill it \
                    with an `UPDATE`, and then use `ALTER TABLE … ALTER COLUMN … SET NOT NULL`";
        finding.help = or_allow(finding.code, help);
    }
}

/// Words of a message, its rule, and the help.
type Known = (&'static str, Code, &'static str);

/// The messages for a column that cannot be added.
const OF_NEW_COLUMNS: [Known; 5] = [
    (
        "NOT NULL",
        Code::AddNotNull,
        "give it a default; or rebuild the table and set the value of its rows",
    ),
    (
        "non-constant default",
        Code::AddNonconstantDefault,
        "add it with a constant default or none, and fill it with an `UPDATE`",
    ),
    (
        "REFERENCES column",
        Code::AddReferencesDefault,
        "add it without a default, and fill it with an `UPDATE`",
    ),
    (
        "STORED",
        Code::AddStoredGenerated,
        "make it `VIRTUAL`, or rebuild the table",
    ),
    (
        "CHECK constraint",
        Code::AddCheckViolated,
        "give it a default that satisfies its check",
    ),
];

const OF_VIEWS_AND_TRIGGERS: &str = "SQLite compiles all views and triggers when a table is \
                                     changed: drop those that are invalid at that moment first, \
                                     and create them again afterwards";

/// The beginnings of other messages.
const BEGINNINGS: [Known; 5] = [
    ("error in view", Code::ReplayFailed, OF_VIEWS_AND_TRIGGERS),
    (
        "error in trigger",
        Code::ReplayFailed,
        OF_VIEWS_AND_TRIGGERS,
    ),
    (
        "no such function",
        Code::ReplayFailed,
        "correct the name; a function of the application is declared with `functions = \"name/1\"` \
         in the call",
    ),
    (
        "no such collation",
        Code::ReplayFailed,
        "correct the name; a collation of the application is declared with `collations = \"name\"` \
         in the call",
    ),
    (
        "no such module",
        Code::ReplayFailed,
        "correct the name; a module that only the application has can be given to the test with \
         `setup = path::of::function`, and kept out of the compiler with `prove = false \"why\"`",
    ),
];

/// The rule and the help for an error.
fn known(task: Task<'_, '_>, failure: &Failure) -> Option<(Code, &'static str)> {
    let said = failure.message.as_str();
    let text = task.part.statement(failure.statement);
    if failure.kind == FailureKind::Ended {
        return Some((
            Code::OrRollback,
            "write `OR ABORT`, or `ON CONFLICT ABORT`, which is the default: the runner rolls back",
        ));
    }
    if said.contains("should this be a string literal in single-quotes") {
        return Some((
            Code::DoubleQuotedString,
            "write strings in single quotes; double quotes are for names",
        ));
    }
    let known = if is_add_column(text) {
        OF_NEW_COLUMNS.iter().find(|(part, ..)| said.contains(part))
    } else {
        BEGINNINGS.iter().find(|(part, ..)| said.starts_with(part))
    };
    known.map(|(_, code, help)| (*code, *help))
}

fn is_add_column(statement: &str) -> bool {
    let words = tokens(statement);
    words.first().is_some_and(|word| word == "alter") && words.iter().any(|word| word == "add")
}

fn is_insert(statement: &str) -> bool {
    let words = tokens(statement);
    let mut verbs = words.iter().take_while(|word| *word != "values");
    verbs.any(|word| matches!(word.as_str(), "insert" | "replace"))
}
