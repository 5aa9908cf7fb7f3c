//! Locating tables in schemas.

use crate::Tool;
use crate::error::{Error, Kind};
use crate::history::is_readable;
use migrate_runtime::__private::postgres::PostgresError;
use migrate_runtime::{Migrator, Postgres};
use migrate_scan::sqlite::{name_of, quote};
use tokio_postgres::GenericClient;
use tokio_postgres::types::{ToSql, Type};

/// Where to search, and the name of our own history table.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The schemas to search; empty for those of the connection.
    pub(super) schemas: Vec<String>,
    /// Our table; empty if it does not matter.
    pub(super) schema: String,
    pub(super) table: String,
}

/// A table in the catalog.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// The columns, with the names of their types.
    pub(super) types: Vec<String>,
}

impl Place {
    pub(super) fn of<M>(migrator: &Migrator<M, Postgres>) -> Place {
        Place {
            schemas: migrator.get_search_path().to_vec(),
            schema: migrator.get_history_schema().to_owned(),
            table: migrator.get_history_table().to_owned(),
        }
    }

    pub(super) fn is_ours(&self, table: &Found) -> bool {
        table.schema == self.schema && table.name == self.table
    }

    pub(super) fn ours(&self) -> String {
        format!("{}.{}", self.schema, self.table)
    }
}

impl Found {
    pub(super) fn shown(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// The quoted name for a statement.
    pub(super) fn sql(&self) -> String {
        format!("{}.{}", quote(&self.schema), quote(&self.name))
    }
}

/// The schemas to search for a table, in order.
pub(super) async fn schemas(
    client: &(impl GenericClient + Sync),
    place: &Place,
) -> Result<Vec<String>, Error> {
    let mut schemas = place.schemas.clone();
    if schemas.is_empty() {
        let sql = "SELECT pg_catalog.current_schemas(false)::text[]";
        let row = client.query_typed(sql, &[]).await;
        let rows = row.map_err(reading("search_path"))?;
        schemas = rows.first().map(|row| row.get(0)).unwrap_or_default();
    }
    if !place.schema.is_empty() && !schemas.contains(&place.schema) {
        schemas.push(place.schema.clone());
    }
    Ok(schemas)
}

/// The table of a tool: the first one with the right columns, or else the first
/// one with the right name.
pub(super) async fn locate(
    client: &(impl GenericClient + Sync),
    place: &Place,
    tool: Tool,
    table: &str,
) -> Result<Option<Found>, Error> {
    let (schemas, name) = match table.split_once('.') {
        Some((schema, name)) => (vec![name_of(schema).into_owned()], name),
        None => (schemas(client, place).await?, table),
    };
    let name = name_of(name);
    let mut found = tables(client, &schemas, Some(&name)).await?;
    let mut all = found.iter();
    let at = all.position(|table| is_readable(tool, &table.columns));
    Ok((!found.is_empty()).then(|| found.swap_remove(at.unwrap_or(0))))
}

/// The tables of these schemas, in the order of the schemas; if a name is given,
/// only the tables with that name.
pub(super) async fn tables(
    client: &(impl GenericClient + Sync),
    schemas: &[String],
    name: Option<&str>,
) -> Result<Vec<Found>, Error> {
    let sql = "SELECT n.nspname::text, c.relname::text, \
               pg_catalog.array_agg(a.attname::text ORDER BY a.attnum), \
               pg_catalog.array_agg(pg_catalog.format_type( \
               CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, NULL) \
               ORDER BY a.attnum) \
               FROM pg_catalog.pg_class c \
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
               JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid \
               AND a.attnum > 0 AND NOT a.attisdropped \
               JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
               WHERE c.relkind IN ('r', 'p') AND ($2::text IS NULL OR c.relname::text = $2) \
               AND n.nspname::text = ANY ($1) GROUP BY 1, 2 ORDER BY 2";
    let parameters: [(&(dyn ToSql + Sync), Type); 2] =
        [(&schemas, Type::TEXT_ARRAY), (&name, Type::TEXT)];
    let rows = client
        .query_typed(sql, &parameters)
        .await
        .map_err(reading("pg_class"))?;
    let mut tables: Vec<Found> = rows
        .iter()
        .map(|row| Found {
            schema: row.get(0),
            name: row.get(1),
            columns: row.get(2),
            types: row.get(3),
        })
        .collect();
    tables.sort_by_key(|table| schemas.iter().position(|schema| *schema == table.schema));
    Ok(tables)
}

/// The error of reading a table.
pub(super) fn reading(table: &str) -> impl FnOnce(tokio_postgres::Error) -> Error {
    let table = table.to_owned();
    move |error| Error::with_source(Kind::Reading(table), PostgresError(error))
}
