//! What is recorded of statements.

use super::*;
use crate::authorizer::{Authorizer, Scope};
use crate::statement::run;
use rusqlite::Connection;

/// What a script touches, in a database with some tables: as statements, and
/// as code of an application runs it.
fn touched(script: &[&str], is_code: bool) -> String {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "CREATE TABLE A(x INTEGER PRIMARY KEY, y, z);
         CREATE TABLE b(x REFERENCES a(x));
         CREATE VIEW v AS SELECT y FROM a;
         CREATE TABLE log(x);
         CREATE TRIGGER noted AFTER INSERT ON b BEGIN INSERT INTO log VALUES (1); END;
         CREATE TRIGGER through INSTEAD OF DELETE ON v BEGIN DELETE FROM b; END;
         CREATE INDEX i ON a(y);
         CREATE TEMP TABLE t(x);
         PRAGMA foreign_keys = OFF",
    )
    .unwrap();
    let authorizer = Authorizer::new("_migrations");
    authorizer.install(&mut conn).unwrap();
    for sql in script {
        if is_code {
            let _entered = authorizer.enter(Scope::Transaction);
            conn.execute_batch(sql).unwrap();
        } else {
            run(&conn, &authorizer, Scope::Transaction, sql).unwrap();
        }
    }
    let touched = authorizer.take_touched();
    let mut all: Vec<String> = touched.tables.iter().map(|it| shown(it.0, it.1)).collect();
    all.extend(
        touched
            .triggers
            .iter()
            .map(|name| format!("triggers of {name}")),
    );
    if touched.is_unknown {
        all.push("?".to_owned());
    }
    all.join(", ")
}

fn shown(name: &str, changes: &Changes) -> String {
    let mut words = vec![name];
    words.extend(
        [
            (changes.created, "created"),
            (changes.is_new(), "new"),
            (changes.dropped, "dropped"),
            (changes.inserted, "inserted"),
            (changes.deleted, "deleted"),
            (changes.column_added, "column"),
            (changes.index_created, "index"),
            (changes.index_dropped, "no-index"),
            (changes.altered, "altered"),
            (changes.definition.refers, "refers"),
        ]
        .into_iter()
        .filter_map(|(is, word)| is.then_some(word)),
    );
    words.extend(changes.updated.iter().map(String::as_str));
    words.join(" ")
}

/// Since SQLite 3.53.
#[test]
fn constraints() {
    if rusqlite::version_number() < 3_053_000 {
        return;
    }
    for sql in [
        "ALTER TABLE a ADD CONSTRAINT k CHECK (y > 0)",
        "ALTER TABLE a ADD CHECK (y > 0)",
        "ALTER TABLE a ALTER COLUMN y SET NOT NULL",
        "ALTER TABLE a ALTER y DROP NOT NULL",
    ] {
        assert_eq!(touched(&[sql], false), "a altered", "{sql}");
    }
    let add = "ALTER TABLE a ADD CONSTRAINT k CHECK (y > 0)";
    let script = [add, "ALTER TABLE a DROP CONSTRAINT k"];
    assert_eq!(touched(&script, false), "a altered");
}

#[test]
fn rows() {
    let one = |sql| touched(&[sql], false);
    assert_eq!(one("INSERT INTO a VALUES (1, 2, 3)"), "a inserted");
    assert_eq!(one("REPLACE INTO a VALUES (1, 2, 3)"), "a inserted deleted");
    assert_eq!(one("UPDATE a SET Y = 1, rowid = 2"), "a rowid y");
    assert_eq!(one("DELETE FROM a"), "a deleted");
    // The statements of a trigger are compiled with the one that fires them, and
    // their conflict clauses are not known.
    assert_eq!(
        one("INSERT INTO b VALUES (1)"),
        "b inserted, log inserted deleted"
    );
    assert_eq!(one("DELETE FROM v"), "b deleted, v deleted");
    assert_eq!(one("INSERT INTO t VALUES (1)"), "");
    assert_eq!(one("SELECT * FROM v"), "");
    assert_eq!(
        touched(&["INSERT INTO a VALUES (1, 2, 3)"], true),
        "a inserted deleted"
    );
}

#[test]
fn the_schema() {
    let one = |sql| touched(&[sql], false);
    assert_eq!(
        one("CREATE TABLE C(x REFERENCES a)"),
        "c created new refers"
    );
    assert_eq!(one("CREATE TABLE IF NOT EXISTS a(x)"), "a created");
    assert_eq!(one("CREATE VIEW w AS SELECT 1"), "w created new");
    assert_eq!(one("ALTER TABLE a ADD w"), "a column");
    assert_eq!(one("ALTER TABLE a RENAME y TO w"), "a altered");
    assert_eq!(one("ALTER TABLE log RENAME TO W"), "log dropped, w altered");
    assert_eq!(one("DROP TABLE log"), "log dropped deleted");
    assert_eq!(one("CREATE INDEX j ON a(z)"), "a index");
    assert_eq!(one("DROP INDEX i"), "a no-index");
    assert_eq!(one("DROP TRIGGER noted"), "triggers of b");
    assert_eq!(one("CREATE TEMP TABLE u(x)"), "");
    assert_eq!(
        touched(&["ALTER TABLE log RENAME TO w"], true),
        "log altered refers, ?"
    );
}

/// The rebuild that SQLite's manual recommends.
#[test]
fn a_rebuild() {
    let rebuild = [
        "CREATE TABLE new(x INTEGER PRIMARY KEY)",
        "INSERT INTO new SELECT x FROM a",
        "DROP VIEW v",
        "DROP TABLE a",
        "ALTER TABLE new RENAME TO a",
    ];
    assert_eq!(
        touched(&rebuild, false),
        "a created dropped inserted deleted altered, new created dropped inserted, \
         v dropped deleted, triggers of v"
    );
}
