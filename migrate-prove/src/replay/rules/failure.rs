//! The rules for the error of a statement: S04 to S10, S18, S37, S40, and errors without a rule.

use crate::replay::catalogue::{Catalogue, Object, tokens};
use crate::replay::finding::{Findings, nth_word, place_of};
use crate::replay::options::Options;
use crate::replay::rows::{Empty, keys_of, recipe};
use crate::replay::run::{Failure, FailureKind, Task};
use crate::replay::subject::Subject;
use crate::replay::trial::Trial;
use migrate_model::history::Direction;
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

/// Reports a statement that fails only because there are rows. Returns whether it is a finding,
/// reported or allowed: some rows are no more than a guess.
pub(crate) fn with_rows(
    task: Task<'_, '_>,
    failure: &Failure,
    trial: Trial<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> bool {
    let said = failure.message.as_str();
    // Whether a text is JSON can only be guessed.
    if is_no_json(failure) {
        return false;
    }
    let mut code = Code::FailsOnRows;
    let mut help = "handle such rows in a statement before this one";
    let mut message = format!("this fails on a table that has rows: {said}");
    let mut range = None;
    if said.starts_with(DUPLICATE) {
        // Rows that a down moves back are generated, and have keys of their own.
        if task.direction == Direction::Down && is_insert(task, failure) {
            return false;
        }
        if is_insert_of_values(task, failure) {
            let Some((table, column)) = rowid_of(said, trial.catalogue) else {
                return false;
            };
            message = taken(task, failure, trial, (table, column));
            help = "leave the key to SQLite, or add `ON CONFLICT DO NOTHING` if such a row will do";
        } else if is_unique_index(task, failure) {
            code = Code::NewUnique;
            help = "first remove or merge the duplicates";
            range = nth_word(task.part, failure.statement, 1);
        }
    }
    let range = range.unwrap_or_else(|| place(task, failure));
    add_at(task, (code, message, help), (failure, range), findings);
    true
}

const DUPLICATE: &str = "UNIQUE constraint failed";

/// Whether a statement reads a text as JSON, and the text is none.
pub(crate) fn is_no_json(failure: &Failure) -> bool {
    failure.message.starts_with("malformed JSON")
}

/// Whether a change of a table is not possible with any row in it.
pub(crate) fn refuses_all_rows(task: Task<'_, '_>, failure: &Failure) -> bool {
    failure.kind == FailureKind::Sql && is_add_column(task.part.statement(failure.statement))
}

/// Whether a script inserts values of its own that only generated rows have too.
pub(crate) fn is_collision(task: Task<'_, '_>, failure: &Failure) -> bool {
    failure.message.starts_with(DUPLICATE) && is_insert_of_values(task, failure)
}

fn is_insert_of_values(task: Task<'_, '_>, failure: &Failure) -> bool {
    let words = tokens(task.part.statement(failure.statement));
    let mut words = words
        .iter()
        .filter(|it| matches!(it.as_str(), "values" | "select"));
    is_insert(task, failure) && words.next().is_some_and(|word| word == "values")
}

fn is_insert(task: Task<'_, '_>, failure: &Failure) -> bool {
    let words = tokens(task.part.statement(failure.statement));
    let mut verbs = words.iter().take_while(|word| *word != "values");
    verbs.any(|word| matches!(word.as_str(), "insert" | "replace"))
}

fn is_unique_index(task: Task<'_, '_>, failure: &Failure) -> bool {
    let words = tokens(task.part.statement(failure.statement));
    matches!(&words[..], [create, unique, ..] if create == "create" && unique == "unique")
}

/// The older table, and the alias of its rowid, if a message is about that.
fn rowid_of<'t>(said: &'t str, before: &'t Catalogue) -> Option<(&'t Object, &'t str)> {
    let names = said.rsplit_once(": ").map_or("", |(_, names)| names);
    let (table, column) = names.rsplit_once('.').filter(|_| !names.contains(", "))?;
    let table = before.table(&table.to_ascii_lowercase())?;
    let lower = column.to_ascii_lowercase();
    let mut words = table.tokens.windows(2);
    let is_rowid = words.any(|pair| pair[0] == lower && pair[1] == "integer")
        && table.tokens.iter().any(|word| word == "primary");
    is_rowid.then_some((table, column))
}

/// The message for a key of a script that a row of the application may have.
fn taken(
    task: Task<'_, '_>,
    failure: &Failure,
    trial: Trial<'_, '_>,
    (table, column): (&Object, &str),
) -> String {
    let recipe = recipe(&trial.main.conn, table, trial.hints).ok();
    let words = task.part.words().get(failure.statement);
    let keys = recipe.zip(words);
    let keys = keys.map_or_else(Vec::new, |(it, words)| {
        keys_of(words, &table.name, &it.table)
    });
    let table = &table.name;
    match keys.first() {
        Some(key) => format!("`{table}` may have a row with the {column} {key} already"),
        None => format!("`{table}` may have a row with the same {column} already"),
    }
}

const ON_A_COPY: &str = "try it on a copy of a real database";

/// Reports that a migration could not be tried on rows.
pub(crate) fn not_tried(task: Task<'_, '_>, failure: &Failure, findings: &mut Findings<'_, '_>) {
    let message = format!(
        "this could not be tried on tables that have rows: {}",
        failure.message
    );
    let range = place(task, failure);
    findings.add(task.part, Code::NotTriedOnRows, range, message, ON_A_COPY);
}

/// Reports a table of the script for which no row was found.
pub(crate) fn stays_empty(task: Task<'_, '_>, empty: &Empty, findings: &mut Findings<'_, '_>) {
    let Empty { table, root } = empty;
    let reason = if table == root {
        "none was found that satisfies its constraints".to_owned()
    } else {
        format!("none was found that satisfies the constraints of `{root}`, to which it refers")
    };
    not_tried_on(task, table, &reason, ON_A_COPY, findings);
}

/// Reports a table that is changed after a statement that fails on each row of it.
pub(crate) fn left_empty(task: Task<'_, '_>, table: &str, findings: &mut Findings<'_, '_>) {
    let reason = "an earlier statement fails on each of them";
    let help = "correct that statement first";
    not_tried_on(task, table, reason, help, findings);
}

fn not_tried_on(
    task: Task<'_, '_>,
    table: &str,
    reason: &str,
    help: &str,
    findings: &mut Findings<'_, '_>,
) {
    let message = format!("this could not be tried on rows of `{table}`: {reason}");
    let range = place_of(task.part, table);
    findings.add(task.part, Code::NotTriedOnRows, range, message, help);
}

/// The error of a replay that ends at a migration because SQLite fails, and not the migration. It
/// is no note: nothing is known of the rest of the set.
pub(crate) fn unfinished(subject: &Subject<'_>, error: &rusqlite::Error) -> Diagnostic {
    let message = format!("the replay did not finish: {error}");
    let help = format!(
        "{ON_A_COPY}; `prove = false \"why\"` in the call leaves the replay out of the compiler"
    );
    Diagnostic::of_path(Code::ReplayFailed, subject.up.path, message, help)
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
    let range = place(task, failure);
    add_at(task, (code, text, help), (failure, range), findings);
}

fn add_at(
    task: Task<'_, '_>,
    (code, text, help): (Code, String, &str),
    (failure, range): (&Failure, Range<usize>),
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
    findings.add(task.part, code, range, text, help);
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
