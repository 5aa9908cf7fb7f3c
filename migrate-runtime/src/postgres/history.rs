//! The history table: everything that reads or writes it.

use super::cause::failed;
use super::server::rows;
use super::table::Table;
use crate::error::{Error, Kind, PostgresKind};
use crate::record::{Record, stored_down};
use migrate_model::history::{COLUMNS, Progress, Row, State};
use migrate_model::plan::Options;
use migrate_model::{Migration, Postgres, Registry, Version};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, GenericClient, SimpleQueryMessage, Transaction};

mod row;
mod shape;

pub(super) use shape::exists;

/// The time of a row: RFC 3339, UTC.
const NOW: &str =
    "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')";

const READING: &str = "reading the history";

/// The fast path: whether the history is exactly what the registry says, and
/// nothing up to the target is pending. One message to the server, one answer;
/// no lock beyond its read, and no write.
///
/// `false` only means that a closer look is needed: errors are found again, and
/// told, by whoever takes it.
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
    match (expected.next(), options.target) {
        (None, _) => true,
        (Some(pending), Some(target)) => pending.version > target,
        (Some(_), None) => false,
    }
}

/// Reads the whole history, sorted by version. A database without the table
/// has an empty one; any other trouble is an error, never "version 0".
pub async fn read(client: &(impl GenericClient + Sync), table: &Table) -> Result<Vec<Row>, Error> {
    match exists(client, table).await? {
        true => read_existing(client, table).await,
        false => Ok(Vec::new()),
    }
}

/// The same of a table that has just been looked at.
pub(super) async fn read_existing(
    client: &(impl GenericClient + Sync),
    table: &Table,
) -> Result<Vec<Row>, Error> {
    let columns: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    let (columns, name) = (columns.join(", "), table.sql());
    let sql = format!("SELECT {columns} FROM {name} ORDER BY version");
    let mut history: Vec<Row> = Vec::new();
    for row in rows(client.simple_query(&sql).await, READING)? {
        let row = row::parse(&row).map_err(|what| damaged(table, what))?;
        if history
            .last()
            .is_some_and(|before| before.version >= row.version)
        {
            let what = format!("version {} stands in it twice", row.version);
            return Err(damaged(table, what));
        }
        history.push(row);
    }
    Ok(history)
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
    let schema = super::quote(table.schema());
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
                    super::cause::Cause(error),
                ));
            }
            made => made.map_err(&failed)?,
        }
    }
    let columns = COLUMNS.map(|(name, kind)| format!("\n    {name} {}", sql_type(kind)));
    let sql = format!("CREATE TABLE {} ({}\n)", table.sql(), columns.join(","));
    tx.batch_execute(&sql).await.map_err(&failed)
}

fn is_there_by_now(error: &tokio_postgres::Error) -> bool {
    let code = error.code();
    code == Some(&SqlState::UNIQUE_VIOLATION) || code == Some(&SqlState::DUPLICATE_SCHEMA)
}

/// SQLite's `INTEGER` has 64 bits.
fn sql_type(kind: &str) -> String {
    kind.replace("INTEGER", "bigint").replace("TEXT", "text")
}

/// Records a migration, in the transaction that applied or started it.
pub(super) async fn insert(
    tx: &Transaction<'_>,
    table: &Table,
    migration: &Migration,
    record: &Record<'_>,
) -> Result<(), tokio_postgres::Error> {
    let state = match record.progress {
        None => State::Applied,
        Some(_) => State::Started,
    };
    let sql = format!(
        "INSERT INTO {} (version, name, checksum, state, applied_at, execution_ms, release, \
         git_commit, down_sql, origin, progress, note) \
         VALUES ($1, $2, $3, $4, coalesce($11, {NOW}), $5, $6, $7, $8, $9, $10, $12)",
        table.sql()
    );
    let (checksum, progress) = (
        migration.checksum.to_string(),
        record.progress.map(|progress| progress.to_string()),
    );
    let parameters: [(&(dyn ToSql + Sync), Type); 12] = [
        (&migration.version.get().cast_signed(), Type::INT8),
        (&migration.name, Type::TEXT),
        (&checksum, Type::TEXT),
        (&state.as_str(), Type::TEXT),
        (&milliseconds(record.execution_ms), Type::INT8),
        (&record.release, Type::TEXT),
        (&record.git_commit, Type::TEXT),
        (&stored_down(migration), Type::TEXT),
        (&record.origin, Type::TEXT),
        (&progress, Type::TEXT),
        (&record.applied_at, Type::TEXT),
        (&record.note, Type::TEXT),
    ];
    tx.execute_typed(&sql, &parameters).await.map(drop)
}

fn milliseconds(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Removes the row of a migration that has been undone.
pub(super) async fn delete(
    client: &(impl GenericClient + Sync),
    table: &Table,
    version: Version,
) -> Result<(), tokio_postgres::Error> {
    let sql = format!("DELETE FROM {} WHERE version = $1", table.sql());
    write(client, &sql, version, &[]).await
}

/// Says how far a script without a transaction got.
pub(super) async fn set_progress(
    client: &(impl GenericClient + Sync),
    table: &Table,
    version: Version,
    progress: Progress,
) -> Result<(), tokio_postgres::Error> {
    let sql = format!(
        "UPDATE {} SET state = 'started', progress = $2 WHERE version = $1",
        table.sql()
    );
    let progress = progress.to_string();
    write(client, &sql, version, &[(&progress, Type::TEXT)]).await
}

/// A migration that was started counts as applied from now on.
pub(super) async fn finish(
    client: &(impl GenericClient + Sync),
    table: &Table,
    version: Version,
    execution_ms: u64,
) -> Result<(), tokio_postgres::Error> {
    let sql = format!(
        "UPDATE {} SET state = 'applied', progress = NULL, applied_at = {NOW}, \
         execution_ms = $2 WHERE version = $1",
        table.sql()
    );
    let execution_ms = milliseconds(execution_ms);
    write(client, &sql, version, &[(&execution_ms, Type::INT8)]).await
}

/// A migration that was started counts as applied again, as it was before.
pub(super) async fn reopen(
    client: &(impl GenericClient + Sync),
    table: &Table,
    version: Version,
) -> Result<(), tokio_postgres::Error> {
    let sql = format!(
        "UPDATE {} SET state = 'applied', progress = NULL WHERE version = $1",
        table.sql()
    );
    write(client, &sql, version, &[]).await
}

/// Gives a row what the registry says, as applied, and adds a line to its note.
pub(super) async fn restamp(
    client: &(impl GenericClient + Sync),
    table: &Table,
    migration: &Migration,
    note: &str,
) -> Result<(), tokio_postgres::Error> {
    let sql = format!(
        "UPDATE {} SET name = $2, checksum = $3, down_sql = $4 WHERE version = $1",
        table.sql()
    );
    let checksum = migration.checksum.to_string();
    let down = stored_down(migration);
    let parameters: [(&(dyn ToSql + Sync), Type); 3] = [
        (&migration.name, Type::TEXT),
        (&checksum, Type::TEXT),
        (&down, Type::TEXT),
    ];
    write(client, &sql, migration.version, &parameters).await?;
    annotate(client, table, migration.version, note).await
}

/// Adds a line with the time to the note of a row.
pub(super) async fn annotate(
    client: &(impl GenericClient + Sync),
    table: &Table,
    version: Version,
    note: &str,
) -> Result<(), tokio_postgres::Error> {
    let sql = format!(
        "UPDATE {} SET note = CASE WHEN note IS NULL THEN '' ELSE note || chr(10) END \
         || {NOW} || ' ' || $2 WHERE version = $1",
        table.sql()
    );
    write(client, &sql, version, &[(&note, Type::TEXT)]).await
}

/// A change of one row, whose version is `$1`.
async fn write(
    client: &(impl GenericClient + Sync),
    sql: &str,
    version: Version,
    rest: &[(&(dyn ToSql + Sync), Type)],
) -> Result<(), tokio_postgres::Error> {
    let version = version.get().cast_signed();
    let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&version, Type::INT8)];
    parameters.extend(rest.iter().map(|(value, kind)| (*value, kind.clone())));
    client.execute_typed(sql, &parameters).await.map(drop)
}
