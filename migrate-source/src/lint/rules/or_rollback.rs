//! S04: a conflict clause that ends the transaction of the migration.

use crate::lint::action::Action;
use crate::lint::finding::Finding;
use crate::lint::script::Script;

/// Finds `INSERT OR ROLLBACK`, `ON CONFLICT ROLLBACK` and `RAISE(ROLLBACK, …)`.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let steps = script.steps.iter();
    for step in steps.filter(|step| step.action != Action::Explain) {
        let words = &step.words;
        let found = words.iter().skip(2);
        for (at, _) in found.filter(|(_, word)| word.is("ROLLBACK")) {
            // `rollback` may also be the name of a column.
            let is_clause = words.are(at - 2, &["INSERT", "OR"])
                || words.are(at - 2, &["UPDATE", "OR"])
                || words.are(at - 2, &["ON", "CONFLICT"])
                || words.are(at - 2, &["RAISE", "("]);
            if is_clause {
                let from = if words.is(at - 1, "(") { at } else { at - 1 };
                findings.push(Finding {
                    range: words.places(from, at),
                    message: "this would roll back the transaction of the migration, and \
                              everything before it would be lost"
                        .to_owned(),
                    help: "write `ABORT`".to_owned(),
                });
            }
        }
    }
    findings
}
