//! The foreign keys with an action, such as `ON DELETE CASCADE`, according to the text of the
//! migrations.

use super::action::Action;
use super::columns::columns;
use super::words::Words;
use std::collections::BTreeMap;
use std::ops::Range;

/// The tables that the statements so far have created, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct ForeignKeys(BTreeMap<String, Table>);

#[derive(Clone, Debug, Default)]
struct Table {
    primary_key: Vec<String>,
    /// Its foreign keys with an action.
    foreign_keys: Vec<ForeignKey>,
}

/// A foreign key with an action. All names are in lower case.
#[derive(Clone, Debug)]
pub(crate) struct ForeignKey {
    pub(crate) columns: Vec<String>,
    parent: String,
    /// Empty for the primary key of the parent.
    parent_columns: Vec<String>,
    /// Whether a deleted parent row changes or deletes the rows that refer to it.
    pub(crate) acts_on_delete: bool,
    /// Whether a changed key of the parent changes the rows that refer to it.
    pub(crate) acts_on_update: bool,
}

/// Names for the rowid, which an `INTEGER PRIMARY KEY` is.
const ROWID: [&str; 3] = ["rowid", "oid", "_rowid_"];

impl ForeignKeys {
    /// Follows a statement.
    pub(crate) fn record(&mut self, words: &Words<'_>, action: &Action) {
        match action {
            Action::CreateTable { table, body } => {
                let is_temporary = words.is(1, "TEMP") || words.is(1, "TEMPORARY");
                let may_exist = words
                    .iter()
                    .take(table.at)
                    .any(|(_, word)| word.is("EXISTS"));
                if is_temporary || may_exist && self.0.contains_key(&table.name) {
                    return;
                }
                let created = body.map(|open| Table::read(words, open));
                self.0
                    .insert(table.name.clone(), created.unwrap_or_default());
            }
            Action::DropTable(table) => {
                self.0.remove(&table.name);
            }
            Action::RenameTable { table, to } => {
                if let Some(renamed) = self.0.remove(&table.name) {
                    self.0.insert(to.name.clone(), renamed);
                }
                // SQLite rewrites the references to a renamed table.
                for key in self.all().filter(|key| key.parent == table.name) {
                    key.parent.clone_from(&to.name);
                }
            }
            Action::AddColumn { table, column } => {
                let added = foreign_keys(words, *column..words.len());
                if !added.is_empty() {
                    let table = self.0.entry(table.name.clone()).or_default();
                    table.foreign_keys.extend(added);
                }
            }
            Action::DropColumn { table, column } => {
                if let (Some(table), Some(column)) =
                    (self.0.get_mut(&table.name), words.name(*column))
                {
                    table
                        .foreign_keys
                        .retain(|key| !key.columns.contains(&column));
                }
            }
            Action::RenameColumn { table, from, to } => {
                if let (Some(from), Some(to)) = (words.name(*from), words.name(*to)) {
                    self.rename_column(&table.name, &from, &to);
                }
            }
            _ => {}
        }
    }

    fn all(&mut self) -> impl Iterator<Item = &mut ForeignKey> {
        let tables = self.0.values_mut();
        tables.flat_map(|table| &mut table.foreign_keys)
    }

    fn rename_column(&mut self, table: &str, from: &str, to: &str) {
        let rename = |columns: &mut Vec<String>| {
            let renamed = columns.iter_mut().filter(|column| *column == from);
            renamed.for_each(|column| to.clone_into(column));
        };
        for key in self.all().filter(|key| key.parent == table) {
            rename(&mut key.parent_columns);
        }
        if let Some(table) = self.0.get_mut(table) {
            rename(&mut table.primary_key);
            let keys = table.foreign_keys.iter_mut();
            keys.for_each(|key| rename(&mut key.columns));
        }
    }

    /// The foreign keys with an action that refer to a table, with the names of their tables.
    pub(crate) fn of_parent(&self, parent: &str) -> impl Iterator<Item = (&str, &ForeignKey)> {
        let tables = self.0.iter();
        let keys = tables.flat_map(|(name, table)| {
            let keys = table.foreign_keys.iter();
            keys.map(move |key| (name.as_str(), key))
        });
        keys.filter(move |(_, key)| key.parent == parent)
    }

    /// Whether a foreign key refers to one of these columns of its parent.
    pub(crate) fn refers_to_any(&self, key: &ForeignKey, columns: &[String]) -> bool {
        let primary_key = self.0.get(&key.parent).map(|parent| &parent.primary_key);
        let referenced = if key.parent_columns.is_empty() {
            primary_key.map_or(&[][..], |it| it)
        } else {
            &key.parent_columns
        };
        let may_be_rowid = referenced.len() == 1 && primary_key.is_some_and(|it| it == referenced);
        columns.iter().any(|column| {
            referenced.contains(column) || may_be_rowid && ROWID.contains(&column.as_str())
        })
    }
}

impl Table {
    /// Reads the parentheses of `CREATE TABLE`.
    fn read(words: &Words<'_>, open: usize) -> Table {
        let (columns, constraints) = columns(words, open);
        let mut table = Table::default();
        for column in columns {
            if find(words, &column.constraints, &["PRIMARY", "KEY"]).is_some() {
                table.primary_key.push(column.name);
            }
        }
        for constraint in constraints {
            if let Some(at) = find(words, &constraint, &["PRIMARY", "KEY"]) {
                table.primary_key = names(words, at + 2);
            }
        }
        let parts = words.parts(open).into_iter();
        table.foreign_keys = parts.flat_map(|part| foreign_keys(words, part)).collect();
        table
    }
}

/// The index of keywords in a column definition or a constraint, outside its parentheses.
fn find(words: &Words<'_>, range: &Range<usize>, keywords: &[&str]) -> Option<usize> {
    let depth = words.get(range.start)?.depth;
    range.clone().find(|at| {
        words.get(*at).is_some_and(|word| word.depth == depth) && words.are(*at, keywords)
    })
}

/// The names in parentheses.
fn names(words: &Words<'_>, open: usize) -> Vec<String> {
    let parts = words.parts(open).into_iter();
    parts.filter_map(|part| words.name(part.start)).collect()
}

/// The foreign keys with an action in a column definition or a constraint.
fn foreign_keys(words: &Words<'_>, part: Range<usize>) -> Vec<ForeignKey> {
    let mut found = Vec::new();
    let mut from = part.start;
    while let Some(at) = find(words, &(from..part.end), &["REFERENCES"]) {
        from = at + 1;
        let Some(parent) = words.name(at + 1) else {
            continue;
        };
        let mut next = at + 2;
        let mut parent_columns = Vec::new();
        if words.is(next, "(") {
            parent_columns = names(words, next);
            next = words.closing(next) + 1;
        }
        let (acts_on_delete, acts_on_update) = actions(words, next);
        if acts_on_delete || acts_on_update {
            found.push(ForeignKey {
                columns: referring(words, part.start, at),
                parent,
                parent_columns,
                acts_on_delete,
                acts_on_update,
            });
        }
    }
    found
}

/// The columns before `REFERENCES`: those of `FOREIGN KEY (…)`, or the column that is defined.
fn referring(words: &Words<'_>, start: usize, references: usize) -> Vec<String> {
    let mut opened = (start + 2..references).rev();
    let open = opened.find(|at| words.are(at - 2, &["FOREIGN", "KEY", "("]));
    match open {
        Some(open) if words.closing(open) + 1 == references => names(words, open),
        _ => words.name(start).into_iter().collect(),
    }
}

/// Whether the clauses after the referenced columns act on a `DELETE` and on an `UPDATE`.
fn actions(words: &Words<'_>, mut at: usize) -> (bool, bool) {
    let (mut on_delete, mut on_update) = (false, false);
    loop {
        // `MATCH name`, which has no effect.
        if words.is(at, "MATCH") {
            at += 2;
            continue;
        }
        let event = match () {
            () if words.are(at, &["ON", "DELETE"]) => &mut on_delete,
            () if words.are(at, &["ON", "UPDATE"]) => &mut on_update,
            () => return (on_delete, on_update),
        };
        *event = words.is(at + 2, "CASCADE") || words.is(at + 2, "SET");
        // `SET NULL`, `SET DEFAULT` and `NO ACTION` are two words.
        let is_one_word = words.is(at + 2, "CASCADE") || words.is(at + 2, "RESTRICT");
        at += if is_one_word { 3 } else { 4 };
    }
}
