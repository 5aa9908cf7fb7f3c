//! Rows for tables: made of what their constraints seem to want, tried out, and
//! the same each time.

mod guess;
mod hints;

pub(crate) use hints::Hints;

use crate::catalogue::{Catalogue, Kind, Object};
use crate::memory::Memory;
use crate::scratch::has_outside_content;
use crate::table::{Reference, Table};
use guess::{best, guesses};
use hints::Recipe;
use migrate_core::sqlite::quote;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, Result};
use std::collections::BTreeSet;
use std::rc::Rc;

/// How many rows a table is to have.
const ROWS: usize = 3;

/// How often a row is tried with other values.
const TRIES: usize = 120;

/// Fills every table up; returns those for which no row could be made.
pub(crate) fn fill(memory: &Memory, catalogue: &Catalogue, hints: &Hints) -> Result<Vec<String>> {
    let mut without = Vec::new();
    memory.conn.execute_batch("BEGIN")?;
    for object in parents_first(&memory.conn, catalogue)? {
        // Triggers fill those.
        if has_outside_content(&object) {
            continue;
        }
        if !fill_table(memory, &object, hints)? {
            without.push(object.name.clone());
        }
    }
    // A conflict clause of the schema may have ended the transaction.
    if !memory.conn.is_autocommit() {
        memory.conn.execute_batch("COMMIT")?;
    }
    Ok(without)
}

/// The tables in an order in which each comes behind those that it refers to,
/// as far as there is one.
fn parents_first(conn: &Connection, catalogue: &Catalogue) -> Result<Vec<Rc<Object>>> {
    let mut ordered = Vec::new();
    let mut seen = BTreeSet::new();
    let tables = catalogue
        .objects()
        .filter(|it| matches!(it.kind, Kind::Table | Kind::Virtual));
    let mut waiting: Vec<(Rc<Object>, bool)> = tables.map(|it| (Rc::clone(it), false)).collect();
    waiting.reverse();
    while let Some((object, has_parents)) = waiting.pop() {
        if has_parents {
            ordered.push(object);
            continue;
        }
        if !seen.insert(object.place) {
            continue;
        }
        waiting.push((Rc::clone(&object), true));
        if !object.tokens.iter().any(|token| token == "references") {
            continue;
        }
        for reference in crate::table::references(conn, &object.name)? {
            if let Some(parent) = catalogue.table(&reference.parent.to_ascii_lowercase()) {
                waiting.push((Rc::clone(parent), false));
            }
        }
    }
    Ok(ordered)
}

/// Returns whether the table has a row.
fn fill_table(memory: &Memory, object: &Object, hints: &Hints) -> Result<bool> {
    let conn = &memory.conn;
    let name = quote(&object.name);
    let there = memory.number(&format!(
        "SELECT count(*) FROM (SELECT 1 FROM main.{name} LIMIT {ROWS})"
    ))?;
    let there = usize::try_from(there).unwrap_or(ROWS);
    if there >= ROWS {
        return Ok(true);
    }
    let recipe = match hints.recipe(object) {
        Some(recipe) => recipe,
        None => {
            let table = Table::read(conn, object)?;
            let columns: Vec<String> = table.insertable().map(|it| quote(&it.name)).collect();
            hints.keep_recipe(
                object,
                Recipe {
                    sql: format!(
                        "INSERT INTO main.{name}({}) VALUES ({})",
                        columns.join(", "),
                        vec!["?"; columns.len()].join(", ")
                    ),
                    hints: table.insertable().map(|it| hints.of(object, it)).collect(),
                    table,
                },
            )
        }
    };
    if recipe.hints.is_empty() {
        return Ok(there > 0);
    }
    let mut has_row = there > 0;
    for row in there..ROWS {
        // A conflict clause of the schema may end the transaction.
        if conn.is_autocommit() {
            conn.execute_batch("BEGIN")?;
        }
        if insert_row(conn, &recipe, row)? {
            has_row = true;
        } else if row > there {
            break;
        }
    }
    Ok(has_row)
}

/// Tries the best values, and all others only if those are refused.
fn insert_row(conn: &Connection, recipe: &Recipe, row: usize) -> Result<bool> {
    let Recipe { sql, hints, table } = recipe;
    let columns = || table.insertable().zip(hints);
    let mut candidates: Vec<Vec<Value>> = columns()
        .map(|(column, hint)| vec![best(table, column, row, hint)])
        .collect();
    let may_be_null: Vec<bool> = table.insertable().map(|it| !it.is_not_null).collect();
    for reference in &table.references {
        take_from_parent(conn, table, reference, row, &may_be_null, &mut candidates)?;
    }
    if insert(conn, sql, table, &candidates)? {
        return Ok(true);
    }
    let mut candidates: Vec<Vec<Value>> = columns()
        .map(|(column, hint)| guesses(table, column, row, hint))
        .collect();
    for reference in &table.references {
        take_from_parent(conn, table, reference, row, &may_be_null, &mut candidates)?;
    }
    insert(conn, sql, table, &candidates)
}

/// The columns of a foreign key take the values of a row that there is.
fn take_from_parent(
    conn: &Connection,
    table: &Table,
    reference: &Reference,
    row: usize,
    may_be_null: &[bool],
    candidates: &mut [Vec<Value>],
) -> Result<()> {
    let keys = match reference.to.is_empty() {
        false => reference.to.clone(),
        true => primary_key(conn, &reference.parent)?,
    };
    let list: Vec<String> = keys.iter().map(|it| quote(it)).collect();
    let list = match list.len() == reference.from.len() {
        true => list,
        // It is not there, or not a parent that this could refer to.
        false => reference.from.iter().map(|_| "NULL".to_owned()).collect(),
    };
    let sql = format!(
        "SELECT {} FROM main.{} LIMIT {ROWS}",
        list.join(", "),
        quote(&reference.parent)
    );
    let mut parents: Vec<Vec<Value>> = Vec::new();
    // That one does not exist is found elsewhere; or it was not copied.
    if let Ok(mut statement) = conn.prepare_cached(&sql) {
        let mut rows = statement.query([])?;
        while let Some(found) = rows.next()? {
            let values = (0..list.len()).map(|at| found.get(at));
            parents.push(values.collect::<Result<_>>()?);
        }
    }
    let own: Vec<usize> = reference
        .from
        .iter()
        .filter_map(|name| {
            let mut columns = table.insertable();
            columns.position(|it| it.name.eq_ignore_ascii_case(name))
        })
        .collect();
    for (at, index) in own.iter().enumerate() {
        let may_be_null = may_be_null[*index];
        let mut values: Vec<Value> = (0..parents.len())
            .filter_map(|offset| parents[(row + offset) % parents.len()].get(at).cloned())
            .collect();
        values.dedup();
        if may_be_null && (values.is_empty() || row + 1 == ROWS) {
            values.insert(0, Value::Null);
        }
        if !values.is_empty() {
            candidates[*index] = values;
        }
    }
    Ok(())
}

fn primary_key(conn: &Connection, table: &str) -> Result<Vec<String>> {
    conn.prepare_cached("SELECT name FROM pragma_table_info(?1, 'main') WHERE pk > 0 ORDER BY pk")?
        .query_map([table], |row| row.get(0))?
        .collect()
}

/// Tries the first candidate of each column, then others of those that the
/// error is about.
fn insert(conn: &Connection, sql: &str, table: &Table, candidates: &[Vec<Value>]) -> Result<bool> {
    let names: Vec<String> = table
        .insertable()
        .map(|it| it.name.to_ascii_lowercase())
        .collect();
    let Ok(mut statement) = conn.prepare(sql) else {
        return Ok(false);
    };
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
                culprits = blamed(&message, &names);
                for column in &culprits {
                    if !varied.contains(column) {
                        varied.push(*column);
                    }
                }
            }
        }
        // What satisfies the other constraints stays, as long as there is another
        // value for these.
        if !advance(&mut chosen, &culprits, candidates)
            && !advance(&mut chosen, &varied, candidates)
        {
            return Ok(false);
        }
    }
    Ok(false)
}

/// The message of an error that other values may avoid.
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
fn blamed(message: &str, names: &[String]) -> Vec<usize> {
    let words = crate::catalogue::tokens(message);
    let named: Vec<usize> = (0..names.len())
        .filter(|at| words.contains(&names[*at]))
        .collect();
    match named.is_empty() {
        true => (0..names.len()).collect(),
        false => named,
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
