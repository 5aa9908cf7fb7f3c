//! An error of the disk that ends the transaction, met where the run asks
//! SQLite something whose failure is an answer too. If it is taken for one, all
//! that follows commits by itself.

use migrate_faults::{Fault, Faults, Op};
use migrate_tests::{chain, migrator};
use rusqlite::{Connection, ffi};
use std::ffi::c_int;

const BASE: (&str, &str) = (
    "001_parent.sql",
    "CREATE TABLE parent(id INTEGER PRIMARY KEY, filler);
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
     INSERT INTO parent SELECT i, zeroblob(500) FROM n;",
);

const NEXT: (&str, &str) = (
    "002_child.sql",
    "UPDATE parent SET filler = 1 WHERE id = 1;
     CREATE TABLE child(id INTEGER PRIMARY KEY, parent REFERENCES parent);
     INSERT INTO child(parent) SELECT id FROM parent;",
);

/// Lets each call of an operation fail once, and checks that the first and the
/// last statement of the migration took effect if and only if it is recorded.
/// Returns the messages of the failures.
fn each_once(disk: Faults, op: Op, code: c_int) -> Vec<String> {
    let mut messages = Vec::new();
    for nth in 1.. {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.db");
        migrator(&[BASE])
            .up(&mut disk.open(&path).unwrap())
            .unwrap();
        let mut conn = disk.open(&path).unwrap();
        conn.pragma_update(None, "cache_size", 5).unwrap();
        disk.fail(Fault::once(op, nth, code));
        let result = migrator(&[BASE, NEXT]).up(&mut conn);
        let fired = disk.fired();
        disk.heal();
        let message = result
            .as_ref()
            .map_or_else(|error| chain(error), |_| "ok".to_owned());
        let context = format!("{op:?} {nth}: {message}");
        let is_recorded = is_so(&conn, "SELECT count(*) = 2 FROM _migrations");
        let first = is_so(&conn, "SELECT filler = 1 FROM parent WHERE id = 1");
        let last = conn.table_exists(Some("main"), "child").unwrap();
        assert_eq!((first, last), (is_recorded, is_recorded), "{context}");
        assert!(is_recorded || result.is_err(), "{context}");
        if fired == 0 {
            break;
        }
        messages.push(message);
    }
    messages
}

fn is_so(conn: &Connection, sql: &str) -> bool {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[track_caller]
fn assert_seen(messages: &[String], doing: &str) {
    let is_seen = messages.iter().any(|message| message.contains(doing));
    assert!(is_seen, "no call failed while {doing}: {messages:?}");
}

/// The check of references fails, and the check of each table by itself, which
/// is meant for a foreign key that cannot be checked, does not.
#[test]
fn an_error_in_the_check_of_references_ends_the_migration() {
    let disk = Faults::register("swallowed-read");
    let messages = each_once(disk, Op::Read, ffi::SQLITE_IOERR_READ);
    assert_seen(&messages, "checking the schema");
}

/// The renaming of a table that finds out whether the schema holds
/// double-quoted strings is the first to write.
#[test]
fn an_error_in_the_first_write_ends_the_migration() {
    let disk = Faults::register("swallowed-write");
    let messages = each_once(disk, Op::Write, ffi::SQLITE_IOERR_WRITE);
    assert_seen(&messages, "trying to rename a table");
}
