//! What the duration of a migration covers, and its parts.

use crate::database::{BASE, Database, number};
use migrate_runtime::{BoxError, Event, Observer, Step, Timings, Transactions};
use migrate_tests::migrator;
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

const SLOW: Duration = Duration::from_millis(200);

/// Many rows that refer to another table.
const REFERENCES: (&str, &str) = (
    "001_base.sql",
    "CREATE TABLE p(id INTEGER PRIMARY KEY);\n\
     CREATE TABLE c(p_id INTEGER REFERENCES p(id));\n\
     INSERT INTO p VALUES (0), (1);\n\
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500000) \
     INSERT INTO c SELECT 1 FROM n;\n",
);

/// Keeps the timings of the events.
#[derive(Clone, Default)]
struct Ended(Arc<Mutex<Vec<Timings>>>);

impl Observer for Ended {
    fn on_event(&self, event: &Event<'_>) {
        if let Event::MigrationEnded {
            duration, timings, ..
        } = event
        {
            assert_eq!(timings.total(), *duration);
            self.0.lock().unwrap().push(*timings);
        }
    }
}

impl Ended {
    fn take(&self) -> Vec<Timings> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The script deletes one row, and the check reads every row that may have
/// referred to it.
#[test]
fn the_checks_are_a_part_of_it() {
    let files = [
        REFERENCES,
        ("002_delete.sql", "DELETE FROM p WHERE id = 0;\n"),
    ];
    let mut conn = Connection::open_in_memory().unwrap();
    migrator(&files[..1]).up(&mut conn).unwrap();
    let started = Instant::now();
    let mut check = conn.prepare("PRAGMA foreign_key_check(c)").unwrap();
    assert!(!check.exists([]).unwrap());
    drop(check);
    let by_hand = started.elapsed();

    let events = Ended::default();
    let up = migrator(&files).observer(events.clone());
    let report = up.up(&mut conn).unwrap();
    let applied = &report.applied()[0];
    let timings = applied.timings;
    assert!(timings.checks > by_hand / 4, "{applied:?} {by_hand:?}");
    assert!(timings.script < timings.checks, "{applied:?}");
    assert_eq!(timings.total(), applied.duration);
    assert_eq!(events.take(), [timings]);
    let recorded = "SELECT execution_ms FROM _migrations WHERE version = 2";
    let recorded = u128::try_from(number(&conn, recorded)).unwrap();
    // The row is written before the commit.
    assert_eq!(recorded, (timings.script + timings.checks).as_millis());
}

/// A reader that ends while the commit waits for it.
#[derive(Clone)]
struct Reader(Arc<Mutex<Option<Connection>>>);

impl Observer for Reader {
    fn after(&self, _: &Step<'_>) -> Result<(), BoxError> {
        let reader = self.0.lock().unwrap().take();
        spawn(move || {
            sleep(SLOW);
            drop(reader);
        });
        Ok(())
    }
}

/// With a rollback journal the commit waits for readers.
#[test]
fn the_commit_is_a_part_of_it() {
    let database = Database::new(false);
    let mut conn = database.open();
    migrator(&[BASE]).up(&mut conn).unwrap();
    let reader = database.open();
    let read = "BEGIN; SELECT count(*) FROM sqlite_schema";
    reader.execute_batch(read).unwrap();
    let reader = Reader(Arc::new(Mutex::new(Some(reader))));

    let events = Ended::default();
    let files = [BASE, ("002_b.sql", "CREATE TABLE b(x);\n")];
    let up = migrator(&files).observer(reader);
    let report = up.observer(events.clone()).up(&mut conn).unwrap();
    let applied = &report.applied()[0];
    assert!(applied.timings.commit >= SLOW / 2, "{applied:?}");
    assert_eq!(applied.timings.total(), applied.duration);
    assert_eq!(events.take(), [applied.timings]);
}

/// If something is broken, the migration is repeated to find out whether it was
/// so before.
#[test]
fn a_repetition_is_a_part_of_it() {
    let mut conn = Connection::open_in_memory().unwrap();
    let flags = FunctionFlags::SQLITE_UTF8;
    conn.create_scalar_function("pause", 0, flags, |_| {
        sleep(SLOW);
        Ok(1)
    })
    .unwrap();
    let base = "CREATE TABLE p(id INTEGER PRIMARY KEY);\n\
                CREATE TABLE c(p_id INTEGER REFERENCES p(id));\n";
    let files = [
        ("001_base.sql", base),
        ("002_pause.sql", "DELETE FROM p; SELECT pause();\n"),
    ];
    migrator(&files[..1]).up(&mut conn).unwrap();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    conn.execute_batch("INSERT INTO c VALUES (7)").unwrap();
    let report = migrator(&files).up(&mut conn).unwrap();
    let applied = &report.applied()[0];
    assert!(applied.timings.script >= SLOW * 2, "{applied:?}");
}

/// All of them share a commit, which belongs to the last one.
#[test]
fn a_shared_commit_is_a_part_of_the_last_one() {
    let database = Database::new(false);
    let mut conn = database.open();
    let reader = database.open();
    reader.execute_batch("CREATE TABLE r(x)").unwrap();
    let read = "BEGIN; SELECT count(*) FROM sqlite_schema";
    reader.execute_batch(read).unwrap();
    let reader = Reader(Arc::new(Mutex::new(Some(reader))));

    let events = Ended::default();
    let files = [BASE, ("002_b.sql", "CREATE TABLE b(x);\n")];
    let up = migrator(&files).transactions(Transactions::All);
    let up = up.observer(reader).observer(events.clone());
    let report = up.up(&mut conn).unwrap();
    let [first, last] = report.applied() else {
        unreachable!("two are pending")
    };
    assert!(first.timings.commit < SLOW / 2, "{first:?}");
    assert!(last.timings.commit >= SLOW / 2, "{last:?}");
    assert_eq!(events.take(), [first.timings, last.timings]);
}

/// The end of it is recorded on its own, after the check.
#[test]
fn the_parts_without_a_transaction() {
    let mut conn = Connection::open_in_memory().unwrap();
    let delete = "-- migrate: no-transaction\nDELETE FROM p WHERE id = 0;\n";
    let files = [REFERENCES, ("002_delete.sql", delete)];
    migrator(&files[..1]).up(&mut conn).unwrap();
    let events = Ended::default();
    let up = migrator(&files).observer(events.clone());
    let report = up.up(&mut conn).unwrap();
    let timings = report.applied()[0].timings;
    assert!(timings.script < timings.checks, "{timings:?}");
    assert!(!timings.commit.is_zero(), "{timings:?}");
    assert_eq!(events.take(), [timings]);
    let recorded = "SELECT execution_ms FROM _migrations WHERE version = 2";
    let recorded = u128::try_from(number(&conn, recorded)).unwrap();
    assert_eq!(recorded, (timings.script + timings.checks).as_millis());
}
