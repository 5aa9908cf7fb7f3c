//! A start with nothing to do: no lock, no write.

use crate::database::{BASE, Database, MODES};
use migrate_runtime::{Migrator, Version};
use migrate_tests::migrator;
use rusqlite::{Connection, OpenFlags};
use std::time::Duration;

const NEXT: (&str, &str) = ("002_next.sql", "CREATE TABLE next(x)");

fn migrated(wal: bool) -> Database {
    let database = Database::new(wal);
    let mut conn = database.open();
    migrator(&[BASE]).up(&mut conn).unwrap();
    database
}

/// Every way to find that there is nothing to do: at once, by the target, and
/// by the longer way through a database that is ahead.
fn idle() -> [Migrator<Version>; 2] {
    [
        migrator(&[BASE]),
        migrator(&[BASE, NEXT]).to(Version::new(1)),
    ]
}

#[test]
fn not_a_byte_is_written() {
    for wal in MODES {
        let database = migrated(wal);
        let mut conn = database.open();
        // The first read may recover the log.
        migrator(&[BASE]).up(&mut conn).unwrap();
        let (files, changes) = (database.files(), conn.total_changes());
        for migrator in idle() {
            assert!(migrator.up(&mut conn).unwrap().is_empty());
            assert!(migrator.plan(&conn).unwrap().is_empty());
            migrator.without_target().status(&conn).unwrap();
        }
        assert_eq!(database.files(), files);
        assert_eq!(conn.total_changes(), changes);
    }
}

#[test]
fn a_writer_does_not_disturb() {
    for wal in MODES {
        let database = migrated(wal);
        let holder = database.open();
        holder
            .execute_batch("BEGIN IMMEDIATE; INSERT INTO a VALUES (99)")
            .unwrap();
        let mut conn = database.open();
        conn.busy_timeout(Duration::ZERO).unwrap();
        // With no patience at all, waiting would be an error.
        for migrator in idle() {
            let migrator = migrator.lock_timeout(Duration::ZERO);
            assert!(migrator.up(&mut conn).unwrap().is_empty());
        }
        // And the other way round: nothing is held afterwards.
        holder.execute_batch("COMMIT").unwrap();
    }
}

/// A read lock that stays would keep a rollback-journal database from ever
/// being written to.
#[test]
fn no_lock_is_left() {
    for wal in MODES {
        let database = migrated(wal);
        let mut conn = database.open();
        for migrator in idle() {
            migrator.up(&mut conn).unwrap();
            migrator.plan(&conn).unwrap();
            migrator.without_target().status(&conn).unwrap();
            let other = database.open();
            other.busy_timeout(Duration::ZERO).unwrap();
            other
                .execute_batch("BEGIN EXCLUSIVE; INSERT INTO a DEFAULT VALUES; COMMIT")
                .unwrap();
        }
        assert!(!conn.is_busy());
    }
}

#[test]
fn a_read_only_connection_is_enough() {
    for wal in MODES {
        let database = migrated(wal);
        let _writer = database.open();
        let mut conn =
            Connection::open_with_flags(database.path(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        for migrator in idle() {
            assert!(migrator.up(&mut conn).unwrap().is_empty());
        }
        let plan = migrator(&[BASE, NEXT]).plan(&conn).unwrap();
        assert_eq!(plan.pending().len(), 1);
        let error = migrator(&[BASE, NEXT]).up(&mut conn).unwrap_err();
        assert!(error.is_read_only());
        let mut writer = database.open();
        writer.pragma_update(None, "query_only", true).unwrap();
        let error = migrator(&[BASE, NEXT]).up(&mut writer).unwrap_err();
        assert!(error.is_read_only());
        writer.pragma_update(None, "query_only", false).unwrap();
        migrator(&[BASE, NEXT]).up(&mut writer).unwrap();
    }
}

/// What no other connection can open needs no write-ahead logging.
#[test]
fn what_cannot_be_switched_is_left_alone() {
    for path in [":memory:", ""] {
        for mode in ["memory", "delete", "persist"] {
            let mut conn = Connection::open(path).unwrap();
            let _ = conn.pragma_update(None, "journal_mode", mode);
            migrator(&[BASE]).wal().up(&mut conn).unwrap();
            assert_ne!(crate::database::text(&conn, "PRAGMA journal_mode"), "wal");
        }
    }
    // A journal in memory is no sign of such a database.
    let database = Database::new(false);
    let mut conn = database.open();
    conn.pragma_update(None, "journal_mode", "memory").unwrap();
    migrator(&[BASE]).wal().up(&mut conn).unwrap();
    assert_eq!(
        crate::database::text(&database.open(), "PRAGMA journal_mode"),
        "wal"
    );
}

#[test]
fn a_plan_writes_nothing() {
    for wal in MODES {
        let database = Database::new(wal);
        let conn = database.open();
        // The first read makes an empty log.
        crate::database::number(&conn, "SELECT count(*) FROM sqlite_schema");
        let files = database.files();
        let plan = migrator(&[BASE, NEXT]).plan(&conn).unwrap();
        assert_eq!(plan.pending().len(), 2);
        assert_eq!(migrator(&[BASE, NEXT]).status(&conn).unwrap().pending(), 2);
        assert_eq!(database.files(), files);
    }
}

#[test]
fn a_target_is_where_it_stops() {
    let database = Database::new(false);
    let mut conn = database.open();
    let third = ("003_third.sql", "CREATE TABLE third(x)");
    let to = |n: u64| migrator(&[BASE, NEXT, third]).to(Version::new(n));
    assert_eq!(to(2).plan(&conn).unwrap().pending().len(), 2);
    assert_eq!(to(2).up(&mut conn).unwrap().applied().len(), 2);
    let files = database.files();
    assert!(to(2).up(&mut conn).unwrap().is_empty());
    assert!(to(1).up(&mut conn).unwrap().is_empty());
    assert!(to(1).plan(&conn).unwrap().is_empty());
    assert_eq!(database.files(), files);
    assert_eq!(to(3).up(&mut conn).unwrap().applied().len(), 1);
    assert!(to(9).up(&mut conn).unwrap().is_empty());
    // What is pending below it is applied, too.
    let mut conn = rusqlite::Connection::open_in_memory().unwrap();
    to(1).up(&mut conn).unwrap();
    assert_eq!(to(3).up(&mut conn).unwrap().applied().len(), 2);
}
