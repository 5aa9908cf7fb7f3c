//! The integrity checks before each commit. SQLite accepts broken references, and
//! views, triggers and foreign keys that cannot be used, and fails later.

mod problems;

pub use problems::{Object, Problem, Problems, Violation};

use migrate_scan::sqlite::{Tokens, quote};
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
    // An object that the catalogue does not contain needs no query.
    let schema = Schema::read(conn)?;
    let mut problems = Problems::default();
    if schema.tables().any(Entry::has_references) {
        foreign_keys(conn, elsewhere, &schema, &mut problems)?;
        missing_parents(conn, elsewhere, &schema, &mut problems)?;
    }
    views(conn, &schema, &mut problems)?;
    triggers(conn, &schema, &mut problems)?;
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

/// The tables, views and triggers of the main database.
struct Schema(Vec<Entry>);

struct Entry {
    kind: String,
    table: String,
    name: String,
    sql: String,
}

impl Schema {
    fn read(conn: &Connection) -> Result<Schema> {
        let sql = "SELECT type, tbl_name, name, sql FROM main.sqlite_schema \
                   WHERE type <> 'index' ORDER BY tbl_name, name";
        let mut entries = Vec::new();
        each(conn, sql, &[], &mut |row| {
            entries.push(Entry {
                kind: text(row, 0)?,
                table: text(row, 1)?,
                name: text(row, 2)?,
                sql: text(row, 3)?,
            });
            Ok(())
        })?;
        Ok(Schema(entries))
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Entry> {
        self.0.iter().filter(move |entry| entry.kind == kind)
    }

    fn tables(&self) -> impl Iterator<Item = &Entry> {
        self.of_kind("table")
    }
}

impl Entry {
    /// Whether it may have a foreign key: every foreign key contains this word.
    fn has_references(&self) -> bool {
        self.sql.to_ascii_lowercase().contains("references")
    }
}

fn foreign_keys(
    conn: &Connection,
    elsewhere: &BTreeSet<String>,
    schema: &Schema,
    problems: &mut Problems,
) -> Result<()> {
    all_violations(conn, elsewhere, schema, problems)?;
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
    schema: &Schema,
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
    for Entry { name: table, .. } in schema.tables() {
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
    schema: &Schema,
    problems: &mut Problems,
) -> Result<()> {
    // Names are compared up to ASCII case, even if the application has replaced
    // SQL's `lower`.
    let tables: BTreeSet<String> = schema
        .tables()
        .map(|table| table.name.to_ascii_lowercase())
        .collect();
    for child in schema.tables().filter(|it| it.has_references()) {
        let child = &child.name;
        let keys = format!("PRAGMA main.foreign_key_list({})", quote(child));
        each(conn, &keys, &[], &mut |row| {
            let parent = text(row, 2)?;
            let is_there = tables.contains(&parent.to_ascii_lowercase());
            if !is_there && !is_among(elsewhere, &parent) {
                let message = format!("refers to the table `{parent}`, which does not exist");
                problems.add(Object::Reference, child, message);
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn is_among(tables: &BTreeSet<String>, name: &str) -> bool {
    !tables.is_empty() && tables.contains(&name.to_ascii_lowercase())
}

fn views(conn: &Connection, schema: &Schema, problems: &mut Problems) -> Result<()> {
    for Entry { name: view, .. } in schema.of_kind("view") {
        let sql = format!("SELECT 1 FROM main.{} LIMIT 0", quote(view));
        if let Some(message) = compile(conn, &sql)? {
            problems.add(Object::View, view, message);
        }
    }
    Ok(())
}

/// Triggers are compiled together with the statement that fires them.
fn triggers(conn: &Connection, schema: &Schema, problems: &mut Problems) -> Result<()> {
    let triggers: Vec<&Entry> = schema.of_kind("trigger").collect();
    for triggers in triggers.chunk_by(|a, b| a.table == b.table) {
        let table = &triggers[0].table;
        for sql in firing(conn, table, triggers)? {
            if let Some(message) = compile(conn, &sql)? {
                let names = triggers.iter().map(|it| it.name.clone()).collect();
                problems.add(Object::Triggers(names), table, message);
            }
        }
    }
    Ok(())
}

/// The statements that fire the triggers of a table.
fn firing(conn: &Connection, name: &str, triggers: &[&Entry]) -> Result<Vec<String>> {
    let table = quote(name);
    let events: Vec<Option<Event>> = triggers.iter().map(|it| event(&it.sql)).collect();
    let fires = |event| events.iter().any(|it| it.is_none_or(|it| it == event));
    let mut statements = Vec::new();
    if fires(Event::Insert) {
        statements.push(format!("INSERT INTO main.{table} DEFAULT VALUES"));
    }
    if fires(Event::Delete) {
        statements.push(format!("DELETE FROM main.{table}"));
    }
    if !fires(Event::Update) {
        return Ok(statements);
    }
    let assignments = updatable(conn, &table)?.into_iter().map(|column| {
        let column = quote(&column);
        format!("{column} = {column}")
    });
    let assignments: Vec<String> = assignments.collect();
    if !assignments.is_empty() {
        let assignments = assignments.join(", ");
        statements.push(format!("UPDATE main.{table} SET {assignments}"));
    }
    Ok(statements)
}

/// The columns that can be assigned: neither hidden nor generated.
fn updatable(conn: &Connection, table: &str) -> Result<Vec<String>> {
    let sql = format!("PRAGMA main.table_xinfo({table})");
    let mut columns = Vec::new();
    let read = each(conn, &sql, &[], &mut |row| {
        if row.get::<_, i64>("hidden")? == 0 {
            columns.push(text(row, 1)?);
        }
        Ok(())
    });
    match read {
        Ok(()) => Ok(columns),
        // The columns of a broken view are not known.
        Err(error) => message(error).map(|_| Vec::new()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Insert,
    Delete,
    Update,
}

/// The event that fires a trigger: the first of these words in its SQL, because a
/// name that is one of them must be quoted.
fn event(sql: &str) -> Option<Event> {
    Tokens::new(sql).find_map(|token| match &sql[token.range] {
        word if word.eq_ignore_ascii_case("insert") => Some(Event::Insert),
        word if word.eq_ignore_ascii_case("delete") => Some(Event::Delete),
        word if word.eq_ignore_ascii_case("update") => Some(Event::Update),
        _ => None,
    })
}

/// The error that preparing a statement gives, if any. The statement never runs.
fn compile(conn: &Connection, sql: &str) -> Result<Option<String>> {
    let Err(error) = conn.prepare(sql).map(drop) else {
        return Ok(None);
    };
    let message = message(error)?;
    // Functions, modules and collations belong to the connection, and another
    // connection may have them. A view without a suitable INSTEAD OF trigger
    // refuses the statement, which is not the fault of its other triggers.
    let is_harmless = message.starts_with("no such function")
        || message.starts_with("unknown function")
        || message.starts_with("no such module")
        || message.starts_with("no such collation")
        || message.contains("because it is a view");
    Ok(if is_harmless { None } else { Some(message) })
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
