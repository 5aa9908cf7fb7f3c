//! Locks that others hold for longer than a run can wait.

use crate::database::{Database, Journal};
use crate::worker::{Outcome, Worker};
use std::time::Duration;

const SET: &str = "steps:3:3";
const OLDER: &str = "steps:2:3";

/// How much later than its deadline a run may end on a busy machine.
const MARGIN: Duration = Duration::from_secs(4);

/// Starts a process that takes a lock, and keeps it until it is dropped.
fn hold(database: &Database, sql: &str) -> Worker {
    database.start(SET, &[&format!("hold={sql}")])
}

#[track_caller]
fn assert_locked(outcome: &Outcome, deadline: Duration, database: &Database) {
    outcome.assert_error("locked");
    assert!(outcome.applied.is_empty(), "{outcome:?}");
    let elapsed = outcome.elapsed;
    assert!(
        deadline <= elapsed && elapsed < deadline + MARGIN,
        "{outcome:?}"
    );
    // Tenths are told, and rounded.
    let told: f64 = outcome
        .message
        .split_once("waited ")
        .unwrap()
        .1
        .split_once(" s ")
        .unwrap()
        .0
        .parse()
        .unwrap();
    let bounds = deadline.as_secs_f64() - 0.05..=elapsed.as_secs_f64() + 0.05;
    assert!(bounds.contains(&told), "{outcome:?}");
    let path = format!("`{}`", database.path().display());
    assert!(outcome.message.contains(&path), "{outcome:?}");
}

// docs/internals/sqlite.md, "Waiting for the write lock".

#[test]
fn a_writer_that_never_ends_is_waited_for_until_the_deadline() {
    for journal in [Journal::Rollback, Journal::Wal] {
        let database = Database::new(journal);
        database.run(OLDER, &[]).assert_ok();
        let holder = hold(&database, "BEGIN IMMEDIATE");

        let outcome = database.run(SET, &["lock_timeout_ms=1000"]);
        assert_locked(&outcome, Duration::from_secs(1), &database);
        assert!(
            outcome.message.contains("for the write lock"),
            "{outcome:?}"
        );
        assert_eq!(database.check_steps(3), 2);

        // With nothing pending no lock is needed.
        database.run(OLDER, &["lock_timeout_ms=1000"]).assert_ok();

        drop(holder);
        database.run(SET, &[]).assert_ok();
        assert_eq!(database.check_steps(3), 3);
    }
}

#[test]
fn an_exclusive_lock_that_never_ends_is_waited_for_until_the_deadline() {
    let database = Database::new(Journal::Rollback);
    database.run(OLDER, &[]).assert_ok();
    let holder = hold(&database, "BEGIN EXCLUSIVE");
    for set in [OLDER, SET] {
        // The first read waits as the application said; what is left until the
        // deadline comes after it.
        let outcome = database.run(set, &["busy_ms=300", "lock_timeout_ms=2000"]);
        assert_locked(&outcome, Duration::from_secs(2), &database);
        assert!(outcome.message.contains("for a read"), "{outcome:?}");
    }
    drop(holder);
    assert_eq!(database.check_steps(3), 2);
    database.run(SET, &[]).assert_ok();
}

#[test]
fn a_busy_timeout_beyond_the_deadline_is_waited_for_once() {
    let database = Database::new(Journal::Rollback);
    let holder = hold(&database, "BEGIN EXCLUSIVE");
    let outcome = database.run(SET, &["busy_ms=5000", "lock_timeout_ms=1000"]);
    drop(holder);
    assert_locked(&outcome, Duration::from_secs(5), &database);
}

#[test]
fn a_switch_to_wal_waits_until_the_deadline() {
    let database = Database::new(Journal::Rollback);
    database.run(SET, &[]).assert_ok();
    let holder = hold(&database, "BEGIN IMMEDIATE");
    let outcome = database.run(SET, &["wal=yes", "lock_timeout_ms=1000"]);
    assert_locked(&outcome, Duration::from_secs(1), &database);
    drop(holder);
    database.run(SET, &["wal=yes"]).assert_ok();
}

// With a rollback journal a commit waits for readers.

const READ: &str = "BEGIN; SELECT count(*) FROM sqlite_schema";

#[test]
fn a_commit_succeeds_when_the_reader_ends() {
    let database = Database::new(Journal::Rollback);
    database.run(OLDER, &[]).assert_ok();
    let mut reader = hold(&database, READ);
    let mut run = database.start(SET, &["lock_timeout_ms=20000"]);
    run.release();
    std::thread::sleep(Duration::from_millis(700));
    assert!(!run.has_ended(), "it did not wait");
    reader.release();
    let outcome = run.finish();
    outcome.assert_ok();
    assert_eq!(outcome.applied, [3]);
    assert_eq!(database.check_steps(3), 3);
}

#[test]
fn a_commit_is_rolled_back_when_the_reader_stays() {
    let database = Database::new(Journal::Rollback);
    database.run(OLDER, &[]).assert_ok();
    let before = std::fs::read(database.path()).unwrap();
    let reader = hold(&database, READ);
    let outcome = database.run(SET, &["lock_timeout_ms=1000"]);
    assert_locked(&outcome, Duration::from_secs(1), &database);
    assert!(outcome.message.contains("for the readers"), "{outcome:?}");
    drop(reader);
    assert!(!database.journal().exists());
    assert!(before == std::fs::read(database.path()).unwrap());
    database.run(SET, &[]).assert_ok();
    assert_eq!(database.check_steps(3), 3);
}

#[test]
fn a_reader_is_not_waited_for_in_each_statement_that_spills() {
    let database = Database::new(Journal::Rollback);
    database
        .open()
        .execute_batch("CREATE TABLE big(page BLOB); DROP TABLE big")
        .unwrap();
    let before = std::fs::read(database.path()).unwrap();
    let reader = hold(&database, READ);
    let settings = ["cache_pages=5", "lock_timeout_ms=1000"];
    let outcome = database.run("inserts:40", &settings);
    drop(reader);
    outcome.assert_error("locked");
    // Once for the statements together, and once for the commit.
    assert!(
        outcome.elapsed < Duration::from_secs(2) + MARGIN,
        "{outcome:?}"
    );
    assert!(before == std::fs::read(database.path()).unwrap());
}

#[test]
fn readers_do_not_delay_a_run_with_wal() {
    let database = Database::new(Journal::Wal);
    database.run(OLDER, &[]).assert_ok();
    let reader = hold(&database, READ);
    database.run(SET, &["lock_timeout_ms=1000"]).assert_ok();
    drop(reader);
    assert_eq!(database.check_steps(3), 3);
}
