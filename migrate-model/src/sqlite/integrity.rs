//! What a migration may leave behind: no broken reference, and no view,
//! trigger or foreign key that cannot be used. SQLite accepts all of them and
//! fails later, so they are looked for before each commit.

mod problems;

pub use problems::{Object, Problem, Problems, Violation};

use migrate_scan::sqlite::{Tokens, quote};
use std::collections::{BTreeMap, HashSet};

/// A connection to SQLite, for what this crate asks of one. The crate has none of its own:
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

    /// Whether a table that others refer to is merely not in this database,
    /// which is a copy of a part of another one.
    fn is_elsewhere(&self, table: &str) -> bool {
        let _ = table;
        false
    }
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

    fn into_text(self) -> String {
        match self {
            Value::Text(text) => text,
            _ => String::new(),
        }
    }
}

/// Finds all problems of the main database.
///
/// # Errors
///
/// Those of the database that are no findings.
pub fn check<D: Database>(database: &D) -> Result<Problems, D::Error> {
    // What the catalogue does not have needs no query of its own.
    let schema = schema(database)?;
    let mut problems = Problems::default();
    if schema.tables().any(Entry::has_references) {
        foreign_keys(database, &schema, &mut problems)?;
        missing_parents(database, &schema, &mut problems)?;
    }
    views(database, &schema, &mut problems)?;
    triggers(database, &schema, &mut problems)?;
    Ok(problems)
}

/// The tables, views and triggers of the main database.
struct Schema(Vec<Entry>);

struct Entry {
    kind: String,
    table: String,
    name: String,
    sql: String,
}

fn schema<D: Database>(database: &D) -> Result<Schema, D::Error> {
    let sql = "SELECT type, tbl_name, name, sql FROM main.sqlite_schema WHERE type <> 'index'";
    let entries = database.query(sql, &[])?.into_iter().map(|row| {
        let mut row = row.into_iter().map(Value::into_text);
        let mut next = || row.next().unwrap_or_default();
        Entry {
            kind: next(),
            table: next(),
            name: next(),
            sql: next(),
        }
    });
    Ok(Schema(entries.collect()))
}

impl Schema {
    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Entry> {
        self.0.iter().filter(move |entry| entry.kind == kind)
    }

    fn tables(&self) -> impl Iterator<Item = &Entry> {
        self.of_kind("table")
    }
}

impl Entry {
    /// Whether it may have a foreign key: none does without this word.
    fn has_references(&self) -> bool {
        self.sql.to_ascii_lowercase().contains("references")
    }
}

fn foreign_keys<D: Database>(
    database: &D,
    schema: &Schema,
    problems: &mut Problems,
) -> Result<(), D::Error> {
    all_violations(database, schema, problems)?;
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

fn all_violations<D: Database>(
    database: &D,
    schema: &Schema,
    problems: &mut Problems,
) -> Result<(), D::Error> {
    // One foreign key that cannot be checked at all stops the check of every
    // table, so each is checked by itself. Any other error, such as one of the
    // disk, may have ended the transaction.
    match violations(database, "PRAGMA main.foreign_key_check", problems).map_err(D::message) {
        Ok(()) => return Ok(()),
        Err(message) => drop(message?),
    }
    problems.violations.clear();
    for Entry { name: table, .. } in schema.tables() {
        let check = format!("PRAGMA main.foreign_key_check({})", quote(table));
        if let Err(error) = violations(database, &check, problems) {
            problems.add(Object::Table, table, D::message(error)?);
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
        if database.is_elsewhere(row[2].text()) {
            continue;
        }
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
fn missing_parents<D: Database>(
    database: &D,
    schema: &Schema,
    problems: &mut Problems,
) -> Result<(), D::Error> {
    // Names are equal up to ASCII case, whatever the application has put in
    // the place of `lower`.
    let tables: HashSet<String> = schema
        .tables()
        .map(|table| table.name.to_ascii_lowercase())
        .collect();
    for child in schema.tables().filter(|it| it.has_references()) {
        let child = &child.name;
        let keys = format!("PRAGMA main.foreign_key_list({})", quote(child));
        for row in database.query(&keys, &[])? {
            let parent = row[2].text();
            let is_there = tables.contains(&parent.to_ascii_lowercase());
            if !is_there && !database.is_elsewhere(parent) {
                let message = format!("refers to the table `{parent}`, which does not exist");
                problems.add(Object::Reference, child, message);
            }
        }
    }
    Ok(())
}

fn views<D: Database>(
    database: &D,
    schema: &Schema,
    problems: &mut Problems,
) -> Result<(), D::Error> {
    for Entry { name: view, .. } in schema.of_kind("view") {
        let sql = format!("SELECT 1 FROM main.{} LIMIT 0", quote(view));
        if let Some(message) = compile(database, &sql)? {
            problems.add(Object::View, view, message);
        }
    }
    Ok(())
}

/// Triggers are compiled together with the statement that fires them.
fn triggers<D: Database>(
    database: &D,
    schema: &Schema,
    problems: &mut Problems,
) -> Result<(), D::Error> {
    let mut tables: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for trigger in schema.of_kind("trigger") {
        tables.entry(&trigger.table).or_default().push(trigger);
    }
    for (table, mut triggers) in tables {
        triggers.sort_by(|a, b| a.name.cmp(&b.name));
        for sql in firing(database, table, &triggers)? {
            if let Some(message) = compile(database, &sql)? {
                let names = triggers.iter().map(|it| it.name.clone()).collect();
                problems.add(Object::Triggers(names), table, message);
            }
        }
    }
    Ok(())
}

/// The statements that fire the triggers of a table.
fn firing<D: Database>(
    database: &D,
    name: &str,
    triggers: &[&Entry],
) -> Result<Vec<String>, D::Error> {
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
    // The columns of a view that is broken itself are not known.
    let columns = match database.query(&format!("PRAGMA main.table_xinfo({table})"), &[]) {
        Ok(columns) => columns,
        Err(error) => D::message(error).map(|_| Vec::new())?,
    };
    // Those that are hidden or computed take no value.
    let columns = columns
        .iter()
        .filter(|row| row.last() == Some(&Value::Integer(0)));
    let assignments = columns.map(|row| {
        let column = quote(row[1].text());
        format!("{column} = {column}")
    });
    let assignments: Vec<String> = assignments.collect();
    if !assignments.is_empty() {
        let assignments = assignments.join(", ");
        statements.push(format!("UPDATE main.{table} SET {assignments}"));
    }
    Ok(statements)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Insert,
    Delete,
    Update,
}

/// What fires a trigger, by its SQL: the first of these words, because a name
/// that is one of them stands in quotes.
fn event(sql: &str) -> Option<Event> {
    Tokens::new(sql).find_map(|token| match &sql[token.range] {
        word if word.eq_ignore_ascii_case("insert") => Some(Event::Insert),
        word if word.eq_ignore_ascii_case("delete") => Some(Event::Delete),
        word if word.eq_ignore_ascii_case("update") => Some(Event::Update),
        _ => None,
    })
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
