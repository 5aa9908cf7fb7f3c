//! Rules on constraints: P06, P07, P08, P12 and P13.

use crate::postgres::action::{Action, Constraint, ConstraintKind, Kind, OnTable};
use crate::postgres::finding::{Finding, Seen};
use migrate_source::diagnostic::Code;

/// P06, P07, P08, P12 and P13: constraints for which all rows are read under a lock.
pub(super) fn check(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let Kind::OnTable(table, change) = &action.kind else {
        return None;
    };
    if seen.own.has(table) {
        return None;
    }
    match change {
        OnTable::AddConstraint(constraint) => added(seen, action, table, constraint),
        OnTable::Validate(name) => validated(seen, action, table, name),
        OnTable::SetNotNull(column) if !seen.known.has_no_null(table, column) => {
            Some(Finding::new(
                Code::SetNotNull,
                &action.range,
                format!("`{table}` cannot be used while all its rows are searched for a NULL"),
                format!(
                    "add `CHECK ({column} IS NOT NULL) NOT VALID`, validate it in the next \
                     migration, and set `NOT NULL` in the one after that: then no rows are read"
                ),
            ))
        }
        _ => None,
    }
}

fn added(
    seen: &Seen<'_>,
    action: &Action,
    table: &str,
    constraint: &Constraint,
) -> Option<Finding> {
    let later = "add it with `NOT VALID`, and `VALIDATE CONSTRAINT` it in the next migration";
    let (code, message, help) = match &constraint.kind {
        _ if constraint.is_not_valid || constraint.uses_index => return None,
        ConstraintKind::NotNull => return None,
        ConstraintKind::Check(_) => (
            Code::ConstraintChecksRows,
            format!("`{table}` cannot be used while all its rows are checked"),
            later,
        ),
        // A table with partitions accepts no foreign key that is `NOT VALID`.
        ConstraintKind::Foreign(_) | ConstraintKind::Primary | ConstraintKind::Unique
            if seen.known.is_partitioned(table) =>
        {
            return None;
        }
        ConstraintKind::Foreign(parent) => (
            Code::ConstraintChecksRows,
            format!("`{table}` and `{parent}` cannot be written to while all rows are checked"),
            later,
        ),
        ConstraintKind::Primary | ConstraintKind::Unique => (
            Code::ConstraintBuildsIndex,
            format!("`{table}` cannot be used while the index of this constraint is built"),
            "build it by `CREATE UNIQUE INDEX CONCURRENTLY` in a migration before this one, and \
             add the constraint with `USING INDEX`",
        ),
        ConstraintKind::Exclude => (
            Code::ExclusionConstraint,
            format!("`{table}` cannot be used while the index of this constraint is built"),
            "there is no way to build it beforehand: add it while the table is little used",
        ),
    };
    Some(Finding::new(code, &action.range, message, help))
}

fn validated(seen: &Seen<'_>, action: &Action, table: &str, name: &str) -> Option<Finding> {
    let key = (table.to_owned(), name.to_owned());
    if !seen.script.in_transaction || !seen.own.unvalidated.contains(&key) {
        return None;
    }
    Some(Finding::new(
        Code::ValidatedAtOnce,
        &action.range,
        format!("the lock under which `{name}` was added is held while all rows are checked"),
        "validate it in the next migration, which takes a weaker lock",
    ))
}
