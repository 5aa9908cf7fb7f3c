//! Stopping a run from another thread, while it is at work.

use crate::database::{BASE, Database, MODES, dump, number};
use crate::down::{A, B, C};
use crate::settings::settings;
use migrate_runtime::{Down, Error, Migrator, Transactions, Version};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// It would take hours.
const ENDLESS: &str = "INSERT INTO b WITH RECURSIVE n(i) AS (SELECT began() UNION ALL \
                       SELECT i + 1 FROM n WHERE i < 100000000000) SELECT max(i) FROM n;\n";

/// A flag that another thread sets when it is told that something has begun.
struct Stopper {
    is_set: Arc<AtomicBool>,
    began: Sender<()>,
    at: JoinHandle<Option<Instant>>,
}

impl Stopper {
    fn new() -> Stopper {
        let (began, has_begun) = channel();
        let is_set = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&is_set);
        let at = thread::spawn(move || {
            has_begun.recv().ok()?;
            thread::sleep(Duration::from_millis(30));
            flag.store(true, Ordering::Relaxed);
            Some(Instant::now())
        });
        Stopper { is_set, began, at }
    }

    fn of(&self, migrator: Migrator<Version>) -> Migrator<Version> {
        let flag = Arc::clone(&self.is_set);
        migrator.stop_when(move || flag.load(Ordering::Relaxed))
    }

    /// Gives the connection the function that tells.
    fn listen(&self, conn: &Connection) {
        let began = self.began.clone();
        let flags = FunctionFlags::SQLITE_UTF8;
        conn.create_scalar_function("began", 0, flags, move |_| {
            let _ = began.send(());
            Ok(1)
        })
        .unwrap();
    }

    /// How long it took from the flag until now.
    fn took(self) -> Duration {
        drop(self.began);
        let at = self.at.join().unwrap();
        at.expect("it was never told").elapsed()
    }
}

/// A run that must be stopped soon after it began, and must leave no open
/// transaction, no setting, no handler and no lock behind.
#[track_caller]
fn stopped(
    database: &Database,
    conn: &mut Connection,
    migrator: Migrator<Version>,
    run: impl FnOnce(&Migrator<Version>, &mut Connection) -> Error,
) -> Error {
    let stopper = Stopper::new();
    stopper.listen(conn);
    let before = settings(conn);
    let error = run(&stopper.of(migrator), conn);
    assert!(error.is_stopped(), "{}", chain(&error));
    assert!(stopper.took() < Duration::from_secs(20));
    assert!(conn.is_autocommit() && !conn.is_busy());
    assert_eq!(settings(conn), before);
    // The flag is still set, and interrupts nobody any more.
    let long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
                SELECT count(*) FROM n";
    assert_eq!(number(conn, long), 100_000);
    let other = database.open();
    other.busy_timeout(Duration::ZERO).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").unwrap();
    error
}

pub(crate) fn labels(error: &Error) -> Vec<&str> {
    let applied = error.report().applied().iter();
    applied.map(|applied| applied.label).collect()
}

fn endless() -> (&'static str, String) {
    (
        "002_b.sql",
        format!("CREATE TABLE b(x);\n{ENDLESS}CREATE TABLE never(x);\n"),
    )
}

const SHORT: (&str, &str) = ("002_b.sql", "CREATE TABLE b(x)");

#[test]
fn a_long_statement_is_interrupted_and_rolled_back() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let (name, script) = endless();
        let files = [A, (name, &script), C];
        let error = stopped(&database, &mut conn, migrator(&files), |migrator, conn| {
            migrator.up(conn).unwrap_err()
        });
        insta::allow_duplicates! { insta::assert_snapshot!(chain(&error), @"stopped: migration `002_b` was rolled back"); }
        assert_eq!(labels(&error), ["001_a"]);
        // The next run goes on, with the script as it should have been.
        let report = migrator(&[A, SHORT, C]).up(&mut conn).unwrap();
        assert_eq!(report.applied().len(), 2);
    }
}

/// The statements of a loop are short, each of them.
#[test]
fn a_function_is_stopped_in_its_loop() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let files = [A, ("002_b.rs", ""), C];
        let counted = Arc::new(AtomicU64::new(0));
        let counts = Arc::clone(&counted);
        let second = migrator(&files).with_up(Version::new(2), move |tx| {
            tx.execute_batch("CREATE TABLE b(x)")?;
            let mut statement = tx.prepare("INSERT INTO b VALUES (?1 + began())")?;
            for i in 0_i64..10_000_000 {
                statement.execute([i])?;
                counts.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, rusqlite::Error>(())
        });
        let error = stopped(&database, &mut conn, second, |migrator, conn| {
            migrator.up(conn).unwrap_err()
        });
        insta::allow_duplicates! { insta::assert_snapshot!(chain(&error), @"stopped: migration `002_b` was rolled back"); }
        assert_eq!(labels(&error), ["001_a"]);
        let counted = counted.load(Ordering::Relaxed);
        assert!((1..10_000_000).contains(&counted), "{counted}");
        let next =
            migrator(&files).with_up(Version::new(2), |tx| tx.execute_batch("CREATE TABLE b(x)"));
        assert_eq!(next.up(&mut conn).unwrap().applied().len(), 2);
    }
}

/// What it did before would be recorded as all of it.
#[test]
fn a_function_that_swallows_the_interrupt_is_rolled_back_all_the_same() {
    let database = Database::new(false);
    let mut conn = database.open();
    let swallowing = migrator(&[A, ("002_b.rs", "")]).with_up(Version::new(2), |tx| {
        tx.execute_batch("CREATE TABLE b(x)")?;
        let query = ENDLESS.replace("INSERT INTO b", "");
        let _ = tx.query_row(&query, [], |_| Ok(()));
        Ok::<_, rusqlite::Error>(())
    });
    let error = stopped(&database, &mut conn, swallowing, |migrator, conn| {
        migrator.up(conn).unwrap_err()
    });
    insta::assert_snapshot!(chain(&error), @"stopped: migration `002_b` was rolled back");
    assert_eq!(
        number(&conn, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"),
        0
    );
}

/// SQLite waits by itself, or the run does.
#[test]
fn a_wait_for_the_lock_ends() {
    for wal in MODES {
        for timeout in [0, 60_000] {
            let database = Database::new(wal);
            let mut conn = database.open();
            migrator(&[A]).up(&mut conn).unwrap();
            conn.busy_timeout(Duration::from_millis(timeout)).unwrap();
            let holder = database.open();
            holder.execute_batch("BEGIN IMMEDIATE").unwrap();
            let before = settings(&conn);
            let stopper = Stopper::new();
            let waiting = stopper.of(migrator(&[A, B]));
            stopper.began.send(()).unwrap();
            let error = waiting.up(&mut conn).unwrap_err();
            assert!(
                error.is_stopped() && !error.is_locked(),
                "{}",
                chain(&error)
            );
            let took = stopper.took();
            assert!(took < Duration::from_millis(500), "{took:?}");
            assert_eq!(settings(&conn), before);
            let path = database.path().display().to_string();
            let message = error.to_string().replace(&path, "app.db");
            insta::allow_duplicates! { insta::assert_snapshot!(message, @"stopped while waiting for the write lock of `app.db`; nothing was applied"); }
            holder.execute_batch("ROLLBACK").unwrap();
            assert_eq!(migrator(&[A, B]).up(&mut conn).unwrap().applied().len(), 1);
        }
    }
}

/// With a rollback journal a commit waits for readers; what waits is rolled
/// back.
#[test]
fn a_wait_for_readers_ends() {
    let database = Database::new(false);
    let mut conn = database.open();
    migrator(&[A]).up(&mut conn).unwrap();
    conn.busy_timeout(Duration::from_secs(60)).unwrap();
    let reader = database.open();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")
        .unwrap();
    let before = dump(&conn);
    let stopper = Stopper::new();
    stopper.listen(&conn);
    let files = [A, ("002_b.sql", "CREATE TABLE b(x);\nSELECT began()")];
    let error = stopper.of(migrator(&files)).up(&mut conn).unwrap_err();
    assert!(error.is_stopped(), "{}", chain(&error));
    assert!(stopper.took() < Duration::from_millis(500));
    let path = database.path().display().to_string();
    insta::assert_snapshot!(error.to_string().replace(&path, "app.db"), @"stopped while waiting for the readers of `app.db`; nothing was applied");
    assert_eq!(dump(&conn), before);
    drop(reader);
    assert_eq!(
        migrator(&[A, SHORT]).up(&mut conn).unwrap().applied().len(),
        1
    );
}

/// What no longer fits into the cache waits for readers amid a statement.
#[test]
fn a_statement_that_spills_is_interrupted() {
    let database = Database::new(false);
    let mut conn = database.open();
    migrator(&[A]).up(&mut conn).unwrap();
    conn.busy_timeout(Duration::from_secs(60)).unwrap();
    conn.pragma_update(None, "cache_size", 5).unwrap();
    let reader = database.open();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")
        .unwrap();
    let spill = "CREATE TABLE b(page);\nINSERT INTO b WITH RECURSIVE n(i) AS (SELECT began() \
                 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT zeroblob(4000) FROM n;\n";
    let stopper = Stopper::new();
    stopper.listen(&conn);
    let files = [A, ("002_b.sql", spill)];
    let error = stopper.of(migrator(&files)).up(&mut conn).unwrap_err();
    assert!(error.is_stopped(), "{}", chain(&error));
    assert!(stopper.took() < Duration::from_secs(20));
    drop(reader);
    assert_eq!(number(&conn, "PRAGMA busy_timeout"), 60_000);
}

#[test]
fn of_one_transaction_for_all_nothing_stays() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let (name, script) = endless();
        let files = [A, (name, &script), C];
        let all = migrator(&files).transactions(Transactions::All);
        let before = dump(&conn);
        let error = stopped(&database, &mut conn, all, |migrator, conn| {
            migrator.up(conn).unwrap_err()
        });
        insta::allow_duplicates! { insta::assert_snapshot!(chain(&error), @"stopped: migration `002_b` was rolled back; all migrations of this run share one transaction, so none took effect"); }
        assert!(error.report().is_empty());
        assert_eq!(dump(&conn), before);
        assert_eq!(
            migrator(&[A, SHORT, C])
                .up(&mut conn)
                .unwrap()
                .applied()
                .len(),
            3
        );
    }
}

#[test]
fn the_way_down_is_stopped_as_well() {
    let down = format!("CREATE TABLE b(x);\n-- migrate:down\n{ENDLESS}DROP TABLE b;\n");
    let database = Database::new(true);
    let mut conn = database.open();
    let files = [A, ("002_b.sql", &*down), C];
    migrator(&files).up(&mut conn).unwrap();
    let error = stopped(&database, &mut conn, migrator(&files), |migrator, conn| {
        migrator.down(conn, Down::All).unwrap_err()
    });
    insta::assert_snapshot!(chain(&error), @"stopped: the down of migration `002_b` was rolled back");
    let undone: Vec<&str> = error
        .report()
        .undone()
        .iter()
        .map(|undone| &*undone.label)
        .collect();
    assert_eq!(undone, ["003_c"]);
    assert_eq!(number(&conn, "SELECT count(*) FROM _migrations"), 2);
    let error = migrator(&files)
        .stop_when(|| true)
        .reset(&mut conn)
        .unwrap_err();
    insta::assert_snapshot!(chain(&error), @"stopped before the down of migration `002_b`");
}

#[test]
fn a_redo_that_is_stopped_leaves_the_migration_applied() {
    for (up, down) in [("", ENDLESS), (ENDLESS, "")] {
        let database = Database::new(false);
        let mut conn = database.open();
        let short = format!("CREATE TABLE b(x);\n-- migrate:down\n{down}DROP TABLE b;\n");
        migrator(&[A, ("002_b.sql", &short)]).up(&mut conn).unwrap();
        let before = dump(&conn);
        let script = format!("CREATE TABLE b(x);\n{up}-- migrate:down\n{down}DROP TABLE b;\n");
        let again = migrator(&[A, ("002_b.sql", &script)]);
        let error = stopped(&database, &mut conn, again, |migrator, conn| {
            migrator.redo(conn).unwrap_err()
        });
        if up.is_empty() {
            insta::assert_snapshot!(chain(&error), @"stopped: the down of migration `002_b` was rolled back; a redo is one transaction, so the migration is still applied as before");
        } else {
            insta::assert_snapshot!(chain(&error), @"stopped: migration `002_b` was rolled back; a redo is one transaction, so the migration is still applied as before");
        }
        assert_eq!(dump(&conn), before);
        assert!(error.report().is_empty());
    }
}

/// Without a moment in which nothing stops, nothing begins.
#[test]
fn nothing_begins_any_more() {
    let mut conn = Connection::open_in_memory().unwrap();
    let before = dump(&conn);
    let error = migrator(&[BASE])
        .stop_when(|| true)
        .up(&mut conn)
        .unwrap_err();
    insta::assert_snapshot!(chain(&error), @"stopped before migration `001_base`");
    assert_eq!(dump(&conn), before);
    // Between the statements of a transaction of the caller, too.
    let asked = AtomicU64::new(0);
    let third = migrator(&[A, B]).stop_when(move || asked.fetch_add(1, Ordering::Relaxed) > 4);
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    let tx = conn.transaction().unwrap();
    let error = third.up_in(&tx).unwrap_err();
    assert!(error.is_stopped(), "{}", chain(&error));
    drop(tx);
    assert_eq!(dump(&conn), before);
}
