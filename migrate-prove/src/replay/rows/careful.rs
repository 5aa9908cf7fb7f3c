//! The values that a careful tester gives to a table: equal ones, NULL, empty and long texts, texts
//! in other case, negative and large numbers, and every value that its checks list.

use super::guess::{Shape, literals, of_its_type};
use super::hints::{Hint, Literal, Relation};
use crate::replay::subject::Part;
use crate::replay::table::{Column, Table};
use rusqlite::types::Value;

/// The number of rows of a table whose checks list few values, and of any other one.
const ROWS: usize = 7;
const MOST_ROWS: usize = 14;

/// The row that is NULL wherever possible.
pub(super) const NULLS: usize = 2;

/// The best values of each row, one for each inserted column. They satisfy the types, but perhaps
/// not the constraints.
pub(super) fn rows(table: &Table, hints: &[Hint]) -> Vec<Vec<Value>> {
    let columns: Vec<Maker<'_>> = table
        .insertable()
        .zip(hints)
        .map(|(column, hint)| Maker::new(column, hint))
        .collect();
    let listed = columns.iter().map(|it| it.listed.literals.len()).max();
    let count = (listed.unwrap_or(0) + 2).clamp(ROWS, MOST_ROWS);
    let row = |row| columns.iter().map(|it| it.value(row)).collect();
    (0..count).map(row).collect()
}

/// The position among the usual values: the first two rows are equal.
pub(super) fn turn(row: usize) -> usize {
    row.saturating_sub(1)
}

/// The parent of a row: the first one has several children, and most have none.
pub(super) fn parent(row: usize) -> usize {
    usize::from(row == 3)
}

struct Maker<'t> {
    column: &'t Column,
    hint: &'t Hint,
    /// The values that a check of the table lists.
    listed: Hint,
}

impl<'t> Maker<'t> {
    fn new(column: &'t Column, hint: &'t Hint) -> Maker<'t> {
        let is_listed = |it: &&Literal| hint.is_own && it.relation == Relation::Equal;
        let listed = hint.literals.iter().filter(is_listed).cloned().collect();
        Maker {
            column,
            hint,
            listed: Hint {
                literals: listed,
                nature: hint.nature,
                ..Hint::default()
            },
        }
    }

    fn value(&self, row: usize) -> Value {
        let column = self.column;
        let usual = |row| of_its_type(column, row, self.hint);
        if is_identity(column) {
            return usual(row);
        }
        if row == NULLS && !column.is_not_null && column.key == 0 {
            return Value::Null;
        }
        if self.hint.nature.shape != Shape::Json {
            let (mut listed, _) = literals(&self.listed, column, turn(row));
            listed.retain(|it| self.hint.nature.suits(it));
            if !listed.is_empty() {
                return listed.swap_remove(turn(row) % listed.len());
            }
        }
        match row {
            0 | 1 => usual(0),
            NULLS => usual(1),
            3..=5 => self.extreme(row, usual(0)),
            _ => usual(row - 4),
        }
    }

    /// The same value in another form: in row 3 in other case or negative, in row 4 empty, and in
    /// row 5 long or large.
    fn extreme(&self, row: usize, usual: Value) -> Value {
        let place = self.hint.nature.place;
        let number = i64::try_from(place).unwrap_or(0);
        match (self.hint.nature.shape, usual, row) {
            (Shape::Json, _, 3) => Value::Text("[]".to_owned()),
            (Shape::Date | Shape::Time, Value::Text(text), 3) => Value::Text(year("2004", &text)),
            (Shape::Date | Shape::Time, Value::Text(text), 5) => Value::Text(year("2099", &text)),
            (Shape::Bool, ..) => Value::Integer(i64::from(row == 5)),
            (Shape::Text, Value::Text(text), 3) => Value::Text(text.to_ascii_uppercase()),
            (Shape::Text, _, 4) => Value::Text(String::new()),
            (Shape::Text, Value::Text(text), _) => {
                let long = format!("{text} {}", "x".repeat(300));
                let most = most_characters(&self.column.kind).unwrap_or(usize::MAX);
                Value::Text(long.chars().take(most).collect())
            }
            (Shape::Integer, _, 3) => Value::Integer(-1 - 1000 * number),
            (Shape::Integer, _, 4) => Value::Integer(0),
            // It does not fit into 32 bits, and a thousand times as much fits into 64.
            (Shape::Integer, Value::Integer(it), _) => Value::Integer(it + 4_000_000_000),
            (Shape::Real, _, 3) => Value::Real(-0.25 - 1000.0 * place as f64),
            (Shape::Real, _, 4) => Value::Real(0.0),
            (Shape::Real, Value::Real(it), _) => Value::Real(it + 4e9),
            (Shape::Blob, _, 4) => Value::Blob(Vec::new()),
            (Shape::Blob, Value::Blob(bytes), 5) => Value::Blob(bytes.repeat(100)),
            _ => of_its_type(self.column, row, self.hint),
        }
    }
}

/// Whether a column tells rows apart, even if no constraint says so, as after
/// `CREATE TABLE … AS SELECT`.
pub(super) fn is_identity(column: &Column) -> bool {
    ["id", "uuid"]
        .iter()
        .any(|it| column.name.eq_ignore_ascii_case(it))
}

/// A date in another year.
fn year(year: &str, text: &str) -> String {
    format!("{year}{}", text.get(4..).unwrap_or_default())
}

/// The length in a type such as `VARCHAR(20)`, to which the application keeps although SQLite does
/// not.
fn most_characters(kind: &str) -> Option<usize> {
    let (_, length) = kind.split_once('(')?;
    length.trim_end_matches(')').trim().parse().ok()
}

/// The key of a row, with gaps: those that the script itself inserts with fixed numbers come first,
/// because the application may have given them out. The others are unlikely to collide with the
/// rows of a migration.
pub(super) fn key(row: usize, fixed: &[i64]) -> i64 {
    let gap = |row: usize| i64::try_from(1 + row * (row + 1) / 2).unwrap_or(1);
    let known = fixed.get(row).copied();
    known.unwrap_or_else(|| 900_000 + gap(row - fixed.len()))
}

/// The maximum number of keys that are taken from a script.
const MOST_KEYS: usize = 3;

/// The keys that a script inserts into a table as numbers.
pub(super) fn fixed_keys(part: &Part<'_>, name: &str, table: &Table) -> Vec<i64> {
    let mut keys = Vec::new();
    if !part.is_rust {
        let words = part.words().iter();
        keys.extend(words.flat_map(|words| keys_of(words, name, table)));
    }
    keys.dedup();
    keys.truncate(MOST_KEYS);
    keys
}

/// The first keys that a statement inserts into a table as numbers.
pub(crate) fn keys_of(words: &[String], name: &str, table: &Table) -> Vec<i64> {
    let is_insert = matches!(words.first().map(|it| &**it), Some("insert" | "replace"));
    let into = words.iter().take(5).position(|it| it == "into");
    let is_source = |it: &String| matches!(it.as_str(), "values" | "select");
    let key = table.insertable().position(|it| table.is_rowid(it));
    let (Some(key), Some(into)) = (key, into.filter(|_| is_insert)) else {
        return Vec::new();
    };
    let (Some(inserted), Some(source)) = (words.get(into + 1), words.iter().position(is_source))
    else {
        return Vec::new();
    };
    if !inserted.eq_ignore_ascii_case(name) || source < into + 2 {
        return Vec::new();
    }
    let column = table.insertable().nth(key);
    let list = &words[into + 2..source];
    let mut listed = list.iter().filter(|it| !matches!(&***it, "(" | ")" | ","));
    let listed = listed.position(|it| column.is_some_and(|is| it.eq_ignore_ascii_case(&is.name)));
    let Some(at) = listed.or_else(|| list.is_empty().then_some(key)) else {
        return Vec::new();
    };
    nth_numbers(&words[source + 1..], at, words[source] == "select")
}

/// The whole numbers at a position of each of the first rows of a `VALUES`, or of a `SELECT`.
fn nth_numbers(words: &[String], position: usize, is_select: bool) -> Vec<i64> {
    let mut depth = i32::from(is_select);
    let mut at = 0;
    let mut numbers = Vec::new();
    let mut number = |word: usize| {
        let next = |ahead: usize| words.get(word + ahead).map_or("", |it| &**it);
        let is_whole = matches!(next(1), "," | ")" | "where" | "as" | "");
        numbers.extend(next(0).parse::<i64>().ok().filter(|_| is_whole));
        numbers.len() < MOST_KEYS
    };
    if is_select && position == 0 {
        number(0);
    }
    for (index, word) in words.iter().enumerate() {
        let is_start = match word.as_str() {
            "from" | "where" | "union" if is_select => break,
            "(" => {
                depth += 1;
                at = if depth == 1 { 0 } else { at };
                depth == 1
            }
            ")" => {
                depth -= 1;
                false
            }
            "," if depth == 1 => {
                at += 1;
                true
            }
            _ => false,
        };
        if is_start && at == position && !number(index + 1) {
            break;
        }
    }
    numbers
}
