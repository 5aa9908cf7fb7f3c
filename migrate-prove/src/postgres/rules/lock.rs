//! Rules on commands that lock a table while they write it anew: P18.

use crate::postgres::action::{Action, Kind, OnTable};
use crate::postgres::finding::{Finding, Seen};
use migrate_source::diagnostic::Code;

/// P18: a table that cannot be used while it is written anew.
pub(super) fn rewriting(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let (what, of) = match &action.kind {
        Kind::Rewrite { what, of } => (*what, of.as_ref()),
        Kind::OnTable(table, OnTable::Rewrite(what)) => (*what, Some(table)),
        _ => return None,
    };
    let is_new = |it: &String| seen.own.has_no_rows(it) || seen.known.is_unfilled(it);
    if of.is_some_and(is_new) {
        return None;
    }
    let shown = of.map_or("no table".to_owned(), |it| format!("`{it}`"));
    let negation = if of.is_some() { "cannot" } else { "can" };
    let message = if what.starts_with("REFRESH") {
        format!("{shown} cannot be read while it is computed anew")
    } else {
        format!("{shown} {negation} be used while `{what}` writes it anew")
    };
    let help = match what {
        "REFRESH MATERIALIZED VIEW" => {
            "write `REFRESH MATERIALIZED VIEW CONCURRENTLY`, which needs a unique index on the view"
        }
        "VACUUM FULL" => {
            "`VACUUM` makes the space usable again without this lock; to give it back to the \
             system, use `REPACK (CONCURRENTLY)` of PostgreSQL 19, or the extension `pg_repack`"
        }
        "CLUSTER" => {
            "use `REPACK (CONCURRENTLY)` of PostgreSQL 19, or the extension `pg_repack`, which \
             lock the table only at the end"
        }
        "SET EXPRESSION" => "add another column, fill it in steps, and change over",
        _ => "do it while the table is little used, or move the rows to a new table in steps",
    };
    Some(Finding::new(
        Code::RewritesTable,
        &action.range,
        message,
        help,
    ))
}
