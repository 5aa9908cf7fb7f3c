//! Migrations in Rust: what their functions may do, and what becomes of the
//! database when they fail.

use crate::database::{BASE, Database, MODES, dump, memory, number};
use crate::settings::settings;
use migrate_runtime::{BoxError, Error, ErrorKind, Migrator, Version};
use migrate_tests::{chain, migrator};
use rusqlite::Transaction;
use rusqlite::config::DbConfig;
use std::error::Error as _;
use std::fmt;
use std::panic::panic_any;
use std::time::Duration;

pub(crate) const FILES: [(&str, &str); 2] = [BASE, ("002_second.rs", "// second\n")];
pub(crate) const SECOND: Version = Version::new(2);

/// `BASE`, and a migration with this function.
pub(crate) fn second<E: Into<BoxError>>(
    function: impl Fn(&Transaction<'_>) -> Result<(), E> + Send + Sync + 'static,
) -> Migrator<Version> {
    migrator(&FILES).with_up(SECOND, function)
}

pub(crate) fn good(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch("CREATE TABLE b(y); INSERT INTO a VALUES (3)")
}

/// Runs a function that must fail, in both modes, and must leave nothing
/// behind: no change, no lock, no setting, and the next start tries again.
#[track_caller]
fn failed<E: Into<BoxError>>(
    function: impl Fn(&Transaction<'_>) -> Result<(), E> + Send + Sync + Copy + 'static,
) -> Error {
    let [_, error] = MODES.map(|wal| {
        let database = Database::new(wal);
        let mut conn = database.open();
        migrator(&[BASE]).up(&mut conn).unwrap();
        let (before, settings_before) = (dump(&conn), settings(&conn));
        let error = second(function).up(&mut conn).unwrap_err();
        assert!(conn.is_autocommit() && !conn.is_busy());
        assert_eq!(dump(&conn), before);
        assert_eq!(settings(&conn), settings_before);
        assert!(error.report().is_empty());
        let other = database.open();
        other.busy_timeout(Duration::ZERO).unwrap();
        other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").unwrap();
        assert_eq!(second(good).up(&mut conn).unwrap().applied().len(), 1);
        assert_eq!(number(&conn, "SELECT count(*) FROM a"), 3);
        error
    });
    error
}

/// An error as applications have them.
#[derive(Debug)]
struct Late(rusqlite::Error);

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it came too late")
    }
}

impl std::error::Error for Late {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn the_error_of_the_function_is_the_source() {
    let error = failed(|tx| {
        good(tx).map_err(Late)?;
        tx.execute_batch("INSERT INTO nowhere VALUES (1)")
            .map_err(Late)
    });
    assert!(error.source().is_some_and(|source| source.is::<Late>()));
    assert_ne!(error.kind(), ErrorKind::Panicked);
    insta::assert_snapshot!(chain(&error), @"migration `002_second` failed in 002_second.rs and was rolled back: it came too late: no such table: nowhere: Error code 1");

    insta::assert_snapshot!(chain(&failed(|tx| {
        good(tx)?;
        tx.execute_batch("INSERT INTO a VALUES (1)")
    })), @"migration `002_second` failed in 002_second.rs and was rolled back: UNIQUE constraint failed: a.x: Error code 1555");
    insta::assert_snapshot!(chain(&failed(|_| Err("there are no words for it"))), @"migration `002_second` failed in 002_second.rs and was rolled back: there are no words for it");
    insta::assert_snapshot!(chain(&failed(|_| Err(format!("{} rows are left", 7)))), @"migration `002_second` failed in 002_second.rs and was rolled back: 7 rows are left");
}

#[test]
fn a_panic_is_an_error() {
    let error = failed(|tx| -> rusqlite::Result<()> {
        good(tx)?;
        panic!("a plain text")
    });
    assert_eq!(error.kind(), ErrorKind::Panicked);
    insta::assert_snapshot!(chain(&error), @"migration `002_second` panicked in 002_second.rs and was rolled back: a plain text");
    let formatted = failed(|tx| -> rusqlite::Result<()> {
        good(tx)?;
        let x = tx.query_row("SELECT max(x) FROM a", [], |row| row.get::<_, i64>(0))?;
        panic!("{x} is too much")
    });
    insta::assert_snapshot!(chain(&formatted), @"migration `002_second` panicked in 002_second.rs and was rolled back: 3 is too much");
    let other = failed(|tx| -> rusqlite::Result<()> {
        good(tx)?;
        panic_any(7)
    });
    insta::assert_snapshot!(chain(&other), @"migration `002_second` panicked in 002_second.rs and was rolled back: a value that is not text");
    // As an assertion says it.
    let several_lines = failed(|tx| -> rusqlite::Result<()> {
        assert_eq!(
            tx.query_row("SELECT count(*) FROM a", [], |row| row.get(0)),
            Ok(1)
        );
        Ok(())
    });
    insta::assert_snapshot!(chain(&several_lines), @"
    migration `002_second` panicked in 002_second.rs and was rolled back: assertion `left == right` failed
      left: Ok(2)
     right: Ok(1)
    ");
}

/// A panic while SQLite is busy: with a running statement, and inside a function
/// that SQLite calls.
#[test]
fn a_panic_amid_a_statement_is_an_error() {
    let reading = failed(|tx| -> rusqlite::Result<()> {
        good(tx)?;
        let mut statement = tx.prepare("SELECT x FROM a ORDER BY x")?;
        let mut rows = statement.query([])?;
        let first = rows.next()?.map(|row| row.get::<_, i64>(0)).transpose()?;
        panic!("read {first:?}")
    });
    assert_eq!(reading.kind(), ErrorKind::Panicked, "{reading}");
    let writing = failed(|tx| -> rusqlite::Result<()> {
        let mut statement = tx.prepare("INSERT INTO a VALUES (7), (8) RETURNING x")?;
        let _rows = statement.query([])?.next()?.map(|row| row.get::<_, i64>(0));
        panic!("written")
    });
    assert_eq!(writing.kind(), ErrorKind::Panicked, "{writing}");
    let nested = failed(|tx| -> rusqlite::Result<()> {
        tx.query_row("SELECT x FROM a", [], |_| {
            tx.query_row("SELECT x FROM a", [], |_| -> rusqlite::Result<()> {
                good(tx)?;
                panic!("in the inner row")
            })
        })
    });
    assert_eq!(nested.kind(), ErrorKind::Panicked, "{nested}");
    assert!(chain(&nested).ends_with("in the inner row"));
}

/// What a migration must not do, and why, as in SQL.
const REFUSED: [(&str, &str); 14] = [
    ("COMMIT", "transaction control"),
    ("END; BEGIN", "transaction control"),
    ("ROLLBACK", "transaction control"),
    ("BEGIN", "transaction control"),
    ("SAVEPOINT s", "savepoints are not"),
    ("ROLLBACK TO migrate_run", "savepoints are not"),
    ("ATTACH ':memory:' AS other", "attach or detach"),
    ("DETACH temp", "attach or detach"),
    ("PRAGMA foreign_keys = ON", "foreign keys"),
    ("PRAGMA journal_mode = OFF", "`PRAGMA journal_mode`"),
    (
        "INSERT INTO _migrations(version) VALUES (9)",
        "the history table",
    ),
    ("UPDATE _migrations SET checksum = ''", "the history table"),
    ("DELETE FROM main._Migrations", "the history table"),
    ("DROP TABLE _migrations", "the history table"),
];

#[test]
fn what_sql_must_not_a_function_must_not() {
    for (sql, reason) in REFUSED {
        let error = failed(move |tx| {
            good(tx)?;
            tx.execute_batch(sql)
        });
        assert!(error.to_string().contains(reason), "{sql}: {error}");
    }
    let begun = failed(|tx| tx.unchecked_transaction()?.commit());
    insta::assert_snapshot!(begun, @"migration `002_second` was refused in 002_second.rs and rolled back: transaction control would end the migration's transaction: not authorized; remove it, the runner begins and commits");
}

/// The reason is not lost in the errors of the application.
#[test]
fn the_reason_of_a_refusal_is_told_through_other_errors() {
    let wrapped = failed(|tx| tx.execute_batch("COMMIT").map_err(Late));
    insta::assert_snapshot!(chain(&wrapped), @"migration `002_second` was refused in 002_second.rs and rolled back: transaction control would end the migration's transaction; remove it, the runner begins and commits: it came too late: not authorized: Error code 23");
    // What was refused earlier and swallowed is not the reason.
    let other = failed(|tx| {
        let _ = tx.execute_batch("COMMIT");
        tx.execute_batch("INSERT INTO nowhere VALUES (1)")
            .map_err(Late)
    });
    insta::assert_snapshot!(chain(&other), @"migration `002_second` failed in 002_second.rs and was rolled back: it came too late: no such table: nowhere: Error code 1");
}

#[test]
fn a_refusal_that_is_swallowed_has_no_effect() {
    for wal in MODES {
        for (sql, _) in REFUSED {
            let database = Database::new(wal);
            let mut conn = database.open();
            migrator(&[BASE]).up(&mut conn).unwrap();
            let before = settings(&conn);
            let swallowing = second(move |tx| {
                good(tx)?;
                assert!(tx.execute_batch(sql).is_err(), "{sql}");
                assert!(!tx.is_autocommit(), "{sql}");
                tx.execute_batch("INSERT INTO b VALUES (1)")
            });
            assert_eq!(
                swallowing.up(&mut conn).unwrap().applied().len(),
                1,
                "{sql}"
            );
            assert_eq!(settings(&conn), before, "{sql}");
            assert_eq!(number(&conn, "SELECT count(*) FROM a, b"), 3, "{sql}");
            assert!(swallowing.verify(&conn).unwrap().is_clean(), "{sql}");
        }
    }
}

/// SQLite rolls back by itself; the function may not notice.
#[test]
fn a_transaction_that_ended_by_itself_is_seen() {
    let error = failed(|tx| {
        let _ = tx.execute_batch("INSERT OR ROLLBACK INTO a VALUES (1)");
        Ok::<(), BoxError>(())
    });
    insta::assert_snapshot!(chain(&error), @"migration `002_second` was refused in 002_second.rs and rolled back: an error made SQLite end the transaction, and the function continued; return that error");
    let lost = failed(|tx| {
        let _ = tx.execute_batch("INSERT OR ROLLBACK INTO a VALUES (1)");
        tx.execute_batch("CREATE TABLE lost(x)")
    });
    insta::assert_snapshot!(chain(&lost), @"migration `002_second` was refused in 002_second.rs and rolled back: an error made SQLite end the transaction, and the function continued; return that error: constraint failed: Error code 531");
}

/// The same with a statement that was prepared while there was a transaction.
#[test]
fn nothing_is_committed_after_that() {
    let error = failed(|tx| {
        let mut insert = tx.prepare("INSERT INTO a VALUES (?1)")?;
        let _ = tx.execute_batch("INSERT OR ROLLBACK INTO a VALUES (1)");
        let _ = insert.execute([8]);
        let _ = tx.execute_batch("CREATE TABLE lost(x); INSERT INTO lost VALUES (1)");
        Ok::<(), BoxError>(())
    });
    assert!(error.to_string().contains("return that error"), "{error}");
    // Where the error is returned, it is the cause.
    let returned = failed(|tx| tx.execute_batch("INSERT OR ROLLBACK INTO a VALUES (1)"));
    insta::assert_snapshot!(chain(&returned), @"migration `002_second` failed in 002_second.rs and was rolled back: UNIQUE constraint failed: a.x: Error code 1555");
    let panicking = failed(|tx| -> rusqlite::Result<()> {
        tx.execute_batch("INSERT OR ROLLBACK INTO a VALUES (1)")
            .unwrap();
        Ok(())
    });
    assert_eq!(panicking.kind(), ErrorKind::Panicked, "{panicking}");
}

/// The hooks are those of the run, and no longer.
#[test]
fn afterwards_the_application_commits_as_before() {
    let mut conn = memory();
    second(good).up(&mut conn).unwrap();
    conn.execute_batch("INSERT INTO a VALUES (4)").unwrap();
    let tx = conn.transaction().unwrap();
    tx.execute_batch("INSERT INTO a VALUES (5)").unwrap();
    tx.commit().unwrap();
    assert_eq!(number(&conn, "SELECT max(x) FROM a"), 5);
}

#[test]
fn settings_that_need_no_sql_are_put_back() {
    let mut conn = memory();
    let before = settings(&conn);
    let setting = second(|tx| {
        tx.busy_timeout(Duration::from_secs(77))?;
        tx.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, true)?;
        good(tx)
    });
    setting.up(&mut conn).unwrap();
    assert_eq!(settings(&conn), before);
}

#[test]
fn broken_references_are_found() {
    let error =
        failed(|tx| tx.execute_batch("CREATE TABLE c(x REFERENCES a); INSERT INTO c VALUES (9)"));
    insta::assert_snapshot!(chain(&error), @"migration `002_second` was rolled back, because it breaks references: row 1 of `c` refers to no row of `a`");
}
