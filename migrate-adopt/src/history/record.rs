//! Rows of another tool's table, in which any column can have any type.

use super::time;
use super::value::{compare, leading_number};
use crate::error::{Error, Kind};
use migrate_runtime::rusqlite::Connection;
use migrate_runtime::rusqlite::types::Value;

/// The part of a table to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) columns: &'static [&'static str],
    /// A column and its value, if only such rows are relevant.
    pub(crate) only: Option<(&'static str, &'static str)>,
    pub(crate) order: Order,
}

/// The order in which a tool reads its rows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    AsRead,
    By(&'static str),
    /// By the number at the start of a text, then by the text.
    ByNumber(&'static str),
}

/// The wanted columns of the rows of a table, as read by an engine.
#[derive(Clone, Debug)]
pub(crate) struct Rows<'a> {
    /// The name for display.
    pub(crate) table: &'a str,
    pub(crate) wanted: Wanted,
    pub(crate) values: Vec<Vec<Value>>,
}

pub(super) struct Record<'a> {
    table: &'a str,
    columns: &'static [&'static str],
    /// The number of the row from 1, for messages.
    number: usize,
    values: &'a [Value],
    sqlite: &'a Connection,
}

impl Rows<'_> {
    /// Maps each row, in the order of the tool.
    pub(super) fn read<T>(
        mut self,
        mut make: impl FnMut(&Record<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let column = |name: &str| {
            let mut columns = self.wanted.columns.iter();
            columns.position(|column| *column == name).unwrap_or(0)
        };
        match self.wanted.order {
            Order::AsRead => {}
            Order::By(name) => {
                let at = column(name);
                self.values
                    .sort_by(|one, other| compare(&one[at], &other[at]));
            }
            Order::ByNumber(name) => {
                let at = column(name);
                self.values.sort_by(|one, other| {
                    let (one, other) = (&one[at], &other[at]);
                    let by_number = leading_number(one).cmp(&leading_number(other));
                    by_number.then_with(|| compare(one, other))
                });
            }
        }
        let sqlite = Connection::open_in_memory()
            .map_err(|error| Error::with_source(Kind::Reading(self.table.to_owned()), error))?;
        let rows = self.values.iter().zip(1..).map(|(values, number)| {
            make(&Record {
                table: self.table,
                columns: self.wanted.columns,
                number,
                values,
                sqlite: &sqlite,
            })
        });
        rows.collect()
    }
}

impl Record<'_> {
    /// The value of a column; NULL if it was not read.
    pub(super) fn value(&self, column: &str) -> &Value {
        let index = self.columns.iter().position(|name| *name == column);
        index
            .and_then(|index| self.values.get(index))
            .unwrap_or(&Value::Null)
    }

    /// A text, or an integer formatted as text.
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

    /// An integer, or a text that is one.
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

    /// A number, which SQLite uses as a boolean, or a word.
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

    /// A time in UTC; `None` if it cannot be parsed.
    pub(super) fn time(&self, column: &str) -> Option<String> {
        time::in_utc(self.value(column), self.sqlite)
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
