//! Rows for tables: guessed from their constraints, found by trial, and the same each time.

mod careful;
mod found;
mod guess;
mod hints;
mod insert;
mod order;
mod parents;
mod set;

pub(crate) use careful::keys_of;
pub(crate) use hints::Hints;
pub(crate) use set::{RowKind, RowSet};

use crate::replay::catalogue::{Catalogue, Kind, Object};
use crate::replay::memory::Memory;
use crate::replay::scratch::has_outside_content;
use crate::replay::subject::Part;
use crate::replay::table::{Column, Table, values};
use crate::replay::trial::Trial;
use found::{Circumstances, Found};
use guess::{best, guesses};
use hints::{Hint, Recipe};
use insert::{Order, insert};
use migrate_scan::sqlite::quote;
use order::parents_first;
use parents::Parents;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Result, Row, params_from_iter};
use set::ROWS;
use std::cell::OnceCell;
use std::rc::Rc;

/// A table for which no row was found.
#[derive(Clone, Debug)]
pub(crate) struct Empty {
    pub(crate) table: String,
    /// The table whose constraints are the reason: this one, or one that it refers to.
    pub(crate) root: String,
}

/// Fills every table whose rows matter. Returns the tables that stay empty, because no row was
/// found.
pub(crate) fn fill(
    memory: &Memory,
    catalogue: &Catalogue,
    trial: Trial<'_, '_>,
) -> Result<Vec<Empty>> {
    // Only a trigger can write to a table other than the filled one.
    let mut triggers = catalogue.objects().filter(|it| it.kind == Kind::Trigger);
    let writes_elsewhere = triggers.any(|it| it.tokens.iter().any(|token| token == "insert"));
    let filling = Filling {
        memory,
        catalogue,
        hints: trial.hints,
        set: trial.rows,
        script: Some(&trial.subject.up),
    };
    let may_have_rows = |it: &Object| writes_elsewhere || trial.filled.contains(&it.table);
    let wanted = |it: &Object| trial.needs_rows(it) && trial.rows.of(&it.table) != RowKind::Empty;
    filling.fill(&wanted, &may_have_rows)
}

/// Fills the tables that an up has created, for its down.
pub(crate) fn fill_new(
    memory: &Memory,
    before: &Catalogue,
    after: &Catalogue,
    hints: &Hints,
) -> Result<Vec<Empty>> {
    let filling = Filling {
        memory,
        catalogue: after,
        hints,
        set: &RowSet::USUAL,
        script: None,
    };
    filling.fill(&|it| before.table(&it.table).is_none(), &|_| true)
}

/// A predicate on a table.
type Question<'q> = &'q dyn Fn(&Object) -> bool;

/// The input for filling tables.
#[derive(Clone, Copy)]
struct Filling<'f> {
    memory: &'f Memory,
    catalogue: &'f Catalogue,
    hints: &'f Hints,
    set: &'f RowSet,
    /// The script that runs on the rows, and may insert fixed keys.
    script: Option<&'f Part<'f>>,
}

impl Filling<'_> {
    fn fill(self, wanted: Question<'_>, may_have_rows: Question<'_>) -> Result<Vec<Empty>> {
        let mut empty: Vec<Rc<Object>> = Vec::new();
        let conn = &self.memory.conn;
        // Triggers fill full-text indexes of other tables.
        let is_filled = |it: &Object| {
            matches!(it.kind, Kind::Table | Kind::Virtual) && !has_outside_content(it) && wanted(it)
        };
        let tables: Vec<&Rc<Object>> = self
            .catalogue
            .objects()
            .filter(|it| is_filled(it))
            .collect();
        if tables.is_empty() {
            return Ok(Vec::new());
        }
        conn.execute_batch("BEGIN")?;
        for object in parents_first(conn, self.catalogue, &tables, self.hints)? {
            if !is_filled(&object) {
                continue;
            }
            let there = if may_have_rows(&object) {
                count(self.memory, &object)?
            } else {
                0
            };
            let has_row = self.fill_table(&object, there)?;
            // Many virtual tables are read-only.
            if !has_row && object.kind == Kind::Table {
                empty.push(object);
            }
        }
        // A conflict clause of the schema may have ended the transaction.
        if !conn.is_autocommit() {
            conn.execute_batch("COMMIT")?;
        }
        self.with_roots(&empty)
    }

    /// Each empty table, with the one that is the reason: a table to which it refers, directly or
    /// not, or itself.
    fn with_roots(self, empty: &[Rc<Object>]) -> Result<Vec<Empty>> {
        let mut found: Vec<Empty> = Vec::new();
        // Parents come first.
        for object in empty {
            let table = &recipe(&self.memory.conn, object, self.hints)?.table;
            let parent = found.iter().find(|it| table.refers_to(&it.table));
            let root = parent.map_or(&object.name, |it| &it.root).clone();
            let table = object.name.clone();
            found.push(Empty { table, root });
        }
        Ok(found)
    }

    /// Returns whether the table has a row.
    fn fill_table(self, object: &Object, there: usize) -> Result<bool> {
        let conn = &self.memory.conn;
        let mut recipe = recipe(conn, object, self.hints)?;
        if self.set.has_json {
            recipe = Rc::new(recipe.with_json());
        }
        if recipe.hints.is_empty() {
            return Ok(there > 0);
        }
        let mut has_row = false;
        if self.set.of(&object.table) == RowKind::Careful && object.kind == Kind::Table {
            has_row = self.fill_carefully(object, &recipe, there > 0)?;
        }
        let has_row = has_row || self.fill_usually(object, &recipe, there)? || there > 0;
        if has_row && object.tokens.iter().any(|word| word == "autoincrement") {
            // Rows with higher keys have been deleted.
            let sql = "UPDATE main.sqlite_sequence SET seq = seq + 1000 WHERE name = ?1";
            conn.execute(sql, [&object.name])?;
        }
        Ok(has_row)
    }

    /// Inserts careful rows. Returns whether the table accepts one.
    fn fill_carefully(self, object: &Object, recipe: &Recipe, is_filled: bool) -> Result<bool> {
        let conn = &self.memory.conn;
        let Recipe { table, hints, .. } = recipe;
        let has_rowid = object.kind == Kind::Table && table.has_hidden_rowid();
        let sql = insertion(object, table, has_rowid);
        let Ok(mut statement) = conn.prepare(&sql) else {
            return Ok(false);
        };
        let rows = recipe.careful.get_or_init(|| careful::rows(table, hints));
        let mut is_unique = false;
        let known = self.first_row(object, table, is_filled)?;
        // The key of a row may be that of its parent.
        let is_own = |it: &Column| !table.references.iter().any(|of| of.from.contains(&it.name));
        let rowid = table
            .insertable()
            .position(|it| table.is_rowid(it) && is_own(it));
        let fixed = self.script.filter(|_| !is_filled && rowid.is_some());
        let fixed = fixed.map_or(Vec::new(), |it| {
            careful::fixed_keys(it, &object.name, table)
        });
        let mut parents = Parents::of(conn, table)?;
        let circumstances = Circumstances::new(self.catalogue, object, &parents, &fixed);
        // Rows of migrations are there already, so the search may end otherwise.
        let is_new = !is_filled;
        let before = is_new.then(|| recipe.found.get(&circumstances)).flatten();
        let mut found = Vec::new();
        let mut has_row = false;
        // The last row is like the first one again. With a key of several columns, row 1 differs
        // from it in the first of them, and this one in the last.
        let all = rows.iter().chain(rows.first());
        for (row, values) in all.enumerate() {
            if let Some(before) = &before {
                let Some(values) = before.get(row) else {
                    break;
                };
                let again = values
                    .as_ref()
                    .map(|it| statement.execute(params_from_iter(it)));
                match again {
                    None => continue,
                    Some(Ok(_)) => {
                        has_row = true;
                        continue;
                    }
                    // Another table that a trigger looks at may have changed.
                    Some(Err(_)) => {}
                }
            }
            let is_again = row == rows.len();
            if is_again && !is_unique {
                break;
            }
            if row > 0 && table.refers_to(&object.name) {
                parents = Parents::of(conn, table)?;
            }
            if conn.is_autocommit() {
                conn.execute_batch("BEGIN")?;
            }
            let key = vec![Value::Integer(careful::key(row, &fixed))];
            let mut attempt = |others: &dyn Fn(&Column, &Hint) -> Vec<Value>| {
                let columns = table.insertable().zip(hints);
                let mut candidates: Vec<Vec<Value>> = values
                    .iter()
                    .zip(columns)
                    .enumerate()
                    .map(|(at, (best, (column, hint)))| {
                        let is_known = column.kind.is_empty()
                            && *best != Value::Null
                            && !careful::is_identity(column);
                        let known = known.get(at).filter(|_| is_known);
                        let mut all = vec![known.unwrap_or(best).clone()];
                        all.extend(others(column, hint));
                        all
                    })
                    .collect();
                for parents in &parents {
                    let choice = (careful::parent(row), row == careful::NULLS);
                    parents.choose(table, choice, &mut candidates);
                }
                if let Some(at) = rowid {
                    candidates[at].splice(..1, key.clone());
                }
                if has_rowid {
                    candidates.push(key.clone());
                }
                let order = Order {
                    first: &recipe.checked,
                    is_reversed: is_again,
                    has_row,
                };
                insert((conn, &mut statement), table, &candidates, order)
            };
            let usual = |column: &Column, hint: &Hint| {
                let mut values = guesses(table, column, careful::turn(row), hint);
                values.retain(|it| hint.nature.suits(it));
                values
            };
            let inserted = match attempt(&|_, _| Vec::new())? {
                None => {
                    is_unique |= row == 1;
                    attempt(&usual)?
                }
                inserted => inserted,
            };
            has_row |= inserted.is_some();
            found.push(inserted);
            if row > 0 && !has_row {
                break;
            }
        }
        if is_new && before.is_none() {
            recipe.found.keep(circumstances, found);
        }
        Ok(has_row)
    }

    /// The values of a row of the table, if it has columns without a type: they suggest one.
    fn first_row(self, object: &Object, table: &Table, is_filled: bool) -> Result<Vec<Value>> {
        let mut columns = table.insertable();
        if !is_filled || columns.all(|it| !it.kind.is_empty()) {
            return Ok(Vec::new());
        }
        let columns: Vec<String> = table.insertable().map(|it| quote(&it.name)).collect();
        let list = columns.join(", ");
        let sql = format!("SELECT {list} FROM main.{} LIMIT 1", quote(&object.name));
        let read = |row: &Row<'_>| Ok(values(row, columns.len()));
        let row = self.memory.conn.query_row(&sql, [], read).optional()?;
        Ok(row.unwrap_or_default())
    }

    fn fill_usually(self, object: &Object, recipe: &Recipe, there: usize) -> Result<bool> {
        let conn = &self.memory.conn;
        let Recipe { table, hints, .. } = recipe;
        let Ok(mut statement) = conn.prepare(&recipe.sql) else {
            return Ok(false);
        };
        let mut has_row = false;
        let mut parents = Vec::new();
        for row in there..self.set.of(&object.table).rows() {
            // In a table that refers to itself, each new row is another parent.
            if row == there || table.refers_to(&object.name) {
                parents = Parents::of(conn, table)?;
            }
            // A conflict clause of the schema may end the transaction.
            if conn.is_autocommit() {
                conn.execute_batch("BEGIN")?;
            }
            // The best values come first, and the others only if those are refused.
            let mut attempt = |values: &dyn Fn(&Column, &Hint) -> Vec<Value>| -> Result<bool> {
                let columns = table.insertable().zip(hints);
                let mut candidates: Vec<_> = columns.map(|(it, hint)| values(it, hint)).collect();
                for parents in &parents {
                    parents.choose(table, (row, row + 1 == ROWS), &mut candidates);
                }
                let order = Order {
                    first: &recipe.checked,
                    is_reversed: false,
                    has_row,
                };
                let target = (conn, &mut statement);
                Ok(insert(target, table, &candidates, order)?.is_some())
            };
            if attempt(&|it, hint| vec![best(table, it, row, hint)])?
                || attempt(&|it, hint| guesses(table, it, row, hint))?
            {
                has_row = true;
            } else if row > there {
                break;
            }
        }
        Ok(has_row)
    }
}

/// The number of rows of a table, at most the wanted number.
fn count(memory: &Memory, object: &Object) -> Result<usize> {
    let name = quote(&object.name);
    let there = memory.number(&format!(
        "SELECT count(*) FROM (SELECT 1 FROM main.{name} LIMIT {ROWS})"
    ))?;
    Ok(usize::try_from(there).unwrap_or(ROWS))
}

/// The recipe for the rows of a table, which is computed once.
pub(crate) fn recipe(conn: &Connection, object: &Object, hints: &Hints) -> Result<Rc<Recipe>> {
    if let Some(known) = hints.recipe(object) {
        return Ok(known);
    }
    let table = Table::read(conn, object)?;
    let of_columns = hints.of(object, &table);
    let with_literals = of_columns.iter().enumerate();
    let with_literals = with_literals.filter(|(_, it)| !it.literals.is_empty());
    let recipe = Recipe {
        sql: insertion(object, &table, false),
        checked: with_literals.map(|(at, _)| at).collect(),
        hints: of_columns,
        careful: OnceCell::new(),
        found: Found::default(),
        table,
    };
    Ok(hints.keep_recipe(object, recipe))
}

/// The `INSERT` of one row, with its rowid last.
fn insertion(object: &Object, table: &Table, has_rowid: bool) -> String {
    let mut columns: Vec<String> = table.insertable().map(|it| quote(&it.name)).collect();
    columns.extend(has_rowid.then(|| "rowid".to_owned()));
    format!(
        "INSERT INTO main.{}({}) VALUES ({})",
        quote(&object.name),
        columns.join(", "),
        vec!["?"; columns.len()].join(", ")
    )
}
