//! Rules on constraints: P06, P07, P08, P12, P13 and P15.

use crate::postgres::action::{Action, Bounds, Constraint, ConstraintKind, Kind, OnTable};
use crate::postgres::column::Column;
use crate::postgres::finding::{Finding, Seen};
use crate::postgres::name::sql;
use migrate_source::diagnostic::Code;

/// `USING INDEX` takes no GiST index.
const NOT_BEFOREHAND: &str =
    "there is no way to build it beforehand: add it while the table is little used";

/// P06, P07, P08, P12 and P13: constraints for which all rows are read under a lock.
pub(super) fn check(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let (table, change) = match &action.kind {
        Kind::OnTable(table, change) => (table, change),
        Kind::CheckDomain(domain) => return of_domain(seen, action, domain),
        _ => return None,
    };
    // The partition may be in use even if the table is new.
    if let OnTable::Attach { part, bounds } = change {
        return attached(seen, action, part, bounds);
    }
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
                    "add `CHECK ({} IS NOT NULL) NOT VALID`, validate it in the next migration, \
                     and set `NOT NULL` in the one after that: then no rows are read",
                    sql(column)
                ),
            ))
        }
        OnTable::AddColumn(column) => of_column(seen, action, table, column),
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
        ConstraintKind::NotNull(column) if seen.known.has_no_null(table, column) => return None,
        ConstraintKind::NotNull(_) => (
            Code::SetNotNull,
            format!("`{table}` cannot be used while all its rows are searched for a NULL"),
            later,
        ),
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
        ConstraintKind::Primary | ConstraintKind::Unique if constraint.without_overlaps => (
            Code::ConstraintBuildsIndex,
            format!("`{table}` cannot be used while the index of this constraint is built"),
            NOT_BEFOREHAND,
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
            NOT_BEFOREHAND,
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

fn attached(seen: &Seen<'_>, action: &Action, part: &str, bounds: &Bounds) -> Option<Finding> {
    if seen.own.has_no_rows(part) || seen.known.is_within(part, bounds) {
        return None;
    }
    Some(Finding::new(
        Code::ConstraintChecksRows,
        &action.range,
        format!(
            "`{part}` cannot be used while all its rows are checked against the bounds of the \
             partition"
        ),
        "add a `CHECK` with these bounds as `NOT VALID`, and validate it in the next migration: \
         then no rows are read when it is attached",
    ))
}

fn of_domain(seen: &Seen<'_>, action: &Action, domain: &str) -> Option<Finding> {
    let is_own = seen.own.has_other("domain", domain);
    (!is_own).then(|| {
        Finding::new(
            Code::ConstraintChecksRows,
            &action.range,
            format!(
                "each table with a column of `{domain}` is locked while all its rows are checked"
            ),
            "add a `CHECK` with `NOT VALID`, and `VALIDATE CONSTRAINT` it in the next migration",
        )
    })
}

/// The constraints of a new column. A reference is not checked while every row has NULL.
fn of_column(seen: &Seen<'_>, action: &Action, table: &str, column: &Column) -> Option<Finding> {
    if seen.own.has_no_rows(table) || seen.known.is_partitioned(table) {
        return None;
    }
    let (code, what) = if column.is_unique {
        (
            Code::ConstraintBuildsIndex,
            "the index of this constraint is built",
        )
    } else if column.is_checked || column.parent.is_some() && column.has_default {
        (Code::ConstraintChecksRows, "all its rows are checked")
    } else {
        return None;
    };
    let help = if column.is_unique {
        "add the column alone, build the index by `CREATE UNIQUE INDEX CONCURRENTLY`, and add the \
         constraint with `USING INDEX`"
    } else {
        "add the column alone, then the constraint with `NOT VALID`, and `VALIDATE CONSTRAINT` it \
         in the next migration"
    };
    let message = format!("`{table}` cannot be used while {what}");
    Some(Finding::new(code, &action.range, message, help))
}

/// P15: a table that loses its primary key, and gets no other.
pub(super) fn key_dropped(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let Kind::OnTable(table, OnTable::DropConstraint(name)) = &action.kind else {
        return None;
    };
    let adds_another = |(_, it): &(usize, Action)| match &it.kind {
        Kind::OnTable(other, OnTable::AddConstraint(added)) => {
            other == table && matches!(added.kind, ConstraintKind::Primary)
        }
        Kind::Drop { name, .. } => name == table,
        _ => false,
    };
    if seen.own.has(table)
        || !seen.known.is_primary_key(table, name)
        || seen.later.iter().any(adds_another)
    {
        return None;
    }
    Some(Finding::new(
        Code::DropsPrimaryKey,
        &action.range,
        format!(
            "`{table}` has no primary key from here on: rows can be equal, and logical replication \
             refuses to update and delete them"
        ),
        "build the index of another key by `CREATE UNIQUE INDEX CONCURRENTLY`, and add it with \
         `ADD PRIMARY KEY USING INDEX` in this statement",
    ))
}
