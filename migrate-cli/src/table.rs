//! Text tables.

use crate::escape;
use crate::style::{BOLD, DIM, styled};
use anstyle::Style;
use std::fmt;

/// A table whose columns are as wide as their content.
pub(crate) struct Table<const N: usize> {
    rows: Vec<[Cell; N]>,
}

pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(crate) fn plain(text: impl Into<String>) -> Cell {
        Cell::styled(Style::new(), text)
    }

    pub(crate) fn styled(style: Style, text: impl Into<String>) -> Cell {
        let text = escape::line(&text.into());
        Cell { text, style }
    }

    pub(crate) fn none() -> Cell {
        Cell::styled(DIM, "-")
    }

    pub(crate) fn empty() -> Cell {
        Cell::plain("")
    }
}

impl<const N: usize> Table<N> {
    pub(crate) fn new(headings: &[&str; N]) -> Table<N> {
        Table {
            rows: vec![headings.map(|heading| Cell::styled(BOLD, heading))],
        }
    }

    pub(crate) fn row(&mut self, cells: [Cell; N]) {
        self.rows.push(cells);
    }
}

impl<const N: usize> fmt::Display for Table<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: [usize; N] = std::array::from_fn(|column| {
            let cells = self.rows.iter().map(|row| width(&row[column].text));
            cells.max().unwrap_or(0)
        });
        for (i, row) in self.rows.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            // No padding after the last cell that has content.
            let last = row.iter().rposition(|cell| !cell.text.is_empty());
            for (column, cell) in row.iter().enumerate().take(last.map_or(0, |at| at + 1)) {
                f.write_str(&styled(cell.style, &cell.text))?;
                if Some(column) != last {
                    let space = widths[column] - width(&cell.text) + 2;
                    write!(f, "{:space$}", "")?;
                }
            }
        }
        Ok(())
    }
}

/// The width of a text in terminal columns.
#[cfg(feature = "terminal")]
fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// The number of characters, because wide characters are not known here.
#[cfg(not(feature = "terminal"))]
fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(all(test, feature = "terminal"))]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let mut table = Table::new(&["a", "b"]);
        table.row([Cell::plain("grün"), Cell::plain("1")]);
        table.row([Cell::plain("\u{1b}[2J日本"), Cell::empty()]);
        let text = anstream::adapter::strip_str(&table.to_string()).to_string();
        assert_eq!(text, "a              b\ngrün           1\n\\u{1b}[2J日本");
    }
}
