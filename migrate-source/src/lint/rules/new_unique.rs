//! S10: a unique index on columns that may have duplicates.

use crate::lint::action::Action;
use crate::lint::finding::{Finding, in_up};
use crate::lint::script::{Script, Step};

/// Finds `CREATE UNIQUE INDEX` on a table that an earlier migration created.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    in_up(script, |now, step| finding(script, now, step))
}

fn finding(script: &Script<'_>, now: usize, step: &Step<'_>) -> Option<Finding> {
    let Action::CreateIndex {
        index,
        table,
        is_unique: true,
        columns,
    } = &step.action
    else {
        return None;
    };
    let words = &step.words;
    let is_new = words.parts(*columns).iter().any(|part| {
        let column = words.name(part.start);
        column.is_some_and(|column| script.is_added(now, &table.name, &column))
    });
    let parts = words.normal_parts(*columns);
    let dropped = script.dropped_unique(now, index, &table.name);
    let was_unique = !dropped.is_empty() && dropped.iter().all(|part| parts.contains(part));
    let is_deduplicated = script.steps.iter().take(now).any(|step| {
        let (Action::Update(of) | Action::Delete(of)) = &step.action else {
            return false;
        };
        of.name == table.name
    });
    if is_new || was_unique || is_deduplicated || script.is_created(now, &table.name) {
        return None;
    }
    let unique = step.verb + 1;
    let shown = words.shown(table.at);
    Some(Finding::new(
        words.places(unique, unique + 1),
        format!("this fails if `{shown}` already has duplicates"),
        "first remove or merge the duplicates",
    ))
}
