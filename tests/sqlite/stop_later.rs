//! What is not stopped, or not at once.

use crate::database::{Database, MODES, number};
use crate::down::{A, B, C, applied};
use crate::settings::settings;
use crate::stop::labels;
use migrate_runtime::{Down, Event, Repair, Version};
use migrate_sqlite::compat;
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Stopped half-way it would stay half-way.
#[test]
fn a_migration_without_a_transaction_is_finished_first() {
    let outside = (
        "002_b.sql",
        "-- migrate: no-transaction\nCREATE TABLE b(x);\nVACUUM;\n\
         INSERT INTO b WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
         WHERE i < 50000) SELECT i FROM n;\nCREATE TABLE last(x);\n\
         -- migrate:down\n-- migrate: no-transaction\nDROP TABLE last;\nDROP TABLE b;\nVACUUM;\n",
    );
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let files = [A, outside, C];
        let is_set = Arc::new(AtomicBool::new(false));
        let (sets, asks) = (Arc::clone(&is_set), Arc::clone(&is_set));
        let migrator = migrator(&files)
            .observer(move |event: &Event<'_>| {
                if let Event::StatementStarted { label: "002_b", .. } = event {
                    sets.store(true, Ordering::Relaxed);
                }
            })
            .stop_when(move || asks.load(Ordering::Relaxed));
        let before = settings(&conn);
        let error = migrator.up(&mut conn).unwrap_err();
        assert!(error.is_stopped(), "{}", chain(&error));
        insta::allow_duplicates! { insta::assert_snapshot!(chain(&error), @"stopped before migration `003_c`"); }
        assert_eq!(labels(&error), ["001_a", "002_b"]);
        assert_eq!(settings(&conn), before);
        assert_eq!(number(&conn, "SELECT count(*) FROM b"), 50_000);
        assert_eq!(number(&conn, "SELECT count(*) FROM last"), 0);
        // As the last one it is not stopped at all; nor is its down.
        is_set.store(false, Ordering::Relaxed);
        let report = migrator.down(&mut conn, Down::Steps(1)).unwrap();
        assert_eq!(report.undone()[0].label, "002_b");
        assert!(is_set.swap(false, Ordering::Relaxed));
        let to_second = migrator.clone().to(Version::new(2));
        assert_eq!(to_second.up(&mut conn).unwrap().applied().len(), 1);
        assert!(is_set.swap(false, Ordering::Relaxed));
        // Between its two runs, a redo is stopped.
        let error = migrator.redo(&mut conn).unwrap_err();
        insta::allow_duplicates! { insta::assert_snapshot!(chain(&error), @"stopped before migration `002_b`"); }
        assert_eq!(error.report().undone().len(), 1);
        is_set.store(false, Ordering::Relaxed);
        assert!(migrator.up(&mut conn).unwrap_err().is_stopped());
        is_set.store(false, Ordering::Relaxed);
        assert_eq!(migrator.up(&mut conn).unwrap().applied()[0].label, "003_c");
    }
}

/// Nor is its wait for others cut short, between its statements.
#[test]
fn a_wait_within_one_is_not_ended() {
    let database = Database::new(true);
    let mut conn = database.open();
    migrator(&[A]).up(&mut conn).unwrap();
    conn.busy_timeout(Duration::from_secs(60)).unwrap();
    let outside = "-- migrate: no-transaction\nCREATE TABLE b(x);\nVACUUM;\nCREATE TABLE d(x);\n";
    let is_set = Arc::new(AtomicBool::new(false));
    let asks = Arc::clone(&is_set);
    let path = database.path();
    let migrator = migrator(&[A, ("002_b.sql", outside)])
        .observer(move |event: &Event<'_>| {
            if let Event::StatementEnded { number: 2, .. } = event {
                let holder = Connection::open(&path).unwrap();
                holder.execute_batch("BEGIN IMMEDIATE").unwrap();
                is_set.store(true, Ordering::Relaxed);
                thread::spawn(move || {
                    thread::sleep(Duration::from_millis(300));
                    drop(holder);
                });
            }
        })
        .stop_when(move || asks.load(Ordering::Relaxed));
    let report = migrator.up(&mut conn).unwrap();
    assert_eq!(report.applied().len(), 1);
    assert!(report.elapsed() >= Duration::from_millis(300));
}

/// To resume one is to finish it.
#[test]
fn a_repair_that_resumes_is_not_stopped() {
    let broken = "-- migrate: no-transaction\nCREATE TABLE b(x);\nINSERT INTO late VALUES (1);\n";
    let database = Database::new(true);
    let mut conn = database.open();
    let migrator = migrator(&[A, ("002_b.sql", broken)]).stop_when(|| true);
    conn.execute_batch("PRAGMA user_version = 1").unwrap();
    let patient = migrate_tests::migrator(&[A, ("002_b.sql", broken)]);
    patient.up(&mut conn).unwrap_err();
    conn.execute_batch("CREATE TABLE late(x)").unwrap();
    migrator
        .repair(&mut conn, Version::new(2), Repair::Resume)
        .unwrap();
    assert_eq!(number(&conn, "SELECT count(*) FROM late"), 1);
    // With nothing pending nobody is asked.
    assert!(migrator.up(&mut conn).unwrap().is_empty());
}

/// The copy of a large database takes its time.
#[test]
fn a_backup_is_stopped() {
    let database = Database::new(true);
    let mut conn = database.open();
    migrator(&[A]).up(&mut conn).unwrap();
    conn.execute_batch(
        "INSERT INTO a WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
         WHERE i < 100000) SELECT i FROM n",
    )
    .unwrap();
    let copies = tempfile::tempdir().unwrap();
    let asked = AtomicU64::new(0);
    let error = migrator(&[A, B])
        .backup_to(copies.path())
        // Once before the migration begins, and then amid the copy.
        .stop_when(move || asked.fetch_add(1, Ordering::Relaxed) > 0)
        .up(&mut conn)
        .unwrap_err();
    insta::assert_snapshot!(chain(&error), @"stopped before migration `002_b`");
    assert_eq!(std::fs::read_dir(copies.path()).unwrap().count(), 0);
    let report = migrator(&[A, B]).backup_to(copies.path()).up(&mut conn);
    assert!(report.unwrap().backup().is_some());
}

/// Whoever has not asked for it keeps a progress handler of their own.
#[test]
fn without_it_the_handler_of_the_application_stays() {
    let (mut conn, migrator) = applied(&[A]);
    let calls = Arc::new(AtomicU64::new(0));
    let counts = Arc::clone(&calls);
    let count = move || {
        counts.fetch_add(1, Ordering::Relaxed);
        false
    };
    compat::set_progress_handler(&mut conn, 1, Some(count)).unwrap();
    assert_eq!(migrator.redo(&mut conn).unwrap().applied().len(), 1);
    let during = calls.load(Ordering::Relaxed);
    number(&conn, "SELECT count(*) FROM sqlite_schema");
    assert!(during > 0 && calls.load(Ordering::Relaxed) > during);
}
