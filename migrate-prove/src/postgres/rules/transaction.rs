//! Procedures that end the transaction of the migration.

use crate::postgres::action::{Action, Kind};
use crate::postgres::finding::{Finding, Seen};
use migrate_source::diagnostic::Code;

/// A call of a procedure that commits, which PostgreSQL refuses in a transaction.
pub(super) fn ended(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let Kind::Call(procedure) = &action.kind else {
        return None;
    };
    let word = seen.known.procedure_ends(procedure)?;
    seen.script.in_transaction.then(|| {
        Finding::new(
            Code::OutsideTransaction,
            &action.range,
            format!(
                "`{procedure}` contains `{word}`, which cannot run in a transaction, and this \
                 migration does"
            ),
            "move the call into a migration of its own with `-- migrate: no-transaction` on its \
             first line",
        )
    })
}
