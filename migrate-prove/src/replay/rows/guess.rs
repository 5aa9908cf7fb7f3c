//! Candidate values for a column.

use super::hints::{Hint, Literal, Relation};
use super::set::ROWS;
use crate::replay::table::{Column, Table};
use rusqlite::types::Value;

/// The value to try first for a column, different for each row.
pub(super) fn best(table: &Table, column: &Column, row: usize, hint: &Hint) -> Value {
    let is_last = row + 1 == ROWS;
    if !column.is_not_null && column.key == 0 && is_last {
        return Value::Null;
    }
    if hint.is_json {
        return of_its_type(column, row, hint);
    }
    let (fitting, _) = literals(hint, column, row);
    let mut fitting = in_turn(&fitting, row).filter(|it| {
        // The literal may belong to another column of the same check.
        !table.is_strict || fits(it, &column.kind)
    });
    let first = fitting.next().cloned();
    first.unwrap_or_else(|| of_its_type(column, row, hint))
}

/// The values to try for a column, the best first.
pub(super) fn guesses(table: &Table, column: &Column, row: usize, hint: &Hint) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    let may_be_null = !column.is_not_null && (column.key == 0 || table.is_rowid(column));
    let is_last = row + 1 == ROWS;
    if may_be_null && is_last && column.key == 0 {
        values.push(Value::Null);
    }
    if hint.is_json {
        values.extend(["{}", "[]"].map(|text| Value::Text(text.to_owned())));
    }
    let (fitting, later) = literals(hint, column, row);
    values.extend(in_turn(&fitting, row).cloned());
    values.push(of_its_type(column, row, hint));
    values.extend(later);
    values.extend(general(row));
    if may_be_null && !values.contains(&Value::Null) {
        values.push(Value::Null);
    }
    if table.is_strict {
        values.retain(|value| fits(value, &column.kind));
    }
    values
}

/// The values, starting with a different one for each row.
fn in_turn(values: &[Value], row: usize) -> impl Iterator<Item = &Value> {
    let turn = row.checked_rem(values.len()).unwrap_or(0);
    values[turn..].iter().chain(&values[..turn])
}

/// The values that the literals of a check suggest: first those that satisfy the
/// comparison, then neighboring numbers, texts of that length, and texts that match
/// the pattern.
pub(super) fn literals(hint: &Hint, column: &Column, row: usize) -> (Vec<Value>, Vec<Value>) {
    let (mut values, mut later) = (Vec::new(), Vec::new());
    let step = i64::try_from(row).unwrap_or(0);
    for Literal { text, relation } in &hint.literals {
        if text.starts_with('\'') {
            let opened = text.strip_prefix('\'').unwrap_or(text);
            let text = opened
                .strip_suffix('\'')
                .unwrap_or(opened)
                .replace("''", "'");
            if text.contains(['%', '*', '?', '[']) {
                values.push(Value::Text(matching(&text, row)));
                // A pattern is no value, but may be one.
                later.push(Value::Text(text));
            } else if *relation == Relation::Equal {
                values.push(Value::Text(text));
            }
        } else if let Ok(number) = text.parse::<i64>() {
            let good = match relation {
                Relation::Equal => number,
                Relation::AtLeast => number.saturating_add(step),
                Relation::More => number.saturating_add(1 + step),
                Relation::AtMost => number.saturating_sub(step),
                Relation::Less => number.saturating_sub(1 + step),
            };
            let is_length = (1..=4096).contains(&good);
            if hint.nature.is_text {
                values.extend(is_length.then(|| of_length(good, row)));
            } else if column.kind.contains("BLOB") {
                values.extend(is_length.then(|| bytes(good, row)));
            } else {
                values.push(Value::Integer(good));
                let beside = [number, number.saturating_add(1), number.saturating_sub(1)];
                later.extend(beside.map(Value::Integer));
            }
        } else if let Ok(number) = text.parse::<f64>() {
            let good = match relation {
                Relation::Equal => number,
                Relation::AtLeast | Relation::More => number + 0.5 + step as f64,
                Relation::AtMost | Relation::Less => number - 0.5 - step as f64,
            };
            values.push(Value::Real(good));
            later.extend([number, number + 0.5, number - 0.5].map(Value::Real));
        }
    }
    (values, later)
}

fn bytes(length: i64, row: usize) -> Value {
    let byte = u8::try_from(row % 200).unwrap_or(0) + 1;
    Value::Blob(vec![byte; usize::try_from(length).unwrap_or(1)])
}

fn of_length(length: i64, row: usize) -> Value {
    let length = usize::try_from(length).unwrap_or(1);
    let mut text = "0".repeat(length.saturating_sub(1));
    text.push(char::from(b'1' + u8::try_from(row % 9).unwrap_or(0)));
    Value::Text(text)
}

/// A text for a pattern of `LIKE` or `GLOB`.
fn matching(pattern: &str, row: usize) -> String {
    let mut text = String::new();
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        match character {
            '%' | '*' => text.push_str(&format!("x{}", row + 1)),
            '?' => text.push('x'),
            '[' => {
                let class: String = rest.by_ref().take_while(|it| *it != ']').collect();
                text.extend(class.chars().find(|it| *it != '^'));
            }
            other => text.push(other),
        }
    }
    text
}

/// The kind of values that a column holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape {
    Json,
    /// A number that SQLite chooses.
    Rowid,
    Bool,
    #[default]
    Integer,
    Date,
    Time,
    Text,
    Blob,
    Real,
    Uuid,
}

/// What a column usually holds, found once for each table: searching in texts is slow in a build
/// that is not optimized.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Nature {
    pub(super) shape: Shape,
    /// The index of the column in its table; 0 for a foreign key, whose parent may have no row yet,
    /// but will have one with that number.
    pub(super) place: usize,
    is_text: bool,
    takes_texts: bool,
    takes_numbers: bool,
    takes_blobs: bool,
}

impl Nature {
    /// By the rules of type affinity: <https://sqlite.org/datatype3.html>. Names and types tell
    /// texts with a meaning from others.
    pub(super) fn of(table: &Table, column: &Column, (is_json, is_time): (bool, bool)) -> Nature {
        let kind = column.kind.as_str();
        let has = |parts: &[&str]| parts.iter().any(|it| kind.contains(it));
        let (is_any, is_text, is_blob) = (kind.is_empty(), column.is_for_texts(), has(&["BLOB"]));
        let is_number = || has(&["INT", "REAL", "FLOA", "DOUB", "NUM", "DEC", "BOOL"]);
        let mut references = table.references.iter();
        let refers = references.any(|it| it.from.contains(&column.name));
        let mut columns = table.columns.iter();
        let place = columns.position(|it| it.name == column.name);
        Nature {
            shape: shape(table, column, (is_json, is_time, is_text)),
            place: place.filter(|_| !refers).unwrap_or(0),
            is_text,
            takes_texts: is_any || is_text || !is_blob && !is_number(),
            takes_numbers: !is_text && !is_blob,
            takes_blobs: is_any || is_blob || !is_text && !has(&["INT", "REAL"]),
        }
    }

    /// Whether a value has the type that the column prefers. Others are possible in most tables,
    /// but applications do not write them.
    pub(super) fn suits(self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Text(_) => self.takes_texts,
            Value::Integer(_) | Value::Real(_) => self.takes_numbers,
            Value::Blob(_) => self.takes_blobs,
        }
    }
}

fn shape(table: &Table, column: &Column, (is_json, is_time, is_text): (bool, bool, bool)) -> Shape {
    let name = column.name.to_ascii_lowercase();
    let kind = column.kind.as_str();
    let has = |parts: &[&str]| parts.iter().any(|it| kind.contains(it));
    if is_json || kind.contains("JSON") {
        Shape::Json
    } else if table.is_rowid(column) {
        Shape::Rowid
    } else if has(&["BOOL"])
        || has(&["INT"]) && ["is_", "has_"].iter().any(|it| name.starts_with(it))
    {
        Shape::Bool
    } else if has(&["INT"]) {
        Shape::Integer
    } else if kind == "DATE" {
        Shape::Date
    } else if has(&["DATE", "TIME"])
        || is_text
            && ["_at", "_on", "date", "time"]
                .iter()
                .any(|it| name.ends_with(it))
        || is_time && (is_text || kind.is_empty())
    {
        Shape::Time
    } else if kind.is_empty() && name == "id" {
        Shape::Integer
    } else if is_text || kind.is_empty() || kind == "ANY" && table.is_strict {
        Shape::Text
    } else if has(&["BLOB"]) {
        Shape::Blob
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        Shape::Real
    } else if has(&["UUID"]) {
        Shape::Uuid
    } else {
        Shape::Integer
    }
}

/// A usual value, different for each row, and for each column if possible.
pub(super) fn of_its_type(column: &Column, row: usize, hint: &Hint) -> Value {
    let number = i64::try_from(row).unwrap_or(0);
    // The end of a period usually comes after its start in the table, and must be later.
    let place = hint.nature.place;
    let later = i64::try_from(place * 1000).unwrap_or(0);
    let month = 1 + place.min(11);
    match hint.nature.shape {
        Shape::Json => Value::Text("{}".to_owned()),
        // These are unlikely to collide with the rows of a migration.
        Shape::Rowid => Value::Integer(900_001 + number),
        Shape::Bool => Value::Integer(number % 2),
        Shape::Integer => Value::Integer(900_001 + later + number),
        Shape::Date => Value::Text(format!("2001-{month:02}-{:02}", row + 3)),
        Shape::Time => Value::Text(format!("2001-{month:02}-{:02} 04:05:06", row + 3)),
        Shape::Text => {
            let name = column.name.to_ascii_lowercase();
            Value::Text(format!("{name} {}", row + 1))
        }
        Shape::Blob => {
            let byte = |it: usize| u8::try_from(it % 256).unwrap_or(0);
            Value::Blob(vec![byte(row), byte(1 + place), 2])
        }
        Shape::Real => Value::Real(900.5 + (place * 1000 + row) as f64),
        Shape::Uuid => Value::Text(uuid(row)),
    }
}

fn uuid(row: usize) -> String {
    format!("00000000-0000-4000-8000-00000000000{}", row % 10)
}

/// Values that satisfy common checks without literals.
fn general(row: usize) -> Vec<Value> {
    let number = i64::try_from(row).unwrap_or(0);
    let texts = [
        format!("x{row}"),
        "{}".to_owned(),
        "[]".to_owned(),
        uuid(row),
        format!("x{row}@example.com"),
        format!("https://example.com/{row}"),
        format!("2001-02-{:02}", row + 3),
        format!("2001-02-{:02}T04:05:06Z", row + 3),
        format!("{}", row + 1),
        format!("{}", char::from(b'A' + u8::try_from(row % 26).unwrap_or(0))),
        format!("{:064x}", row + 1),
        String::new(),
    ];
    let mut values = vec![Value::Integer(number), Value::Integer(number + 1)];
    values.extend(texts.map(Value::Text));
    values.extend([
        Value::Real(0.5),
        Value::Blob(vec![0; 16]),
        Value::Blob(vec![0; 32]),
        Value::Integer(1_000_000_000_000 + number),
        Value::Integer(-1 - number),
    ]);
    values
}

/// Whether a `STRICT` table accepts a value: <https://sqlite.org/stricttables.html>.
fn fits(value: &Value, kind: &str) -> bool {
    match value {
        Value::Null => true,
        Value::Integer(_) => matches!(kind, "INT" | "INTEGER" | "REAL" | "ANY"),
        Value::Real(_) => matches!(kind, "REAL" | "ANY"),
        Value::Text(_) => matches!(kind, "TEXT" | "ANY"),
        Value::Blob(_) => matches!(kind, "BLOB" | "ANY"),
    }
}
