//! What a migration may leave behind: no broken reference, and no view,
//! trigger or foreign key that cannot be used. SQLite accepts all of them and
//! fails later, so they are looked for before each commit.

use super::quote;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The problems of a database. Those from before a migration do not count
/// against it.
#[derive(Clone, Debug, Default)]
pub(super) struct Problems {
    /// How often each broken reference occurs; tables without a rowid give
    /// equal descriptions for different rows.
    violations: BTreeMap<String, usize>,
    schema: BTreeSet<String>,
}

impl Problems {
    /// The broken references that `before` did not have.
    pub(super) fn new_violations(&self, before: &Problems) -> Vec<String> {
        self.violations
            .iter()
            .filter(|(what, count)| before.violations.get(*what).unwrap_or(&0) < count)
            .map(|(what, _)| what.clone())
            .collect()
    }

    /// The broken objects that `before` did not have.
    pub(super) fn new_schema(&self, before: &Problems) -> Vec<String> {
        self.schema.difference(&before.schema).cloned().collect()
    }
}

/// Finds all problems of the main database.
pub(super) fn check(conn: &Connection) -> rusqlite::Result<Problems> {
    let mut problems = Problems::default();
    foreign_keys(conn, &mut problems)?;
    missing_parents(conn, &mut problems)?;
    views(conn, &mut problems)?;
    triggers(conn, &mut problems)?;
    Ok(problems)
}

fn foreign_keys(conn: &Connection, problems: &mut Problems) -> rusqlite::Result<()> {
    if violations(conn, "PRAGMA main.foreign_key_check", problems).is_ok() {
        return Ok(());
    }
    // One foreign key that cannot be checked at all stops the check of every
    // table, so each is checked by itself.
    problems.violations.clear();
    for table in names(
        conn,
        "SELECT name FROM main.sqlite_schema WHERE type = 'table'",
    )? {
        let check = format!("PRAGMA main.foreign_key_check({})", quote(&table));
        if let Err(error) = violations(conn, &check, problems) {
            let message = message(error)?;
            problems
                .schema
                .insert(format!("table `{table}`: {message}"));
        }
    }
    Ok(())
}

fn violations(conn: &Connection, check: &str, problems: &mut Problems) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(check)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        let what = match row.get::<_, Option<i64>>(1)? {
            Some(rowid) => format!("row {rowid} of `{table}` refers to no row of `{parent}`"),
            None => format!("a row of `{table}` refers to no row of `{parent}`"),
        };
        *problems.violations.entry(what).or_default() += 1;
    }
    Ok(())
}

/// With an empty child table, the check above says nothing of a parent that
/// does not exist.
fn missing_parents(conn: &Connection, problems: &mut Problems) -> rusqlite::Result<()> {
    let tables = names(
        conn,
        "SELECT lower(name) FROM main.sqlite_schema WHERE type = 'table'",
    )?;
    let tables: HashSet<String> = tables.into_iter().collect();
    let mut statement = conn.prepare(
        "SELECT DISTINCT child.name, key.\"table\" FROM main.sqlite_schema AS child \
         JOIN pragma_foreign_key_list(child.name, 'main') AS key WHERE child.type = 'table'",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (child, parent): (String, String) = (row.get(0)?, row.get(1)?);
        if !tables.contains(&parent.to_ascii_lowercase()) {
            problems.schema.insert(format!(
                "table `{child}` refers to the table `{parent}`, which does not exist"
            ));
        }
    }
    Ok(())
}

fn views(conn: &Connection, problems: &mut Problems) -> rusqlite::Result<()> {
    for view in names(
        conn,
        "SELECT name FROM main.sqlite_schema WHERE type = 'view'",
    )? {
        let sql = format!("SELECT 1 FROM main.{} LIMIT 0", quote(&view));
        compile(conn, &sql, &format!("view `{view}`"), problems)?;
    }
    Ok(())
}

/// Triggers are compiled together with the statement that fires them.
fn triggers(conn: &Connection, problems: &mut Problems) -> rusqlite::Result<()> {
    let tables = names(
        conn,
        "SELECT DISTINCT tbl_name FROM main.sqlite_schema WHERE type = 'trigger'",
    )?;
    for name in tables {
        let what = format!("the triggers of `{name}`");
        let table = quote(&name);
        compile(
            conn,
            &format!("INSERT INTO main.{table} DEFAULT VALUES"),
            &what,
            problems,
        )?;
        compile(conn, &format!("DELETE FROM main.{table}"), &what, problems)?;
        let mut statement =
            conn.prepare("SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden = 0")?;
        let columns: Vec<String> = statement
            .query_map([&name], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let assignments: Vec<String> = columns
            .iter()
            .map(|column| format!("{0} = {0}", quote(column)))
            .collect();
        if !assignments.is_empty() {
            let sql = format!("UPDATE main.{table} SET {}", assignments.join(", "));
            compile(conn, &sql, &what, problems)?;
        }
    }
    Ok(())
}

/// Prepares a statement, and never runs it.
fn compile(
    conn: &Connection,
    sql: &str,
    what: &str,
    problems: &mut Problems,
) -> rusqlite::Result<()> {
    let Err(error) = conn.prepare(sql) else {
        return Ok(());
    };
    let message = message(error)?;
    // Functions, modules and collations belong to the connection, and another
    // one may have them. A view without a fitting INSTEAD OF trigger refuses
    // the statement, which is no fault of the triggers that it has.
    let is_harmless = message.starts_with("no such function")
        || message.starts_with("no such module")
        || message.starts_with("no such collation")
        || message.contains("because it is a view");
    if !is_harmless {
        problems.schema.insert(format!("{what}: {message}"));
    }
    Ok(())
}

/// The text of an error in the SQL; any other error, such as one of the disk,
/// is no finding and goes on.
fn message(error: rusqlite::Error) -> rusqlite::Result<String> {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => Ok(msg),
        rusqlite::Error::SqliteFailure(inner, Some(message))
            if inner.code == rusqlite::ErrorCode::Unknown =>
        {
            Ok(message)
        }
        other => Err(other),
    }
}

fn names(conn: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    conn.prepare(sql)?
        .query_map([], |row| row.get(0))?
        .collect()
}
