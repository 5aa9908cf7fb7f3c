//! Invalid indexes: `CREATE INDEX CONCURRENTLY` did not finish, and the server
//! does not use them.

use super::classify::failed;
use crate::error::Error;
use tokio_postgres::Client;

/// The invalid indexes whose names occur in the texts.
pub(super) async fn named<'a>(
    client: &Client,
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<String>, Error> {
    let found = all(client).await?.into_iter();
    let texts: Vec<&str> = texts.into_iter().collect();
    let is_named = |name: &str| texts.iter().any(|text| text.contains(name));
    Ok(found
        .filter(|(_, name)| is_named(name))
        .map(|(schema, name)| format!("{schema}.{name}"))
        .collect())
}

/// All invalid indexes, as schema and name. An index of a partitioned table is
/// invalid until each partition has one, which is not an error.
pub(super) async fn all(client: &Client) -> Result<Vec<(String, String)>, Error> {
    let query = "SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_index i \
                 JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 WHERE NOT i.indisvalid AND c.relkind = 'i' \
                 AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2";
    let rows = client.query_typed(query, &[]).await;
    let rows = rows.map_err(failed("looking for indexes that are not valid"))?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
