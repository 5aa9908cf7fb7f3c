//! S33: a down brings the schema back, and its up can run again.

use super::Change;
use crate::finding::{Findings, beginning};
use crate::run::Task;
use crate::snapshot::Snapshot;
use migrate_core::diagnostic::Code;

/// Compares the schema after a down with that before the up; returns whether
/// they are the same.
pub(crate) fn down(
    change: Change<'_, '_>,
    before_up: &Snapshot,
    findings: &mut Findings<'_, '_>,
) -> bool {
    let differences = before_up.catalogue.differences(&change.after.catalogue);
    if differences.is_empty() {
        return true;
    }
    findings.add(
        change.part,
        Code::DownDoesNotRestore,
        beginning(change.part, 0),
        "this down does not bring back the schema of before its up".to_owned(),
        "have it undo all that the up does",
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
        findings.add(
            up.part,
            Code::NotRepeatable,
            beginning(up.part, 0),
            "this does something else when it is applied again after its down".to_owned(),
            "have the down undo all that the up does, rows included",
            differences,
        );
    }
}
