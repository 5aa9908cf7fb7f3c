//! Rules on columns: P09, P10, P11 and P27.

use crate::postgres::action::{Action, Kind, OnTable};
use crate::postgres::column::{Column, Type};
use crate::postgres::finding::{Finding, Seen};
use migrate_source::diagnostic::Code;

/// P27: types that seldom do what is intended.
pub(super) fn traps(action: &Action) -> Vec<Finding> {
    let types: Vec<&Type> = match &action.kind {
        Kind::CreateTable { columns, .. } => {
            columns.iter().filter_map(|it| it.ty.as_ref()).collect()
        }
        Kind::OnTable(_, OnTable::AddColumn(column)) => column.ty.iter().collect(),
        Kind::OnTable(_, OnTable::SetType(_, ty)) => vec![ty],
        _ => Vec::new(),
    };
    types.into_iter().filter_map(trap).collect()
}

/// P10 and P11: changes that rewrite a table.
pub(super) fn rewriting(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    match &action.kind {
        Kind::OnTable(table, _) if seen.own.has_no_rows(table) => None,
        Kind::OnTable(table, OnTable::AddColumn(column)) => rewriting_column(action, table, column),
        Kind::OnTable(table, OnTable::SetType(column, ty)) => {
            rewriting_type(seen, action, (table, column), ty)
        }
        _ => None,
    }
}

/// P09: a column that cannot be added to a table with rows.
pub(super) fn not_null(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let Kind::OnTable(table, OnTable::AddColumn(column)) = &action.kind else {
        return None;
    };
    let has_value = column.has_default || column.generated.is_some();
    let may_have = column.ty.as_ref().is_none_or(|it| !it.is_built_in());
    let is_required = column.is_not_null || column.is_primary;
    if !is_required || has_value || may_have || seen.own.has_no_rows(table) {
        return None;
    }
    let what = if column.is_not_null {
        "`NOT NULL`"
    } else {
        "a primary key"
    };
    let name = &column.name;
    Some(Finding::new(
        Code::AddNotNullToRows,
        &action.range,
        format!("this fails if `{table}` has rows: `{name}` is {what} and has no default"),
        "give it a default; or add it as nullable, fill it, and then set `NOT NULL`",
    ))
}

fn rewriting_column(action: &Action, table: &str, column: &Column) -> Option<Finding> {
    let why = match (&column.volatile, column.generated, &column.ty) {
        (Some(function), _, _) => format!("`{function}()` gives each row another value"),
        (_, Some(generated @ ("STORED" | "IDENTITY")), _) => {
            format!("a column that is `{generated}` has a value in each row")
        }
        (_, _, Some(ty)) if ty.is_serial() => {
            format!("a column that is `{}` has a value in each row", ty.name)
        }
        _ => return None,
    };
    Some(Finding::new(
        Code::AddRewritesTable,
        &action.range,
        format!("`{table}` cannot be used while all its rows are rewritten: {why}"),
        "add the column without it, fill the rows in steps, and set the default for new ones",
    ))
}

fn rewriting_type(
    seen: &Seen<'_>,
    action: &Action,
    (table, column): (&str, &str),
    ty: &Type,
) -> Option<Finding> {
    let old = seen.known.ty(table, column);
    let is_free = match old {
        Some(old) => is_wider(old, ty),
        // Most columns that become such a type had a limit before.
        None => matches!(&*ty.name, "text" | "varchar") && ty.arguments.is_empty(),
    };
    if is_free || seen.own.has_column(table, column) && old.is_none() {
        return None;
    }
    Some(Finding::new(
        Code::TypeChangeRewrites,
        &action.range,
        format!(
            "`{table}` cannot be used while all its rows are rewritten, as `{column}` becomes `{}`",
            ty.name
        ),
        "add another column of that type, have the application write both, fill it in steps, and \
         change over",
    ))
}

/// Whether all values of the old type are stored as the same values of the new type.
fn is_wider(old: &Type, new: &Type) -> bool {
    let limit = |ty: &Type| ty.arguments.first().copied().unwrap_or(u32::MAX);
    match (old.name.as_str(), new.name.as_str()) {
        ("numeric", "numeric") => {
            let scale = |ty: &Type| ty.arguments.get(1).copied().unwrap_or(0);
            new.arguments.is_empty()
                || !old.arguments.is_empty() && limit(new) >= limit(old) && scale(new) == scale(old)
        }
        ("varchar" | "text", "varchar" | "text") | ("cidr", "inet") => limit(new) >= limit(old),
        ("char", "char") => limit(new) == limit(old),
        (old_name, new_name) => old_name == new_name && limit(new) >= limit(old),
    }
}

fn trap(ty: &Type) -> Option<Finding> {
    let (message, help) = match ty.name.trim_end_matches("[]") {
        "timestamp" => (
            "`timestamp` has no time zone: which moment it means depends on the session",
            "use `timestamptz`",
        ),
        "char" => (
            "`char` fills its values with spaces, and saves no space over `text`",
            "use `text`, with a `CHECK` where the length matters",
        ),
        "json" => (
            "`json` cannot be compared, and is parsed each time it is read",
            "use `jsonb`",
        ),
        _ => return None,
    };
    Some(Finding::new(Code::TypeWithTraps, &ty.range, message, help))
}
