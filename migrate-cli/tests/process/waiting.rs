//! `up --wait`: a database that is not there yet.

use crate::running::{Running, SOON, UP, history, open};
use crate::support::Folder;
use insta::assert_snapshot;
use migrate_runtime::rusqlite::Connection;
use rustix::process::Signal;
use std::thread::sleep;
use std::time::{Duration, Instant};

fn folder() -> Folder {
    Folder::with(&[(
        "migrations/001_users.sql",
        "CREATE TABLE users (id INTEGER PRIMARY KEY);\n",
    )])
}

const LATER: &str = "up --wait 2s --database sqlite:volume/app.db";

#[test]
fn a_folder_that_comes_is_waited_for() {
    let folder = folder();
    let mut running = Running::migrate(&folder, &LATER.replace("2s", "20s"));
    sleep(Duration::from_secs(1));
    assert!(!running.has_ended());
    std::fs::create_dir(folder.at("volume")).unwrap();
    let ran = running.end().fine();
    assert_snapshot!(ran.stderr, @"note: waiting for `volume/app.db`: its folder does not exist");
    let conn = Connection::open(folder.at("volume/app.db")).unwrap();
    assert_eq!(history(&conn), ["users"]);
}

#[test]
fn a_folder_that_never_comes_is_named() {
    let folder = folder();
    let started = Instant::now();
    let ran = folder.run(LATER).ends_with(1);
    let took = started.elapsed();
    assert!(took >= Duration::from_secs(2), "{took:?}");
    assert!(took < SOON, "{took:?}");
    // Tenths are printed, rounded.
    let told = ran.stderr.split_once("; waited ").unwrap().1;
    let told: f64 = told.split_once(" s").unwrap().0.parse().unwrap();
    assert!((2.0..=took.as_secs_f64() + 0.05).contains(&told), "{ran}");
    assert_snapshot!(ran, @"
    exit code 1
    --- stderr
    note: waiting for `volume/app.db`: its folder does not exist
    error: the database `volume/app.db` cannot be opened: its folder does not exist; waited N s
      help: create the folder, or correct the path
    ");
    assert_eq!(folder.files(), ["migrations/001_users.sql"]);
}

#[test]
fn nothing_is_waited_for_that_cannot_come() {
    let folder = folder();
    folder.write(
        "app.db",
        &"no database, but long enough for a header ".repeat(20),
    );
    let started = Instant::now();
    let ran = folder.run(&format!("{UP} --wait 20s")).ends_with(1);
    assert!(started.elapsed() < SOON, "{ran}");
    assert_snapshot!(ran, @"
    exit code 1
    --- stderr
    error: the database `app.db` cannot be opened: it is not an SQLite database, or it is encrypted
      help: correct the path
    ");
}

#[test]
fn an_interrupt_ends_the_wait() {
    let folder = folder();
    let mut running = Running::migrate(&folder, &LATER.replace("2s", "20s"));
    running.goes_on_for(Duration::from_millis(700));
    let ran = running.ends_soon_after(Signal::INT);
    assert_snapshot!(ran, @"
    exit code 1
    --- stderr
    note: waiting for `volume/app.db`: its folder does not exist
    error: stopped while waiting for `volume/app.db`: its folder does not exist; nothing was changed
    ");
}

#[test]
fn a_lock_is_waited_for_as_for_a_folder() {
    let folder = folder();
    let conn = open(&folder);
    conn.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut running = Running::migrate(&folder, &format!("{UP} --wait 20s"));
    sleep(Duration::from_millis(500));
    assert!(!running.has_ended());
    conn.execute_batch("ROLLBACK").unwrap();
    running.end().fine();
    assert_eq!(history(&conn), ["users"]);
}
