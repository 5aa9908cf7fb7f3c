//! A run inside of the caller's transaction that does not come to its end.

use crate::database::{BASE, dump};
use migrate_runtime::{Checksum, Event, Migration, Migrator, Registry, Script, Version};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn memory() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; CREATE TABLE mine(x)")
        .unwrap();
    conn
}

/// 46. Half of a migration must not be committed by a caller who goes on.
#[test]
fn a_panic_of_the_observer_leaves_nothing_behind() {
    let mut conn = memory();
    let before = dump(&conn);
    let tx = conn.transaction().unwrap();
    let observer = |event: &Event<'_>| {
        let is_half =
            matches!(event, Event::StatementEnded { number: 1, label, .. } if *label == "002_half");
        assert!(!is_half, "in the middle");
    };
    let half = ("002_half.sql", "CREATE TABLE b(y);\nCREATE TABLE c(z);\n");
    let migrator = migrator(&[BASE, half]).observer(observer);
    let panicked = catch_unwind(AssertUnwindSafe(|| migrator.up_in(&tx)));
    assert!(panicked.is_err());
    tx.commit().unwrap();
    assert_eq!(dump(&conn), before);
}

/// A semicolon in front is a statement of its own, which does nothing.
#[test]
fn a_commit_behind_a_semicolon_is_one() {
    const COMMITTING: [Migration; 2] = [
        Migration::new(
            Version::new(1),
            "001_a",
            Checksum::from_hex([b'0'; 64]),
            Script::single("001_a.sql", "CREATE TABLE a(x)"),
        ),
        Migration::new(
            Version::new(2),
            "002_b",
            Checksum::from_hex([b'1'; 64]),
            Script::single("002_b.sql", "; /* */ ;\nCOMMIT"),
        ),
    ];
    static REGISTRY: Registry = Registry::new(&COMMITTING);
    let mut conn = memory();
    let before = dump(&conn);
    let tx = conn.transaction().unwrap();
    let error = Migrator::<Version>::new(&REGISTRY).up_in(&tx).unwrap_err();
    insta::assert_snapshot!(chain(&error), @"migration `002_b` was refused at 002_b.sql:1:1 and rolled back: transaction control would end the migration's transaction; remove it, the caller begins and commits; all migrations of this run share one transaction, so none took effect");
    assert!(!tx.is_autocommit());
    tx.commit().unwrap();
    assert_eq!(dump(&conn), before);
}
