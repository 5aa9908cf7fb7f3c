//! S04: a conflict clause that ends the transaction of the migration.

use crate::lint::action::Action;
use crate::lint::finding::Finding;
use crate::lint::script::Script;

/// The words before the keyword; `rollback` may also be the name of a column.
const BEFORE: [[&str; 2]; 4] = [
    ["INSERT", "OR"],
    ["UPDATE", "OR"],
    ["ON", "CONFLICT"],
    ["RAISE", "("],
];

/// Finds `INSERT OR ROLLBACK`, `ON CONFLICT ROLLBACK` and `RAISE(ROLLBACK, …)`.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let steps = script.steps.iter();
    for step in steps.filter(|step| step.action != Action::Explain) {
        let words = &step.words;
        let found = words.iter().skip(2);
        for (at, _) in found.filter(|(_, word)| word.is("ROLLBACK")) {
            if BEFORE.iter().any(|before| words.are(at - 2, before)) {
                let from = if words.is(at - 1, "(") { at } else { at - 1 };
                findings.push(Finding::new(
                    words.places(from, at),
                    "this would roll back the transaction of the migration, and everything before \
                     it would be lost",
                    "write `ABORT`",
                ));
            }
        }
    }
    findings
}
