//! One database, several users of it in one process.

use crate::database::{BASE, Database, dump, number};
use migrate_runtime::ErrorKind;
use migrate_tests::{chain, migrator};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::sync::Barrier;
use std::time::{Duration, Instant};

const FOREIGN_KEYS: DbConfig = DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY;

/// 34. SQLite does not wait for the table locks of a shared cache by itself.
#[test]
fn a_shared_cache() {
    for round in 0..20 {
        let name = format!("race{round}");
        let open = || shared(&name);
        let keeper = open();
        let files: Vec<(String, String)> = (1..=5)
            .map(|n| {
                let sql = match n {
                    1 => "CREATE TABLE sum(n); INSERT INTO sum VALUES (1)".to_owned(),
                    _ => format!("CREATE TABLE t{n}(x); UPDATE sum SET n = n * 10"),
                };
                (format!("00{n}_m.sql"), sql)
            })
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (&**a, &**b)).collect();
        let migrator = migrator(&files);
        let barrier = Barrier::new(8);
        let applied: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let mut conn = open();
                        barrier.wait();
                        let report = migrator.up(&mut conn).map_err(|error| chain(&error));
                        // Not even a setting can be changed while a sibling
                        // changes the schema, and they must all be put back.
                        assert!(conn.db_config(FOREIGN_KEYS).unwrap());
                        report
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap().unwrap().applied().len())
                .sum()
        });
        assert_eq!(applied, 5);
        assert_eq!(number(&keeper, "SELECT n FROM sum"), 10_000);
        assert_eq!(number(&keeper, "SELECT count(*) FROM _migrations"), 5);
    }
}

fn shared(name: &str) -> Connection {
    let uri = format!("file:{name}?mode=memory&cache=shared");
    let conn = Connection::open_with_flags(uri, OpenFlags::default()).unwrap();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    conn
}

/// A reader meets the statements of a migration, which has the write lock.
#[test]
fn a_reader_of_a_shared_cache() {
    let mut conn = shared("reader");
    migrator(&[BASE]).up(&mut conn).unwrap();
    let (ready, is_ready) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let conn = shared("reader");
        let mut statement = conn.prepare("SELECT x FROM a").unwrap();
        let mut rows = statement.query([]).unwrap();
        rows.next().unwrap();
        ready.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(200));
    });
    is_ready.recv().unwrap();
    let files = [
        BASE,
        ("002_b.sql", "CREATE TABLE b(y); UPDATE a SET x = -x"),
    ];
    let impatient = migrator(&files).lock_timeout(Duration::from_millis(50));
    let error = impatient.up(&mut conn).unwrap_err();
    assert!(error.is_locked(), "{}", chain(&error));
    assert!(
        chain(&error).contains("table is locked"),
        "{}",
        chain(&error)
    );
    migrator(&files).up(&mut conn).unwrap();
    assert_eq!(number(&conn, "SELECT sum(x) FROM a"), -3);
    reader.join().unwrap();
}

/// While a sibling changes the schema, not even a pragma can be prepared.
#[test]
fn settings_come_back_in_a_shared_cache() {
    let mut conn = shared("settings");
    migrator(&[BASE]).up(&mut conn).unwrap();
    conn.set_db_config(FOREIGN_KEYS, true).unwrap();
    let (ready, is_ready) = std::sync::mpsc::channel();
    let holder = std::thread::spawn(move || {
        let conn = shared("settings");
        conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        ready.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        conn.execute_batch("CREATE TABLE mine(x)").unwrap();
        std::thread::sleep(Duration::from_millis(400));
        conn.execute_batch("COMMIT").unwrap();
    });
    is_ready.recv().unwrap();
    let files = [BASE, ("002_b.sql", "CREATE TABLE b(y)")];
    let migrator = migrator(&files).lock_timeout(Duration::from_millis(400));
    assert!(migrator.up(&mut conn).unwrap_err().is_locked());
    assert!(conn.db_config(FOREIGN_KEYS).unwrap());
    holder.join().unwrap();
    migrator.up(&mut conn).unwrap();
}

#[test]
fn a_transaction_of_the_caller() {
    for begin in ["BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s"] {
        let database = Database::new(false);
        let mut conn = database.open();
        conn.execute_batch("CREATE TABLE mine(x)").unwrap();
        conn.execute_batch(begin).unwrap();
        conn.execute_batch("INSERT INTO mine VALUES (1)").unwrap();
        let content = dump(&conn);
        let error = migrator(&[BASE]).up(&mut conn).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionInUse, "{error}");
        assert_eq!(dump(&conn), content);
        assert!(!conn.is_autocommit());
        conn.execute_batch("INSERT INTO mine VALUES (2)").unwrap();
        conn.execute_batch(if begin == "SAVEPOINT s" {
            "RELEASE s"
        } else {
            "COMMIT"
        })
        .unwrap();
        assert_eq!(number(&database.open(), "SELECT count(*) FROM mine"), 2);
        migrator(&[BASE]).up(&mut conn).unwrap();
        // Nothing pending makes no difference: it is wrong every time, or a
        // test would pass that fails with the next release.
        conn.execute_batch(begin).unwrap();
        assert_eq!(
            migrator(&[BASE]).up(&mut conn).unwrap_err().kind(),
            ErrorKind::ConnectionInUse
        );
    }
}

#[test]
fn a_running_statement_of_the_caller() {
    let database = Database::new(false);
    let mut conn = database.open();
    conn.execute_batch("CREATE TABLE mine(x); INSERT INTO mine VALUES (1), (2)")
        .unwrap();
    let mut statement = conn.prepare_cached("SELECT x FROM mine").unwrap();
    let mut rows = statement.query([]).unwrap();
    rows.next().unwrap();
    // The borrow checker keeps a statement from being open during a run; a
    // caller that leaks one can get around it.
    std::mem::forget(rows);
    std::mem::forget(statement);
    let error = migrator(&[BASE]).up(&mut conn).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionInUse, "{error}");
    assert_eq!(number(&conn, "SELECT count(*) FROM sqlite_schema"), 1);
}

/// The deadline is that of the migrator, whatever the busy timeout of the
/// connection: docs/internals/sqlite.md, "Waiting for the write lock".
#[test]
fn a_lock_that_is_held() {
    for wal in [false, true] {
        for timeout in [0, 50, 60_000] {
            let database = Database::new(wal);
            let mut conn = database.open();
            conn.busy_timeout(Duration::from_millis(timeout)).unwrap();
            let holder = database.open();
            holder.execute_batch("BEGIN IMMEDIATE").unwrap();
            let started = Instant::now();
            let migrator = migrator(&[BASE]).lock_timeout(Duration::from_millis(200));
            let error = migrator.up(&mut conn).unwrap_err();
            let waited = started.elapsed();
            assert!(error.is_locked(), "{}", chain(&error));
            assert!(
                (190..10_000).contains(&waited.as_millis()),
                "{timeout}: {waited:?}"
            );
            holder.execute_batch("ROLLBACK").unwrap();
            assert_eq!(migrator.up(&mut conn).unwrap().applied().len(), 1);
            assert_eq!(
                number(&conn, "PRAGMA busy_timeout"),
                i64::try_from(timeout).unwrap()
            );
        }
    }
}
