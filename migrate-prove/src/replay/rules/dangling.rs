//! S07, S11, S12, S13, S37 and S38: references to something that does not exist.

use crate::replay::change::Change;
use crate::replay::finding::{Findings, beginning, is_allowed, place_of, word_in};
use crate::replay::memory::Memory;
use crate::replay::subject::{Part, Subject};
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_sqlite::integrity::{
    Checker, Object, Problem, Problems, Violation, hidden, ineffective_action,
};
use rusqlite::Result;
use std::collections::BTreeMap;
use std::ops::Range;

/// Reports what SQLite accepts now and refuses later.
pub(super) fn check(
    scratch: &Memory,
    change: Change<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    hidden_objects(scratch, change, findings)?;
    let mut checker = Checker::of_copy(scratch.elsewhere.clone());
    let broken = checker.broken(&scratch.conn, &scratch.authorizer.touched())?;
    if broken.is_some_and(|it| it.is_empty()) {
        return Ok(());
    }
    let after = scratch.problems()?;
    if after.is_empty() {
        return Ok(());
    }
    // Parents that were not copied are missing before and after.
    let before = change.trial.copy(change.has_rows)?.problems()?;
    let mut broken = after.new_schema(&before);
    if change.is_down() && broken.iter().any(|it| it.object == Object::Reference) {
        // The table was missing before the up as well.
        let then = change
            .trial
            .main
            .problems()?
            .new_schema(&Problems::default());
        broken.retain(|it| it.object != Object::Reference || !then.contains(it));
    }
    for problem in broken {
        let (code, help) = rule(change, &problem);
        let range = place(change, &before, &problem)?;
        findings.add(change.task.part, code, range, problem.to_string(), help);
    }
    let mut violations = after.new_violations(&before);
    // A missing parent is already reported separately.
    let tables = &change.after.catalogue;
    violations.retain(|it| tables.table(&it.parent.to_ascii_lowercase()).is_some());
    let mut broken = Vec::new();
    let touched = scratch.authorizer.touched();
    for violation in &violations {
        let is_known = |it: &Broken<'_>| it.is_between(violation);
        if broken.iter().any(is_known) {
            continue;
        }
        let action = ineffective_action(&scratch.conn, &touched, violation)?;
        broken.push(Broken {
            table: &violation.table,
            parent: &violation.parent,
            cascades: action.is_some(),
        });
    }
    broken_references(change, &before, &broken, findings)
}

/// Reports tables and views that a temporary one hides at the end of a script.
fn hidden_objects(
    scratch: &Memory,
    change: Change<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    let part = change.task.part;
    if part.is_rust || !part.words().iter().any(|it| creates_temporary(it)) {
        return Ok(());
    }
    for name in hidden(&scratch.conn, "")? {
        let message = format!("a temporary table or view hides `{name}` of the database");
        let help = "the runner refuses this: drop it at the end of the script, or rename it";
        let place = place_of(part, &name);
        findings.add(part, Code::ReplayFailed, place, message, help);
    }
    Ok(())
}

fn creates_temporary(words: &[String]) -> bool {
    words.first().is_some_and(|it| it == "create")
        && words
            .get(1)
            .is_some_and(|it| it == "temp" || it == "temporary")
}

/// Reports the references that were left for a later migration and are broken at the end of the
/// set: their migration allows them, or can no longer be changed.
pub(crate) fn at_the_end(main: &Memory, set: &[Subject<'_>]) -> Result<Vec<Diagnostic>> {
    let problems = main.problems()?;
    if problems.is_empty() {
        return Ok(Vec::new());
    }
    let nothing = Problems::default();
    let mut broken = BTreeMap::new();
    for violation in problems.new_violations(&nothing) {
        let Violation { table, parent, .. } = violation;
        let message = format!("rows of `{table}` refer to no row of `{parent}` at the end");
        broken.insert((table, parent), message);
    }
    for problem in problems.new_schema(&nothing) {
        let parent = missing(&problem).filter(|_| problem.object == Object::Reference);
        if let Some(parent) = parent {
            let message = format!("{problem}, and no later migration creates it");
            broken.insert((problem.name.clone(), parent.to_owned()), message);
        }
    }
    let mut found = Vec::new();
    for ((table, parent), message) in broken {
        let place = set.iter().rev().find_map(|it| {
            let of_both = |at: &usize| {
                word_in(&it.up, *at, &table).is_some() && word_in(&it.up, *at, &parent).is_some()
            };
            let at = (0..it.up.statements.len()).rev().find(of_both)?;
            Some((it, word_in(&it.up, at, &parent)?))
        });
        let Some((subject, place)) = place else {
            continue;
        };
        if subject.is_frozen || is_allowed(&subject.up, Code::ForeignKeyTarget, place.start) {
            let mut findings = Findings::new(subject);
            let help = format!(
                "create `{parent}` with its rows in a later migration, or remove the reference"
            );
            findings.add(&subject.up, Code::ReplayFailed, place, message, &help);
            found.extend(findings.finish());
        }
    }
    Ok(found)
}

/// References from one table to another, some of which are broken.
struct Broken<'a> {
    table: &'a str,
    parent: &'a str,
    /// Whether a foreign key action would have kept them valid.
    cascades: bool,
}

impl Broken<'_> {
    fn is_between(&self, violation: &Violation) -> bool {
        violation.table == self.table && violation.parent == self.parent
    }
}

fn rule(change: Change<'_, '_>, problem: &Problem) -> (Code, &'static str) {
    match problem.object {
        Object::View | Object::Triggers(_) => (
            Code::DanglingViewOrTrigger,
            "drop it, or recreate it to match, in this migration",
        ),
        _ if is_renamed_away(change, problem) => (
            Code::RenameThenRecreate,
            "build the new table under another name, copy the rows, drop the old table, and \
             rename the new one last: what refers to the old name then stays as it is",
        ),
        _ => (
            Code::ForeignKeyTarget,
            "refer to a table that exists, and there to its primary key or to columns that are \
             unique together",
        ),
    }
}

/// Whether a reference was valid before, and the script renames tables.
fn is_renamed_away(change: Change<'_, '_>, problem: &Problem) -> bool {
    let was_there = change
        .before
        .catalogue
        .table(&problem.name.to_ascii_lowercase());
    was_there.is_some()
        && change.task.part.words().iter().any(|words| {
            words.first().is_some_and(|it| it == "alter") && words.iter().any(|it| it == "rename")
        })
}

/// The place where a script creates the broken object, or the name that does not exist; otherwise
/// the statement that broke it.
fn place(change: Change<'_, '_>, before: &Problems, problem: &Problem) -> Result<Range<usize>> {
    let part = change.task.part;
    let message = problem.to_string();
    let since = change
        .since(change.has_rows, &|memory| {
            let problems = memory.problems()?.new_schema(before);
            Ok(problems.iter().any(|it| it.to_string() == message))
        })?
        .unwrap_or(0);
    let triggers = match &problem.object {
        Object::Triggers(names) => &names[..],
        _ => &[],
    };
    if is_renamed_away(change, problem)
        && let Some(range) = missing(problem).and_then(|it| renaming(part, it))
    {
        return Ok(range);
    }
    let mut names = missing(problem)
        .into_iter()
        .chain(triggers.iter().map(String::as_str))
        .chain([problem.name.as_str()]);
    let range = names.find_map(|name| word_in(part, since, name));
    Ok(range.unwrap_or_else(|| beginning(part, since)))
}

/// The name that does not exist, according to the message.
fn missing(problem: &Problem) -> Option<&str> {
    let message = problem.message.as_str();
    match problem.object {
        Object::Reference => message.split('`').nth(1),
        Object::Table => message.rsplit('"').nth(1),
        _ => {
            let name = message.strip_prefix("no such ")?.split_once(": ")?.1;
            Some(name.strip_prefix("main.").unwrap_or(name))
        }
    }
}

/// The place where `ALTER TABLE … RENAME TO` gives a table this name.
fn renaming(part: &Part<'_>, name: &str) -> Option<Range<usize>> {
    let lower = name.to_ascii_lowercase();
    let index = part.words().iter().position(|words| {
        let to = words.iter().position(|word| word == "rename");
        to.is_some_and(|to| words.get(to + 2) == Some(&lower))
    })?;
    word_in(part, index, name)
}

/// Reports rows whose parent row is missing, once for each pair of tables.
fn broken_references(
    change: Change<'_, '_>,
    before: &Problems,
    broken: &[Broken<'_>],
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    for pair in broken {
        let Broken { table, parent, .. } = pair;
        let part = change.task.part;
        let message = format!("rows of `{table}` refer to no row of `{parent}` after this");
        if let Some(range) = reference_with_default(part, table) {
            let help = "add it without a default, and fill it with an `UPDATE`";
            findings.add(part, Code::AddReferencesDefault, range, message, help);
            continue;
        }
        let is_so = |memory: &Memory| {
            let new = memory.problems()?.new_violations(before);
            Ok(new.iter().any(|it| pair.is_between(it)))
        };
        let since = change.since(change.has_rows, &is_so)?.unwrap_or(0);
        let fails_anyway = !change.has_rows || change.since(false, &is_so)?.is_some();
        // An application could not insert such rows while there was no such table.
        let lower = parent.to_ascii_lowercase();
        if !fails_anyway && change.before.catalogue.table(&lower).is_none() {
            continue;
        }
        let (code, refused, help) = if !fails_anyway {
            let code = if pair.cascades && !change.is_down() {
                Code::IneffectiveCascade
            } else {
                Code::FailsOnRows
            };
            (code, "the migration", OF_ROWS)
        } else if change.is_down() {
            (Code::DownFails, "the down", OF_ROWS)
        } else if pair.cascades {
            (Code::ReplayFailed, "the migration", OF_ROWS)
        } else {
            let help = "insert the rows that are referred to first";
            (Code::ReplayFailed, "the migration", help)
        };
        let why = if pair.cascades { NO_CASCADES } else { "" };
        let help = format!("the runner would refuse {refused}: {why}{help}");
        let range = beginning(part, since);
        // The rule for the text has the same place.
        let named = word_in(part, since, parent).filter(|_| code == Code::IneffectiveCascade);
        findings.add(part, code, named.unwrap_or(range), message, &help);
    }
    Ok(())
}

const NO_CASCADES: &str =
    "nothing cascades in a migration, because foreign keys are off while it runs; ";

const OF_ROWS: &str = "delete or update the rows that refer to it as well, before";

/// The place of the default in `ALTER TABLE … ADD … REFERENCES … DEFAULT …` of a table.
fn reference_with_default(part: &Part<'_>, table: &str) -> Option<Range<usize>> {
    let table = table.to_ascii_lowercase();
    let index = part.words().iter().position(|words| {
        let has = |word: &str| words.iter().any(|it| it == word);
        words.first().is_some_and(|it| it == "alter")
            && has("add")
            && has("references")
            && has("default")
            && words.contains(&table)
    })?;
    word_in(part, index, "default")
}
