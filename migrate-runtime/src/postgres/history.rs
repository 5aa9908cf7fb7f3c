//! The history table: everything that reads or writes it.

use super::classify::failed;
use super::db_error::PostgresError;
use super::server::rows;
use super::table::Table;
use crate::error::{Error, Kind, PostgresKind};
use crate::history_row::{Cell, parse};
use crate::history_table::{column_list, is_complete, push};
use crate::history_write::{Dialect, HistoryWrite, Statement, Value};
use migrate_model::history::{COLUMNS, Row, State};
use migrate_model::plan::Options;
use migrate_model::{Migration, Postgres, Registry};
use migrate_scan::sqlite::quote;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, GenericClient, SimpleQueryMessage, SimpleQueryRow, Transaction};

mod exists;
mod known;

pub(super) use exists::exists;
pub(super) use known::{KnownHistory, Mark};

const DIALECT: Dialect = Dialect {
    parameter: '$',
    now: "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
    line_end: "chr(10)",
    // SQLite's `INTEGER` has 64 bits.
    types: ["bigint", "text"],
    table_options: "",
};

const READING: &str = "reading the history";

/// The fast path: whether the history matches the registry exactly, and nothing
/// up to the target is pending. One round trip, no lock beyond that of the
/// read, and no write.
///
/// `false` only means that the slow path is needed, which finds and reports
/// errors.
pub(super) async fn is_current(
    client: &Client,
    table: &Table,
    registry: &Registry<Postgres>,
    options: &Options,
) -> bool {
    // A view has no `tableoid`, so a view in place of the table is an error.
    let sql = format!(
        "SELECT version, checksum, state, name FROM {} WHERE tableoid IS NOT NULL ORDER BY version",
        table.sql()
    );
    let Ok(messages) = client.simple_query(&sql).await else {
        return false;
    };
    let mut expected = registry.migrations().iter();
    for message in messages {
        let SimpleQueryMessage::Row(row) = message else {
            continue;
        };
        let is_recorded = |migration: &Migration| {
            let text = |at| row.try_get(at).ok().flatten().unwrap_or_default();
            text(0).parse() == Ok(migration.version.get())
                && migration.checksum.matches(text(1).as_bytes())
                && text(2) == State::Applied.as_str()
                && text(3) == migration.name
        };
        if !expected.next().is_some_and(is_recorded) {
            return false;
        }
    }
    is_complete(expected.next(), options)
}

/// Reads the whole history, sorted by version. A database without the table has
/// an empty history. Any other failure is an error, never "version 0".
pub async fn read(client: &(impl GenericClient + Sync), table: &Table) -> Result<Vec<Row>, Error> {
    Ok(find(client, table).await?.unwrap_or_default())
}

/// Like `read`, but returns `None` if there is no table.
pub(super) async fn find(
    client: &(impl GenericClient + Sync),
    table: &Table,
) -> Result<Option<Vec<Row>>, Error> {
    if exists(client, table).await? {
        read_existing(client, table).await.map(Some)
    } else {
        Ok(None)
    }
}

/// Reads the history from a table that is known to exist.
async fn read_existing(
    client: &(impl GenericClient + Sync),
    table: &Table,
) -> Result<Vec<Row>, Error> {
    let (columns, name) = (column_list(), table.sql());
    let sql = format!("SELECT {columns} FROM {name} ORDER BY version");
    let mut history: Vec<Row> = Vec::new();
    for row in rows(client.simple_query(&sql).await, READING)? {
        parse(|at| cell(&row, at))
            .and_then(|row| push(&mut history, row))
            .map_err(|what| damaged(table, what))?;
    }
    Ok(history)
}

/// The simple protocol returns every value as text.
fn cell(row: &SimpleQueryRow, at: usize) -> Cell<'_> {
    cell_of(row.try_get(at).ok().flatten(), at)
}

fn cell_of(text: Option<&str>, at: usize) -> Cell<'_> {
    let Some(text) = text else {
        return Cell::Null;
    };
    match text.parse() {
        Ok(number) if COLUMNS[at].1.starts_with("INTEGER") => Cell::Integer(number),
        _ => Cell::Text(text),
    }
}

fn damaged(table: &Table, what: String) -> Error {
    let table = table.shown();
    Kind::Damaged { table, what }.into()
}

/// Creates the table and its schema if they do not exist. Only called under the
/// lock, and only if something is to be recorded. Each is looked up first:
/// `IF NOT EXISTS` needs the privilege to create, which a careful administrator
/// withholds.
pub(super) async fn create(tx: &Transaction<'_>, table: &Table) -> Result<(), Error> {
    if exists(tx, table).await? {
        return Ok(());
    }
    create_missing(tx, table).await
}

/// Creates the table, which is known to be missing.
pub(super) async fn create_missing(tx: &Transaction<'_>, table: &Table) -> Result<(), Error> {
    let failed = failed("creating the history table");
    let sql = "SELECT pg_catalog.to_regnamespace($1) IS NOT NULL";
    let schema = quote(table.schema());
    let has_schema: bool = tx
        .query_typed_one(sql, &[(&schema, Type::TEXT)])
        .await
        .map_err(&failed)?
        .get(0);
    if !has_schema {
        let sql = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
        match tx.batch_execute(&sql).await {
            // Another run created it for another history at the same moment,
            // and `IF NOT EXISTS` does not help against that.
            Err(error) if already_exists(&error) => {
                return Err(Error::with_source(
                    PostgresKind::Raced.into(),
                    PostgresError(error),
                ));
            }
            made => made.map_err(&failed)?,
        }
    }
    let sql = DIALECT.create_table(table.sql());
    tx.batch_execute(&sql).await.map_err(&failed)
}

fn already_exists(error: &tokio_postgres::Error) -> bool {
    let code = error.code();
    code == Some(&SqlState::UNIQUE_VIOLATION) || code == Some(&SqlState::DUPLICATE_SCHEMA)
}

pub(super) async fn write(
    client: &(impl GenericClient + Sync),
    table: &Table,
    change: &HistoryWrite<'_>,
) -> Result<(), tokio_postgres::Error> {
    let Statement { sql, values } = change.statement(&DIALECT, table.sql());
    let parameters: Vec<_> = values.iter().map(parameter).collect();
    client.execute_typed(&sql, &parameters).await.map(drop)
}

/// The value of a parameter, with its type.
fn parameter<'v>(value: &'v Value<'_>) -> (&'v (dyn ToSql + Sync), Type) {
    match value {
        Value::Integer(number) => (number, Type::INT8),
        Value::Text(text) => (text, Type::TEXT),
    }
}
