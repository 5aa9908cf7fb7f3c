//! Looking for the histories of other tools.

use super::cause::failed;
use super::server::rows;
use crate::error::{Error, Kind};
use crate::foreign::{Found, KNOWN, Known, has};
use crate::record::is_ours;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

const DOING: &str = "looking for other histories";

/// Refuses a database that has the history of another tool, and none of ours.
/// It is looked for in the schemas that names mean, and in that of our own.
pub(super) async fn refuse(client: &Client, schema: &str) -> Result<(), Error> {
    let names: Vec<&str> = KNOWN.iter().map(|known| known.table).collect();
    let sql = "SELECT n.nspname::text, c.relname::text, \
               pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) \
               FROM pg_catalog.pg_class c \
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
               JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid \
               AND a.attnum > 0 AND NOT a.attisdropped \
               WHERE c.relkind IN ('r', 'p') AND c.relname = ANY ($1) \
               AND (n.nspname = $2 OR n.nspname = ANY (pg_catalog.current_schemas(false))) \
               GROUP BY 1, 2 ORDER BY 1, 2";
    let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
        [(&names, Type::TEXT_ARRAY), (&schema, Type::TEXT)];
    let tables = client.query_typed(sql, &parameters).await;
    let tables = tables.map_err(failed(DOING))?;
    for known in &KNOWN {
        for table in &tables {
            let (schema, name): (String, String) = (table.get(0), table.get(1));
            let columns: Vec<String> = table.get(2);
            let is_one = name == known.table && known.has_made(&columns) && !is_ours(&columns);
            if !is_one {
                continue;
            }
            let sql = format!("{}.{}", super::quote(&schema), super::quote(&name));
            if let Some(rows) = count(client, known, &sql, &columns).await? {
                return Err(Kind::Foreign(Found::of(known, columns, Some(rows))).into());
            }
        }
    }
    Ok(())
}

/// How many rows it has, if it records anything as applied.
async fn count(
    client: &Client,
    known: &Known,
    table: &str,
    columns: &[String],
) -> Result<Option<u64>, Error> {
    let applied = match known.table {
        // A log, in which the newest row of a version counts, and 0 is no version.
        "goose_db_version" if has(columns, &["id"]) => format!(
            "EXISTS (SELECT 1 FROM (SELECT DISTINCT ON (version_id) is_applied FROM {table} \
             WHERE version_id <> 0 ORDER BY version_id, id DESC) newest WHERE is_applied)"
        ),
        "metadata" => {
            format!("EXISTS (SELECT 1 FROM {table} WHERE trim(schema_version::text) <> '0')")
        }
        _ => "true".to_owned(),
    };
    let sql = format!("SELECT count(*), {applied} FROM {table}");
    let rows = rows(client.simple_query(&sql).await, DOING)?;
    let text = |at: usize| rows.first().and_then(|row| row.get(at));
    let number = text(0)
        .and_then(|text| text.parse().ok())
        .filter(|rows| *rows > 0);
    Ok(number.filter(|_| text(1) == Some("t")))
}
