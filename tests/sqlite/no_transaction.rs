//! Migrations without a transaction, within one process.

use crate::database::{BASE, Database, MODES, dump, number, text};
use migrate_runtime::{Down, Drift, Error, Migrator, Repair, Report, Version};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use std::time::Duration;

pub(crate) const SECOND: Version = Version::new(2);

pub(crate) fn outside(script: &str) -> Migrator<Version> {
    let script = format!("-- migrate: no-transaction\n{script}");
    migrator(&[BASE, ("002_second.sql", &script)]).lock_timeout(Duration::from_millis(300))
}

pub(crate) fn up(conn: &mut Connection, script: &str) -> Result<Report, Error> {
    outside(script).up(conn)
}

/// The connection is as it was, and another one can write.
#[track_caller]
pub(crate) fn assert_released(database: &Database, conn: &Connection) {
    assert!(conn.is_autocommit());
    assert_eq!(text(conn, "PRAGMA main.locking_mode"), "normal");
    assert_eq!(number(conn, "PRAGMA foreign_keys"), 1);
    let other = Connection::open(database.path()).unwrap();
    other.busy_timeout(Duration::ZERO).unwrap();
    other
        .execute_batch("CREATE TABLE other(x); DROP TABLE other;")
        .unwrap();
    conn.execute_batch("CREATE TABLE own(x); DROP TABLE own;")
        .unwrap();
}

#[test]
fn what_needs_to_be_outside_takes_effect() {
    for wal in MODES {
        for (script, pragma, expected) in [
            ("VACUUM", "journal_mode", if wal { "wal" } else { "delete" }),
            ("PRAGMA journal_mode = WAL", "journal_mode", "wal"),
            ("PRAGMA journal_mode = DELETE", "journal_mode", "delete"),
            ("PRAGMA main.journal_mode = TRUNCATE", "journal_mode", ""),
            (
                "PRAGMA journal_mode = DELETE; PRAGMA page_size = 8192; VACUUM; \
                 CREATE TABLE b(y); PRAGMA journal_mode = WAL; INSERT INTO b VALUES (1)",
                "page_size",
                "8192",
            ),
            (
                "PRAGMA auto_vacuum = FULL; CREATE TABLE b(y); VACUUM; INSERT INTO b VALUES (1)",
                "auto_vacuum",
                "1",
            ),
            ("/* a */ vacuum -- b", "integrity_check", "ok"),
        ] {
            let database = Database::new(wal);
            let mut conn = database.open();
            migrator(&[BASE]).up(&mut conn).unwrap();
            let report = up(&mut conn, script).unwrap();
            assert_eq!(report.applied().len(), 1, "{script}");
            assert_released(&database, &conn);
            assert_eq!(number(&conn, "SELECT count(*) FROM a"), 2);
            let reopened = Connection::open(database.path()).unwrap();
            let sql = format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}");
            let found = match pragma {
                "journal_mode" => text(&reopened, "PRAGMA journal_mode"),
                _ => text(&reopened, &sql),
            };
            // `truncate` and `delete` are not told apart by the file.
            if !expected.is_empty() {
                assert_eq!(found, expected, "{wal} {script}");
            }
            assert!(outside(script).up(&mut conn).unwrap().applied().is_empty());
        }
    }
}

#[test]
fn in_memory_it_runs_on_the_connection_itself() {
    let mut conn = Connection::open_in_memory().unwrap();
    migrator(&[BASE]).up(&mut conn).unwrap();
    up(
        &mut conn,
        "CREATE TABLE b(y); VACUUM; INSERT INTO b VALUES (1)",
    )
    .unwrap();
    assert_eq!(number(&conn, "SELECT count(*) FROM b"), 1);
    assert!(conn.is_autocommit());
    let error = up(&mut conn, "VACUUM").unwrap_err();
    assert!(matches!(error.drift(), [Drift::Modified { .. }, ..]));
}

/// What a script sets holds until its end, and no longer.
#[test]
fn a_setting_lasts_as_long_as_the_script() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        migrator(&[BASE]).up(&mut conn).unwrap();
        let script = "CREATE TABLE b(y CHECK (y > 0)); PRAGMA ignore_check_constraints = ON; \
                      INSERT INTO b VALUES (-1);";
        up(&mut conn, script).unwrap();
        assert_eq!(number(&conn, "PRAGMA ignore_check_constraints"), 0);
        assert_released(&database, &conn);
    }
}

pub(crate) fn failed(database: &Database, script: &str) -> (Connection, Error) {
    let mut conn = database.open();
    migrator(&[BASE]).up(&mut conn).unwrap();
    let error = up(&mut conn, script).expect_err(script);
    assert_released(database, &conn);
    (conn, error)
}

#[test]
fn an_error_of_the_first_statement_leaves_nothing() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        migrator(&[BASE]).up(&mut conn).unwrap();
        let before = dump(&conn);
        let error = up(&mut conn, "INSERT INTO a VALUES (1);\nVACUUM;").unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(chain(&error), @"migration `002_second` failed at 002_second.sql:2:1 and was rolled back: UNIQUE constraint failed: a.x: Error code 1555");
        }
        assert_eq!(dump(&conn), before);
        assert_released(&database, &conn);
        assert_eq!(up(&mut conn, "VACUUM").unwrap().applied().len(), 1);
    }
}

#[test]
fn an_error_of_a_later_statement_leaves_those_before() {
    for wal in MODES {
        let database = Database::new(wal);
        let script = "CREATE TABLE b(y);\nVACUUM;\nINSERT INTO a VALUES (1);\nVACUUM;";
        let (mut conn, error) = failed(&database, script);
        insta::allow_duplicates! {
            insta::assert_snapshot!(chain(&error), @"migration `002_second` failed at 002_second.sql:4:1; it runs without a transaction, so 2 of its 4 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied: UNIQUE constraint failed: a.x: Error code 1555");
            insta::assert_snapshot!(up(&mut conn, script).unwrap_err(), @"the up of migration `002_second` was started outside a transaction and has not finished: 2 of 4 statements finished, and statement 3 may have been partly executed (002_second.sql:4:1); check what it left behind, then use `repair` to resume it or to record its outcome");
        }
        assert_eq!(error.location().unwrap().line, 4);
        assert_eq!(number(&conn, "SELECT count(*) FROM b"), 0);
        let progress = text(&conn, "SELECT progress FROM _migrations WHERE version = 2");
        assert!(progress.starts_with("up 2 of 4 sha256:"), "{progress}");
        // The cause is fixed in the data.
        conn.execute("DELETE FROM a WHERE x = 1", []).unwrap();
        let migrator = outside(script);
        migrator.repair(&mut conn, SECOND, Repair::Resume).unwrap();
        assert!(migrator.up(&mut conn).unwrap().applied().is_empty());
        assert_eq!(number(&conn, "SELECT count(*) FROM a"), 2);
        let note = "SELECT count(*) FROM _migrations WHERE note IS NULL";
        assert_eq!(number(&conn, note), 2);
    }
}

#[test]
fn a_resume_goes_on_with_a_mended_script_but_not_with_another_beginning() {
    let database = Database::new(false);
    let script = "CREATE TABLE b(y);\nINSERT INTO b VALUES (1);\nINSERT INTO nowhere VALUES (1);";
    let (mut conn, _) = failed(&database, script);
    let edited = outside("CREATE TABLE b(z);\nINSERT INTO b VALUES (1);\nVACUUM;");
    let before = dump(&conn);
    let error = edited
        .repair(&mut conn, SECOND, Repair::Resume)
        .unwrap_err();
    insta::assert_snapshot!(chain(&error), @"migration `002_second` cannot be resumed, because a statement that already ran has been edited since; nothing was changed, restore its file, or bring the database to a known state and mark the migration as applied or as not applied");
    assert_eq!(dump(&conn), before);

    let fixed =
        outside("CREATE TABLE b(y);\nINSERT INTO b VALUES (1);\nVACUUM;\nINSERT INTO b VALUES (2)");
    let error = fixed.up(&mut conn).unwrap_err();
    assert!(error.is_dirty() && !matches!(error.drift(), [Drift::Modified { .. }, ..]));
    let repaired = fixed.repair(&mut conn, SECOND, Repair::Resume).unwrap();
    assert_ne!(Some(&repaired.old), repaired.new.as_ref());
    assert_eq!(number(&conn, "SELECT sum(y) FROM b"), 3);
    assert!(fixed.up(&mut conn).unwrap().applied().is_empty());
    let note = text(&conn, "SELECT note FROM _migrations WHERE version = 2");
    let (old, new) = (&repaired.old, repaired.new.as_ref().unwrap());
    let expected = format!("resumed with a different text: {old} became {new}");
    assert_eq!(note.split_once(' ').unwrap().1, expected);
}

/// The connection that a setting was made on is gone when it is resumed.
#[test]
fn a_resume_sets_the_connection_again() {
    let database = Database::new(false);
    let (mut conn, _) = failed(&database, "PRAGMA page_size = 8192;\nINSERT INTO nowhere;");
    let fixed = outside("PRAGMA page_size = 8192;\nVACUUM;");
    fixed.repair(&mut conn, SECOND, Repair::Resume).unwrap();
    let reopened = Connection::open(database.path()).unwrap();
    assert_eq!(number(&reopened, "PRAGMA page_size"), 8192);

    // What belongs to the file was set, and is not set again.
    let database = Database::new(false);
    let settings = "PRAGMA ignore_check_constraints = ON;\nPRAGMA user_version = 7;\n";
    let (mut conn, _) = failed(&database, &format!("{settings}INSERT INTO nowhere;"));
    conn.execute_batch("CREATE TABLE b(y CHECK (y > 0)); PRAGMA user_version = 9")
        .unwrap();
    let fixed = outside(&format!("{settings}INSERT INTO b VALUES (-1);"));
    fixed.repair(&mut conn, SECOND, Repair::Resume).unwrap();
    assert_eq!(number(&conn, "SELECT y FROM b"), -1);
    assert_eq!(number(&conn, "PRAGMA user_version"), 9);
}

#[test]
fn a_down_that_stopped_can_be_resumed_or_taken_back() {
    for wal in MODES {
        let script = "CREATE TABLE b(y);\n-- migrate:down\n-- migrate: no-transaction\n\
                      DELETE FROM b;\nVACUUM;\nDELETE FROM a WHERE x = stop(x);\nDROP TABLE b;\n";
        let files = [BASE, ("002_second.sql", script)];
        let path = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let can = path.clone();
        let migrator = migrator(&files).connect_with(move |file| {
            let conn = Connection::open(file)?;
            function(&conn, can.load(std::sync::atomic::Ordering::SeqCst))?;
            Ok(conn)
        });
        let database = Database::new(wal);
        let mut conn = database.open();
        function(&conn, false).unwrap();
        migrator.up(&mut conn).unwrap();
        let error = migrator.down(&mut conn, Down::Steps(1)).unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(chain(&error), @"the down of migration `002_second` failed at 002_second.sql:6:1; it runs without a transaction, so 2 of its 4 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied: stopped: Error code 1");
            insta::assert_snapshot!(migrator.up(&mut conn).unwrap_err(), @"the down of migration `002_second` was started outside a transaction and has not finished: 2 of 4 statements finished, and statement 3 may have been partly executed (002_second.sql:6:1); check what it left behind, then use `repair` to resume it or to record its outcome");
        }
        assert_released(&database, &conn);
        if wal {
            let reason = Repair::MarkApplied("the rows were restored");
            migrator.repair(&mut conn, SECOND, reason).unwrap();
            assert!(migrator.up(&mut conn).unwrap().applied().is_empty());
            function(&conn, true).unwrap();
            assert_eq!(
                migrator
                    .down(&mut conn, Down::Steps(1))
                    .unwrap()
                    .undone()
                    .len(),
                1
            );
        } else {
            path.store(true, std::sync::atomic::Ordering::SeqCst);
            let repaired = migrator.repair(&mut conn, SECOND, Repair::Resume).unwrap();
            assert_eq!(repaired.new, None);
            insta::assert_snapshot!(repaired, @"resumed and finished 002_second");
            let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'b'";
            assert_eq!(number(&conn, tables), 0);
            assert_eq!(number(&conn, "SELECT count(*) FROM _migrations"), 1);
            assert_eq!(migrator.up(&mut conn).unwrap().applied().len(), 1);
        }
    }
}

/// A function that fails, or does not.
fn function(conn: &Connection, works: bool) -> rusqlite::Result<()> {
    let flags = rusqlite::functions::FunctionFlags::SQLITE_UTF8;
    conn.create_scalar_function("stop", 1, flags, move |_| {
        if works {
            Ok(0)
        } else {
            Err(rusqlite::Error::UserFunctionError("stopped".into()))
        }
    })
}

#[test]
fn a_function_of_the_application_needs_a_connection_that_has_it() {
    let database = Database::new(false);
    let mut conn = database.open();
    function(&conn, true).unwrap();
    migrator(&[BASE]).up(&mut conn).unwrap();
    let script = "DELETE FROM a WHERE x = stop(x)";
    insta::assert_snapshot!(chain(&up(&mut conn, script).unwrap_err()), @"migration `002_second` failed at 002_second.sql:2:25 and was rolled back; it ran on a separate connection, which has only what `connect_with` adds: no such function: stop: Error code 1");
    let connected = outside(script).connect_with(|path| {
        let conn = Connection::open(path)?;
        function(&conn, true)?;
        Ok(conn)
    });
    assert_eq!(connected.up(&mut conn).unwrap().applied().len(), 1);
}

#[test]
fn any_path_will_do() {
    let names = if cfg!(windows) {
        // A file cannot have `?`, `:` or `"` in its name there.
        ["a b'c#d%20.db", "file app.db", "äö.db"]
    } else {
        ["a b'c?d#e%20.db", "file:app.db", "ä\"ö.db"]
    };
    for name in names {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let mut conn = Connection::open(&path).unwrap();
        outside("CREATE TABLE b(y); VACUUM;").up(&mut conn).unwrap();
        assert_eq!(number(&conn, "SELECT count(*) FROM b"), 0);
        let uri = format!(
            "file:{}?cache=private",
            folder.path().join("u.db").display()
        );
        let mut conn = Connection::open(uri).unwrap();
        outside("CREATE TABLE b(y); VACUUM;").up(&mut conn).unwrap();
        assert_eq!(number(&conn, "SELECT count(*) FROM b"), 0);
    }
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(std::ffi::OsStr::from_bytes(b"a\xff.db"));
    let mut conn = Connection::open(path).unwrap();
    migrator(&[BASE]).up(&mut conn).unwrap();
    insta::assert_snapshot!(chain(&up(&mut conn, "VACUUM").unwrap_err()), @"the path of the database is not valid UTF-8, so no second connection to it can be opened; nothing was applied, rename it");
    assert!(conn.is_autocommit());
}

/// Nobody else gets the lock that such a connection has had once.
#[test]
fn a_connection_that_keeps_its_locks_is_not_in_its_own_way() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let keep = "PRAGMA locking_mode = EXCLUSIVE";
        conn.query_row(keep, [], |_| Ok(())).unwrap();
        migrator(&[BASE]).up(&mut conn).unwrap();
        up(&mut conn, "CREATE TABLE b(y); VACUUM;").unwrap();
        assert_eq!(number(&conn, "SELECT count(*) FROM b"), 0);
        assert_eq!(text(&conn, "PRAGMA main.locking_mode"), "exclusive");
    }
}
