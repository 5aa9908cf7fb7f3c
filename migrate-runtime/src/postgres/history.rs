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

pub(super) use exists::exists;

const DIALECT: Dialect = Dialect {
    parameter: '$',
    now: "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
    line_end: "chr(10)",
    // An `INTEGER` of SQLite has 64 bits.
    types: ["bigint", "text"],
    table_options: "",
};

const READING: &str = "reading the history";

/// The fast path: whether the history is exactly what the registry says, and
/// nothing up to the target is pending. One message to the server, one answer;
/// no lock beyond its read, and no write.
///
/// `false` only means that a closer look is needed: an error is found
/// again, and reported, by that.
pub(super) async fn is_current(
    client: &Client,
    table: &Table,
    registry: &Registry<Postgres>,
    options: &Options,
) -> bool {
    // No view has a `tableoid`, so that one in the place of the table is an
    // error.
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

/// Reads the whole history, sorted by version. A database without the table
/// has an empty one; any other trouble is an error, never "version 0".
pub async fn read(client: &(impl GenericClient + Sync), table: &Table) -> Result<Vec<Row>, Error> {
    if exists(client, table).await? {
        read_existing(client, table).await
    } else {
        Ok(Vec::new())
    }
}

/// The same of a table that has just been looked at.
pub(super) async fn read_existing(
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

/// Everything comes as a text.
fn cell(row: &SimpleQueryRow, at: usize) -> Cell<'_> {
    let Some(text) = row.try_get(at).ok().flatten() else {
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

/// Makes the table, and its schema, if they are not there; only under the lock,
/// and only when something is to be recorded. Each is looked for first: to make
/// what is there already takes a right that a careful administrator withholds.
pub(super) async fn create(tx: &Transaction<'_>, table: &Table) -> Result<(), Error> {
    let failed = failed("making the history table");
    if exists(tx, table).await? {
        return Ok(());
    }
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
            // Somebody else made it for another history, at the same moment:
            // `IF NOT EXISTS` does not help then.
            Err(error) if is_there_by_now(&error) => {
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

fn is_there_by_now(error: &tokio_postgres::Error) -> bool {
    let code = error.code();
    code == Some(&SqlState::UNIQUE_VIOLATION) || code == Some(&SqlState::DUPLICATE_SCHEMA)
}

/// Changes the history.
pub(super) async fn write(
    client: &(impl GenericClient + Sync),
    table: &Table,
    change: &HistoryWrite<'_>,
) -> Result<(), tokio_postgres::Error> {
    let Statement { sql, values } = change.statement(&DIALECT, table.sql());
    let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = Vec::new();
    for value in &values {
        parameters.push(match value {
            Value::Integer(number) => (number, Type::INT8),
            Value::Text(text) => (text, Type::TEXT),
        });
    }
    client.execute_typed(&sql, &parameters).await.map(drop)
}
