//! Values in a table of another tool, for both engines: types of PostgreSQL are read as
//! the closest one of SQLite.

use migrate_runtime::rusqlite::types::Value;
use std::cmp::Ordering;

/// Compares values of different types like SQLite. Within one type, every tool has the
/// same order.
pub(super) fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Integer(one), Value::Integer(other)) => one.cmp(other),
        (Value::Real(one), Value::Real(other)) => one.total_cmp(other),
        (Value::Text(one), Value::Text(other)) => one.cmp(other),
        (Value::Blob(one), Value::Blob(other)) => one.cmp(other),
        _ => {
            let key = |value| (rank(value), leading_number(value));
            key(one).cmp(&key(other))
        }
    }
}

const fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Integer(_) | Value::Real(_) => 1,
        Value::Text(_) => 2,
        Value::Blob(_) => 3,
    }
}

/// The number at the start of a text: 10 for `010_a`, and 0 if there is none.
pub(super) fn leading_number(value: &Value) -> i128 {
    match value {
        Value::Integer(number) => i128::from(*number),
        Value::Text(text) => {
            let text = text.trim_start();
            let digits = text.trim_start_matches(['+', '-']);
            let end = digits.find(|c: char| !c.is_ascii_digit());
            let number = match &digits[..end.unwrap_or(digits.len())] {
                "" => 0,
                digits => digits.parse().unwrap_or(i128::MAX),
            };
            if text.starts_with('-') {
                -number
            } else {
                number
            }
        }
        Value::Real(number) => format!("{number:.0}").parse().unwrap_or_default(),
        Value::Null | Value::Blob(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, compare, leading_number};

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn values_have_an_order() {
        let sorted = [
            Value::Null,
            Value::Integer(-1),
            Value::Real(1.5),
            Value::Integer(9),
            text("10"),
            text("9"),
            Value::Blob(vec![0]),
        ];
        let mut cells = sorted.to_vec();
        cells.reverse();
        cells.sort_by(compare);
        assert_eq!(cells, sorted);
    }

    #[test]
    fn texts_begin_with_numbers() {
        for (cell, number) in [
            (text("010_a"), 10),
            (text(" 9"), 9),
            (text("-3"), -3),
            (text("a1"), 0),
            (text(""), 0),
            (Value::Integer(7), 7),
            (Value::Null, 0),
        ] {
            assert_eq!(leading_number(&cell), number, "{cell:?}");
        }
    }
}
