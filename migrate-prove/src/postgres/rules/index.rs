//! Rules on indexes: P01 and P03.

use crate::postgres::action::{Action, Kind, OnTable};
use crate::postgres::finding::{Finding, Seen};
use migrate_source::diagnostic::Code;

const HELP: &str = "in a migration of its own that says `-- migrate: no-transaction`";

/// P01: what keeps others from a table while an index is built or dropped.
pub(super) fn check(seen: &Seen<'_>, action: &Action) -> Vec<Finding> {
    finding(seen, action).into_iter().collect()
}

fn finding(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let (message, instead) = match &action.kind {
        Kind::CreateIndex {
            table,
            concurrently: false,
            ..
        } => {
            // On a table with partitions it cannot be done concurrently.
            if seen.own.has(table) || seen.known.is_partitioned(table) {
                return None;
            }
            let message = format!("`{table}` cannot be written to while this index is built");
            (message, "CREATE INDEX CONCURRENTLY")
        }
        Kind::DropIndex {
            index,
            concurrently: false,
        } => {
            let table = seen.known.table_of(index);
            let is_own = table.is_some_and(|it| seen.own.has(it)) || seen.own.has_index(index);
            if is_own || table.is_some_and(|it| seen.known.is_partitioned(it)) {
                return None;
            }
            let shown = table.map_or("its table".to_owned(), |it| format!("`{it}`"));
            let message = format!(
                "dropping `{index}` waits for every transaction that uses {shown}, and blocks all \
                 later ones"
            );
            (message, "DROP INDEX CONCURRENTLY")
        }
        Kind::Reindex {
            of,
            concurrently: false,
        } => {
            let table = of
                .as_deref()
                .map(|it| seen.known.table_of(it).unwrap_or(it));
            if table.is_some_and(|it| seen.own.has(it)) {
                return None;
            }
            let message = match of {
                Some(of) => format!("`{of}` cannot be written to while it is reindexed"),
                None => "tables cannot be written to while they are reindexed".to_owned(),
            };
            (message, "REINDEX … CONCURRENTLY")
        }
        Kind::OnTable(
            table,
            OnTable::Detach {
                part,
                concurrently: false,
            },
        ) => {
            if seen.own.has(table) || seen.own.has(part) {
                return None;
            }
            let message = format!(
                "detaching `{part}` waits for every transaction that uses `{table}`, and blocks \
                 all later ones"
            );
            (message, "DETACH PARTITION … CONCURRENTLY")
        }
        _ => return None,
    };
    let help = format!("write `{instead}`, {HELP}");
    Some(Finding::new(
        Code::BlockingIndex,
        &action.range,
        message,
        &help,
    ))
}

/// P03: an index that is taken for a good one when the first try was cut off.
pub(super) fn unfinished(seen: &Seen<'_>, action: &Action) -> Vec<Finding> {
    let Kind::CreateIndex {
        index: Some(index),
        concurrently: true,
        if_not_exists: true,
        ..
    } = &action.kind
    else {
        return Vec::new();
    };
    if seen.own.dropped.contains(index) {
        return Vec::new();
    }
    let message = format!(
        "if an earlier attempt was interrupted, this accepts the invalid index that it left as `{index}`"
    );
    let help = format!("put `DROP INDEX CONCURRENTLY IF EXISTS {index};` before it");
    vec![Finding::new(
        Code::UnfinishedIndex,
        &action.range,
        message,
        &help,
    )]
}
