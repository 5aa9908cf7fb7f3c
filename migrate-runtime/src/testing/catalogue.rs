//! A schema as it can be compared: what stands in it, and not how it is written.

use migrate_core::sqlite::Tokens;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// The objects of a schema, with the tokens of their SQL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Catalogue(BTreeMap<(String, String), Object>);

#[derive(Debug, PartialEq, Eq)]
struct Object {
    tokens: Vec<String>,
    sql: String,
}

/// Reads the schema of the main database without the history.
pub(crate) fn catalogue(conn: &Connection, history: &str) -> rusqlite::Result<Catalogue> {
    let mut objects = BTreeMap::new();
    // Those that SQLite makes by itself belong to others, or stay when their
    // last user has gone.
    let mut statement = conn.prepare(
        "SELECT type, name, sql FROM main.sqlite_schema \
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND tbl_name <> ?1 COLLATE NOCASE",
    )?;
    let mut rows = statement.query([history])?;
    while let Some(row) = rows.next()? {
        let (kind, name, sql): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let tokens = tokens(&sql);
        objects.insert((kind, name.to_ascii_lowercase()), Object { tokens, sql });
    }
    Ok(Catalogue(objects))
}

impl Catalogue {
    /// What is another way in `now`, in words.
    pub(crate) fn differences(&self, now: &Catalogue) -> Vec<String> {
        let mut differences = Vec::new();
        for (key @ (kind, name), object) in &self.0 {
            match now.0.get(key) {
                None => differences.push(format!("the {kind} `{name}` is gone")),
                Some(found) if found.tokens != object.tokens => differences.push(format!(
                    "the {kind} `{name}` was `{}`, and is `{}`",
                    one_line(&object.sql),
                    one_line(&found.sql)
                )),
                Some(_) => {}
            }
        }
        let added = now.0.keys().filter(|key| !self.0.contains_key(*key));
        differences.extend(added.map(|(kind, name)| format!("the {kind} `{name}` stays behind")));
        differences
    }
}

/// The tokens of a statement: without space and comments, and names without
/// their quotes, which `ALTER TABLE … RENAME` adds. Words are equal up to case.
fn tokens(sql: &str) -> Vec<String> {
    Tokens::new(sql)
        .filter(|token| !token.kind.is_blank())
        .map(|token| {
            let text = &sql[token.range];
            let is_name = text.starts_with(['"', '`', '[']);
            match text.starts_with('\'') {
                true => text.to_owned(),
                false if is_name => text.trim_matches(['"', '`', '[', ']']).to_ascii_lowercase(),
                false => text.to_ascii_lowercase(),
            }
        })
        .collect()
}

fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sql: &str) -> Catalogue {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(sql).unwrap();
        catalogue(&conn, "_migrations").unwrap()
    }

    #[test]
    fn the_way_it_is_written_does_not_count() {
        let before = read("CREATE TABLE a(x INTEGER, y TEXT DEFAULT 'A b')");
        let same = read("create  table \"a\" ( x integer , -- x\n [y] TEXT default 'A b')");
        assert_eq!(before.differences(&same), Vec::<String>::new());
        let other = read("CREATE TABLE a(x INTEGER, y TEXT DEFAULT 'a b')");
        assert_eq!(before.differences(&other).len(), 1);
    }

    #[test]
    fn a_column_that_comes_and_goes_leaves_nothing() {
        let before = read("CREATE TABLE a(x)");
        let after = read(
            "CREATE TABLE a(x); ALTER TABLE a ADD COLUMN y; ALTER TABLE a DROP COLUMN y; \
             CREATE TABLE s(i INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE s",
        );
        assert_eq!(before.differences(&after), Vec::<String>::new());
    }

    #[test]
    fn what_is_gone_or_left_is_named() {
        let before = read("CREATE TABLE a(x); CREATE INDEX i ON a(x)");
        let after = read("CREATE TABLE a(x); CREATE VIEW v AS SELECT x FROM a");
        assert_eq!(
            before.differences(&after),
            ["the index `i` is gone", "the view `v` stays behind"]
        );
    }
}
