//! A history that was read, with a mark by which a later transaction sees that
//! it is still what the table contains.

use super::{DIALECT, cell_of, parameter};
use crate::history_row::{Cell, parse};
use crate::history_write::{HistoryWrite, Statement, Value, columns};
use crate::postgres::advisory_lock::literal;
use crate::postgres::table::Table;
use migrate_model::Version;
use migrate_model::history::Row;
use std::sync::Arc;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, SimpleQueryRow};

/// The rows of the history and the mark of the table that contains them.
#[derive(Clone, Debug)]
pub(in crate::postgres) struct KnownHistory {
    pub(in crate::postgres) rows: Arc<Vec<Row>>,
    pub(in crate::postgres) mark: Mark,
}

/// Changes with every write to the table: the number of its rows, and the sum
/// of the numbers of the transactions that wrote them. A transaction, or a part
/// of one after a savepoint, has a higher number than all that wrote before it.
/// So another set of as many rows has a higher sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::postgres) struct Mark {
    /// The table, by its number in the catalog: a digit string.
    table: String,
    count: i64,
    sum: i128,
}

/// What a row adds to the sum of a mark.
const OF_ROW: &str = "CAST(CAST(xmin AS pg_catalog.text) AS pg_catalog.int8)";

impl Mark {
    /// The values that make up the mark: those of a query from the table, which
    /// fails if the table does not exist.
    pub(in crate::postgres) fn values(table: &Table) -> String {
        let name = literal(table.sql());
        format!(
            "CAST(pg_catalog.to_regclass({name}) AS pg_catalog.oid), pg_catalog.count(*), \
             pg_catalog.sum({OF_ROW})"
        )
    }

    /// The query that reads the mark. It returns no row for a kind of table
    /// without marks, such as a partitioned one.
    pub(in crate::postgres) fn query(table: &Table) -> String {
        format!(
            "SELECT {} FROM {} HAVING (SELECT c.relkind = 'r' AND NOT c.relhassubclass \
             FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass({}))",
            Mark::values(table),
            table.sql(),
            literal(table.sql())
        )
    }

    /// The answer to a query, from a column on.
    pub(in crate::postgres) fn parse(row: Option<&SimpleQueryRow>, at: usize) -> Option<Mark> {
        let text = |column: usize| row.and_then(|row| row.get(at + column));
        let table = text(0)?;
        let is_number = !table.is_empty() && table.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some(Mark {
            table: table.to_owned(),
            count: text(1)?.parse().ok()?,
            // The sum of no rows is `NULL`.
            sum: text(2).unwrap_or("0").parse().ok()?,
        })
    }

    /// The condition for the rows of `pg_locks` that show that the transaction
    /// has changed the table itself, or its rows. Such locks are held until the
    /// transaction ends.
    pub(in crate::postgres) fn is_changed(&self, has_written: bool) -> String {
        // This transaction has written rows for the runner.
        let own = if has_written {
            ", 'RowExclusiveLock'"
        } else {
            ""
        };
        format!(
            "l.locktype = 'relation' AND l.relation = {} \
             AND l.mode NOT IN ('AccessShareLock', 'RowShareLock'{own})",
            self.table
        )
    }
}

impl KnownHistory {
    /// Writes a change. Returns `false` if it is not known what the table
    /// contains now.
    pub(in crate::postgres) async fn write(
        &mut self,
        client: &Client,
        table: &Table,
        change: &HistoryWrite<'_>,
    ) -> Result<bool, tokio_postgres::Error> {
        let Statement { sql, values } = change.statement(&DIALECT, table.sql());
        let sql = format!("{sql} RETURNING {OF_ROW}, CAST(applied_at AS pg_catalog.text)");
        let parameters: Vec<(&(dyn ToSql + Sync), Type)> = values.iter().map(parameter).collect();
        let written = client.query_typed(&sql, &parameters).await?;
        let [row] = written.as_slice() else {
            return Ok(false);
        };
        let of_row = i128::from(row.get::<_, i64>(0));
        match change {
            HistoryWrite::Insert(migration, record) => {
                let columns = columns(migration, record);
                let new = parse(|at| match &columns[at] {
                    ("applied_at", _) => cell_of(row.get(1), at),
                    (_, Value::Integer(number)) => Cell::Integer(*number),
                    (_, Value::Text(None)) => Cell::Null,
                    (_, Value::Text(Some(text))) => Cell::Text(text),
                });
                let Ok(new) = new else {
                    return Ok(false);
                };
                let rows = Arc::make_mut(&mut self.rows);
                let at = rows.partition_point(|row| row.version < new.version);
                rows.insert(at, new);
                self.mark.count += 1;
                self.mark.sum += of_row;
                Ok(true)
            }
            HistoryWrite::Delete(version) => {
                let version: Version = *version;
                Arc::make_mut(&mut self.rows).retain(|row| row.version != version);
                self.mark.count -= 1;
                self.mark.sum -= of_row;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}
