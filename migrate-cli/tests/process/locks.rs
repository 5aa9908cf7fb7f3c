//! A lock that another process holds.

use crate::running::{Running, SOON, STATUS, UP, history, open};
use crate::support::Folder;
use insta::assert_snapshot;
use rustix::process::Signal;
use std::thread::sleep;
use std::time::{Duration, Instant};

fn folder() -> Folder {
    Folder::with(&[(
        "migrations/001_users.sql",
        "CREATE TABLE users (id INTEGER PRIMARY KEY);\n-- migrate:down\nDROP TABLE users;\n",
    )])
}

#[test]
fn a_lock_that_is_not_had_in_time_has_its_own_exit_code() {
    let folder = folder();
    let conn = open(&folder);
    conn.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    let ran = folder
        .run(&format!("{UP} --lock-timeout 300ms"))
        .ends_with(6);
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(300), "{took:?}");
    assert!(took < SOON, "{took:?}");
    assert_snapshot!(ran, @"
    exit code 6
    --- stderr
    error: waited N s for the write lock of `[folder]/app.db`, and another connection is still in the way; nothing was applied
      because: database is locked
    ");
    let ran = folder.run(&format!("{UP} --lock-timeout 0s --format json"));
    assert!(ran.ends_with(6).stdout.contains("\"exit_code\": 6"));
    assert!(history(&conn).is_empty());
}

#[test]
fn a_lock_that_stops_readers_has_that_code_too() {
    let folder = folder();
    folder.run(UP).fine();
    let conn = open(&folder);
    conn.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let verbs = [
        "up --lock-timeout 300ms",
        "down --yes --lock-timeout 300ms",
        "plan --lock-timeout 300ms",
        "redo --yes --lock-timeout 300ms",
    ];
    let told = verbs.map(|verb| {
        let started = Instant::now();
        let ran = folder.run(&format!("{verb} --database sqlite:app.db"));
        let took = started.elapsed();
        assert!(took < SOON, "{verb}: {took:?}");
        format!("{verb}: {ran}")
    });
    assert_snapshot!(told.join("\n"), @"
    up --lock-timeout 300ms: exit code 6
    --- stderr
    error: waited N s for a read of `[folder]/app.db`, and another connection is still in the way; nothing was applied
      because: database is locked

    down --yes --lock-timeout 300ms: exit code 6
    --- stderr
    error: waited N s for a read of `[folder]/app.db`, and another connection is still in the way; nothing was undone
      because: database is locked

    plan --lock-timeout 300ms: exit code 6
    --- stderr
    error: waited N s for a read of `[folder]/app.db`, and another connection is still in the way; nothing was applied
      because: database is locked

    redo --yes --lock-timeout 300ms: exit code 6
    --- stderr
    error: waited N s for a read of `[folder]/app.db`, and another connection is still in the way; nothing was undone
      because: database is locked
    ");
}

#[test]
fn an_interrupt_ends_the_wait_for_a_reader() {
    let folder = folder();
    folder.run(UP).fine();
    let conn = open(&folder);
    conn.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut running = Running::migrate(&folder, UP);
    running.goes_on_for(Duration::from_millis(500));
    let ran = running.ends_soon_after(Signal::INT);
    assert_snapshot!(ran, @"
    exit code 1
    --- stderr
    error: stopped while waiting for a read of `[folder]/app.db`; nothing was applied
    ");
}

#[test]
fn a_lock_that_is_given_back_is_had() {
    let folder = folder();
    let conn = open(&folder);
    conn.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut running = Running::migrate(&folder, UP);
    sleep(Duration::from_millis(500));
    assert!(!running.has_ended());
    conn.execute_batch("ROLLBACK").unwrap();
    running.end().fine();
    folder.run(&format!("{STATUS} --exit-code")).fine();
}
