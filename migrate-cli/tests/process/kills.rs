//! Several at once on one file, and one killed at any moment.

use crate::running::{Running, UP, VERIFY, history, open, texts};
use crate::slow;
use crate::support::Folder;
use rustix::process::Signal;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

const COUNT: usize = 6;

/// Migrations that each make a table with a row in it, and take a moment.
fn folder(each: Duration) -> Folder {
    let folder = Folder::with(&[(
        "migrations/001_work.sql",
        "CREATE TABLE work (n INTEGER);\n",
    )]);
    for number in 2..=COUNT {
        let slow = slow::statement(each);
        folder.write(
            &format!("migrations/00{number}_t{number}.sql"),
            &format!(
                "CREATE TABLE t{number} (n INTEGER);\n{slow}INSERT INTO t{number} VALUES (1);\n"
            ),
        );
    }
    folder
}

/// Checks that exactly the first migrations are applied, without a gap, and
/// returns their number.
#[track_caller]
fn consistent(folder: &Folder) -> usize {
    let conn = open(folder);
    let history = history(&conn);
    let mut names: Vec<String> = (2..=COUNT).map(|number| format!("t{number}")).collect();
    names.insert(0, "work".to_owned());
    assert_eq!(history, names[..history.len()]);
    let tables = texts(
        &conn,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> '_migrations' \
         ORDER BY name = 'work' DESC, name",
    );
    assert_eq!(tables, history);
    for table in tables.iter().skip(1) {
        let rows = texts(&conn, &format!("SELECT CAST(n AS TEXT) FROM {table}"));
        assert_eq!(rows, ["1"], "{table}");
    }
    if !history.is_empty() {
        let rows = texts(&conn, "SELECT CAST(count(*) AS TEXT) FROM work");
        assert_eq!(rows, [(history.len() - 1).to_string()]);
    }
    assert_eq!(texts(&conn, "PRAGMA integrity_check"), ["ok"]);
    history.len()
}

fn at_once(count: usize) {
    let folder = folder(Duration::from_millis(10));
    let running: Vec<_> = (0..count).map(|_| Running::migrate(&folder, UP)).collect();
    let mut told: Vec<String> = Vec::new();
    for running in running {
        let ran = running.end().fine();
        assert_eq!(ran.stderr, "");
        let lines = ran.stdout.lines().filter(|it| it.starts_with("applied "));
        told.extend(lines.map(|it| it[..it.find(" in ").unwrap()].to_owned()));
    }
    // Each by one of them, whoever that was.
    told.sort();
    assert_eq!(told.len(), COUNT, "{told:?}");
    told.dedup();
    assert_eq!(told.len(), COUNT, "{told:?}");
    assert_eq!(consistent(&folder), COUNT);
    folder.run(VERIFY).fine();
}

#[test]
fn two_at_once_apply_each_migration_once() {
    at_once(2);
}

#[test]
fn eight_at_once_apply_each_migration_once() {
    at_once(8);
}

/// Moments between nothing and the whole, spread evenly, and none twice the
/// same.
fn moment(round: u32, rounds: u32, whole: Duration) -> Duration {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let chance = f64::from(now.subsec_nanos() % 1000) / 1000.0;
    whole.mul_f64((f64::from(round) + chance) / f64::from(rounds))
}

#[test]
fn a_kill_at_any_moment_is_made_good_by_the_next_run() {
    const ROUNDS: u32 = 20;
    let each = Duration::from_millis(15);
    let whole = {
        let folder = folder(each);
        let started = Instant::now();
        folder.run(UP).fine();
        started.elapsed()
    };
    let (mut hits, mut partial) = (0, 0);
    for round in 0..ROUNDS {
        let folder = folder(each);
        let running = Running::migrate(&folder, UP);
        sleep(moment(round, ROUNDS, whole));
        running.signal(Signal::KILL);
        let ran = running.end();
        hits += usize::from(ran.code.is_none());
        let left = consistent(&folder);
        partial += usize::from(0 < left && left < COUNT);
        // The lines were printed after the commit.
        assert!(ran.stdout.lines().count() <= left, "{left}: {ran}");
        let pending = if left < COUNT { 3 } else { 0 };
        let verified = folder.run(&format!("{VERIFY} --exit-code"));
        verified.ends_with(pending);
        let ran = folder.run(UP).fine();
        let applied = ran.stdout.lines().filter(|it| it.starts_with("applied "));
        assert_eq!(applied.count(), COUNT - left, "{ran}");
        assert_eq!(consistent(&folder), COUNT);
    }
    println!("{hits} of {ROUNDS} kills met a process at work, {partial} between two migrations");
    // How many depends on what else the machine has to do.
    assert!(hits >= 5 && partial >= 1, "{hits} hits, {partial} partial");
}
