//! The rows of a table that somebody else wrote: any column can hold any type.

use super::time;
use crate::error::{Error, Kind};
use migrate_core::sqlite::quote;
use migrate_runtime::rusqlite::{self, Connection, types::Value};

/// One row, as far as it was asked for.
pub(super) struct Record<'a> {
    conn: &'a Connection,
    table: &'a str,
    columns: &'a [&'static str],
    /// Counted from 1, for messages.
    number: usize,
    values: Vec<Value>,
}

/// What SQLite said while a table was read.
pub(super) fn reading(table: &str) -> impl FnOnce(rusqlite::Error) -> Error {
    let table = table.to_owned();
    move |error| Error::with_source(Kind::Reading { table }, error)
}

/// Reads these columns of all rows, and makes something of each.
pub(super) fn read<T>(
    conn: &Connection,
    table: &str,
    columns: &'static [&'static str],
    order: &str,
    mut make: impl FnMut(&Record<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let names: Vec<String> = columns.iter().map(|column| quote(column)).collect();
    let sql = format!(
        "SELECT {} FROM main.{} {order}",
        names.join(", "),
        quote(table)
    );
    let rows: Vec<Vec<Value>> = conn
        .prepare(&sql)
        .and_then(|mut select| {
            select
                .query_map([], |row| {
                    (0..columns.len()).map(|index| row.get(index)).collect()
                })?
                .collect()
        })
        .map_err(reading(table))?;
    let mut made = Vec::with_capacity(rows.len());
    for (index, values) in rows.into_iter().enumerate() {
        made.push(make(&Record {
            conn,
            table,
            columns,
            number: index + 1,
            values,
        })?);
    }
    Ok(made)
}

impl Record<'_> {
    /// The value of a column; NULL for one that was not asked for.
    fn value(&self, column: &str) -> &Value {
        let index = self.columns.iter().position(|name| *name == column);
        index
            .and_then(|index| self.values.get(index))
            .unwrap_or(&Value::Null)
    }

    /// A text, or a number as one.
    pub(super) fn optional_text(&self, column: &'static str) -> Result<Option<String>, Error> {
        match self.value(column) {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text.clone())),
            Value::Integer(number) => Ok(Some(number.to_string())),
            Value::Real(_) | Value::Blob(_) => Err(self.damaged(column, "a text")),
        }
    }

    pub(super) fn text(&self, column: &'static str) -> Result<String, Error> {
        match self.optional_text(column)? {
            Some(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
            _ => Err(self.damaged(column, "a text")),
        }
    }

    /// A number, or a text that is one.
    pub(super) fn integer(&self, column: &'static str) -> Result<i64, Error> {
        self.number(column)
            .ok_or_else(|| self.damaged(column, "a whole number"))
    }

    pub(super) fn number(&self, column: &str) -> Option<i64> {
        match self.value(column) {
            Value::Integer(number) => Some(*number),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A number, as SQLite has them for want of booleans, or a word.
    pub(super) fn flag(&self, column: &'static str) -> Result<bool, Error> {
        match self.value(column) {
            Value::Integer(number) => Ok(*number != 0),
            Value::Text(text) => match text.to_ascii_lowercase().as_str() {
                "1" | "t" | "true" => Ok(true),
                "0" | "f" | "false" => Ok(false),
                _ => Err(self.damaged(column, "true or false")),
            },
            _ => Err(self.damaged(column, "true or false")),
        }
    }

    pub(super) fn bytes(&self, column: &'static str) -> Result<Vec<u8>, Error> {
        match self.value(column) {
            Value::Blob(bytes) => Ok(bytes.clone()),
            _ => Err(self.damaged(column, "bytes")),
        }
    }

    /// A time in UTC; none, if it cannot be understood.
    pub(super) fn time(&self, column: &str) -> Result<Option<String>, Error> {
        time::in_utc(self.conn, self.value(column)).map_err(reading(self.table))
    }

    pub(super) fn damaged(&self, column: &'static str, wanted: &'static str) -> Error {
        let found = match self.value(column) {
            Value::Null => "nothing".to_owned(),
            Value::Integer(number) => format!("`{number}`"),
            Value::Real(number) => format!("`{number}`"),
            Value::Text(text) if text.is_empty() => "an empty text".to_owned(),
            Value::Text(text) => format!("`{}`", text.escape_debug()),
            Value::Blob(_) => "binary data".to_owned(),
        };
        Kind::Damaged {
            table: self.table.to_owned(),
            number: self.number,
            column,
            wanted,
            found,
        }
        .into()
    }
}
