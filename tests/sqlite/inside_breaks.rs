//! A run inside of the caller's transaction that does not come to its end.

use crate::database::{BASE, dump};
use migrate_runtime::Event;
use migrate_tests::migrator;
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
