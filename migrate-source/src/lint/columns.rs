//! Column definitions in `CREATE TABLE` and `ALTER TABLE`.

use super::words::Words;
use std::ops::Range;

/// A column as `CREATE TABLE` and `ALTER TABLE … ADD` define it.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Its name, in lower case.
    pub(crate) name: String,
    /// The words of its type, including numbers in parentheses; empty if it has no type.
    pub(crate) type_name: Range<usize>,
    /// The words of its constraints.
    pub(crate) constraints: Range<usize>,
}

/// Words that start a column constraint, and so end the type.
const CONSTRAINTS: &str = "CONSTRAINT NOT NULL PRIMARY UNIQUE CHECK DEFAULT COLLATE REFERENCES \
                           GENERATED AS ON";

/// Words that start a table constraint rather than a column.
const TABLE_CONSTRAINTS: &str = "CONSTRAINT PRIMARY UNIQUE CHECK FOREIGN";

/// The content of the parentheses of `CREATE TABLE`: its columns, and the words of its
/// constraints.
pub(crate) fn columns(words: &Words<'_>, open: usize) -> (Vec<Column>, Vec<Range<usize>>) {
    let (mut columns, mut constraints) = (Vec::new(), Vec::new());
    for part in words.parts(open) {
        if begins_with(words, part.start, TABLE_CONSTRAINTS) {
            constraints.push(part);
        } else {
            columns.extend(column(words, part));
        }
    }
    (columns, constraints)
}

/// Parses the definition of a column.
pub(crate) fn column(words: &Words<'_>, part: Range<usize>) -> Option<Column> {
    let name = words.name(part.start)?;
    let from = part.start + 1;
    let mut rest = from..part.end;
    let end = rest
        .find(|at| begins_with(words, *at, CONSTRAINTS))
        .unwrap_or(part.end);
    Some(Column {
        name,
        type_name: from..end,
        constraints: end..part.end,
    })
}

fn begins_with(words: &Words<'_>, at: usize, keywords: &str) -> bool {
    keywords.split(' ').any(|keyword| words.is(at, keyword))
}

impl Column {
    /// The type in upper case, without anything in parentheses, and whether there was anything
    /// in parentheses.
    pub(crate) fn type_words(&self, words: &Words<'_>) -> (String, bool) {
        let depth = words.get(self.type_name.start).map_or(0, |word| word.depth);
        let mut name = String::new();
        let mut has_size = false;
        for word in self.type_name.clone().filter_map(|at| words.get(at)) {
            if word.depth > depth || word.is("(") || word.is(")") {
                has_size = true;
                continue;
            }
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(&word.unquoted().to_ascii_uppercase());
        }
        (name, has_size)
    }
}
