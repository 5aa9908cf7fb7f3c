//! Migrations without a transaction: several starters, other connections
//! meanwhile, and processes that die in the middle.

use crate::database::{Database, Journal};
use crate::worker::{Outcome, applied, together};
use crate::{conclude, rounds};
use migrate_runtime::{Migrator, Repair, Version};
use migrate_tests::{chain, sets};
use rusqlite::Connection;
use std::iter::repeat_with;
use std::time::Duration;

/// A ledger, and eight statements, of which the first and the fifth compact
/// the file.
const SET: &str = "outside:8";
const COUNT: usize = 8;

/// How often the ledger was tripled after so many statements.
fn triples(statements: usize) -> u32 {
    let is_triple = |n: &usize| !n.is_multiple_of(4);
    u32::try_from((0..statements).filter(is_triple).count()).unwrap()
}

fn number(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn text(conn: &Connection, sql: &str) -> String {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Checks that the file is sound, and that so many statements took effect.
#[track_caller]
fn check(conn: &Connection, statements: usize) {
    assert_eq!(text(conn, "PRAGMA integrity_check"), "ok");
    let balance = number(conn, "SELECT balance FROM ledger");
    assert_eq!(balance, 3_i64.pow(triples(statements)));
}

fn migrator() -> Migrator<Version> {
    sets::migrator(SET).lock_timeout(Duration::from_secs(10))
}

// docs/internals/sqlite.md, "Migrations without a transaction".

#[test]
fn of_many_starters_one_runs_and_the_others_wait_with_a_rollback_journal() {
    race(Journal::Rollback);
}

#[test]
fn of_many_starters_one_runs_and_the_others_wait_with_wal() {
    race(Journal::Wal);
}

fn race(journal: Journal) {
    let mut succeeded = 0;
    let mut all = 0;
    for starters in [2, 8] {
        for _ in 0..rounds(10) {
            let database = Database::new(journal);
            let command = || database.command(SET, &[]);
            let outcomes = together(repeat_with(command).take(starters));
            outcomes.iter().for_each(Outcome::assert_ok);
            assert_eq!(applied(&outcomes), [1, 2]);
            check(&database.open(), COUNT);
            succeeded += outcomes.len();
            all += starters;
        }
    }
    conclude(succeeded, all);
}

/// Lets a worker go on that waits before a statement.
fn go_on(database: &Database) {
    std::fs::write(database.directory().join("app.db.go"), "").unwrap();
}

/// Whether another connection can write at once.
fn can_write(database: &Database) -> bool {
    let conn = Connection::open(database.path()).unwrap();
    conn.busy_timeout(Duration::ZERO).unwrap();
    conn.execute_batch("UPDATE t1 SET touched = touched")
        .is_ok()
}

#[test]
fn every_other_connection_is_kept_out_with_a_rollback_journal() {
    let database = Database::new(Journal::Rollback);
    for statement in 1..=COUNT {
        let database = database.copy();
        let worker = paused(&database, statement);
        let conn = Connection::open(database.path()).unwrap();
        conn.busy_timeout(Duration::ZERO).unwrap();
        let read = conn.query_row("SELECT count(*) FROM t1", [], |_| Ok(()));
        assert!(read.is_err(), "{statement}");
        assert!(!can_write(&database), "{statement}");
        go_on(&database);
        worker.finish().assert_ok();
        assert!(can_write(&database), "{statement}");
        check(&database.open(), COUNT);
    }
}

fn paused(database: &Database, statement: usize) -> crate::worker::Worker {
    let mut worker = database.start(SET, &[&format!("pause_at={statement}")]);
    worker.release();
    worker.wait_for("paused");
    worker
}

/// With write-ahead logging a connection that is open, however idle, makes it
/// impossible to keep the file alone; those who migrate wait all the same.
#[test]
fn with_wal_others_read_and_write_and_whoever_migrates_waits() {
    for statement in 1..=COUNT {
        let database = Database::new(Journal::Wal);
        let mut idle = database.open();
        let worker = paused(&database, statement);
        assert_eq!(number(&idle, "SELECT count(*) FROM t1"), 2000);
        // Before a statement that needs no transaction, nobody has the lock.
        assert_eq!(can_write(&database), statement % 4 == 1, "{statement}");
        let short = migrator().lock_timeout(Duration::from_millis(100));
        for error in [
            short.up(&mut idle).unwrap_err(),
            short
                .repair(&mut idle, Version::new(2), Repair::Resume)
                .unwrap_err(),
            short
                .repair(&mut idle, Version::new(2), Repair::MarkPending)
                .unwrap_err(),
            short
                .down(&mut idle, migrate_runtime::Down::Steps(1))
                .unwrap_err(),
        ] {
            assert!(error.is_locked() && !error.is_dirty(), "{}", chain(&error));
        }
        let mut second = database.start(SET, &[]);
        second.release();
        go_on(&database);
        worker.finish().assert_ok();
        let second = second.finish();
        second.assert_ok();
        assert_eq!(second.applied, []);
        check(&database.open(), COUNT);
        assert!(can_write(&database));
        assert!(!database.directory().join("app.db-migrating").exists());
    }
}

// The same section: the owner is killed.

#[test]
fn a_kill_around_each_statement_leaves_what_the_history_says() {
    for journal in [Journal::Rollback, Journal::Wal] {
        for statement in 1..=COUNT {
            // Before it, and when it has ended but is not recorded.
            for moment in ["at", "in"] {
                let database = Database::new(journal);
                let outcome = database.run(SET, &[&format!("abort_{moment}={statement}")]);
                assert_eq!(outcome.status.code(), None, "{outcome:?}");
                resolve(&database, Some(statement - 1), statement % 3);
            }
        }
    }
}

/// Checks what a run that has died left, and fixes it in one of the ways. `None`
/// if the moment was left to chance. Returns whether it was dirty.
#[track_caller]
fn resolve(database: &Database, expected: Option<usize>, way: usize) -> bool {
    let mut conn = database.open();
    let status = migrator().status(&conn).unwrap();
    let result = migrator().up(&mut conn);
    let Err(error) = result else {
        assert_eq!(expected, None);
        check(&conn, COUNT);
        return false;
    };
    assert!(error.is_dirty(), "{}", chain(&error));
    assert!(status.to_string().contains("[~] 002_m"), "{status}");
    assert!(migrator().plan(&conn).unwrap_err().is_dirty());
    let steps = migrate_runtime::Down::Steps(1);
    assert!(migrator().down(&mut conn, steps).unwrap_err().is_dirty());
    let message = error.to_string();
    let done = (0..=COUNT)
        .find(|done| message.contains(&format!(": {done} of {COUNT} statements")))
        .unwrap();
    if let Some(expected) = expected {
        assert_eq!(done, expected);
    }
    if done < COUNT {
        let place = format!("(002_m.sql:{}:1)", done + 2);
        assert!(message.contains(&place), "{message}");
    }
    // What is said to be done is done, and nothing else is.
    check(&conn, done);
    let version = Version::new(2);
    match way {
        0 => {
            let repaired = migrator()
                .repair(&mut conn, version, Repair::Resume)
                .unwrap();
            assert_eq!(repaired.to_string(), "resumed and finished 002_m");
            check(&conn, COUNT);
        }
        1 => {
            let reason = Repair::MarkApplied("it was ended by hand");
            migrator().repair(&mut conn, version, reason).unwrap();
            let note = text(&conn, "SELECT note FROM _migrations WHERE version = 2");
            let (_, note) = note.split_once(' ').unwrap();
            assert_eq!(note, "marked as applied: it was ended by hand");
            check(&conn, done);
        }
        _ => {
            migrator()
                .repair(&mut conn, version, Repair::MarkPending)
                .unwrap();
            assert_eq!(number(&conn, "SELECT count(*) FROM _migrations"), 1);
            migrator().up(&mut conn).unwrap();
            let triples = triples(done) + triples(COUNT);
            assert_eq!(
                number(&conn, "SELECT balance FROM ledger"),
                3_i64.pow(triples)
            );
        }
    }
    assert!(migrator().up(&mut conn).unwrap().applied().is_empty());
    assert!(!database.directory().join("app.db-migrating").exists());
    assert!(can_write(database));
    true
}

#[test]
fn a_kill_at_any_moment_leaves_what_the_history_says() {
    for journal in [Journal::Rollback, Journal::Wal] {
        let whole = Database::new(journal).run(SET, &[]).elapsed;
        let latest = whole.max(Duration::from_millis(2));
        let (mut dirty, mut kills) = (0, 0);
        while dirty < rounds(15) {
            assert!(kills < rounds(600), "kills come too early or too late");
            let database = Database::new(journal);
            let mut worker = database.start(SET, &[]);
            worker.release();
            std::thread::sleep(latest.mul_f64(fastrand::f64()));
            worker.kill();
            kills += 1;
            dirty += usize::from(resolve(&database, None, kills % 3));
        }
        println!("{journal:?}: {kills} kills, {dirty} of them in the middle, 0 wrong");
    }
}
