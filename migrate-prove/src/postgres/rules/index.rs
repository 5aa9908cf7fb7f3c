//! Rules on indexes: P01 and P03.

use crate::postgres::action::{Action, Kind, OnTable};
use crate::postgres::finding::{Finding, Seen};
use crate::postgres::name::sql;
use migrate_source::diagnostic::Code;

const HELP: &str = "in a migration of its own that says `-- migrate: no-transaction`";

/// P01: index operations that block other sessions.
pub(super) fn blocking(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let (is_own, message, instead) = match &action.kind {
        Kind::CreateIndex {
            table,
            concurrently: false,
            ..
        } => (
            // An index of a partitioned table cannot be built concurrently.
            seen.own.has(table) || seen.known.is_partitioned(table),
            format!("`{table}` cannot be written to while this index is built"),
            "CREATE INDEX CONCURRENTLY",
        ),
        Kind::DropIndex {
            index,
            concurrently: false,
        } => {
            let table = seen.known.table_of(index);
            let is_own = |it| seen.own.has(it) || seen.known.is_partitioned(it);
            let shown = table.map_or("its table".to_owned(), |it| format!("`{it}`"));
            (
                seen.own.has_index(index) || table.is_some_and(is_own),
                format!(
                    "dropping `{index}` waits for every transaction that uses {shown}, and blocks \
                     all later ones"
                ),
                "DROP INDEX CONCURRENTLY",
            )
        }
        Kind::Reindex {
            of,
            concurrently: false,
        } => {
            let mut table = of.iter().map(|it| seen.known.table_of(it).unwrap_or(it));
            let message = match of {
                Some(of) => format!("`{of}` cannot be written to while it is reindexed"),
                None => "tables cannot be written to while they are reindexed".to_owned(),
            };
            let is_own = table.any(|it| seen.own.has(it));
            (is_own, message, "REINDEX … CONCURRENTLY")
        }
        Kind::OnTable(
            table,
            OnTable::Detach {
                part,
                concurrently: false,
            },
        ) => (
            seen.own.has(table) || seen.own.has(part),
            format!(
                "detaching `{part}` waits for every transaction that uses `{table}`, and blocks \
                 all later ones"
            ),
            "DETACH PARTITION … CONCURRENTLY",
        ),
        _ => return None,
    };
    let help = format!("write `{instead}`, {HELP}");
    (!is_own).then(|| Finding::new(Code::BlockingIndex, &action.range, message, help))
}

/// P03: an invalid index that an interrupted attempt left, and that is mistaken for a valid one.
pub(super) fn unfinished(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let Kind::CreateIndex {
        index: Some(index),
        concurrently: true,
        if_not_exists: true,
        ..
    } = &action.kind
    else {
        return None;
    };
    if seen.own.dropped.contains(index) {
        return None;
    }
    let message = format!(
        "if an earlier attempt was interrupted, this accepts the invalid index that it left as `{index}`"
    );
    let help = format!(
        "put `DROP INDEX CONCURRENTLY IF EXISTS {};` before it",
        sql(index)
    );
    let range = &action.range;
    Some(Finding::new(Code::UnfinishedIndex, range, message, help))
}
