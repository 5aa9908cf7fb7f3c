//! S33: a down that does not restore the schema, or after which the up cannot run again.

use crate::replay::change::Change;
use crate::replay::finding::{Findings, beginning, last_place_of};
use crate::replay::run::Task;
use crate::replay::snapshot::Snapshot;
use migrate_source::diagnostic::Code;

/// Compares the schema after a down with that before the up; returns whether
/// they are the same.
pub(crate) fn down(
    change: Change<'_, '_>,
    before_up: &Snapshot,
    findings: &mut Findings<'_, '_>,
) -> bool {
    let mut differences = before_up.catalogue.differences(&change.after.catalogue);
    if differences.is_empty() {
        return true;
    }
    // A view that cannot be used without a dropped table is reported already.
    differences.retain(|it| {
        let left = it.strip_prefix("the ").unwrap_or(it);
        let left = left.strip_suffix(" is left over");
        !left.is_some_and(|left| findings.is_about(&format!("{left}:")))
    });
    if differences.is_empty() {
        return false;
    }
    let range = differences
        .iter()
        .filter_map(|difference| difference.split('`').nth(1))
        .find_map(|name| last_place_of(change.task.part, name))
        .unwrap_or_else(|| beginning(change.task.part, 0));
    findings.add_with_notes(
        change.task.part,
        Code::DownDoesNotRestore,
        range,
        "this down does not restore the schema from before its up",
        "make it undo everything that the up does",
        differences,
    );
    false
}

/// Compares the schema after the second up with that after the first.
pub(crate) fn second_up(
    up: Task<'_, '_>,
    first: &Snapshot,
    second: &Snapshot,
    findings: &mut Findings<'_, '_>,
) {
    let differences = first.catalogue.differences(&second.catalogue);
    if !differences.is_empty() {
        findings.add_with_notes(
            up.part,
            Code::NotRepeatable,
            beginning(up.part, 0),
            "this has a different effect when it is applied again after its down",
            "make the down undo everything that the up does, rows included",
            differences,
        );
    }
}
