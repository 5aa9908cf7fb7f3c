//! S32: a statement that returns rows.

use crate::lint::action::Action;
use crate::lint::finding::Finding;
use crate::lint::script::Script;

/// Finds `SELECT`, `VALUES`, `EXPLAIN` and `RETURNING`, whose rows are discarded.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for step in &script.steps {
        let at = match step.action {
            Action::Explain | Action::Query => Some(step.verb),
            Action::Insert(_) | Action::Update(_) | Action::Delete(_) => step.keyword("RETURNING"),
            _ => None,
        };
        let Some(word) = at.and_then(|at| step.words.get(at)) else {
            continue;
        };
        let keyword = word.text.to_ascii_uppercase();
        let message = format!("`{keyword}` returns rows, which are discarded here");
        let help = match step.action {
            Action::Explain => "remove it",
            Action::Query => "remove it, or put `INSERT INTO` before it to write the rows",
            _ => "remove this clause",
        };
        findings.push(Finding::new(word.range(), message, help));
    }
    findings
}
