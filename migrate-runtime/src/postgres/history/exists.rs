//! Checking that the history table exists, with the columns that this crate
//! gave it.

use super::{READING, damaged};
use crate::error::Error;
use crate::history_table::lacks;
use crate::postgres::classify::failed;
use crate::postgres::server::check_version;
use crate::postgres::table::Table;
use migrate_model::history::COLUMNS;
use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

/// Whether the table exists. Fails if it does not have the columns that this
/// crate gave it.
///
/// Every verb that goes beyond the fast path calls this first, so an old
/// server is refused here too, without an additional round trip.
pub(in crate::postgres) async fn exists(
    client: &(impl GenericClient + Sync),
    table: &Table,
) -> Result<bool, Error> {
    let sql = "SELECT c.relkind::text, a.attname::text, \
               EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid \
               AND i.indisprimary AND i.indkey::text = a.attnum::text), \
               a.atttypid::regtype::text, c.relrowsecurity, s.version \
               FROM (SELECT version()) AS s (version) LEFT JOIN pg_catalog.pg_class c \
               ON c.oid = pg_catalog.to_regclass($1) LEFT JOIN pg_catalog.pg_attribute a \
               ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
               ORDER BY a.attnum";
    let found = client
        .query_typed(sql, &[(&table.sql(), Type::TEXT)])
        .await
        .map_err(failed("looking for the history"))?;
    let Some(first) = found.first() else {
        return Ok(false);
    };
    check_version(first.get(5))?;
    let Some(kind) = first.get::<_, Option<String>>(0) else {
        return Ok(false);
    };
    let what = match kind.as_str() {
        "r" | "p" => None,
        "v" => Some("a view"),
        "m" => Some("a materialized view"),
        "f" => Some("a foreign table"),
        "S" => Some("a sequence"),
        "i" | "I" => Some("an index"),
        "c" => Some("a type"),
        _ => Some("something else"),
    };
    if let Some(what) = what {
        return Err(damaged(table, format!("it is {what}, not a table")));
    }
    let columns: Vec<(String, bool)> = found
        .iter()
        .filter_map(|row| Some((row.get::<_, Option<String>>(1)?, row.get(2))))
        .collect();
    if let Some(what) = lacks(table.name(), &columns)? {
        return Err(damaged(table, what));
    }
    for row in &found {
        check_type(table, row.get(1), row.get(3))?;
    }
    if first.get(4) {
        check_visible(client, table).await?;
    }
    Ok(true)
}

/// Versions as text would sort 10 before 2, and a time could not be written to
/// another type.
fn check_type(table: &Table, column: &str, found: &str) -> Result<(), Error> {
    let Some((_, kind)) = COLUMNS.iter().find(|(name, _)| *name == column) else {
        return Ok(());
    };
    let (wanted, will_do) = if kind.starts_with("INTEGER") {
        ("bigint", "integer")
    } else {
        ("text", "character varying")
    };
    if [wanted, will_do].contains(&found) {
        return Ok(());
    }
    let what = format!("`{column}` is `{found}`, not `{wanted}`");
    Err(damaged(table, what))
}

/// Rows hidden from this role would count as pending migrations. Owners and
/// superusers see all rows.
async fn check_visible(client: &(impl GenericClient + Sync), table: &Table) -> Result<(), Error> {
    let sql = "SELECT pg_catalog.row_security_active($1)";
    let row = client
        .query_typed_one(sql, &[(&table.sql(), Type::TEXT)])
        .await
        .map_err(failed(READING))?;
    if row.get(0) {
        let what = "row-level security hides some of its rows from this role";
        Err(damaged(table, what.to_owned()))
    } else {
        Ok(())
    }
}
