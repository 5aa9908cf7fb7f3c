//! Sets that are unusual, and must not end a replay.

use crate::set::{USERS, found, split, told, told_with};
use insta::assert_snapshot;
use migrate_prove::Options;
use rusqlite::{Connection, Error};
use std::cell::Cell;

/// The rest of the set is not tried, so this is no note.
#[test]
fn a_replay_that_does_not_finish() {
    let connections = Cell::new(0);
    let setup = |_: &Connection| {
        connections.set(connections.get() + 1);
        // The first is for the main database, and the second for the first trial.
        if connections.get() > 2 {
            return Err(Error::UnwindingPanic);
        }
        Ok(())
    };
    let mut options = Options::default();
    options.setup = Some(&setup);
    let text = "== 002_a.sql\nDROP TABLE roles;\n== 003_b.sql\nDROP TABLE users;\n";
    assert_snapshot!(told_with(USERS, text, &options), @"M037 002_a.sql the replay did not finish: unwinding panic");
}

#[test]
fn wide_tables() {
    for (columns, kind) in [(300, "BLOB"), (300, "TEXT"), (2000, "")] {
        let list = |kind: &str| {
            let columns = (1..columns).map(|it| format!("c{it} {kind}"));
            columns.collect::<Vec<_>>().join(", ")
        };
        let text = format!("CREATE TABLE t (id INTEGER PRIMARY KEY, {});\n", list(kind));
        let rebuild = format!(
            "CREATE TABLE n (id INTEGER PRIMARY KEY, {});\nINSERT INTO n SELECT * FROM t;\n\
             DROP TABLE t;\nALTER TABLE n RENAME TO t;\n",
            list(kind)
        );
        assert_eq!(found(&[("001_a.sql", &text), ("002_b.sql", &rebuild)]), "");
    }
}

/// Their rows belong to another table.
#[test]
fn virtual_tables_that_cannot_be_written_to() {
    assert_snapshot!(told("", r"== 001_a.sql
CREATE TABLE posts (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (body);
INSERT INTO words (body) VALUES ('hello');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row);
CREATE VIRTUAL TABLE old_words USING fts4 (body);
INSERT INTO old_words (body) VALUES ('hello');
CREATE VIRTUAL TABLE terms USING fts4aux (old_words);
ALTER TABLE posts RENAME COLUMN body TO text;
== 002_b.sql
CREATE VIEW common AS SELECT * FROM vocabulary;
== 003_c.sql
CREATE TABLE names AS SELECT name FROM sqlite_schema;
ALTER TABLE posts ADD COLUMN a TEXT NOT NULL;
"), @"S05 003_c.sql:2:30 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL");
}

/// SQLite stores them as they are.
#[test]
fn texts_that_are_not_utf_8() {
    assert_snapshot!(told("", r"== 001_a.sql
CREATE TABLE codes (code TEXT PRIMARY KEY, note);
INSERT INTO codes VALUES (CAST(x'ff' AS TEXT), CAST(x'fe' AS TEXT));
CREATE TABLE uses (id INTEGER PRIMARY KEY, code TEXT REFERENCES codes (code));
CREATE INDEX uses_code ON uses (code);
INSERT INTO uses VALUES (1, CAST(x'ff' AS TEXT));
== 002_b.sql
ALTER TABLE codes ADD COLUMN a TEXT;
ALTER TABLE uses ADD COLUMN b TEXT NOT NULL;
"), @"S05 002_b.sql:2:29 SQLite refuses this: Cannot add a NOT NULL column with default value NULL");
}

/// No higher key can follow.
#[test]
fn the_highest_key() {
    assert_snapshot!(told("", r"== 001_a.sql
CREATE TABLE log (id INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT);
INSERT INTO log VALUES (9223372036854775807, 'last');
CREATE TABLE events (id INTEGER PRIMARY KEY, name TEXT);
CREATE TRIGGER events_in AFTER INSERT ON events BEGIN INSERT INTO log (note) VALUES (new.name); END;
== 002_b.sql
ALTER TABLE log ADD COLUMN a TEXT NOT NULL;
ALTER TABLE events ADD COLUMN b TEXT;
"), @"S05 002_b.sql:1:28 SQLite refuses this: Cannot add a NOT NULL column with default value NULL");
}

/// The SQL in a help runs as it is.
#[test]
fn names_that_need_quotes() {
    let files = r#"== 001_a.sql
CREATE TABLE "a b" (id INTEGER PRIMARY KEY);
CREATE TABLE "it's" (id INTEGER PRIMARY KEY, "order" INTEGER REFERENCES "a b" (id));
"#;
    assert_snapshot!(found(&split(files)), @r#"
    S22: the foreign key of `it's` on `order` has no index: each delete in `a b` reads the whole table
     --> migrations/001_a.sql:2:46
      |
    2 | CREATE TABLE "it's" (id INTEGER PRIMARY KEY, "order" INTEGER REFERENCES "a b" (id));
      |                                              ^^^^^^^
      = help: add `CREATE INDEX … ON "it's"("order")`
              or allow it: `-- migrate: allow fk-without-index "why"`
    "#);
}
