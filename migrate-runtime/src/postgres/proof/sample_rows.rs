//! Rows for tables: values are suggested by the constraints and tried out. They are the
//! same in every run.

mod candidate_values;
mod careful;
mod fewer;
mod fill;
mod table;

pub(super) use fewer::{Fewer, Refusal};
pub(super) use fill::Filled;

use crate::Error;
use crate::postgres::proof::catalog::Catalog;
use crate::postgres::tools::{Table, failed, literal, rows};
use std::collections::BTreeMap;
use tokio_postgres::{Client, GenericClient};

/// The number of rows of each table.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(BTreeMap<String, i64>);

impl Counts {
    /// Counts the rows of the tables in the catalog.
    pub(super) async fn of(
        client: &(impl GenericClient + Sync),
        catalog: &Catalog,
        history: &Table,
    ) -> Result<Counts, Error> {
        const COUNTING: &str = "counting rows";
        let home = literal(history.schema());
        let sql = format!(
            "SELECT pg_catalog.string_agg(pg_catalog.format('SELECT %L, count(*) FROM %I.%I', \
             CASE WHEN n.nspname = {home} THEN '' ELSE n.nspname || '.' END || c.relname, \
             n.nspname, c.relname), ' UNION ALL ') \
             FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind = 'r' AND c.oid >= 16384 \
             AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') \
             AND n.nspname !~ '^pg_(temp|toast_temp)_'"
        );
        let answer = rows(client.simple_query(&sql).await, COUNTING)?;
        let Some(sql) = answer.first().and_then(|row| row.get(0)) else {
            return Ok(Counts::default());
        };
        let answer = rows(client.simple_query(sql).await, COUNTING)?;
        let counts = answer.iter().filter_map(|row| {
            let (table, count) = (row.get(0)?, row.get(1)?.parse().ok()?);
            catalog
                .has("table", table)
                .then(|| (table.to_owned(), count))
        });
        Ok(Counts(counts.collect()))
    }

    /// The tables that have fewer rows now, and how many rows are missing.
    pub(super) fn fewer<'c>(&'c self, now: &'c Counts) -> impl Iterator<Item = (&'c str, i64)> {
        let both = self.0.iter().filter_map(|(table, before)| {
            let after = now.0.get(table)?;
            Some((table.as_str(), before - after))
        });
        both.filter(|(_, lost)| *lost > 0)
    }

    /// For each table that is in both, the smaller number.
    pub(super) fn at_most(&self, other: &Counts) -> Counts {
        let both = self.0.iter().filter_map(|(table, count)| {
            let most = other.0.get(table)?;
            Some((table.clone(), *count.min(most)))
        });
        Counts(both.collect())
    }
}

/// Runs statements that are not expected to fail.
async fn execute(client: &Client, sql: &str) -> Result<(), Error> {
    client
        .batch_execute(sql)
        .await
        .map_err(failed("making rows"))
}

async fn has_rows(client: &Client, table: &table::Table) -> Result<bool, Error> {
    let sql = format!("SELECT 1 FROM {} LIMIT 1", table.sql);
    let answer = rows(client.simple_query(&sql).await, "counting rows")?;
    Ok(!answer.is_empty())
}
