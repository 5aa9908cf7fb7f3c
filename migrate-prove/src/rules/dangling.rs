//! S07, S11, S12, S13 and S37: what refers to something that is not there.

use super::Change;
use crate::catalogue::Kind;
use crate::finding::{Findings, beginning, place_of, word_in};
use crate::memory::Memory;
use crate::snapshot::Snapshot;
use crate::subject::Part;
use migrate_core::diagnostic::Code;
use migrate_core::sqlite::integrity::{Object, Problem, Problems, Violation};
use rusqlite::Result;
use std::collections::BTreeSet;
use std::ops::Range;

/// Looks for what SQLite accepts now and refuses later.
pub(super) fn check(
    scratch: &Memory,
    change: Change<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    let after = scratch.problems()?;
    if after.is_empty() {
        return Ok(());
    }
    // Parents that were not copied are missing before and after.
    let before = change.trial.copy(change.has_rows)?.problems()?;
    for problem in after.new_schema(&before) {
        let (code, help) = rule(change, &problem);
        let range = place(change, &before, &problem)?;
        findings.add(
            change.part,
            code,
            range,
            problem.to_string(),
            help,
            Vec::new(),
        );
    }
    let mut violations = after.new_violations(&before);
    // That the parent itself is not there is told already.
    let tables = &change.after.catalogue;
    violations.retain(|it| tables.table(&it.parent.to_ascii_lowercase()).is_some());
    broken_references(change, &before, &violations, findings)
}

fn rule(change: Change<'_, '_>, problem: &Problem) -> (Code, &'static str) {
    match problem.object {
        Object::View | Object::Triggers(_) => (
            Code::DanglingViewOrTrigger,
            "drop it, or make it anew so that it fits, in this migration",
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

/// A reference that was fine before, in a script that renames tables.
fn is_renamed_away(change: Change<'_, '_>, problem: &Problem) -> bool {
    let was_there = change
        .before
        .catalogue
        .table(&problem.name.to_ascii_lowercase());
    was_there.is_some()
        && change.part.words().iter().any(|words| {
            words.first().is_some_and(|it| it == "alter") && words.iter().any(|it| it == "rename")
        })
}

/// The statement that makes the broken object, or since which it is broken.
fn place(change: Change<'_, '_>, before: &Problems, problem: &Problem) -> Result<Range<usize>> {
    let part = change.part;
    let names: Vec<&String> = match &problem.object {
        Object::Triggers(names) => names.iter().collect(),
        _ => vec![&problem.name],
    };
    for name in &names {
        if is_new(change, name) {
            return Ok(place_of(part, name));
        }
    }
    let missing = problem.message.split('`').nth(1);
    if let (Object::Reference, Some(parent)) = (&problem.object, missing) {
        let add = (0..part.statements.len())
            .filter(|index| word_in(part, *index, &problem.name).is_some());
        if let Some(range) = add.rev().find_map(|index| word_in(part, index, parent)) {
            return Ok(range);
        }
    }
    let message = problem.to_string();
    let since = change.trial.since(change.has_rows, &|memory| {
        let problems = memory.problems()?.new_schema(before);
        Ok(problems.iter().any(|it| it.to_string() == message))
    })?;
    Ok(beginning(part, since.unwrap_or(0)))
}

fn is_new(change: Change<'_, '_>, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let has = |snapshot: &Snapshot| {
        let mut objects = snapshot.catalogue.named(&name);
        objects.any(|it| it.kind != Kind::Index)
    };
    has(change.after) && !has(change.before)
}

/// Rows that refer to no row any more, one finding for each pair of tables.
fn broken_references(
    change: Change<'_, '_>,
    before: &Problems,
    violations: &[Violation],
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    let pairs: BTreeSet<(&String, &String)> = violations
        .iter()
        .map(|it| (&it.table, &it.parent))
        .collect();
    for (table, parent) in pairs {
        let part = change.part;
        let message = format!("rows of `{table}` refer to no row of `{parent}` after this");
        if let Some(range) = reference_with_default(part, table) {
            let help = "add it without a default, and fill it with an `UPDATE`";
            findings.add(
                part,
                Code::AddReferencesDefault,
                range,
                message,
                help,
                vec![],
            );
            continue;
        }
        let is_so = |memory: &Memory| {
            let new = memory.problems()?.new_violations(before);
            Ok(new
                .iter()
                .any(|it| it.table == *table && it.parent == *parent))
        };
        let since = change.trial.since(change.has_rows, &is_so)?;
        let fails_anyway = !change.has_rows || change.trial.since(false, &is_so)?.is_some();
        let range = beginning(part, since.unwrap_or(0));
        let (code, help) = match fails_anyway {
            true => (
                Code::ReplayFailed,
                "the runner would refuse the migration: insert the rows that are referred to first",
            ),
            false => (
                Code::FailsOnRows,
                "the runner would refuse the migration: it switches foreign keys off, so that \
                 nothing cascades; change or delete the rows that refer to it as well",
            ),
        };
        findings.add(part, code, range, message, help, vec![]);
    }
    Ok(())
}

/// `ALTER TABLE … ADD … REFERENCES … DEFAULT …` on a table.
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
