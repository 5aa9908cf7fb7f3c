//! A script that tries to leave its transaction, or to make it worthless.

use crate::database::{BASE, Database, MODES, dump, number, refused_second};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;

/// What the error says of a statement between two others, in both modes.
fn check(statement: &str) -> String {
    let script = format!("INSERT INTO a VALUES (3);\n{statement};\nCREATE TABLE b(y);");
    let mut shown = MODES.map(|wal| {
        let database = Database::new(wal);
        let mut conn = database.open();
        migrator(&[BASE]).up(&mut conn).unwrap();
        let error = refused_second(&mut conn, &script);
        assert_eq!(number(&conn, "SELECT count(*) FROM a"), 2);
        assert_eq!(number(&conn, "SELECT max(version) FROM _migrations"), 2);
        chain(&error)
    });
    assert_eq!(shown[0], shown[1]);
    std::mem::take(&mut shown[0])
}

/// The macro refuses the same: docs/internals/sqlite.md, "The authorizer".
#[test]
fn every_spelling_is_refused() {
    for statement in [
        "COMMIT",
        "commit",
        "CoMmIt TRANSACTION",
        "END",
        "end transaction",
        "ROLLBACK",
        "rollback transaction",
        "BEGIN",
        "begin immediate",
        "BEGIN EXCLUSIVE TRANSACTION",
        "/* now */ COMMIT",
        "-- now\n\tCOMMIT",
        "COMMIT /* it */ TRANSACTION",
        "/**/END/**/",
        "EXPLAIN COMMIT",
        "EXPLAIN QUERY PLAN ROLLBACK",
    ] {
        let message = check(statement);
        assert!(message.contains("transaction control"), "{message}");
    }
    for statement in [
        "SAVEPOINT s",
        "savepoint \"s\"",
        "RELEASE s",
        "release savepoint s",
        "ROLLBACK TO s",
        "Rollback Transaction To Savepoint s",
        "/* x */ SAVEPOINT /* y */ s",
        "EXPLAIN SAVEPOINT s",
        "SAVEPOINT s; INSERT INTO a VALUES (4); RELEASE s",
    ] {
        let message = check(statement);
        assert!(message.contains("savepoints are not"), "{message}");
    }
}

#[test]
fn the_place_and_the_mending_are_told() {
    insta::assert_snapshot!(
        check("-- now\n  COMMIT"),
        @"migration `002_second` was refused at 002_second.sql:3:3 and rolled back: transaction control would end the migration's transaction; remove it, the runner begins and commits"
    );
}

/// 8. A runner that only looks at the end of the script sees nothing wrong.
#[test]
fn a_transaction_put_back_in_place_is_seen() {
    for script in [
        "END; INSERT INTO a VALUES (9); BEGIN",
        "COMMIT; BEGIN",
        "ROLLBACK; BEGIN",
        "ROLLBACK; BEGIN IMMEDIATE",
    ] {
        let message = check(script);
        assert!(message.contains("transaction control"), "{message}");
    }
}

/// 9. SQLite rolls back by itself, and a second rollback would hide why.
#[test]
fn the_first_error_is_shown() {
    for (script, expected) in [
        (
            "INSERT OR ROLLBACK INTO a VALUES (1)",
            "UNIQUE constraint failed: a.x",
        ),
        (
            "UPDATE OR ROLLBACK a SET x = 1",
            "UNIQUE constraint failed: a.x",
        ),
        (
            "CREATE TABLE c(y UNIQUE ON CONFLICT ROLLBACK); INSERT INTO c VALUES (1), (1)",
            "UNIQUE constraint failed: c.y",
        ),
        (
            "CREATE TRIGGER t BEFORE DELETE ON a BEGIN SELECT RAISE(ROLLBACK, 'kept'); END; \
             DELETE FROM a",
            "kept",
        ),
    ] {
        let message = check(script);
        assert!(message.contains(expected), "{message}");
        assert!(!message.contains("no transaction is active"), "{message}");
    }
}

/// The application has switched the journal off. SQLite would report a rollback,
/// and keep the changes or damage the file.
#[test]
fn a_connection_without_a_journal_is_refused() {
    let files = [BASE, ("002_b.sql", "CREATE TABLE b(y); SELECT missing")];
    let database = Database::new(false);
    for mut conn in [database.open(), Connection::open_in_memory().unwrap()] {
        migrator(&[BASE]).up(&mut conn).unwrap();
        conn.pragma_update(None, "journal_mode", "off").unwrap();
        let before = dump(&conn);
        insta::allow_duplicates! {
            insta::assert_snapshot!(
                chain(&migrator(&files).up(&mut conn).unwrap_err()),
                @"the journal of the connection is off, so a failed migration could not be rolled back; nothing was applied, set another `journal_mode` first"
            );
        }
        assert_eq!(dump(&conn), before);
        assert!(migrator(&[BASE]).up(&mut conn).unwrap().is_empty());
    }
}

/// 14. Without a journal, SQLite says that it rolled back, and has not.
#[test]
fn the_journal_stays() {
    for pragma in [
        "PRAGMA journal_mode = OFF",
        "pragma main.journal_mode('memory')",
        "PRAGMA journal_mode(off)",
    ] {
        let message = check(pragma);
        assert!(message.contains("`PRAGMA journal_mode`"), "{message}");
    }
    let database = Database::new(false);
    let mut conn = database.open();
    migrator(&[BASE]).up(&mut conn).unwrap();
    refused_second(&mut conn, "PRAGMA journal_mode = OFF");
    conn.pragma_update(None, "cache_size", 2).unwrap();
    let before = crate::database::dump(&conn);
    let spill = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n LIMIT 20000) \
                 INSERT INTO a SELECT i FROM n;\nSELECT nothing;";
    migrator(&[
        BASE,
        ("002_second.sql", "CREATE TABLE later(z)"),
        ("003_x.sql", spill),
    ])
    .up(&mut conn)
    .unwrap_err();
    assert_eq!(crate::database::dump(&conn), before);
    assert_eq!(crate::database::text(&conn, "PRAGMA integrity_check"), "ok");
}
