//! The views and triggers of a database, which are compiled to see whether they
//! can be used.

use super::{Object, each, message, text};
use migrate_scan::TokenKind;
use migrate_scan::sqlite::{Tokens, name_of, quote};
use rusqlite::{Connection, Result};
use std::collections::{BTreeMap, BTreeSet};

/// The views and triggers of the main database.
#[derive(Debug, Default)]
pub(super) struct Code {
    entries: Vec<Entry>,
    /// The indexes of the entries whose SQL has a name, which is in lower case.
    users: BTreeMap<String, Vec<usize>>,
    /// The highest rowid among them in the catalogue. New ones come after it.
    last: i64,
}

#[derive(Debug)]
struct Entry {
    is_view: bool,
    /// The table or view of a trigger.
    table: String,
    /// In lower case.
    key: String,
    name: String,
    /// In lower case.
    sql: String,
}

impl Code {
    /// Adds those that were created since the last call. If others were dropped,
    /// start anew.
    pub(super) fn read(&mut self, conn: &Connection) -> Result<()> {
        let sql = format!(
            "SELECT type = 'view', tbl_name, name, sql, rowid FROM main.sqlite_schema \
             WHERE type IN ('view', 'trigger') AND rowid > {}",
            self.last
        );
        each(conn, &sql, &[], &mut |row| {
            let (table, sql) = (text(row, 1)?, text(row, 3)?.to_ascii_lowercase());
            let key = table.to_ascii_lowercase();
            let mut tokens = Tokens::new(&sql);
            let is_word = |kind| matches!(kind, TokenKind::Word | TokenKind::Quoted);
            while let Some(token) = tokens.find(|it| is_word(it.kind)) {
                let name = name_of(&sql[token.range]);
                let users = match self.users.get_mut(&*name) {
                    Some(users) => users,
                    None => self.users.entry(name.into_owned()).or_default(),
                };
                let at = self.entries.len();
                if users.last() != Some(&at) {
                    users.push(at);
                }
            }
            self.entries.push(Entry {
                is_view: row.get(0)?,
                table,
                key,
                name: text(row, 2)?,
                sql,
            });
            self.last = self.last.max(row.get(4)?);
            Ok(())
        })
    }

    /// Adds to a set of names, in lower case, those of the views that use one of
    /// them, and of the tables whose triggers do.
    pub(super) fn add_users(&self, names: &mut BTreeSet<String>) {
        let mut rest: Vec<String> = names.iter().cloned().collect();
        while let Some(name) = rest.pop() {
            for at in self.users.get(&name).into_iter().flatten() {
                let user = &self.entries[*at].key;
                if !names.contains(user) {
                    names.insert(user.clone());
                    rest.push(user.clone());
                }
            }
        }
    }

    /// Compiles the views, and the triggers of the tables, that `is_wanted`
    /// chooses by their names in lower case, and calls `report` for each that cannot be used.
    pub(super) fn compile(
        &self,
        conn: &Connection,
        is_wanted: &dyn Fn(&str) -> bool,
        report: &mut dyn FnMut(Object, &str, String),
    ) -> Result<()> {
        let entries = self.entries.iter();
        let mut wanted: Vec<&Entry> = entries.filter(|it| is_wanted(&it.key)).collect();
        wanted.sort_by(|a, b| (&a.table, &a.name).cmp(&(&b.table, &b.name)));
        let (views, triggers): (Vec<&Entry>, Vec<&Entry>) =
            wanted.into_iter().partition(|it| it.is_view);
        for Entry { name, .. } in views {
            let sql = format!("SELECT 1 FROM main.{} LIMIT 0", quote(name));
            if let Some(message) = compile(conn, &sql)? {
                report(Object::View, name, message);
            }
        }
        // Triggers are compiled together with the statement that fires them.
        for triggers in triggers.chunk_by(|a, b| a.table == b.table) {
            let table = &triggers[0].table;
            for sql in firing(conn, table, triggers)? {
                if let Some(message) = compile(conn, &sql)? {
                    let names = triggers.iter().map(|it| it.name.clone()).collect();
                    report(Object::Triggers(names), table, message);
                }
            }
        }
        Ok(())
    }
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
pub(super) fn compile(conn: &Connection, sql: &str) -> Result<Option<String>> {
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
