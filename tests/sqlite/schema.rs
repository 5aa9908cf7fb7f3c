//! The questions that a migration in Rust asks about a schema.

use crate::database::{dump, memory};
use migrate_runtime::schema::{add_column_if_missing, column_exists, index_exists, table_exists};
use migrate_tests::chain;
use rusqlite::Connection;

const SCHEMA: &str = r#"
    CREATE TABLE Users(id INTEGER PRIMARY KEY, "e mail" TEXT, [Größe] INTEGER,
        twice INTEGER AS (id * 2), stored INTEGER AS (id * 3) STORED);
    CREATE INDEX by_mail ON Users("e mail");
    CREATE VIEW everyone AS SELECT id AS number FROM Users;
    CREATE TABLE "a ""b"" 'c'; --"(x, "y ""z""");
    CREATE VIRTUAL TABLE words USING fts5(body);
    CREATE TEMP TABLE passing(x);
    CREATE TEMP TABLE Users(other);
    CREATE INDEX temp.passing_by ON passing(x);
    ATTACH ':memory:' AS beside;
    CREATE TABLE beside.elsewhere(x);
"#;

fn conn() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(SCHEMA).unwrap();
    conn
}

#[test]
fn tables() {
    let conn = conn();
    for table in [
        "Users",
        "users",
        "USERS",
        "a \"b\" 'c'; --",
        "A \"B\" 'C'; --",
        "words",
    ] {
        assert!(table_exists(&conn, table).unwrap(), "{table}");
    }
    // Neither other objects nor other databases, nor patterns or quotes.
    for table in [
        "everyone",
        "by_mail",
        "passing",
        "elsewhere",
        "user_",
        "user%",
        "",
        "\"Users\"",
        "main.Users",
        "Users\0",
        " Users",
    ] {
        assert!(!table_exists(&conn, table).unwrap(), "{table}");
    }
}

#[test]
fn indexes() {
    let conn = conn();
    for index in ["by_mail", "BY_MAIL"] {
        assert!(index_exists(&conn, index).unwrap(), "{index}");
    }
    for index in ["Users", "passing_by", "by_", "\"by_mail\""] {
        assert!(!index_exists(&conn, index).unwrap(), "{index}");
    }
}

#[test]
fn columns() {
    let conn = conn();
    for (table, column) in [
        ("Users", "id"),
        ("USERS", "ID"),
        ("Users", "e mail"),
        ("Users", "E Mail"),
        ("Users", "Größe"),
        ("Users", "twice"),
        ("users", "STORED"),
        ("everyone", "number"),
        ("a \"b\" 'c'; --", "y \"z\""),
        ("words", "body"),
    ] {
        assert!(
            column_exists(&conn, table, column).unwrap(),
            "{table}.{column}"
        );
    }
    for (table, column) in [
        ("Users", "email"),
        ("Users", "\"e mail\""),
        ("Users", "rowid"),
        ("Users", "other"),
        // Only ASCII letters are equal up to case.
        ("Users", "GRÖSSE"),
        ("Users", "GRÖßE"),
        ("passing", "x"),
        ("elsewhere", "x"),
        ("nothing", "x"),
        ("by_mail", "e mail"),
    ] {
        assert!(
            !column_exists(&conn, table, column).unwrap(),
            "{table}.{column}"
        );
    }
}

#[test]
fn a_column_is_added_once() {
    let conn = conn();
    for (table, column, definition) in [
        ("users", "age", "INTEGER NOT NULL DEFAULT 7"),
        ("a \"b\" 'c'; --", "n \"m\"; DROP TABLE Users; --", ""),
        ("Users", "thrice", "INTEGER AS (id * 3)"),
    ] {
        assert!(add_column_if_missing(&conn, table, column, definition).unwrap());
        assert!(column_exists(&conn, table, column).unwrap());
        let before = dump(&conn);
        for column in [column, &column.to_uppercase()] {
            assert!(!add_column_if_missing(&conn, table, column, definition).unwrap());
        }
        assert_eq!(dump(&conn), before);
    }
    // The temporary table of the same name has not got it.
    assert!(conn.prepare("SELECT age FROM temp.Users").is_err());
    assert!(conn.prepare("SELECT age FROM main.Users").is_ok());
    for generated in ["twice", "stored"] {
        assert!(!add_column_if_missing(&conn, "Users", generated, "TEXT").unwrap());
    }
}

#[test]
fn what_cannot_get_a_column() {
    let conn = memory();
    conn.execute_batch("CREATE VIEW v AS SELECT x FROM a")
        .unwrap();
    let refused = |table, definition| {
        chain(&add_column_if_missing(&conn, table, "new", definition).unwrap_err())
    };
    insta::assert_snapshot!(refused("nothing", "TEXT"), @"no such table: main.nothing: Error code 1");
    insta::assert_snapshot!(refused("v", "TEXT"), @"Cannot add a column to a view: Error code 1");
    insta::assert_snapshot!(refused("a", "TEXT NOT NULL"), @"Cannot add a NOT NULL column with default value NULL: Error code 1");
}
