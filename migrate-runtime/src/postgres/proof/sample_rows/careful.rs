//! Rows as a careful tester writes them, beside the usual ones: equal values, texts in another
//! case, values far from the usual ones, and each value that a check or an enum names.
//!
//! Each is tried once, and a table that refuses it stays without it. All rows of a table are one
//! message to the server.

use super::candidate_values::{cast, from_checks, of_type};
use super::fill::{Filled, ROWS, refused};
use super::table::{Column, Constraint, Table};
use crate::Error;
use migrate_scan::sqlite::quote;
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Client;

/// The number of values of a check or an enum that are tried for a column.
const VALUES: usize = 12;

/// The number of columns that are tried one by one, if no row has all of what is wanted.
const COLUMNS: usize = 8;

/// The row that the others are like, as a variable of the script.
const FIRST: &str = "migrate_first";

/// The values of some columns that are not those of the first row.
type Values = BTreeMap<String, String>;

impl Filled {
    /// Inserts careful rows into the tables that were filled since the last call.
    pub(in super::super) async fn fill_carefully(&mut self, client: &Client) -> Result<(), Error> {
        for table in std::mem::take(&mut self.without_careful) {
            let known = self.careful.entry(table.oid.clone()).or_default();
            let script = Rows::new(&table, known).script();
            refused(client.batch_execute(&script).await)?;
            known.extend(table.columns.into_iter().map(|it| it.name));
        }
        Ok(())
    }
}

/// The rows for one table.
struct Rows<'t> {
    table: &'t Table,
    /// The columns that have had their values before others were added.
    known: &'t BTreeSet<String>,
    /// The constraints that two equal rows violate.
    unique: Vec<&'t Constraint>,
    /// The number of rows so far: a value that must be new is made from it.
    count: usize,
    script: String,
}

/// Which column of a unique constraint gets a new value, so that the others can be equal.
#[derive(Clone, Copy)]
enum New {
    First,
    Last,
}

impl<'t> Rows<'t> {
    fn new(table: &'t Table, known: &'t BTreeSet<String>) -> Rows<'t> {
        let unique = |it: &&Constraint| it.parent.is_none() && it.kind != 'c';
        Rows {
            table,
            known,
            unique: table.constraints.iter().filter(unique).collect(),
            count: 0,
            script: String::new(),
        }
    }

    fn script(mut self) -> String {
        self.equal(New::Last);
        if self.unique.iter().any(|it| it.columns.len() > 1) {
            self.equal(New::First);
        }
        let columns = self.table.columns.iter();
        let columns: Vec<&Column> = columns
            .filter(|it| !self.known.contains(&it.name) && self.reference(&it.name).is_none())
            .collect();
        for value in [other_case, low, high] {
            let values = columns
                .iter()
                .filter_map(|it| Some((it.name.clone(), value(it)?)));
            self.with(&values.collect());
        }
        for column in columns {
            let named = match column.kind {
                'e' => column.labels.clone(),
                _ => from_checks(self.table, column),
            };
            for text in named.iter().take(VALUES) {
                let value = [(column.name.clone(), cast(text, column))];
                self.with(&Values::from(value));
            }
        }
        format!(
            "DO $migrate$ DECLARE {FIRST} record; BEGIN SET CONSTRAINTS ALL IMMEDIATE; \
             SELECT * INTO {FIRST} FROM {} ORDER BY tableoid, ctid LIMIT 1; {} END $migrate$",
            self.table.sql, self.script
        )
    }

    /// A row that is equal to the first one, as far as it may be, or else one for each column that
    /// is equal there.
    fn equal(&mut self, new: New) {
        let row = self.insert(&Values::new(), new);
        let columns = self.table.columns.iter();
        let others: Vec<&Column> = columns
            .filter(|it| self.reference(&it.name).is_none())
            .collect();
        let mut alone = Vec::new();
        for equal in others.iter().take(COLUMNS) {
            let different = others.iter().filter(|it| it.name != equal.name);
            let values = different.map(|it| (it.name.clone(), self.new_value(it)));
            let values: Values = values.collect();
            alone.push(self.insert(&values, new));
        }
        self.push(&row, &alone);
    }

    /// A row with these values, or else one for each of them.
    fn with(&mut self, values: &Values) {
        if values.is_empty() {
            return;
        }
        let row = self.insert(values, New::Last);
        let mut alone = Vec::new();
        if values.len() > 1 {
            for (name, value) in values.iter().take(COLUMNS) {
                let value = Values::from([(name.clone(), value.clone())]);
                alone.push(self.insert(&value, New::Last));
            }
        }
        self.push(&row, &alone);
    }

    fn push(&mut self, row: &str, otherwise: &[String]) {
        let otherwise: String = otherwise.iter().map(|row| guarded(row, "NULL;")).collect();
        self.script += &guarded(row, &format!("{otherwise} NULL;"));
    }

    /// The statement for a row. What has no value is as in the first row, unless that would violate
    /// a unique constraint.
    fn insert(&mut self, values: &Values, new: New) -> String {
        self.count += 1;
        let mut is_new: BTreeSet<&str> = BTreeSet::new();
        for constraint in &self.unique {
            let names = &constraint.columns;
            let differs = |it: &String| values.contains_key(it) || is_new.contains(it.as_str());
            if names.iter().any(differs) {
                continue;
            }
            // A reference stays if it can: a parent has several children.
            let mut own = names.iter().filter(|name| self.reference(name).is_none());
            let chosen = match new {
                New::First => own.next(),
                New::Last => own.next_back(),
            };
            is_new.extend(chosen.or(names.last()).map(String::as_str));
        }
        let columns = &self.table.columns;
        let names: Vec<String> = columns.iter().map(|it| quote(&it.name)).collect();
        let values: Vec<String> = columns
            .iter()
            .zip(&names)
            .map(|(column, name)| match values.get(&column.name) {
                Some(value) => value.clone(),
                None if is_new.contains(column.name.as_str()) => self.new_value(column),
                None => format!("{FIRST}.{name}"),
            })
            .collect();
        format!(
            "INSERT INTO {} ({}) VALUES ({});",
            self.table.sql,
            names.join(", "),
            values.join(", ")
        )
    }

    /// The foreign key that a column belongs to.
    fn reference(&self, column: &String) -> Option<&Constraint> {
        let mut keys = self.table.constraints.iter();
        keys.find(|it| it.parent.is_some() && it.columns.contains(column))
    }

    /// A value that no row has yet.
    fn new_value(&self, column: &Column) -> String {
        if let Some(key) = self.reference(&column.name)
            && let (Some(to), [own]) = (&key.parent, &key.columns[..])
            && let [referred] = &to.columns[..]
        {
            let (own, referred) = (quote(own), quote(referred));
            return format!(
                "(SELECT p.{referred} FROM {} p WHERE NOT EXISTS (SELECT FROM {} c \
                 WHERE c.{own} = p.{referred}) LIMIT 1)",
                to.sql, self.table.sql
            );
        }
        let is_made = |default: &String| {
            let makers = ["nextval(", "random", "uuid"];
            makers.iter().any(|maker| default.contains(maker))
        };
        if column.default.as_ref().is_some_and(is_made) {
            return "DEFAULT".to_owned();
        }
        let n = self.count;
        let checked = from_checks(self.table, column);
        let text = match column.base.as_str() {
            _ if !checked.is_empty() => checked[n % checked.len()].clone(),
            "int2" | "int4" | "int8" | "numeric" => (200 + n).to_string(),
            "text" | "varchar" | "bpchar" | "citext" => format!("k{n}"),
            "bytea" => format!("\\x00{n:04x}"),
            "uuid" => format!("00000000-0000-4000-9000-{n:012}"),
            _ => {
                let values = of_type(column).unwrap_or_default();
                // The usual rows have the first ones.
                let Some(at) = (n + ROWS).checked_rem(values.len()) else {
                    return "NULL".to_owned();
                };
                values[at].clone()
            }
        };
        cast(&text, column)
    }
}

/// A statement whose failure has no effect, and what comes in its place.
fn guarded(row: &str, otherwise: &str) -> String {
    format!("BEGIN {row} EXCEPTION WHEN OTHERS THEN {otherwise} END;")
}

fn other_case(column: &Column) -> Option<String> {
    let (name, to) = (quote(&column.name), &column.type_name);
    (column.category == 'S').then(|| format!("upper({FIRST}.{name})::{to}"))
}

/// A value below the usual ones, or empty.
fn low(column: &Column) -> Option<String> {
    let text = match column.base.as_str() {
        "int2" | "int4" | "int8" => "-1",
        "numeric" | "float4" | "float8" | "money" => "-1.5",
        "text" | "varchar" | "bpchar" | "citext" | "bytea" => "",
        "date" | "timestamp" | "timestamptz" => "1900-01-01",
        "interval" => "-1 day",
        "jsonb" | "json" => "null",
        _ => return None,
    };
    Some(cast(text, column))
}

/// A value above the usual ones: more than a smaller type holds, and far from the end of its own.
fn high(column: &Column) -> Option<String> {
    let text = match column.base.as_str() {
        "int2" => "3000".to_owned(),
        "int4" => "2000000".to_owned(),
        "int8" => "3000000000".to_owned(),
        "numeric" => "123456789.125".to_owned(),
        "float8" => "1e15".to_owned(),
        "text" | "varchar" | "bpchar" | "citext" => "a".repeat(300),
        "date" | "timestamp" | "timestamptz" => "2199-12-31".to_owned(),
        "jsonb" | "json" => "[{\"a\": null}]".to_owned(),
        _ => return None,
    };
    Some(cast(&text, column))
}
