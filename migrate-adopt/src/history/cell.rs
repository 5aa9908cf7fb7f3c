//! A value in a table of another tool, for both engines.

use std::cmp::Ordering;

/// A value in a column. SQLite has these five types; other types of PostgreSQL
/// are read as the closest one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl Cell {
    /// Compares values of different types like SQLite. Within one type, every
    /// tool has the same order.
    pub(super) fn compare(&self, other: &Cell) -> Ordering {
        match (self, other) {
            (Cell::Integer(one), Cell::Integer(other)) => one.cmp(other),
            (Cell::Real(one), Cell::Real(other)) => one.total_cmp(other),
            (Cell::Text(one), Cell::Text(other)) => one.cmp(other),
            (Cell::Blob(one), Cell::Blob(other)) => one.cmp(other),
            _ => self
                .rank()
                .cmp(&other.rank())
                .then_with(|| self.leading_number().cmp(&other.leading_number())),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Cell::Null => 0,
            Cell::Integer(_) | Cell::Real(_) => 1,
            Cell::Text(_) => 2,
            Cell::Blob(_) => 3,
        }
    }

    /// The number at the start of a text: 10 for `010_a`, and 0 if there is
    /// none.
    pub(super) fn leading_number(&self) -> i128 {
        match self {
            Cell::Integer(number) => i128::from(*number),
            Cell::Text(text) => {
                let text = text.trim_start();
                let digits = text.trim_start_matches(['+', '-']);
                let end = digits
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(digits.len());
                let number = digits[..end].parse().unwrap_or(match end {
                    0 => 0,
                    _ => i128::MAX,
                });
                if text.starts_with('-') {
                    -number
                } else {
                    number
                }
            }
            Cell::Real(number) => format!("{number:.0}").parse().unwrap_or_default(),
            Cell::Null | Cell::Blob(_) => 0,
        }
    }

    /// The value as text; `None` for NULL.
    pub(super) fn as_text(&self) -> Option<String> {
        match self {
            Cell::Null => None,
            Cell::Integer(number) => Some(number.to_string()),
            Cell::Real(number) => Some(format!("{number:?}")),
            Cell::Text(text) => Some(text.clone()),
            Cell::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cell;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn values_have_an_order() {
        let sorted = [
            Cell::Null,
            Cell::Integer(-1),
            Cell::Real(1.5),
            Cell::Integer(9),
            text("10"),
            text("9"),
            Cell::Blob(vec![0]),
        ];
        let mut cells = sorted.to_vec();
        cells.reverse();
        cells.sort_by(Cell::compare);
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
            (Cell::Integer(7), 7),
            (Cell::Null, 0),
        ] {
            assert_eq!(cell.leading_number(), number, "{cell:?}");
        }
    }
}
