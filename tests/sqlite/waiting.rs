//! 32. Waiting for readers, and telling of it.

use crate::database::{BASE, Database, number};
use migrate_runtime::{BoxError, Event, Observer, Step};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A reader, for as long as its transaction lasts.
fn reader(database: &Database) -> Connection {
    let conn = database.open();
    conn.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")
        .unwrap();
    conn
}

/// With a rollback journal, what no longer fits into the cache would be written
/// amid a statement, if it were not for the readers. They are waited for until
/// the deadline, and not as long as the connection would for each page.
#[test]
fn a_statement_that_spills_does_not_wait_beyond_the_deadline() {
    let spill = "CREATE TABLE big(page BLOB);\n\
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)\n\
                 INSERT INTO big SELECT zeroblob(4000) FROM n;\n";
    let database = Database::new(false);
    let mut conn = database.open();
    migrator(&[BASE]).up(&mut conn).unwrap();
    conn.busy_timeout(Duration::from_secs(20)).unwrap();
    conn.pragma_update(None, "cache_size", 5).unwrap();
    let files = [BASE, ("002_big.sql", spill)];

    let reader = reader(&database);
    let impatient = migrator(&files).lock_timeout(Duration::from_millis(100));
    let started = Instant::now();
    let error = impatient.up(&mut conn).unwrap_err();
    assert!(error.is_locked(), "{}", chain(&error));
    assert!(started.elapsed() < Duration::from_secs(15));

    let time = Duration::from_millis(300);
    let started = Instant::now();
    let reader = std::thread::spawn(move || {
        std::thread::sleep(time);
        drop(reader);
    });
    let patient = migrator(&files).lock_timeout(Duration::from_secs(30));
    patient.up(&mut conn).unwrap();
    assert!(started.elapsed() >= time);
    reader.join().unwrap();
    assert_eq!(number(&conn, "SELECT count(*) FROM big"), 200);
    assert_eq!(number(&conn, "PRAGMA busy_timeout"), 20_000);
}

/// About twice a second and no more, whether SQLite waits or the run does.
#[test]
fn who_listens_is_told_now_and_then() {
    for timeout in [0, 60_000] {
        let database = Database::new(false);
        let mut conn = database.open();
        conn.busy_timeout(Duration::from_millis(timeout)).unwrap();
        let holder = database.open();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let tell = Arc::clone(&told);
        let error = migrator(&[BASE])
            .lock_timeout(Duration::from_millis(1300))
            .observer(move |event: &Event<'_>| {
                if let Event::Waiting {
                    waiting_for,
                    waited,
                    ..
                } = event
                {
                    tell.lock().unwrap().push((*waiting_for, *waited));
                }
            })
            .up(&mut conn)
            .unwrap_err();
        assert!(error.is_locked(), "{}", chain(&error));
        let told = told.lock().unwrap();
        assert!((1..=3).contains(&told.len()), "{told:?}");
        assert!(told.iter().all(|(doing, _)| *doing == "the write lock"));
        let first = told[0].1;
        assert!(
            timeout == 0 || first >= Duration::from_millis(400),
            "{told:?}"
        );
        assert!(told.is_sorted_by_key(|(_, waited)| *waited), "{told:?}");
    }
}

/// Each migration has the patience of the first one, however long those before
/// it took.
#[test]
fn each_migration_has_a_deadline_of_its_own() {
    const PATIENCE: Duration = Duration::from_millis(1000);
    struct Slow(std::path::PathBuf, Mutex<Vec<std::thread::JoinHandle<()>>>);
    impl Observer for &'static Slow {
        fn before(&self, step: &Step<'_>) -> Result<(), BoxError> {
            if step.label == BASE.0.trim_end_matches(".sql") {
                std::thread::sleep(PATIENCE);
            }
            Ok(())
        }
        /// As soon as one is committed, another writer has the lock.
        fn on_event(&self, event: &Event<'_>) {
            if let Event::MigrationEnded { error: None, .. } = event {
                let other = Connection::open(&self.0).unwrap();
                other.execute_batch("BEGIN IMMEDIATE").unwrap();
                self.1.lock().unwrap().push(std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_millis(50));
                    drop(other);
                }));
            }
        }
    }
    let database = Database::new(false);
    let slow: &'static Slow = Box::leak(Box::new(Slow(database.path(), Mutex::default())));
    let files = [BASE, ("002_b.sql", "CREATE TABLE b(x)")];
    let migrator = migrator(&files).lock_timeout(PATIENCE).observer(slow);
    let report = migrator.up(&mut database.open());
    for thread in slow.1.lock().unwrap().drain(..) {
        thread.join().unwrap();
    }
    let report = report.unwrap_or_else(|error| panic!("{}", chain(&error)));
    assert_eq!(report.applied().len(), 2);
}
