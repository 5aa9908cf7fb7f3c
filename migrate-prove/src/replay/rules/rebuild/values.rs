//! The rows of a rebuilt table before and after, compared value by value.

use super::script::Copying;
use super::shape::Shape;
use crate::replay::memory::Memory;
use migrate_scan::sqlite::quote;
use rusqlite::Result;
use rusqlite::types::ValueRef;
use std::collections::{BTreeMap, BTreeSet};

/// A value as text, so that a change of the type alone is no difference; `None` for NULL.
type Cell = Option<Vec<u8>>;

/// The rows of a table, column by column.
struct Rows {
    columns: BTreeMap<String, Vec<Cell>>,
    count: usize,
}

/// What became of the columns and the rows of a rebuilt table.
pub(super) struct Values<'c, 's> {
    old: Rows,
    new: Rows,
    /// The rows before and after that are the same, by their places.
    pairs: Vec<(usize, usize)>,
    copies: &'c [Copying<'s>],
    /// The columns before and after.
    names: (Vec<String>, Vec<String>),
    /// The words of the statements that change the new table afterwards.
    updated: BTreeSet<String>,
    /// The columns of the old table that the new one has, by their old names.
    pub(super) kept: BTreeMap<String, String>,
}

impl<'c, 's> Values<'c, 's> {
    pub(super) fn compare(
        (before, after): (&Memory, &Memory),
        (old, new): (&Shape<'_>, &Shape<'_>),
        copies: &'c [Copying<'s>],
        updated: BTreeSet<String>,
    ) -> Result<Values<'c, 's>> {
        let (old_rows, new_rows) = (Rows::read(before, old)?, Rows::read(after, new)?);
        let pairs = pairs((old, &old_rows), (new, &new_rows));
        let mut values = Values {
            old: old_rows,
            new: new_rows,
            pairs,
            copies,
            names: (old.names(), new.names()),
            updated,
            kept: BTreeMap::new(),
        };
        let (old_names, new_names) = (old.names(), new.names());
        let is_new = |name: &&String| !old_names.contains(name);
        for name in &old_names {
            let same = new_names.iter().find(|it| *it == name);
            let mut added = new_names.iter().filter(is_new);
            let renamed = || added.find(|to| values.is_moved(name, to));
            if let Some(to) = same.or_else(renamed) {
                values.kept.insert(name.clone(), to.clone());
            }
        }
        Ok(values)
    }

    pub(super) fn is_gone(&self, column: &str) -> bool {
        !self.kept.contains_key(column)
    }

    /// The columns of the new table that the old one lacks.
    pub(super) fn added(&self) -> Vec<String> {
        let is_kept = |it: &&String| self.kept.values().any(|kept| kept == *it);
        let names = self.names.1.iter();
        names.filter(|it| !is_kept(it)).cloned().collect()
    }

    /// Whether the copies give the values of a column to another one as they are.
    pub(super) fn is_plain(&self, from: &str, to: &str) -> bool {
        let mut items = self.items(to).peekable();
        items.peek().is_some()
            && items.all(|item| item.len() <= 3 && item.last().is_some_and(|it| it == from))
    }

    /// The words of a definition with the new names of the columns.
    pub(super) fn renamed(&self, words: &[String]) -> Vec<String> {
        let to = |word: &String| self.kept.get(word).unwrap_or(word).clone();
        words.iter().map(to).collect()
    }

    /// Whether a new column has the values of an old one, or is computed from it alone.
    fn is_moved(&self, from: &str, to: &str) -> bool {
        let mut items = self
            .items(to)
            .map(|item| item.iter().any(|word| word == from));
        if let Some(is_named) = items.next() {
            return is_named;
        }
        let mut pairs = self.pairs.iter();
        let (Some(old), Some(new)) = (self.old.columns.get(from), self.new.columns.get(to)) else {
            return false;
        };
        pairs.len() > 0 && pairs.all(|(a, b)| old[*a] == new[*b])
    }

    /// Whether the values of a column that is gone are used for another one.
    pub(super) fn is_used(&self, column: &str) -> bool {
        self.copies.iter().any(|copy| copy.selects(column))
    }

    /// The columns whose values are wrong, in words.
    pub(super) fn wrong(&self, (old, new): (&Shape<'_>, &Shape<'_>)) -> Vec<String> {
        let ids = self.new_ids(old, new);
        let is_computed = |name: &str| old.table.column(name).is_some_and(|it| it.is_generated);
        let columns = new.table.columns.iter();
        let columns = columns.filter(|it| !it.is_generated && !is_computed(&it.name));
        let columns = columns.map(|it| it.name.to_ascii_lowercase());
        let columns = columns.filter(|it| !self.updated.contains(it));
        let wrong: Vec<String> = columns
            .filter_map(|column| self.swapped(&column).or_else(|| self.forgotten(&column)))
            .collect();
        if wrong.is_empty() {
            ids.into_iter().collect()
        } else {
            wrong
        }
    }

    /// A column that has the values of another one.
    fn swapped(&self, column: &str) -> Option<String> {
        let own = self.old.columns.get(column)?;
        let new = self.new.columns.get(column)?;
        let is_same = |a: &usize, b: &usize| own[*a] == new[*b];
        if self.pairs.iter().all(|(a, b)| is_same(a, b)) || self.is_computed(column) {
            return None;
        }
        let others = self.old.columns.iter().filter(|(name, _)| *name != column);
        for (name, other) in others {
            if !self.pairs.iter().all(|(a, b)| other[*a] == new[*b]) {
                continue;
            }
            let told = self
                .pairs
                .iter()
                .filter(|(a, _)| own[*a].is_some() && own[*a] != other[*a]);
            let told: BTreeSet<&Cell> = told.map(|(a, _)| &other[*a]).collect();
            let is_named = self
                .items(column)
                .any(|item| item.last() == Some(name) && item.len() <= 3);
            if told.len() > 1 || is_named && !told.is_empty() {
                return Some(format!("`{column}` has the values of `{name}`"));
            }
        }
        None
    }

    /// A column whose values are not copied.
    fn forgotten(&self, column: &str) -> Option<String> {
        let (own, new) = (self.old.columns.get(column)?, self.new.columns.get(column)?);
        let different: BTreeSet<&Cell> = own.iter().collect();
        let now: BTreeSet<&Cell> = new.iter().collect();
        let value = *now.first()?;
        let is_known = !self.copies.is_empty()
            && self.copies.iter().all(|copy| {
                let item = copy.item(column, self.names());
                copy.lacks(column) || item.is_some_and(is_constant)
            });
        if different.len() < 2 || now.len() != 1 || !is_known {
            return None;
        }
        let value = match value {
            None => "`NULL`".to_owned(),
            Some(value) => format!("`{}`", String::from_utf8_lossy(value)),
        };
        let why = if self.copies.iter().any(|copy| copy.lacks(column)) {
            ": the column list of the `INSERT` lacks it"
        } else {
            ""
        };
        Some(format!("`{column}` is {value} in every row{why}"))
    }

    fn names(&self) -> (&[String], &[String]) {
        (&self.names.0, &self.names.1)
    }

    /// The expressions that the copies give for a column.
    fn items(&self, column: &str) -> impl Iterator<Item = &[String]> {
        let copies = self.copies.iter();
        copies.filter_map(move |copy| copy.item(column, self.names()))
    }

    /// Whether the values of a column are computed from its old ones on purpose.
    fn is_computed(&self, column: &str) -> bool {
        self.items(column)
            .any(|item| item.iter().any(|word| word == column))
    }

    /// Whether rows have ids that no row had before.
    pub(super) fn has_new_ids(&self, (old, new): (&Shape<'_>, &Shape<'_>)) -> bool {
        self.new_ids(old, new).is_some()
    }

    /// Ids that no row had before.
    fn new_ids(&self, old: &Shape<'_>, new: &Shape<'_>) -> Option<String> {
        let column = old.table.columns.iter().find(|it| old.table.is_rowid(it))?;
        let same = new.table.column(&column.name)?;
        let name = column.name.to_ascii_lowercase();
        let (before, after) = (self.old.columns.get(&name)?, self.new.columns.get(&name)?);
        let before: BTreeSet<&Cell> = before.iter().collect();
        let is_other = after.iter().any(|id| !before.contains(id));
        let is_more = self.new.count > self.old.count;
        if !new.table.is_rowid(same) || !is_other || is_more {
            return None;
        }
        Some(format!(
            "`{}` is numbered anew: rows get the ids of others",
            column.name
        ))
    }

    /// The number of rows that the new table has more.
    pub(super) fn more(&self) -> usize {
        self.new.count.saturating_sub(self.old.count)
    }
}

/// Whether an expression is a value that the script contains.
fn is_constant(item: &[String]) -> bool {
    let is_value = |word: &String| {
        word == "null" || word.starts_with('\'') || word.starts_with(|it: char| it.is_ascii_digit())
    };
    match item {
        [value] => is_value(value),
        [value, _as, _name] if _as == "as" => is_value(value),
        _ => false,
    }
}

impl Rows {
    fn read(memory: &Memory, shape: &Shape<'_>) -> Result<Rows> {
        let columns: Vec<&String> = shape.table.columns.iter().map(|it| &it.name).collect();
        let list: Vec<String> = columns.iter().map(|it| quote(it)).collect();
        let order = if shape.table.has_rowid {
            " ORDER BY rowid"
        } else {
            ""
        };
        let name = quote(&shape.object.name);
        let sql = format!("SELECT {} FROM main.{name}{order}", list.join(", "));
        let mut cells: Vec<Vec<Cell>> = vec![Vec::new(); columns.len()];
        let mut count = 0;
        let mut statement = memory.conn.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            count += 1;
            for (at, column) in cells.iter_mut().enumerate() {
                column.push(cell(row.get_ref(at)?));
            }
        }
        let names = columns.into_iter().map(|it| it.to_ascii_lowercase());
        Ok(Rows {
            columns: names.zip(cells).collect(),
            count,
        })
    }

    /// The values of some columns in a row.
    fn values(&self, columns: &[String], row: usize) -> Option<Vec<&Cell>> {
        let columns = columns.iter();
        columns.map(|it| self.columns.get(it)?.get(row)).collect()
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(value) => Some(value.to_string().into_bytes()),
        ValueRef::Real(value) => Some(value.to_string().into_bytes()),
        ValueRef::Text(value) | ValueRef::Blob(value) => Some(value.to_vec()),
    }
}

/// The rows that are the same: by the primary key, or else in their order.
fn pairs(
    (old, old_rows): (&Shape<'_>, &Rows),
    (new, new_rows): (&Shape<'_>, &Rows),
) -> Vec<(usize, usize)> {
    let key = |shape: &Shape<'_>| -> Vec<String> {
        let columns = shape.table.primary_key().into_iter();
        columns.map(|it| it.to_ascii_lowercase()).collect()
    };
    let key_columns = key(old);
    let by_key = if !key_columns.is_empty() && key_columns == key(new) {
        let rows = 0..old_rows.count;
        let places: BTreeMap<_, usize> = rows
            .filter_map(|row| Some((old_rows.values(&key_columns, row)?, row)))
            .collect();
        let rows = 0..new_rows.count;
        rows.filter_map(|row| Some((*places.get(&new_rows.values(&key_columns, row)?)?, row)))
            .collect()
    } else {
        Vec::new()
    };
    let has_order = old.table.has_rowid && new.table.has_rowid;
    if by_key.len() < new_rows.count && has_order && old_rows.count == new_rows.count {
        return (0..new_rows.count).map(|row| (row, row)).collect();
    }
    by_key
}
