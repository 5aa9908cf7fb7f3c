//! The integrity checks before each commit. SQLite accepts broken references, and
//! views, triggers and foreign keys that cannot be used, and fails later.

mod checker;
mod code;
mod missing_tables;
mod problems;
mod references;

pub use checker::Checker;
pub use missing_tables::MissingTables;
pub use problems::{Object, Problem, Problems, Violation};
pub use references::ineffective_action;

use code::Code;
use migrate_scan::sqlite::quote;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode, Result, Row, params_from_iter};
use std::collections::BTreeSet;

/// Finds all problems of the main database.
///
/// `elsewhere` names, in lower case, the tables that this database lacks because
/// it is a partial copy of another one. References to them are not checked.
///
/// # Errors
///
/// Fails if the database cannot be read.
pub fn check(conn: &Connection, elsewhere: &BTreeSet<String>) -> Result<Problems> {
    let tables = tables(conn)?;
    let mut problems = Problems::default();
    if tables.iter().any(Table::has_references) {
        foreign_keys(conn, elsewhere, &tables, &mut problems)?;
        missing_parents(conn, elsewhere, &tables, &mut problems)?;
    }
    let mut code = Code::default();
    code.read(conn)?;
    code.compile(conn, &|_| true, &mut |object, name, message| {
        problems.add(object, name, message);
    })?;
    Ok(problems)
}

/// The tables and views of the main database that a temporary one of the same
/// name hides. SQLite looks in the temporary schema first, so a migration would
/// read and write data that is gone when the connection closes. The history table
/// is left out, because it is always qualified with its schema.
///
/// # Errors
///
/// Fails if the database cannot be read.
pub fn hidden(conn: &Connection, history: &str) -> Result<Vec<String>> {
    let sql = "SELECT name FROM temp.sqlite_schema \
               WHERE type IN ('table', 'view') AND name <> ?1 COLLATE NOCASE \
               AND name COLLATE NOCASE IN \
               (SELECT name FROM main.sqlite_schema WHERE type IN ('table', 'view')) ORDER BY name";
    let mut names = Vec::new();
    each(conn, sql, &[history], &mut |row| {
        names.push(row.get(0)?);
        Ok(())
    })?;
    Ok(names)
}

/// A table of the main database.
struct Table {
    name: String,
    sql: String,
}

impl Table {
    /// Whether it may have a foreign key: every foreign key contains this word.
    fn has_references(&self) -> bool {
        self.sql.to_ascii_lowercase().contains("references")
    }
}

fn tables(conn: &Connection) -> Result<Vec<Table>> {
    let sql = "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut tables = Vec::new();
    each(conn, sql, &[], &mut |row| {
        tables.push(Table {
            name: text(row, 0)?,
            sql: text(row, 1)?,
        });
        Ok(())
    })?;
    Ok(tables)
}

fn foreign_keys(
    conn: &Connection,
    elsewhere: &BTreeSet<String>,
    tables: &[Table],
    problems: &mut Problems,
) -> Result<()> {
    all_violations(conn, elsewhere, tables, problems)?;
    if !problems.violations.is_empty() {
        let sql = "SELECT name, rootpage FROM main.sqlite_schema \
                   WHERE type = 'table' AND rootpage > 0";
        each(conn, sql, &[], &mut |row| {
            let name = text(row, 0)?.to_ascii_lowercase();
            problems.roots.insert(name, row.get(1)?);
            Ok(())
        })?;
    }
    Ok(())
}

fn all_violations(
    conn: &Connection,
    elsewhere: &BTreeSet<String>,
    tables: &[Table],
    problems: &mut Problems,
) -> Result<()> {
    // One foreign key that cannot be checked stops the check of every table, so
    // each table is checked separately. Any other error, such as a disk error,
    // may have ended the transaction.
    match violations(conn, elsewhere, "PRAGMA main.foreign_key_check", problems) {
        Ok(()) => return Ok(()),
        Err(error) => drop(message(error)?),
    }
    problems.violations.clear();
    for Table { name: table, .. } in tables {
        let check = format!("PRAGMA main.foreign_key_check({})", quote(table));
        if let Err(error) = violations(conn, elsewhere, &check, problems) {
            problems.add(Object::Table, table, message(error)?);
        }
    }
    Ok(())
}

fn violations(
    conn: &Connection,
    elsewhere: &BTreeSet<String>,
    check: &str,
    problems: &mut Problems,
) -> Result<()> {
    each(conn, check, &[], &mut |row| {
        let violation = Violation {
            table: text(row, 0)?,
            parent: text(row, 2)?,
            rowid: row.get(1)?,
        };
        if !is_among(elsewhere, &violation.parent) {
            *problems.violations.entry(violation).or_default() += 1;
        }
        Ok(())
    })
}

/// If the child table is empty, `foreign_key_check` does not report a parent that
/// does not exist.
fn missing_parents(
    conn: &Connection,
    elsewhere: &BTreeSet<String>,
    tables: &[Table],
    problems: &mut Problems,
) -> Result<()> {
    // Names are compared up to ASCII case, even if the application has replaced
    // SQL's `lower`.
    let names: BTreeSet<String> = tables
        .iter()
        .map(|table| table.name.to_ascii_lowercase())
        .collect();
    for child in tables.iter().filter(|it| it.has_references()) {
        let child = &child.name;
        let keys = format!("PRAGMA main.foreign_key_list({})", quote(child));
        each(conn, &keys, &[], &mut |row| {
            let parent = text(row, 2)?;
            let is_there = names.contains(&parent.to_ascii_lowercase());
            if !is_there && !is_among(elsewhere, &parent) {
                let message = format!("refers to the table `{parent}`, which does not exist");
                problems.add(Object::Reference, child, message);
                problems.missing.insert(parent.to_ascii_lowercase());
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn is_among(tables: &BTreeSet<String>, name: &str) -> bool {
    !tables.is_empty() && tables.contains(&name.to_ascii_lowercase())
}

/// The text of an error in the SQL itself. Any other error, such as a disk error,
/// is returned.
fn message(error: Error) -> Result<String> {
    match error {
        Error::SqlInputError { msg, .. } => Ok(msg),
        Error::SqliteFailure(inner, Some(message)) if inner.code == ErrorCode::Unknown => {
            Ok(message)
        }
        other => Err(other),
    }
}

/// Calls `read` for every row of a query.
fn each(
    conn: &Connection,
    sql: &str,
    parameters: &[&str],
    read: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query(params_from_iter(parameters))?;
    while let Some(row) = rows.next()? {
        read(row)?;
    }
    Ok(())
}

/// A text value; a damaged schema may hold another type.
fn text(row: &Row<'_>, column: usize) -> Result<String> {
    match row.get_ref(column)? {
        ValueRef::Text(text) => Ok(String::from_utf8_lossy(text).into_owned()),
        _ => Ok(String::new()),
    }
}
