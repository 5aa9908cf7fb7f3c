//! Fewer and other rows, for a migration that fails on those that were made.

use super::Filled;
use super::table::{Table, read, signatures};
use crate::Error;
use crate::postgres::proof::finding::words;
use crate::postgres::tools::Table as History;
use crate::postgres::tools::{failed, literal, rows};
use std::collections::BTreeSet;
use tokio_postgres::{Client, SimpleQueryMessage};

/// What has been tried for each table, or for all tables, which have no name.
#[derive(Debug, Default)]
pub(in super::super) struct Fewer {
    done: BTreeSet<(String, Rows)>,
}

/// The rows that a table keeps or gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rows {
    One,
    /// One that satisfies the checks from after the migration.
    Another,
    None,
}

/// Where a migration has failed.
pub(in super::super) struct Refusal<'a> {
    pub(in super::super) error: &'a Error,
    pub(in super::super) statement: &'a str,
}

impl Fewer {
    /// Changes the rows after a failure; returns whether anything was left to change. The
    /// table is the one that the error or the statement names, and at last every table. `fresh`
    /// has the schema from after the migration.
    pub(in super::super) async fn change(
        &mut self,
        (client, fresh): (&mut Client, &Client),
        (filled, history): (&mut Filled, &History),
        refusal: &Refusal<'_>,
    ) -> Result<bool, Error> {
        let all: Vec<u32> = signatures(client, history).await?.into_keys().collect();
        let tables = read(client, history, &all).await?;
        let named = tables.iter().find(|it| refusal.names(it));
        for (table, rows) in [
            (named, Rows::One),
            (named, Rows::Another),
            (named, Rows::None),
            (None, Rows::One),
            (None, Rows::None),
        ] {
            let name = table.map(|it| it.sql.clone()).unwrap_or_default();
            let is_possible = table.is_some() || rows != Rows::Another;
            if !is_possible || !self.done.insert((name, rows)) {
                continue;
            }
            let chosen = tables
                .iter()
                .filter(|it| table.is_none_or(|table| table.oid == it.oid));
            for table in chosen {
                reduce(client, table, rows).await?;
            }
            if let (Rows::Another, Some(table)) = (rows, table) {
                let checks = checks(fresh, table).await?;
                filled
                    .refill((client, history), &tables, (table, &checks))
                    .await?;
            }
            return Ok(true);
        }
        Ok(false)
    }
}

impl Refusal<'_> {
    fn names(&self, table: &Table) -> bool {
        let name = table.shown.rsplit('.').next().unwrap_or_default();
        let cause = self.error.postgres().and_then(|cause| cause.as_db_error());
        match cause.and_then(|cause| cause.table()) {
            Some(named) => named == name,
            None => words(self.statement)
                .iter()
                .any(|it| it.eq_ignore_ascii_case(name)),
        }
    }
}

async fn reduce(client: &Client, table: &Table, rows: Rows) -> Result<(), Error> {
    let name = &table.sql;
    let sql = match rows {
        // All rows but the first, except those that others refer to.
        Rows::One => format!(
            "DO $migrate$ DECLARE it record; BEGIN \
             FOR it IN SELECT tableoid AS part, ctid AS place FROM {name} ORDER BY 1, 2 OFFSET 1 \
             LOOP BEGIN DELETE FROM {name} WHERE tableoid = it.part AND ctid = it.place; \
             EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $migrate$"
        ),
        Rows::Another | Rows::None => format!("TRUNCATE {name} CASCADE"),
    };
    match client.batch_execute(&sql).await {
        Err(error) if error.as_db_error().is_none() => Err(failed("removing rows")(error)),
        // A table that cannot be emptied keeps its rows.
        _ => Ok(()),
    }
}

/// The definitions of the checks of a table.
async fn checks(client: &Client, table: &Table) -> Result<Vec<String>, Error> {
    let sql = format!(
        "SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint \
         WHERE contype = 'c' AND conrelid = pg_catalog.to_regclass({})",
        literal(&table.sql)
    );
    let answer: Result<Vec<SimpleQueryMessage>, _> = client.simple_query(&sql).await;
    let answer = rows(answer, "reading the checks")?;
    let texts = answer.iter().filter_map(|row| row.get(0));
    Ok(texts.map(str::to_owned).collect())
}
