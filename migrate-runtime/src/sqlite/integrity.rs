//! What a migration may leave behind: no broken reference, and no view,
//! trigger or foreign key that cannot be used. SQLite accepts all of them and
//! fails later, so they are looked for before each commit.

use super::history::Table;
use super::quote;
use rusqlite::Connection;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

/// The problems of a database. Those from before a migration do not count
/// against it.
#[derive(Clone, Debug, Default)]
pub(super) struct Problems {
    /// How often each broken reference occurs; those of tables without a rowid
    /// are equal.
    violations: BTreeMap<Violation, usize>,
    /// Where the tables begin in the file, by their names in lower case, if
    /// there are broken references. It tells a table that was renamed from one
    /// that is built anew, which begins elsewhere.
    roots: BTreeMap<String, i64>,
    /// What is wrong, with the text that says so.
    schema: BTreeMap<String, String>,
}

/// A reference to a row that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    table: String,
    parent: String,
    rowid: Option<i64>,
}

impl Problems {
    /// The broken references that `before` did not have.
    ///
    /// A table that is built anew gives its rows other rowids. There, rows that
    /// are merely others do not count, while the table refers to its parent in
    /// vain no more often than before. A table that was renamed is the same.
    pub(super) fn new_violations(&self, before: &Problems) -> Vec<String> {
        if self.violations.is_empty() {
            return Vec::new();
        }
        let names: HashMap<i64, &String> = before
            .roots
            .iter()
            .map(|(name, root)| (*root, name))
            .collect();
        let name_before = |name: &str| {
            let name = name.to_ascii_lowercase();
            let root = self.roots.get(&name);
            match root.and_then(|root| names.get(root)) {
                Some(renamed) if !before.roots.contains_key(&name) => (*renamed).clone(),
                _ => name,
            }
        };
        let now = self.counts(name_before);
        let then = before.counts(str::to_ascii_lowercase);
        let (totals_now, totals_then) = (totals(&now), totals(&then));
        let is_new = |violation: &Violation| {
            let key = violation.renamed(name_before);
            let pair = (key.table.as_str(), key.parent.as_str());
            let root = self.roots.get(&violation.table.to_ascii_lowercase());
            let is_built_anew = root != before.roots.get(&key.table);
            now.get(&key) > then.get(&key)
                && (!is_built_anew || totals_now.get(&pair) > totals_then.get(&pair))
        };
        self.violations
            .keys()
            .filter(|violation| is_new(violation))
            .map(Violation::to_string)
            .collect()
    }

    /// How often each broken reference occurs, by other names.
    fn counts(&self, name: impl Fn(&str) -> String + Copy) -> BTreeMap<Violation, usize> {
        let mut counts = BTreeMap::new();
        for (violation, count) in &self.violations {
            *counts.entry(violation.renamed(name)).or_default() += count;
        }
        counts
    }

    /// The broken objects that `before` did not have.
    pub(super) fn new_schema(&self, before: &Problems) -> Vec<String> {
        self.schema
            .iter()
            .filter(|(problem, _)| !before.schema.contains_key(*problem))
            .map(|(_, shown)| shown.clone())
            .collect()
    }

    /// A problem that is known by the text that says so.
    fn add(&mut self, problem: String) {
        self.schema.insert(problem.clone(), problem);
    }
}

/// How often each table refers to each parent in vain.
fn totals(counts: &BTreeMap<Violation, usize>) -> BTreeMap<(&str, &str), usize> {
    let mut totals = BTreeMap::new();
    for (violation, count) in counts {
        let pair = (violation.table.as_str(), violation.parent.as_str());
        *totals.entry(pair).or_default() += count;
    }
    totals
}

impl Violation {
    fn renamed(&self, name: impl Fn(&str) -> String) -> Violation {
        Violation {
            table: name(&self.table),
            parent: name(&self.parent),
            rowid: self.rowid,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rowid {
            Some(rowid) => write!(f, "row {rowid}")?,
            None => f.write_str("a row")?,
        }
        write!(
            f,
            " of `{}` refers to no row of `{}`",
            self.table, self.parent
        )
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

/// The tables and views of the main database that a temporary one of the same
/// name hides: SQLite looks there first, so that a migration would read and
/// write what is gone when the connection closes. The history is always named
/// with its schema.
pub(super) fn hidden(conn: &Connection, history: &Table) -> rusqlite::Result<Vec<String>> {
    conn.prepare(
        "SELECT name FROM temp.sqlite_schema \
         WHERE type IN ('table', 'view') AND name <> ?1 COLLATE NOCASE \
         AND name COLLATE NOCASE IN \
         (SELECT name FROM main.sqlite_schema WHERE type IN ('table', 'view')) ORDER BY name",
    )?
    .query_map([history.name()], |row| row.get(0))?
    .collect()
}

fn foreign_keys(conn: &Connection, problems: &mut Problems) -> rusqlite::Result<()> {
    all_violations(conn, problems)?;
    if !problems.violations.is_empty() {
        problems.roots = conn
            .prepare(
                "SELECT name, rootpage FROM main.sqlite_schema \
                 WHERE type = 'table' AND rootpage > 0",
            )?
            .query_map([], |row| {
                Ok((row.get::<_, String>(0)?.to_ascii_lowercase(), row.get(1)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
    }
    Ok(())
}

fn all_violations(conn: &Connection, problems: &mut Problems) -> rusqlite::Result<()> {
    // One foreign key that cannot be checked at all stops the check of every
    // table, so each is checked by itself. Any other error, such as one of the
    // disk, may have ended the transaction.
    match violations(conn, "PRAGMA main.foreign_key_check", problems).map_err(message) {
        Ok(()) => return Ok(()),
        Err(message) => drop(message?),
    }
    problems.violations.clear();
    for table in objects(conn, "table")? {
        let check = format!("PRAGMA main.foreign_key_check({})", quote(&table));
        if let Err(error) = violations(conn, &check, problems) {
            let message = message(error)?;
            problems.add(format!("table `{table}`: {message}"));
        }
    }
    Ok(())
}

fn violations(conn: &Connection, check: &str, problems: &mut Problems) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(check)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let violation = Violation {
            table: row.get(0)?,
            parent: row.get(2)?,
            rowid: row.get(1)?,
        };
        *problems.violations.entry(violation).or_default() += 1;
    }
    Ok(())
}

/// With an empty child table, the check above says nothing of a parent that
/// does not exist.
fn missing_parents(conn: &Connection, problems: &mut Problems) -> rusqlite::Result<()> {
    // Names are equal up to ASCII case, whatever the application has put in
    // the place of `lower`.
    let tables: HashSet<String> = objects(conn, "table")?
        .into_iter()
        .map(|table| table.to_ascii_lowercase())
        .collect();
    let mut statement = conn.prepare(
        "SELECT DISTINCT child.name, key.\"table\" FROM main.sqlite_schema AS child \
         JOIN pragma_foreign_key_list(child.name, 'main') AS key WHERE child.type = 'table'",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (child, parent): (String, String) = (row.get(0)?, row.get(1)?);
        if !tables.contains(&parent.to_ascii_lowercase()) {
            problems.add(format!(
                "table `{child}` refers to the table `{parent}`, which does not exist"
            ));
        }
    }
    Ok(())
}

fn views(conn: &Connection, problems: &mut Problems) -> rusqlite::Result<()> {
    for view in objects(conn, "view")? {
        let sql = format!("SELECT 1 FROM main.{} LIMIT 0", quote(&view));
        if let Some(message) = compile(conn, &sql)? {
            problems.add(format!("view `{view}`: {message}"));
        }
    }
    Ok(())
}

/// Triggers are compiled together with the statement that fires them.
fn triggers(conn: &Connection, problems: &mut Problems) -> rusqlite::Result<()> {
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut statement = conn.prepare(
        "SELECT tbl_name, name FROM main.sqlite_schema WHERE type = 'trigger' ORDER BY name",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        tables.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    for (table, triggers) in tables {
        for sql in firing(conn, &table)? {
            if let Some(message) = compile(conn, &sql)? {
                // SQLite does not say which one, and another trigger on the
                // table makes no new problem of an old one.
                let names = triggers.join("`, `");
                let shown = match triggers.len() {
                    1 => format!("trigger `{names}` of `{table}`: {message}"),
                    _ => format!("one of the triggers `{names}` of `{table}`: {message}"),
                };
                let problem = format!("triggers of `{table}`: {message}");
                problems.schema.insert(problem, shown);
            }
        }
    }
    Ok(())
}

/// The statements that fire the triggers of a table.
fn firing(conn: &Connection, name: &str) -> rusqlite::Result<Vec<String>> {
    let table = quote(name);
    let mut statements = vec![
        format!("INSERT INTO main.{table} DEFAULT VALUES"),
        format!("DELETE FROM main.{table}"),
    ];
    let assignments = conn
        .prepare("SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden = 0")?
        .query_map([name], |row| {
            let column = quote(&row.get::<_, String>(0)?);
            Ok(format!("{column} = {column}"))
        })?
        .collect::<rusqlite::Result<Vec<String>>>();
    // The columns of a view that is broken itself are not known.
    let assignments = match assignments {
        Ok(assignments) => assignments,
        Err(error) => message(error).map(|_| Vec::new())?,
    };
    if !assignments.is_empty() {
        let assignments = assignments.join(", ");
        statements.push(format!("UPDATE main.{table} SET {assignments}"));
    }
    Ok(statements)
}

/// Prepares a statement, and never runs it: what is wrong with it.
fn compile(conn: &Connection, sql: &str) -> rusqlite::Result<Option<String>> {
    let Err(error) = conn.prepare(sql) else {
        return Ok(None);
    };
    let message = message(error)?;
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

/// The names of all objects of one type in the main database.
fn objects(conn: &Connection, kind: &str) -> rusqlite::Result<Vec<String>> {
    conn.prepare("SELECT name FROM main.sqlite_schema WHERE type = ?1")?
        .query_map([kind], |row| row.get(0))?
        .collect()
}
