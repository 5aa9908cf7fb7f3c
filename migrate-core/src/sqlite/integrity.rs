//! What a migration may leave behind: no broken reference, and no view,
//! trigger or foreign key that cannot be used. SQLite accepts all of them and
//! fails later, so they are looked for before each commit.

mod problems;

pub use problems::{Object, Problem, Problems, Violation};

use super::quote;
use std::collections::{BTreeMap, HashSet};

/// A connection to SQLite, for what core asks of one. Core has none of its own:
/// who calls it says how a query is run.
pub trait Database {
    /// What the library in use calls an error.
    type Error;

    /// Runs a query with these parameters to its end, and returns its rows.
    ///
    /// # Errors
    ///
    /// Those of SQLite.
    fn query(&self, sql: &str, parameters: &[&str]) -> Result<Vec<Vec<Value>>, Self::Error>;

    /// Compiles a statement, and does not run it.
    ///
    /// # Errors
    ///
    /// Those of SQLite.
    fn compile(&self, sql: &str) -> Result<(), Self::Error>;

    /// The text of an error that is in the SQL itself.
    ///
    /// # Errors
    ///
    /// Gives any other error back, such as one of the disk.
    fn message(error: Self::Error) -> Result<String, Self::Error>;
}

/// A value that SQLite returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// Anything else, which no query here asks for.
    Other,
}

impl Value {
    fn integer(&self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    fn text(&self) -> &str {
        match self {
            Value::Text(text) => text,
            _ => "",
        }
    }
}

/// Finds all problems of the main database.
///
/// # Errors
///
/// Those of the database that are no findings.
pub fn check<D: Database>(database: &D) -> Result<Problems, D::Error> {
    let mut problems = Problems::default();
    foreign_keys(database, &mut problems)?;
    missing_parents(database, &mut problems)?;
    views(database, &mut problems)?;
    triggers(database, &mut problems)?;
    Ok(problems)
}

fn foreign_keys<D: Database>(database: &D, problems: &mut Problems) -> Result<(), D::Error> {
    all_violations(database, problems)?;
    if !problems.violations.is_empty() {
        let roots = database.query(
            "SELECT name, rootpage FROM main.sqlite_schema \
             WHERE type = 'table' AND rootpage > 0",
            &[],
        )?;
        problems.roots = roots
            .iter()
            .filter_map(|row| Some((row[0].text().to_ascii_lowercase(), row[1].integer()?)))
            .collect();
    }
    Ok(())
}

fn all_violations<D: Database>(database: &D, problems: &mut Problems) -> Result<(), D::Error> {
    // One foreign key that cannot be checked at all stops the check of every
    // table, so each is checked by itself. Any other error, such as one of the
    // disk, may have ended the transaction.
    match violations(database, "PRAGMA main.foreign_key_check", problems).map_err(D::message) {
        Ok(()) => return Ok(()),
        Err(message) => drop(message?),
    }
    problems.violations.clear();
    for table in objects(database, "table")? {
        let check = format!("PRAGMA main.foreign_key_check({})", quote(&table));
        if let Err(error) = violations(database, &check, problems) {
            problems.add(Object::Table, &table, D::message(error)?);
        }
    }
    Ok(())
}

fn violations<D: Database>(
    database: &D,
    check: &str,
    problems: &mut Problems,
) -> Result<(), D::Error> {
    for row in database.query(check, &[])? {
        let violation = Violation {
            table: row[0].text().to_owned(),
            parent: row[2].text().to_owned(),
            rowid: row[1].integer(),
        };
        *problems.violations.entry(violation).or_default() += 1;
    }
    Ok(())
}

/// With an empty child table, the check above says nothing of a parent that
/// does not exist.
fn missing_parents<D: Database>(database: &D, problems: &mut Problems) -> Result<(), D::Error> {
    // Names are equal up to ASCII case, whatever the application has put in
    // the place of `lower`.
    let tables: HashSet<String> = objects(database, "table")?
        .into_iter()
        .map(|table| table.to_ascii_lowercase())
        .collect();
    let keys = database.query(
        "SELECT DISTINCT child.name, key.\"table\" FROM main.sqlite_schema AS child \
         JOIN pragma_foreign_key_list(child.name, 'main') AS key WHERE child.type = 'table'",
        &[],
    )?;
    for row in keys {
        let (child, parent) = (row[0].text(), row[1].text());
        if !tables.contains(&parent.to_ascii_lowercase()) {
            let message = format!("refers to the table `{parent}`, which does not exist");
            problems.add(Object::Reference, child, message);
        }
    }
    Ok(())
}

fn views<D: Database>(database: &D, problems: &mut Problems) -> Result<(), D::Error> {
    for view in objects(database, "view")? {
        let sql = format!("SELECT 1 FROM main.{} LIMIT 0", quote(&view));
        if let Some(message) = compile(database, &sql)? {
            problems.add(Object::View, &view, message);
        }
    }
    Ok(())
}

/// Triggers are compiled together with the statement that fires them.
fn triggers<D: Database>(database: &D, problems: &mut Problems) -> Result<(), D::Error> {
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let triggers = database.query(
        "SELECT tbl_name, name FROM main.sqlite_schema WHERE type = 'trigger' ORDER BY name",
        &[],
    )?;
    for row in triggers {
        let names = tables.entry(row[0].text().to_owned()).or_default();
        names.push(row[1].text().to_owned());
    }
    for (table, triggers) in tables {
        for sql in firing(database, &table)? {
            if let Some(message) = compile(database, &sql)? {
                problems.add(Object::Triggers(triggers.clone()), &table, message);
            }
        }
    }
    Ok(())
}

/// The statements that fire the triggers of a table.
fn firing<D: Database>(database: &D, name: &str) -> Result<Vec<String>, D::Error> {
    let table = quote(name);
    let mut statements = vec![
        format!("INSERT INTO main.{table} DEFAULT VALUES"),
        format!("DELETE FROM main.{table}"),
    ];
    let columns = database.query(
        "SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden = 0",
        &[name],
    );
    // The columns of a view that is broken itself are not known.
    let columns = match columns {
        Ok(columns) => columns,
        Err(error) => D::message(error).map(|_| Vec::new())?,
    };
    let assignments = columns.iter().map(|row| {
        let column = quote(row[0].text());
        format!("{column} = {column}")
    });
    let assignments: Vec<String> = assignments.collect();
    if !assignments.is_empty() {
        let assignments = assignments.join(", ");
        statements.push(format!("UPDATE main.{table} SET {assignments}"));
    }
    Ok(statements)
}

/// Prepares a statement, and never runs it: what is wrong with it.
fn compile<D: Database>(database: &D, sql: &str) -> Result<Option<String>, D::Error> {
    let Err(error) = database.compile(sql) else {
        return Ok(None);
    };
    let message = D::message(error)?;
    // Functions, modules and collations belong to the connection, and another
    // one may have them. A view without a fitting INSTEAD OF trigger refuses
    // the statement, which is no fault of the triggers that it has.
    let is_harmless = message.starts_with("no such function")
        || message.starts_with("unknown function")
        || message.starts_with("no such module")
        || message.starts_with("no such collation")
        || message.contains("because it is a view");
    Ok(if is_harmless { None } else { Some(message) })
}

/// The names of all objects of one type in the main database.
fn objects<D: Database>(database: &D, kind: &str) -> Result<Vec<String>, D::Error> {
    let sql = "SELECT name FROM main.sqlite_schema WHERE type = ?1";
    let names = database.query(sql, &[kind])?;
    Ok(names.iter().map(|row| row[0].text().to_owned()).collect())
}
