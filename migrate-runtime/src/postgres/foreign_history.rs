//! Finding a foreign history in a database.

use super::classify::failed;
use super::server::rows;
use crate::error::{Error, Kind};
use crate::foreign_history::ForeignHistory;
use crate::foreign_history::tables::HISTORY_TABLES;
use crate::history_table::is_ours;
use migrate_scan::sqlite::quote;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

const DOING: &str = "looking for foreign histories";

/// Fails if the database has the history of another tool. The schemas of the
/// search path and the schema of our own history are searched.
pub(super) async fn refuse(client: &Client, schema: &str) -> Result<(), Error> {
    let names = HISTORY_TABLES.each_ref().map(|known| known.name);
    let names = names.as_slice();
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
    for known in &HISTORY_TABLES {
        for table in &tables {
            let (schema, name): (String, String) = (table.get(0), table.get(1));
            let columns: Vec<String> = table.get(2);
            if name != known.name || !known.recognizes(&columns) || is_ours(&columns) {
                continue;
            }
            let table = format!("{}.{}", quote(&schema), quote(&name));
            let applied = known.query_applied(&table, &columns);
            if first(client, &applied).await?.is_some() {
                let rows = first(client, &format!("SELECT count(*) FROM {table}")).await?;
                let rows = rows.and_then(|rows| rows.parse().ok()).unwrap_or_default();
                let found = ForeignHistory::new(known, columns, rows);
                return Err(Kind::ForeignHistory(found).into());
            }
        }
    }
    Ok(())
}

/// The first value that a query returns.
async fn first(client: &Client, sql: &str) -> Result<Option<String>, Error> {
    let rows = rows(client.simple_query(sql).await, DOING)?;
    let value = rows.first().and_then(|row| row.get(0));
    Ok(value.map(str::to_owned))
}
