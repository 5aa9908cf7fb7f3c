//! Texts that a rebuilt table stores as numbers.

use super::shape::Shape;
use super::values::Values;
use crate::replay::memory::Memory;
use crate::replay::table::Column;
use migrate_scan::sqlite::quote;
use rusqlite::Result;

/// The text columns of the old table that are number columns of the new one, and may have texts
/// with leading zeros. A `CAST` says that such texts do not matter.
pub(super) fn from_texts(
    before: &Memory,
    (old, new): (&Shape<'_>, &Shape<'_>),
    values: &Values<'_, '_>,
) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for column in &old.table.columns {
        let name = column.name.to_ascii_lowercase();
        let Some(now) = values.kept.get(&name).and_then(|it| new.table.column(it)) else {
            continue;
        };
        let refers = old.references.iter().any(|it| it.from.contains(&name));
        if is_text(column)
            && is_number(now)
            && !refers
            && values.is_plain(&name, &now.name.to_ascii_lowercase())
            && accepts(before, &old.object.name, &column.name)?
        {
            found.push(column.name.clone());
        }
    }
    Ok(found)
}

/// Whether a row of the table can have a text with leading zeros in the column.
fn accepts(before: &Memory, table: &str, column: &str) -> Result<bool> {
    let (table, column) = (quote(table), quote(column));
    let sql = format!("UPDATE OR IGNORE main.{table} SET {column} = '007'");
    before.conn.execute_batch("SAVEPOINT leading_zeros")?;
    let updated = before.conn.execute(&sql, []);
    // A trigger may have rolled it back already.
    if !before.conn.is_autocommit() {
        before
            .conn
            .execute_batch("ROLLBACK TO leading_zeros; RELEASE leading_zeros")?;
    }
    Ok(updated.is_ok_and(|rows| rows > 0))
}

/// Whether a column has the affinity `TEXT`.
fn is_text(column: &Column) -> bool {
    !column.kind.contains("INT") && column.is_for_texts()
}

/// Whether a column is for numbers. Those of dates and booleans are not.
fn is_number(column: &Column) -> bool {
    const PARTS: [&str; 6] = ["INT", "REAL", "FLOA", "DOUB", "NUM", "DEC"];
    PARTS.iter().any(|it| column.kind.contains(it)) && !is_text(column)
}
