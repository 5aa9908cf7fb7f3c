//! 54. Copies while other processes write, and of runs that are killed.

use crate::database::{Database, Journal};
use crate::rounds;
use crate::worker::Worker;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A second migration that changes every row of the first table.
const SET: &str = "steps:2:2000";
const ROWS: i64 = 2000;

fn number(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn backups(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "db"))
        .collect()
}

/// A database with the first migration, and a folder for copies.
fn first(journal: Journal) -> (Database, PathBuf) {
    let database = Database::new(journal);
    database.run("steps:1:2000", &[]).assert_ok();
    let folder = database.directory().join("copies");
    std::fs::create_dir(&folder).unwrap();
    (database, folder)
}

fn start(database: &Database, folder: &Path) -> Worker {
    let mut worker = database.start(SET, &[&format!("backup={}", folder.display())]);
    worker.release();
    worker
}

/// A writer adds a row at a time, and another for each that it adds. The
/// migration changes all that it finds: what it has not changed came later, so
/// that the copy must hold exactly the rest.
#[test]
fn a_copy_is_the_state_at_the_lock_while_another_writes() {
    for journal in [Journal::Rollback, Journal::Wal] {
        for _ in 0..rounds(5) {
            let (database, folder) = first(journal);
            let writer = database.open();
            writer.busy_timeout(Duration::from_secs(30)).unwrap();
            writer.execute_batch("CREATE TABLE log(n)").unwrap();
            let stop = AtomicBool::new(false);
            std::thread::scope(|scope| {
                let stop = &stop;
                let writer = scope.spawn(move || {
                    let mut written = 0;
                    while !stop.load(Ordering::Relaxed) {
                        writer
                            .execute_batch(
                                "BEGIN IMMEDIATE; INSERT INTO t1(touched) VALUES (0); \
                                 INSERT INTO log VALUES (1); COMMIT;",
                            )
                            .unwrap();
                        written += 1;
                        // SQLite's locks are not fair.
                        sleep(Duration::from_millis(3));
                    }
                    written
                });
                let outcome = start(&database, &folder).finish();
                stop.store(true, Ordering::Relaxed);
                let written: i64 = writer.join().unwrap();
                outcome.assert_ok();
                assert!(written > 0);
            });
            let [copy] = &backups(&folder)[..] else {
                panic!("{:?}", backups(&folder));
            };
            let copy = Connection::open(copy).unwrap();
            let integrity: String = copy
                .query_row("PRAGMA integrity_check", [], |row| row.get(0))
                .unwrap();
            assert_eq!(integrity, "ok");
            assert_eq!(number(&copy, "SELECT count(*) FROM _migrations"), 1);
            let found = number(&copy, "SELECT count(*) FROM t1");
            assert_eq!(found, ROWS + number(&copy, "SELECT count(*) FROM log"));
            let touched = "SELECT count(*) FROM t1 WHERE touched = 1";
            assert_eq!(found, number(&database.open(), touched));
        }
    }
}

#[test]
fn a_kill_during_a_copy_leaves_no_copy_and_no_change() {
    for journal in [Journal::Rollback, Journal::Wal] {
        let (mut during, mut kills) = (0, 0);
        while during < rounds(3) {
            assert!(kills < rounds(60), "no kill comes while a copy is made");
            kills += 1;
            let (database, folder) = first(journal);
            let mut worker = start(&database, &folder);
            let begun = Instant::now();
            while std::fs::read_dir(&folder).unwrap().next().is_none() && !worker.has_ended() {
                assert!(begun.elapsed() < Duration::from_secs(30), "no copy begins");
                sleep(Duration::from_micros(50));
            }
            let outcome = worker.kill();
            if outcome.status.success() || !backups(&folder).is_empty() {
                continue;
            }
            during += 1;
            assert_eq!(database.copy().check_steps(ROWS), 1);
            start(&database, &folder).finish().assert_ok();
            assert_eq!(database.check_steps(ROWS), 2);
            assert_eq!(backups(&folder).len(), 1);
        }
        println!("{journal:?}: {kills} kills, {during} of them during a copy, 0 wrong");
    }
}
