//! S38: a change of rows that counts on a foreign key action.

use crate::lint::action::Action;
use crate::lint::finding::Finding;
use crate::lint::foreign_keys::{ForeignKey, ForeignKeys};
use crate::lint::script::{Script, Step};
use crate::lint::words::Table;
use crate::text::shortened;
use std::collections::BTreeSet;

/// Finds `DELETE`, and `UPDATE` of a key, on a table that an earlier migration created and that
/// others refer to with `CASCADE`, `SET NULL` or `SET DEFAULT`.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut steps = script.steps.iter().enumerate();
    // Reading the earlier migrations takes time, and few scripts need it.
    if script.is_down || !steps.any(|(now, step)| changed(script, now, step).is_some()) {
        return findings;
    }
    let mut keys = script.foreign_keys_before();
    for (now, step) in script.steps.iter().enumerate() {
        findings.extend(finding(script, &keys, now, step));
        keys.record(&step.words, &step.action);
    }
    findings
}

/// The table of a `DELETE` or `UPDATE`, unless the script has created it.
fn changed<'s>(script: &Script<'_>, now: usize, step: &'s Step<'_>) -> Option<&'s Table> {
    let (Action::Delete(table) | Action::Update(table)) = &step.action else {
        return None;
    };
    (!script.is_created(now, &table.name)).then_some(table)
}

fn finding(
    script: &Script<'_>,
    keys: &ForeignKeys,
    now: usize,
    step: &Step<'_>,
) -> Option<Finding> {
    let table = changed(script, now, step)?;
    let is_delete = matches!(step.action, Action::Delete(_));
    let assigned = step.assigned_columns();
    let acts = |key: &ForeignKey| {
        if is_delete {
            key.acts_on_delete
        } else {
            key.acts_on_update && keys.refers_to_any(key, &assigned)
        }
    };
    let children: BTreeSet<String> = keys
        .of_parent(&table.name)
        .filter(|(_, key)| acts(key))
        .filter(|(child, key)| {
            let is_handled = if *child == table.name {
                handles_itself(step, table, key, &assigned)
            } else {
                reads(step, table, child)
            };
            !is_handled && !script.is_created(now, child) && !is_changed(script, now, child)
        })
        .map(|(child, _)| format!("`{}`", shortened(child)))
        .collect();
    if children.is_empty() {
        return None;
    }
    let children = Vec::from_iter(children).join(" or ");
    let rows = if is_delete {
        "the deleted rows"
    } else {
        "the old keys"
    };
    Some(Finding::new(
        step.words.place(table.at),
        format!(
            "this fails if rows of {children} refer to {rows}, because nothing cascades in a \
             migration"
        ),
        "first delete or update the rows that refer to them; foreign keys are off while a \
         migration runs",
    ))
}

/// Whether another statement of the script changes or deletes rows of a table, or drops it. The
/// order does not matter, because references are checked at the end.
fn is_changed(script: &Script<'_>, now: usize, table: &str) -> bool {
    let others = script.steps.iter().enumerate().filter(|(at, _)| *at != now);
    others.into_iter().any(|(_, step)| match &step.action {
        Action::Delete(it) | Action::Update(it) | Action::DropTable(it) => it.name == table,
        _ => false,
    })
}

/// Whether a statement that changes one table reads another one, as in `WHERE id NOT IN (SELECT
/// …)`: then it depends on the rows that refer to the changed ones.
fn reads(step: &Step<'_>, changed: &Table, table: &str) -> bool {
    let mut words = step.words.iter();
    words.any(|(at, word)| {
        (word.is("FROM") || word.is("JOIN"))
            && step
                .words
                .table(at + 1)
                .is_some_and(|(it, _)| it.name == table && it.at != changed.at)
    })
}

/// Whether a statement on a table that refers to itself covers the rows that refer to the
/// changed ones.
fn handles_itself(step: &Step<'_>, table: &Table, key: &ForeignKey, assigned: &[String]) -> bool {
    let is_for_all = step.keyword("WHERE").is_none() && step.keyword("LIMIT").is_none();
    let is_delete = matches!(step.action, Action::Delete(_));
    is_delete && is_for_all
        || key.columns.iter().all(|column| assigned.contains(column))
        || reads(step, table, &table.name)
}
