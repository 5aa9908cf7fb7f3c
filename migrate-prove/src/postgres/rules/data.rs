//! Rules on data and names: P14, P16 and P20.

use crate::postgres::action::{Action, Kind, OnTable};
use crate::postgres::finding::{Finding, Seen};
use crate::postgres::known::beside;
use migrate_source::diagnostic::Code;

/// P14, P16 and P20: what deletes data, takes names away, or changes all rows.
pub(super) fn check(seen: &Seen<'_>, action: &Action) -> Vec<Finding> {
    let finding = lost(seen, action)
        .or_else(|| renamed(seen, action))
        .or_else(|| changed(seen, action));
    finding.into_iter().collect()
}

fn lost(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let copy = "first copy what is still needed";
    let (message, help) = match &action.kind {
        Kind::Drop {
            what: "schema",
            name,
            cascade,
        } => {
            // Without `CASCADE` only an empty one is dropped.
            if !cascade || seen.own.others.contains(&("schema", name.clone())) {
                return None;
            }
            (format!("dropping `{name}` deletes all its tables"), copy)
        }
        Kind::Drop { name, .. } => {
            let takes_its_name = |(_, it): &(usize, Action)| match &it.kind {
                Kind::OnTable(table, OnTable::Rename(to)) => beside(table, to) == *name,
                _ => false,
            };
            if seen.own.has(name) || seen.later.iter().any(takes_its_name) {
                return None;
            }
            (format!("dropping `{name}` deletes all its rows"), copy)
        }
        Kind::Truncate(table) => {
            if seen.own.has(table) {
                return None;
            }
            (format!("this deletes all rows of `{table}`"), copy)
        }
        Kind::OnTable(table, OnTable::DropColumn(column)) => {
            if seen.own.has_column(table, column) {
                return None;
            }
            let message =
                format!("dropping `{column}` deletes its values in all rows of `{table}`");
            (message, copy)
        }
        _ => return None,
    };
    Some(Finding::new(Code::DropsData, &action.range, message, help))
}

fn renamed(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let (what, from) = match &action.kind {
        Kind::OnTable(table, OnTable::Rename(_)) => {
            let is_there_again = |(_, it): &(usize, Action)| match &it.kind {
                Kind::Create("view", name) => name == table,
                Kind::CreateTable { table: name, .. } => name == table,
                Kind::OnTable(other, OnTable::Rename(to)) => beside(other, to) == *table,
                _ => false,
            };
            if seen.own.has(table) || seen.later.iter().any(is_there_again) {
                return None;
            }
            ("table", format!("`{table}`"))
        }
        Kind::OnTable(table, OnTable::RenameColumn { from, .. }) => {
            if seen.own.has_column(table, from) {
                return None;
            }
            ("column", format!("`{from}`"))
        }
        Kind::Rename { what, from } => {
            if seen.own.others.contains(&(what, from.clone())) {
                return None;
            }
            (*what, format!("`{from}`"))
        }
        _ => return None,
    };
    let help = match what {
        "table" => "then create a view with the old name, for as long as it is used",
        "column" => {
            "add a column with the new name, have the application write both, and drop the old \
             one in a later release"
        }
        _ => "rename it when no running program uses the old name",
    };
    Some(Finding::new(
        Code::RenameBreaksReaders,
        &action.range,
        format!("programs that still use {from} fail from here on"),
        help,
    ))
}

fn changed(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let Kind::Change {
        table,
        is_update,
        has_where: false,
    } = &action.kind
    else {
        return None;
    };
    if seen.own.has(table) {
        return None;
    }
    let (message, help) = if *is_update {
        (
            format!("this changes every row of `{table}`, and locks each until the end"),
            "add a `WHERE` clause for the intended rows, and change many rows in steps",
        )
    } else {
        (
            format!("this deletes every row of `{table}`"),
            "add a `WHERE` clause for the intended rows",
        )
    };
    let range = &action.range;
    Some(Finding::new(Code::ChangesAllRows, range, message, help))
}
