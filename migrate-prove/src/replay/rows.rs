//! Rows for tables: guessed from their constraints, found by trial, and the same each time.

mod guess;
mod hints;

pub(crate) use hints::Hints;

use crate::replay::catalogue::{Catalogue, Kind, Object};
use crate::replay::memory::Memory;
use crate::replay::scratch::has_outside_content;
use crate::replay::table::{Column, Reference, Table, primary_key};
use crate::replay::trial::Trial;
use guess::{best, guesses};
use hints::{Hint, Recipe};
use migrate_scan::sqlite::quote;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, Result, Statement};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The number of rows that each table gets.
const ROWS: usize = 3;

/// The number of attempts to insert a row, each with different values.
const TRIES: usize = 120;

/// Fills every table whose rows matter. Returns the tables that stay empty, because no row was
/// found.
pub(crate) fn fill(
    memory: &Memory,
    catalogue: &Catalogue,
    trial: Trial<'_, '_>,
) -> Result<Vec<String>> {
    // Only a trigger can write to a table other than the filled one.
    let mut triggers = catalogue.objects().filter(|it| it.kind == Kind::Trigger);
    let writes_elsewhere = triggers.any(|it| it.tokens.iter().any(|token| token == "insert"));
    let may_have_rows = |it: &Object| writes_elsewhere || trial.filled.contains(&it.table);
    let wanted = |it: &Object| trial.needs_rows(it);
    fill_some(memory, catalogue, trial.hints, (&wanted, &may_have_rows))
}

/// Fills the tables that an up has created, for its down.
pub(crate) fn fill_new(
    memory: &Memory,
    before: &Catalogue,
    after: &Catalogue,
    hints: &Hints,
) -> Result<Vec<String>> {
    let wanted = |it: &Object| before.table(&it.table).is_none();
    fill_some(memory, after, hints, (&wanted, &|_| true))
}

/// A predicate on a table.
type Question<'q> = &'q dyn Fn(&Object) -> bool;

fn fill_some(
    memory: &Memory,
    catalogue: &Catalogue,
    hints: &Hints,
    (wanted, may_have_rows): (Question<'_>, Question<'_>),
) -> Result<Vec<String>> {
    let mut empty = Vec::new();
    // Triggers fill full-text indexes of other tables.
    let is_filled = |it: &Object| {
        matches!(it.kind, Kind::Table | Kind::Virtual) && !has_outside_content(it) && wanted(it)
    };
    let tables: Vec<&Rc<Object>> = catalogue.objects().filter(|it| is_filled(it)).collect();
    if tables.is_empty() {
        return Ok(empty);
    }
    memory.conn.execute_batch("BEGIN")?;
    for object in parents_first(&memory.conn, catalogue, &tables, hints)? {
        if !is_filled(&object) {
            continue;
        }
        let there = if may_have_rows(&object) {
            count(memory, &object)?
        } else {
            0
        };
        let has_row = there >= ROWS || fill_table(&memory.conn, &object, hints, there)?;
        // Many virtual tables are read-only.
        if !has_row && object.kind == Kind::Table {
            empty.push(object.name.clone());
        }
    }
    // A conflict clause of the schema may have ended the transaction.
    if !memory.conn.is_autocommit() {
        memory.conn.execute_batch("COMMIT")?;
    }
    Ok(empty)
}

/// The number of rows of a table, at most the wanted number.
fn count(memory: &Memory, object: &Object) -> Result<usize> {
    let name = quote(&object.name);
    let there = memory.number(&format!(
        "SELECT count(*) FROM (SELECT 1 FROM main.{name} LIMIT {ROWS})"
    ))?;
    Ok(usize::try_from(there).unwrap_or(ROWS))
}

/// The tables in an order in which each comes after the tables that it refers to, as far as
/// possible.
fn parents_first(
    conn: &Connection,
    catalogue: &Catalogue,
    tables: &[&Rc<Object>],
    hints: &Hints,
) -> Result<Vec<Rc<Object>>> {
    let mut ordered = Vec::new();
    let mut seen = BTreeSet::new();
    let tables = tables.iter().rev();
    let mut waiting: Vec<(Rc<Object>, bool)> = tables.map(|it| (Rc::clone(it), false)).collect();
    while let Some((object, has_parents)) = waiting.pop() {
        if has_parents {
            ordered.push(object);
            continue;
        }
        if !seen.insert(object.place) {
            continue;
        }
        waiting.push((Rc::clone(&object), true));
        if !object.has_references() {
            continue;
        }
        for reference in &recipe(conn, &object, hints)?.table.references {
            if let Some(parent) = catalogue.table(&reference.parent.to_ascii_lowercase()) {
                waiting.push((Rc::clone(parent), false));
            }
        }
    }
    Ok(ordered)
}

/// The recipe for the rows of a table, which is computed once.
pub(crate) fn recipe(conn: &Connection, object: &Object, hints: &Hints) -> Result<Rc<Recipe>> {
    if let Some(known) = hints.recipe(object) {
        return Ok(known);
    }
    let table = Table::read(conn, object)?;
    let columns: Vec<String> = table.insertable().map(|it| quote(&it.name)).collect();
    let sql = format!(
        "INSERT INTO main.{}({}) VALUES ({})",
        quote(&object.name),
        columns.join(", "),
        vec!["?"; columns.len()].join(", ")
    );
    let recipe = Recipe {
        sql,
        hints: hints.of(object, &table),
        table,
    };
    Ok(hints.keep_recipe(object, recipe))
}

/// Returns whether the table has a row.
fn fill_table(conn: &Connection, object: &Object, hints: &Hints, there: usize) -> Result<bool> {
    let recipe = recipe(conn, object, hints)?;
    let mut has_row = there > 0;
    if recipe.hints.is_empty() {
        return Ok(has_row);
    }
    let Ok(mut statement) = conn.prepare(&recipe.sql) else {
        return Ok(has_row);
    };
    let mut parents = Vec::new();
    for row in there..ROWS {
        // In a table that refers to itself, each new row is another parent.
        if row == there || recipe.table.refers_to(&object.name) {
            let references = recipe.table.references.iter();
            let found = references.map(|it| self::parents(conn, &recipe.table, it));
            parents = found.collect::<Result<_>>()?;
        }
        // A conflict clause of the schema may end the transaction.
        if conn.is_autocommit() {
            conn.execute_batch("BEGIN")?;
        }
        if insert_row((conn, &mut statement), &recipe, &parents, row)? {
            has_row = true;
        } else if row > there {
            break;
        }
    }
    Ok(has_row)
}

/// Tries the best values, and the others only if those are refused.
fn insert_row(
    (conn, statement): (&Connection, &mut Statement<'_>),
    recipe: &Recipe,
    parents: &[Parents],
    row: usize,
) -> Result<bool> {
    let Recipe { hints, table, .. } = recipe;
    let mut attempt = |values: &dyn Fn(&Column, &Hint) -> Vec<Value>| {
        let columns = table.insertable().zip(hints);
        let mut candidates: Vec<_> = columns.map(|(it, hint)| values(it, hint)).collect();
        take_from_parents(table, parents, row, &mut candidates);
        insert((conn, statement), table, &candidates)
    };
    Ok(attempt(&|it, hint| vec![best(table, it, row, hint)])?
        || attempt(&|it, hint| guesses(table, it, row, hint))?)
}

/// The rows to which a foreign key can refer.
struct Parents {
    /// The columns of the child, as indexes into the insertable columns.
    own: Vec<usize>,
    /// The values of the first rows of the parent.
    rows: Vec<Vec<Value>>,
}

fn parents(conn: &Connection, table: &Table, reference: &Reference) -> Result<Parents> {
    let keys = if reference.to.is_empty() {
        primary_key(conn, &reference.parent)?
    } else {
        reference.to.clone()
    };
    let selected: Vec<String> = if keys.len() == reference.from.len() {
        keys.iter().map(|it| quote(it)).collect()
    } else {
        // The parent does not exist, or the foreign key is invalid.
        reference.from.iter().map(|_| "NULL".to_owned()).collect()
    };
    let sql = format!(
        "SELECT {} FROM main.{} LIMIT {ROWS}",
        selected.join(", "),
        quote(&reference.parent)
    );
    let mut parents: Vec<Vec<Value>> = Vec::new();
    // A missing parent is reported elsewhere, or was not copied.
    if let Ok(mut statement) = conn.prepare_cached(&sql) {
        let mut rows = statement.query([])?;
        while let Some(found) = rows.next()? {
            let values = (0..selected.len()).map(|at| found.get(at));
            parents.push(values.collect::<Result<_>>()?);
        }
    }
    let own = reference.from.iter().filter_map(|name| {
        let mut columns = table.insertable();
        columns.position(|it| it.name.eq_ignore_ascii_case(name))
    });
    Ok(Parents {
        own: own.collect(),
        rows: parents,
    })
}

/// Gives the columns of a foreign key the values of an existing row.
fn take_from_parents(
    table: &Table,
    parents: &[Parents],
    row: usize,
    candidates: &mut [Vec<Value>],
) {
    for Parents { own, rows } in parents {
        for (at, index) in own.iter().enumerate() {
            let mut columns = table.insertable();
            let may_be_null = columns.nth(*index).is_some_and(|it| !it.is_not_null);
            let mut values: Vec<Value> = (0..rows.len())
                .filter_map(|offset| rows[(row + offset) % rows.len()].get(at).cloned())
                .collect();
            values.dedup();
            if may_be_null && (values.is_empty() || row + 1 == ROWS) {
                values.insert(0, Value::Null);
            }
            if !values.is_empty() {
                candidates[*index] = values;
            }
        }
    }
}

/// Tries the first candidate of each column, then others for the columns that the error names.
fn insert(
    (conn, statement): (&Connection, &mut Statement<'_>),
    table: &Table,
    candidates: &[Vec<Value>],
) -> Result<bool> {
    let mut chosen = vec![0; candidates.len()];
    let mut varied: Vec<usize> = Vec::new();
    for _ in 0..TRIES {
        let culprits;
        let values = chosen.iter().zip(candidates);
        let values = values.filter_map(|(at, values)| values.get(*at));
        match statement.execute(rusqlite::params_from_iter(values)) {
            Ok(_) => return Ok(true),
            Err(error) => {
                let Some(message) = about_values(&error) else {
                    return Err(error);
                };
                if conn.is_autocommit() {
                    return Ok(false);
                }
                culprits = blamed(&message, table);
                for column in &culprits {
                    if !varied.contains(column) {
                        varied.push(*column);
                    }
                }
            }
        }
        // The other columns keep their values as long as these have another candidate.
        if !advance(&mut chosen, &culprits, candidates)
            && !advance(&mut chosen, &varied, candidates)
        {
            return Ok(false);
        }
    }
    Ok(false)
}

/// The message of an error that other values might avoid.
fn about_values(error: &rusqlite::Error) -> Option<String> {
    let rusqlite::Error::SqliteFailure(error, message) = error else {
        return None;
    };
    let is_about_values = matches!(
        error.code,
        ErrorCode::ConstraintViolation
            | ErrorCode::Unknown
            | ErrorCode::TypeMismatch
            | ErrorCode::TooBig
            | ErrorCode::OperationInterrupted
    );
    is_about_values.then(|| message.clone().unwrap_or_default())
}

/// The columns that an error names; all of them if it names none.
fn blamed(message: &str, table: &Table) -> Vec<usize> {
    let words = crate::replay::catalogue::tokens(message);
    let columns = table.insertable().map(|it| it.name.to_ascii_lowercase());
    let named: Vec<usize> = columns
        .enumerate()
        .filter(|(_, name)| words.contains(name))
        .map(|(at, _)| at)
        .collect();
    if named.is_empty() {
        (0..table.insertable().count()).collect()
    } else {
        named
    }
}

/// The next combination of the columns that vary.
fn advance(chosen: &mut [usize], varied: &[usize], candidates: &[Vec<Value>]) -> bool {
    for &column in varied {
        chosen[column] += 1;
        if chosen[column] < candidates[column].len() {
            return true;
        }
        chosen[column] = 0;
    }
    false
}
