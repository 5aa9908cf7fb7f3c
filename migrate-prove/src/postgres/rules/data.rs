//! Rules on data and names: P14, P16, P20 and P54.

use crate::postgres::action::{Action, Kind, OnTable};
use crate::postgres::finding::{Finding, Seen};
use crate::postgres::known::beside;
use crate::postgres::rules::copied::is_copied;
use migrate_source::diagnostic::Code;

/// P14 and P54: data is deleted, which may have been copied.
pub(super) fn lost(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let (is_own, message) = match &action.kind {
        // Without `CASCADE` only an empty schema is dropped.
        Kind::Drop {
            what: "schema",
            cascade: false,
            ..
        } => return None,
        Kind::Drop {
            what: "schema",
            name,
            ..
        } => (
            seen.own.has_other("schema", name),
            format!("dropping `{name}` deletes all its tables"),
        ),
        Kind::Drop {
            what: what @ ("type" | "domain"),
            name,
            ..
        } => (
            seen.own.has_other(what, name),
            format!("dropping `{name}` with `CASCADE` deletes every column of that type"),
        ),
        Kind::Drop { name, .. } => {
            let takes_its_name = |(_, it): &(usize, Action)| match &it.kind {
                Kind::OnTable(table, OnTable::Rename(to)) => beside(table, to) == *name,
                _ => false,
            };
            (
                seen.own.has(name) || seen.later.iter().any(takes_its_name),
                format!("dropping `{name}` deletes all its rows"),
            )
        }
        Kind::Truncate(table) => (
            seen.own.has(table),
            format!("this deletes all rows of `{table}`"),
        ),
        Kind::OnTable(table, OnTable::DropColumn(column)) => (
            seen.own.has_column(table, column),
            format!("dropping `{column}` deletes its values in all rows of `{table}`"),
        ),
        _ => return None,
    };
    if is_own {
        return None;
    }
    let is_copied = match &action.kind {
        Kind::Drop { name: table, .. } | Kind::Truncate(table) => is_copied(seen, table, None),
        Kind::OnTable(table, OnTable::DropColumn(column)) => is_copied(seen, table, Some(column)),
        _ => false,
    };
    let (code, message, help) = if is_copied {
        let message = format!("{message}; an earlier statement reads them");
        let help = "check that it has copied everything that is still needed";
        (Code::DropsCopiedData, message, help)
    } else {
        (Code::DropsData, message, "first copy what is still needed")
    };
    Some(Finding::new(code, &action.range, message, help))
}

/// P16: names that running programs may still use.
pub(super) fn renamed(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let (is_own, from, help) = match &action.kind {
        Kind::OnTable(table, OnTable::Rename(_) | OnTable::SetSchema) => {
            let is_there_again = |(_, it): &(usize, Action)| match &it.kind {
                Kind::Create("view", name) => name == table,
                Kind::CreateTable { table: name, .. } => name == table,
                Kind::OnTable(other, OnTable::Rename(to)) => beside(other, to) == *table,
                _ => false,
            };
            (
                seen.own.has(table) || seen.later.iter().any(is_there_again),
                table,
                "then create a view with the old name, for as long as it is used",
            )
        }
        Kind::OnTable(table, OnTable::RenameColumn { from, .. }) => (
            seen.own.has_column(table, from),
            from,
            "add a column with the new name, have the application write both, and drop the old \
             one in a later release",
        ),
        Kind::Rename { what, from } => (
            seen.own.has_other(what, from),
            from,
            "rename it when no running program uses the old name",
        ),
        _ => return None,
    };
    let message = format!("programs that still use `{from}` fail from here on");
    (!is_own).then(|| Finding::new(Code::RenameBreaksReaders, &action.range, message, help))
}

/// P20: all rows are changed.
pub(super) fn changed(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
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
