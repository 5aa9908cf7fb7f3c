//! S27: a change of all rows.

use crate::lint::action::Action;
use crate::lint::finding::{Finding, in_up};
use crate::lint::script::{Script, Step};
use crate::text::shortened;

/// Finds `UPDATE` and `DELETE` without `WHERE` on a table that an earlier migration created.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    in_up(script, |now, step| finding(script, now, step))
}

fn finding(script: &Script<'_>, now: usize, step: &Step<'_>) -> Option<Finding> {
    let (Action::Update(table) | Action::Delete(table)) = &step.action else {
        return None;
    };
    if step.keyword("WHERE").is_some() || script.is_created(now, &table.name) {
        return None;
    }
    // A full-text index may be emptied and filled again.
    let is_filled =
        |step: &Step<'_>| matches!(&step.action, Action::Insert(into) if into.name == table.name);
    if script.is_full_text(&table.name) && script.steps.iter().skip(now).any(is_filled) {
        return None;
    }
    let is_update = matches!(step.action, Action::Update(_));
    if is_update && fills_new_columns(script, now, step, &table.name) {
        return None;
    }
    let shown = shortened(&step.words.shown(table.at));
    let does = if is_update { "changes" } else { "deletes" };
    Some(Finding::new(
        step.words.place(step.verb),
        format!("this {does} every row of `{shown}`"),
        "add a `WHERE` clause for the intended rows",
    ))
}

/// Whether an `UPDATE` sets only columns that the script has added.
fn fills_new_columns(script: &Script<'_>, now: usize, step: &Step<'_>, table: &str) -> bool {
    let assigned = step.assigned_columns();
    let is_new = |column: &String| script.is_added(now, table, column);
    !assigned.is_empty() && assigned.iter().all(is_new)
}
