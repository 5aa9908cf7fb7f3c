//! Rules on constraints: P06, P07, P08, P12 and P13.

use crate::postgres::action::{Action, Constraint, ConstraintKind, Kind, OnTable};
use crate::postgres::finding::{Finding, Seen};
use migrate_source::diagnostic::Code;

/// P06, P07, P08, P12 and P13: constraints for which all rows are read under a
/// lock.
pub(super) fn check(seen: &Seen<'_>, action: &Action) -> Vec<Finding> {
    let Kind::OnTable(table, change) = &action.kind else {
        return Vec::new();
    };
    if seen.own.has(table) {
        return Vec::new();
    }
    let found = match change {
        OnTable::AddConstraint(constraint) => added(seen, table, constraint),
        OnTable::Validate(name) => validated(seen, table, name),
        OnTable::SetNotNull(column) if !seen.known.has_no_null(table, column) => Some((
            Code::SetNotNull,
            format!("`{table}` cannot be used while all its rows are searched for a NULL"),
            format!(
                "add `CHECK ({column} IS NOT NULL) NOT VALID`, validate it in the next migration, \
                 and set `NOT NULL` in the one after that: then no rows are read"
            ),
        )),
        _ => None,
    };
    let found =
        found.map(|(code, message, help)| Finding::new(code, &action.range, message, &help));
    found.into_iter().collect()
}

type Found = Option<(Code, String, String)>;

fn added(seen: &Seen<'_>, table: &str, constraint: &Constraint) -> Found {
    let later = "add it with `NOT VALID`, and `VALIDATE CONSTRAINT` it in the next migration";
    match &constraint.kind {
        _ if constraint.is_not_valid || constraint.uses_index => None,
        ConstraintKind::Check(_) => Some((
            Code::ConstraintChecksRows,
            format!("`{table}` cannot be used while all its rows are checked"),
            later.to_owned(),
        )),
        // Of a table with partitions no foreign key can be added unchecked.
        ConstraintKind::Foreign(_) if seen.known.is_partitioned(table) => None,
        ConstraintKind::Foreign(parent) => Some((
            Code::ConstraintChecksRows,
            format!("`{table}` and `{parent}` cannot be written to while all rows are checked"),
            later.to_owned(),
        )),
        ConstraintKind::Primary | ConstraintKind::Unique if seen.known.is_partitioned(table) => {
            None
        }
        ConstraintKind::Primary | ConstraintKind::Unique => Some((
            Code::ConstraintBuildsIndex,
            format!("`{table}` cannot be used while the index of this constraint is built"),
            "build it by `CREATE UNIQUE INDEX CONCURRENTLY` in a migration before this one, and \
             add the constraint with `USING INDEX`"
                .to_owned(),
        )),
        ConstraintKind::Exclude => Some((
            Code::ExclusionConstraint,
            format!("`{table}` cannot be used while the index of this constraint is built"),
            "there is no way to build it beforehand: add it while the table is little used"
                .to_owned(),
        )),
        ConstraintKind::NotNull => None,
    }
}

fn validated(seen: &Seen<'_>, table: &str, name: &str) -> Found {
    let key = (table.to_owned(), name.to_owned());
    if !seen.script.in_transaction || !seen.own.unvalidated.contains(&key) {
        return None;
    }
    Some((
        Code::ValidatedAtOnce,
        format!("the lock under which `{name}` was added is held while all rows are checked"),
        "validate it in the next migration, which takes a weaker lock".to_owned(),
    ))
}
