//! Signals and other processes while a statement is under way.

use crate::Shop;
use crate::running::Running;
use crate::support::Folder;
use insta::assert_snapshot;
use rustix::process::Signal;
use std::thread::sleep;
use std::time::{Duration, Instant};

fn slow() -> Option<Shop> {
    Shop::with(Folder::with(&[
        ("migrations/001_a.sql", "CREATE TABLE a (x int);\n"),
        (
            "migrations/002_slow.sql",
            "CREATE TABLE b (x int);\nSELECT pg_sleep(100);\n",
        ),
    ]))
}

/// How many sessions sleep in the database.
fn sleepers(shop: &Shop) -> String {
    shop.psql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND state = 'active' AND query LIKE '%pg_sleep(100)%' AND pid <> pg_backend_pid()",
    )
}

#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_signal_cancels_the_statement_and_says_so() {
    let mut told = Vec::new();
    for signal in [Signal::INT, Signal::TERM] {
        let Some(shop) = slow() else { return };
        let arguments = shop.arguments("up");
        let mut running = Running::migrate(&shop.folder, &arguments);
        running.wait_for("applied 001_a");
        until("it never slept", || sleepers(&shop) == "1");
        let ran = running.ends_soon_after(signal);
        told.push(shop.shown(&ran));
        // The server has stopped too, and the lock is free.
        until("it sleeps on", || sleepers(&shop) == "0");
        assert_eq!(shop.psql("SELECT to_regclass('b') IS NULL"), "t");
        assert_eq!(shop.psql("SELECT name FROM _migrations"), "a");
        let locks = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
                     WHERE l.locktype = 'advisory' AND d.datname = current_database()";
        until("the lock stays", || shop.psql(locks) == "0");
    }
    assert_eq!(told[0], told[1]);
    assert_snapshot!(told[0], @"
    exit code 1
    --- stdout
    applied 001_a in N ms
    --- stderr
    error: stopped: migration `002_slow` was rolled back
    ");
}

#[test]
fn who_does_not_get_the_lock_says_so() {
    let Some(shop) = slow() else { return };
    let arguments = shop.arguments("up");
    let mut running = Running::migrate(&shop.folder, &arguments);
    running.wait_for("applied 001_a");
    let ran = shop.run("up --lock-timeout 500ms").ends_with(6);
    let told = shop.shown(&ran);
    let (told, holder) = told.split_once("server process ").unwrap();
    assert!(holder.contains("role `postgres`"), "{holder}");
    assert_snapshot!(told, @"
    exit code 6
    --- stderr
    error: waited N s for the migration lock of database `shop`, and another connection is still in the way; nothing was applied
      because:
    ");
    let mut waiting = Running::migrate(&shop.folder, &arguments);
    waiting.goes_on_for(Duration::from_millis(500));
    let ran = waiting.ends_soon_after(Signal::INT);
    assert_snapshot!(shop.shown(&ran), @"
    exit code 1
    --- stderr
    error: stopped while waiting for the migration lock of database `shop`; nothing was applied
    ");
    drop(running.ends_soon_after(Signal::INT));
}

#[test]
fn two_at_once_apply_each_migration_once() {
    let Some(shop) = Shop::with(Folder::with(&[
        (
            "migrations/001_a.sql",
            "CREATE TABLE a (x int);\nSELECT pg_sleep(1);\n",
        ),
        ("migrations/002_b.sql", "INSERT INTO a VALUES (1);\n"),
    ])) else {
        return;
    };
    let arguments = shop.arguments("up");
    let all: Vec<_> = (0..3)
        .map(|_| Running::migrate(&shop.folder, &arguments))
        .collect();
    let said: String = all.into_iter().map(|it| it.end().fine().stdout).collect();
    for label in ["applied 001_a", "applied 002_b"] {
        assert_eq!(said.matches(label).count(), 1, "{said}");
    }
    assert_eq!(shop.psql("SELECT count(*) FROM a"), "1");
}

#[test]
fn a_killed_process_leaves_nothing() {
    let Some(shop) = slow() else { return };
    let mut running = Running::migrate(&shop.folder, &shop.arguments("up"));
    running.wait_for("applied 001_a");
    until("it never slept", || sleepers(&shop) == "1");
    running.signal(Signal::KILL);
    let _ = running.end();
    shop.folder
        .write("migrations/002_slow.sql", "CREATE TABLE b (x int);\n");
    // The server notices it during the statement, within seconds.
    let _ = shop.run("up --lock-timeout 60s").fine();
    assert_eq!(shop.psql("SELECT count(*) FROM _migrations"), "2");
}
