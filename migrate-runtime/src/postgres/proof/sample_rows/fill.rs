//! Trying rows until the server accepts them.

use super::candidate_values::{candidates, cast};
use super::table::{Column, Constraint, Table, read, signatures};
use super::{execute, has_rows};
use crate::Error;
use crate::postgres::tools::Table as History;
use crate::postgres::tools::{PostgresError, failed};
use migrate_scan::sqlite::quote;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tokio_postgres::Client;
use tokio_postgres::error::{DbError, SqlState};

/// The number of rows for each table.
pub(super) const ROWS: usize = 3;

/// The number of attempts with other values for one row.
const TRIES: usize = 60;

/// The tables that contain generated rows.
#[derive(Debug, Default)]
pub(in super::super) struct Filled {
    /// Whether a table gets one row instead of several.
    is_frugal: bool,
    /// The tables for which no row was found, and why.
    pub(in super::super) empty: BTreeMap<String, String>,
    /// Their columns at that time.
    tables: BTreeMap<u32, String>,
    /// Those that have no careful rows yet.
    pub(super) without_careful: Vec<Table>,
    /// The columns of the others, by the table's number.
    pub(super) careful: BTreeMap<String, BTreeSet<String>>,
    /// The texts that were tested as values of a type.
    usable: HashMap<(String, String), bool>,
}

/// The values that are tried for a column.
struct Slot<'t> {
    column: &'t Column,
    values: Vec<String>,
    /// The index of the next value.
    at: usize,
    /// Whether only these values are possible, because the table refused the default.
    is_forced: bool,
}

impl Filled {
    /// Fills the tables that have no generated rows yet, or whose columns have changed
    /// since. Returns the tables that stay empty, and why.
    pub(in super::super) async fn fill(
        &mut self,
        client: &mut Client,
        history: &History,
    ) -> Result<Vec<(String, String)>, Error> {
        let now = signatures(client, history).await?;
        self.tables.retain(|oid, _| now.contains_key(oid));
        let differs = |(oid, columns): &(&u32, &String)| self.tables.get(oid) != Some(columns);
        let wanted: Vec<u32> = now.iter().filter(differs).map(|(oid, _)| *oid).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut waiting = read(client, history, &wanted).await?;
        for table in &waiting {
            self.empty.remove(&table.shown);
        }
        if !self.is_frugal {
            self.without_careful.extend(waiting.iter().cloned());
        }
        execute(client, "BEGIN; SET CONSTRAINTS ALL IMMEDIATE").await?;
        let mut why = BTreeMap::new();
        // A table is filled after those that it refers to.
        loop {
            let before = waiting.len();
            let mut refused = Vec::new();
            for table in waiting {
                if let Some(message) = self.fill_table(client, &table).await? {
                    why.insert(table.oid.clone(), message);
                    refused.push(table);
                }
            }
            waiting = refused;
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
        execute(client, "COMMIT").await?;
        for (oid, columns) in now {
            self.tables.insert(oid, columns);
        }
        for table in &waiting {
            let why = why.get(&table.oid).cloned().unwrap_or_default();
            self.empty.insert(table.shown.clone(), why);
        }
        let mut empty: Vec<(String, String)> = roots(&waiting)
            .map(|table| {
                let why = why.remove(&table.oid).unwrap_or_default();
                (table.shown.clone(), why)
            })
            .collect();
        // Tables that need each other have no root.
        if let (true, Some(first)) = (empty.is_empty(), waiting.into_iter().next()) {
            empty.push((first.shown, why.remove(&first.oid).unwrap_or_default()));
        }
        Ok(empty)
    }

    /// Inserts one row into each table that is empty. In one of them it satisfies more checks,
    /// as far as the table has what these need.
    pub(super) async fn refill(
        &mut self,
        (client, history): (&mut Client, &History),
        tables: &[Table],
        (checked, checks): (&Table, &[String]),
    ) -> Result<(), Error> {
        for table in tables {
            if !has_rows(client, table).await? {
                let oid = table.oid.parse().ok();
                oid.map(|oid: u32| self.tables.remove(&oid));
            }
        }
        let name = |at: usize| format!("migrate_check_{at}");
        for (at, check) in checks.iter().enumerate() {
            let sql = format!(
                "ALTER TABLE {} ADD CONSTRAINT {} {check}",
                checked.sql,
                name(at)
            );
            // It may need a column that the migration adds.
            let _ = refused(client.batch_execute(&sql).await)?;
        }
        self.is_frugal = true;
        let filled = self.fill(client, history).await;
        self.is_frugal = false;
        filled?;
        for at in 0..checks.len() {
            let sql = format!(
                "ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}",
                checked.sql,
                name(at)
            );
            execute(client, &sql).await?;
        }
        Ok(())
    }

    /// Inserts some rows. If none can be inserted, returns why.
    async fn fill_table(
        &mut self,
        client: &Client,
        table: &Table,
    ) -> Result<Option<String>, Error> {
        let mut slots = Vec::new();
        for column in &table.columns {
            let values = self.values(client, table, column).await?;
            slots.push(Slot {
                column,
                values,
                at: 0,
                is_forced: false,
            });
        }
        let mut has_row = false;
        let mut why = None;
        let rows = if self.is_frugal { 1 } else { ROWS };
        for row in 0..rows {
            match insert(client, table, &mut slots, row).await? {
                None => has_row = true,
                Some(message) => why = Some(message),
            }
        }
        // After a change of its columns it has rows already.
        if has_row || has_rows(client, table).await? {
            why = None;
        }
        Ok(why)
    }

    /// The values that a column accepts by their type.
    async fn values(
        &mut self,
        client: &Client,
        table: &Table,
        column: &Column,
    ) -> Result<Vec<String>, Error> {
        let candidates = candidates(table, column);
        let mut values = Vec::new();
        for hint in candidates.hints {
            let key = (column.type_name.clone(), hint);
            let is_usable = match self.usable.get(&key) {
                Some(is_usable) => *is_usable,
                None => {
                    let sql = format!("SELECT {}", cast(&key.1, column));
                    let refused = attempt(client, &sql).await?;
                    self.usable.insert(key.clone(), refused.is_none());
                    refused.is_none()
                }
            };
            if is_usable {
                values.push(cast(&key.1, column));
            }
        }
        // The literals of a check are the likeliest values.
        values.extend(candidates.sure.iter().map(|text| cast(text, column)));
        Ok(values)
    }
}

/// The tables that do not stay empty only because another one does.
fn roots(waiting: &[Table]) -> impl Iterator<Item = &Table> {
    let needs = |table: &Table, other: &Table| {
        let to_other = |key: &&Constraint| {
            let parent = key.parent.as_ref();
            parent.is_some_and(|parent| parent.oid == other.oid && other.oid != table.oid)
        };
        let is_required = |key: &Constraint| {
            let mut columns = table.columns.iter();
            columns.any(|it| it.is_required && key.columns.contains(&it.name))
        };
        table.constraints.iter().filter(to_other).any(is_required)
    };
    let is_root = move |table: &&Table| !waiting.iter().any(|other| needs(table, other));
    waiting.iter().filter(is_root)
}

/// Runs a statement that may be refused, and returns the refusal.
async fn attempt(client: &Client, sql: &str) -> Result<Option<tokio_postgres::Error>, Error> {
    let sql = format!("SAVEPOINT migrate_row; {sql}; RELEASE SAVEPOINT migrate_row");
    let Some(error) = refused(client.batch_execute(&sql).await)? else {
        return Ok(None);
    };
    execute(
        client,
        "ROLLBACK TO SAVEPOINT migrate_row; RELEASE SAVEPOINT migrate_row",
    )
    .await?;
    Ok(Some(error))
}

/// What the server refused; any other failure ends the replay.
pub(super) fn refused(
    result: Result<(), tokio_postgres::Error>,
) -> Result<Option<tokio_postgres::Error>, Error> {
    match result {
        Ok(()) => Ok(None),
        Err(error) if error.as_db_error().is_some() => Ok(Some(error)),
        Err(error) => Err(failed("making rows")(error)),
    }
}

/// Inserts a row. If that is impossible, returns the last error.
async fn insert(
    client: &Client,
    table: &Table,
    slots: &mut [Slot<'_>],
    row: usize,
) -> Result<Option<String>, Error> {
    let mut parent = row;
    let mut message = String::new();
    for tried in 1..=TRIES {
        let sql = statement(table, slots, row, parent);
        let Some(error) = attempt(client, &sql).await? else {
            for slot in slots.iter_mut() {
                slot.at += 1;
            }
            return Ok(None);
        };
        let refusal = error.as_db_error();
        let goes_on = refusal.is_some_and(|it| change(it, table, slots, (tried, &mut parent)));
        message = PostgresError(error).to_string();
        if !goes_on {
            break;
        }
    }
    Ok(Some(message))
}

/// Whether the row leaves out everything optional, as the second one does.
fn is_sparse(row: usize) -> bool {
    row == 1
}

fn statement(table: &Table, slots: &[Slot<'_>], row: usize, parent: usize) -> String {
    if slots.is_empty() {
        return format!("INSERT INTO {} DEFAULT VALUES", table.sql);
    }
    let names: Vec<String> = slots.iter().map(|slot| quote(&slot.column.name)).collect();
    let values: Vec<String> = slots
        .iter()
        .map(|slot| expression(table, slots, slot, (row, parent)))
        .collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({})",
        table.sql,
        names.join(", "),
        values.join(", ")
    )
}

fn expression(
    table: &Table,
    slots: &[Slot<'_>],
    slot: &Slot<'_>,
    (row, parent): (usize, usize),
) -> String {
    let column = slot.column;
    let has = |it: &&Constraint| it.columns.contains(&column.name);
    let mut constraints = table.constraints.iter().filter(has);
    let is_key = constraints
        .clone()
        .any(|it| it.parent.is_none() && it.kind != 'c');
    let may_be_left = !slot.is_forced && is_sparse(row);
    if let Some(default) = &column.default
        && !slot.is_forced
        && (is_key || may_be_left || default.contains("nextval("))
    {
        return "DEFAULT".to_owned();
    }
    if !column.is_required && may_be_left {
        return "NULL".to_owned();
    }
    let key = constraints.find_map(|it| Some((it, it.parent.as_ref()?)));
    if let Some((key, to)) = key {
        let place = key.columns.iter().position(|name| *name == column.name);
        let referred = place.and_then(|place| to.columns.get(place));
        let Some(referred) = referred else {
            return "NULL".to_owned();
        };
        if to.oid == table.oid {
            // A row may refer to itself, if its key is known.
            let own = slots.iter().find(|it| it.column.name == *referred);
            let own = own.filter(|own| own.column.default.is_none());
            return match own.filter(|own| column.is_required && own.column.name != column.name) {
                Some(own) => expression(table, slots, own, (row, parent)),
                None => "NULL".to_owned(),
            };
        }
        let order: Vec<String> = to.columns.iter().map(|name| quote(name)).collect();
        let (referred, from, order) = (quote(referred), &to.sql, order.join(", "));
        // The references are the digits of one number, so that all combinations come up.
        let keys = table.constraints.iter().filter(|it| it.parent.is_some());
        let digit = keys.take_while(|it| it.name != key.name).count();
        let count = format!("greatest(1, (SELECT count(*) FROM {from}))");
        return format!(
            "(SELECT {referred} FROM {from} WHERE {referred} IS NOT NULL ORDER BY {order} \
             OFFSET {parent} / ({count} ^ {digit})::bigint % {count} LIMIT 1)"
        );
    }
    let value = slot.values.get(slot.at % slot.values.len().max(1));
    value.cloned().unwrap_or_else(|| "NULL".to_owned())
}

/// Chooses other values for what was refused; returns whether that may help.
fn change(
    error: &DbError,
    table: &Table,
    slots: &mut [Slot<'_>],
    (tried, parent): (usize, &mut usize),
) -> bool {
    let constraint = table
        .constraints
        .iter()
        .find(|it| Some(it.name.as_str()) == error.constraint());
    if error.code() == &SqlState::NOT_NULL_VIOLATION {
        let named = |slot: &&mut Slot<'_>| Some(slot.column.name.as_str()) == error.column();
        let Some(slot) = slots.iter_mut().find(named) else {
            return false;
        };
        let was_forced = std::mem::replace(&mut slot.is_forced, true);
        return !was_forced;
    }
    if error.code() == &SqlState::FOREIGN_KEY_VIOLATION {
        *parent += 1;
        return tried < ROWS * 3;
    }
    let is_about = |slot: &Slot<'_>| match constraint {
        Some(constraint) => constraint.columns.contains(&slot.column.name),
        None => error
            .datatype()
            .is_none_or(|domain| slot.column.domain.as_deref() == Some(domain)),
    };
    // A check may compare two references, and a trigger may refuse a parent.
    *parent += 1;
    let mut about: Vec<&mut Slot<'_>> = slots.iter_mut().filter(|slot| is_about(slot)).collect();
    let many = about.len() > 1;
    for (place, slot) in about.iter_mut().enumerate() {
        // Several columns change at different rates, so that all combinations
        // come up.
        slot.at += if many { scattered(tried, place) } else { 1 };
        let is_check = error.code() == &SqlState::CHECK_VIOLATION;
        slot.is_forced |= is_check && tried > 2 && (tried + place) % 2 == 0;
    }
    !about.is_empty()
}

/// Scattered numbers without a visible order, the same in every run.
fn scattered(tried: usize, place: usize) -> usize {
    let mixed = (tried * 31 + place * 17 + 7).wrapping_mul(2_654_435_761);
    (mixed >> 7) % 5
}
