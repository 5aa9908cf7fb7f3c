//! S24: a statement that a migration must not contain.

use crate::lint::action::Action;
use crate::lint::finding::Finding;
use crate::lint::script::{Script, Step};
use crate::text::shortened;

/// The default name of the history table. A different name is known only at run time.
const HISTORY: &str = "_migrations";

/// Finds calls of `load_extension`, and changes of tables that belong to SQLite, the runner or a
/// virtual table.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let steps = script.steps.iter().enumerate();
    for (number, step) in steps.filter(|(_, step)| step.action != Action::Explain) {
        findings.extend(reserved_table(step));
        findings.extend(shadow_table(script, number, step));
        let calls = step
            .words
            .iter()
            .filter(|(at, word)| word.is("load_extension") && step.words.is(at + 1, "("));
        findings.extend(calls.map(|(_, word)| {
            Finding::new(
                word.range(),
                "a migration cannot load an extension: the application decides what code it runs",
                "load it where the application opens the database, with `connect_with` for the \
                 migrator",
            )
        }));
    }
    findings
}

fn reserved_table(step: &Step<'_>) -> Option<Finding> {
    let changed = step.action.table()?;
    let renamed = match &step.action {
        Action::RenameTable { to, .. } => Some(to),
        _ => None,
    };
    let mut tables = std::iter::once(changed).chain(renamed);
    let table = tables.find(|table| table.name == HISTORY || is_sqlite(&table.name))?;
    let shown = step.words.get(table.at)?;
    let (message, help) = match table.name.as_str() {
        HISTORY => (
            "is the history table, which only the runner writes",
            "use `baseline` and `repair`, or another name for your own table",
        ),
        _ => (
            "is an internal table of SQLite",
            "change the schema with `ALTER TABLE` or by rebuilding the table, and the \
             statistics with `ANALYZE`",
        ),
    };
    let name = shortened(&shown.unquoted());
    let message = format!("`{name}` {message}");
    Some(Finding::new(shown.range(), message, help))
}

/// Finds a change of a table that a virtual table has created for itself, also in a trigger.
fn shadow_table(script: &Script<'_>, number: usize, step: &Step<'_>) -> Option<Finding> {
    let is_trigger = matches!(step.action, Action::CreateTrigger(_));
    let in_trigger = step.words.iter().filter(|_| is_trigger);
    let in_trigger = in_trigger.filter_map(|(at, word)| {
        let at = if word.is("INTO") || word.is("UPDATE") {
            at + if step.words.is(at + 1, "OR") { 3 } else { 1 }
        } else if word.is("DELETE") && step.words.is(at + 1, "FROM") {
            at + 2
        } else {
            return None;
        };
        step.words.table(at).map(|(table, _)| table)
    });
    let mut changed = step.action.table().cloned().into_iter().chain(in_trigger);
    changed.find_map(|table| {
        let (owner, module) = script.owner_of_shadow(number, &table.name)?;
        let word = step.words.get(table.at)?;
        let name = shortened(&word.unquoted());
        let owner = shortened(owner);
        let message = format!(
            "`{name}` belongs to the virtual table `{owner}`, and a change of it can destroy \
             `{owner}`"
        );
        let mut help = format!("change the rows of `{owner}` instead");
        let is_plain = owner
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || it == b'_');
        if module.starts_with("fts") && is_plain {
            help += &format!(
                ", or give it a command: `INSERT INTO {owner}({owner}) VALUES ('rebuild')`"
            );
        }
        Some(Finding::new(word.range(), message, help))
    })
}

/// Whether a table belongs to SQLite. `sqlite_sequence` is excluded, because the counters of
/// `AUTOINCREMENT` may be set.
fn is_sqlite(name: &str) -> bool {
    name.starts_with("sqlite_") && name != "sqlite_sequence"
}
