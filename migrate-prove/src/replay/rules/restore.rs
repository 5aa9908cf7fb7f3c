//! S33: a down brings the schema back, and its up can run again.

use crate::replay::change::Change;
use crate::replay::finding::{Findings, beginning, word_in};
use crate::replay::run::Task;
use crate::replay::snapshot::Snapshot;
use crate::replay::subject::Part;
use migrate_source::diagnostic::Code;
use std::ops::Range;

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
    let range = differences
        .iter()
        .find_map(|difference| named(change.task.part, difference))
        .unwrap_or_else(|| beginning(change.task.part, 0));
    findings.add(
        change.task.part,
        Code::DownDoesNotRestore,
        range,
        "this down does not restore the schema from before its up".to_owned(),
        "make it undo everything that the up does",
        differences,
    );
    false
}

/// Where a script last names what a difference is about.
fn named(part: &Part<'_>, difference: &str) -> Option<Range<usize>> {
    let name = difference.split('`').nth(1)?;
    (0..part.statements.len())
        .rev()
        .find_map(|statement| word_in(part, statement, name))
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
            "this has a different effect when it is applied again after its down".to_owned(),
            "make the down undo everything that the up does, rows included",
            differences,
        );
    }
}
