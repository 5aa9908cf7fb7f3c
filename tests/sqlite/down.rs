//! The way down: what is undone, in which order, and what stops it.

use crate::database::{Database, MODES, dump, number, text};
use migrate_runtime::{Down, Error, ErrorKind, Event, Migrator, Version};
use migrate_tests::{chain, migrator};
use rusqlite::{Connection, ErrorCode};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const A: (&str, &str) = (
    "001_a.sql",
    "CREATE TABLE a(x);\n-- migrate:down\nDROP TABLE a;\n",
);
pub(crate) const B: (&str, &str) = (
    "002_b.sql",
    "CREATE TABLE b(x);\nINSERT INTO a VALUES (2);\n\
     -- migrate:down\nDELETE FROM a WHERE x = 2;\nDROP TABLE b;\n",
);
pub(crate) const C: (&str, &str) = (
    "003_c.sql",
    "CREATE TABLE c(x);\nINSERT INTO b VALUES (3);\n\
     -- migrate:down\nDELETE FROM b WHERE x = 3;\nDROP TABLE c;\n",
);
pub(crate) const THREE: [(&str, &str); 3] = [A, B, C];

pub(crate) fn version(number: u32) -> Version {
    Version::new(number.into())
}

/// A database in memory with all migrations of a set.
pub(crate) fn applied(files: &[(&str, &str)]) -> (Connection, Migrator<Version>) {
    let mut conn = Connection::open_in_memory().unwrap();
    let migrator = migrator(files);
    migrator.up(&mut conn).unwrap();
    (conn, migrator)
}

/// The tables beside the history, and the versions in it.
pub(crate) fn state(conn: &Connection) -> (String, String) {
    let joined = |column: &str, from: &str| {
        let all = format!(
            "SELECT coalesce(group_concat(x, ' '), '') FROM (SELECT {column} x FROM {from} ORDER BY {column})"
        );
        text(conn, &all)
    };
    let tables = "sqlite_schema WHERE type = 'table' \
                  AND name NOT IN ('_migrations', 'sqlite_sequence')";
    (joined("name", tables), joined("version", "_migrations"))
}

#[track_caller]
pub(crate) fn assert_state(conn: &Connection, tables: &str, versions: &str) {
    let (found, recorded) = state(conn);
    assert_eq!((found.as_str(), recorded.as_str()), (tables, versions));
}

/// What was undone, in that order.
#[track_caller]
fn undone(migrator: &Migrator<Version>, conn: &mut Connection, down: Down<Version>) -> Vec<String> {
    let report = migrator.down(conn, down).unwrap();
    assert!(report.applied().is_empty());
    let labels = report.undone().iter().map(|undone| undone.label.clone());
    labels.collect()
}

/// Goes down, which must fail and change nothing at all.
#[track_caller]
pub(crate) fn refused(
    migrator: &Migrator<Version>,
    conn: &mut Connection,
    down: Down<Version>,
) -> Error {
    let before = dump(conn);
    let error = migrator.down(conn, down).unwrap_err();
    assert!(conn.is_autocommit());
    assert!(error.report().is_empty());
    assert_eq!(dump(conn), before);
    error
}

#[test]
fn by_steps_the_newest_go_first() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let migrator = migrator(&THREE);
        migrator.up(&mut conn).unwrap();
        let gone = undone(&migrator, &mut conn, Down::Steps(2));
        assert_eq!(gone, ["003_c", "002_b"]);
        assert_state(&database.open(), "a", "1");
        assert_eq!(number(&conn, "SELECT count(*) FROM a"), 0);
        // And up again, as if they had never been applied.
        assert_eq!(migrator.up(&mut conn).unwrap().applied().len(), 2);
        assert_state(&database.open(), "a b c", "1 2 3");
    }
}

#[test]
fn more_steps_than_are_applied_undo_all() {
    let (mut conn, migrator) = applied(&[A, B]);
    let gone = undone(&migrator, &mut conn, Down::Steps(usize::MAX));
    assert_eq!(gone, ["002_b", "001_a"]);
    assert_state(&conn, "", "");
}

#[test]
fn no_steps_do_nothing() {
    let (mut conn, migrator) = applied(&THREE);
    assert!(undone(&migrator, &mut conn, Down::Steps(0)).is_empty());
    assert_state(&conn, "a b c", "1 2 3");
}

#[test]
fn to_a_version_that_stays() {
    let (mut conn, migrator) = applied(&THREE);
    let gone = undone(&migrator, &mut conn, Down::To(version(1)));
    assert_eq!(gone, ["003_c", "002_b"]);
    assert_state(&conn, "a", "1");
    // It is there already, and so is everything below a version that is not.
    for target in [1, 2, 3, 99] {
        assert!(undone(&migrator, &mut conn, Down::To(version(target))).is_empty());
    }
    assert_state(&conn, "a", "1");
}

#[test]
fn all_and_reset_leave_an_empty_history() {
    for reset in [false, true] {
        let (mut conn, migrator) = applied(&THREE);
        let report = if reset {
            migrator.reset(&mut conn)
        } else {
            migrator.down(&mut conn, Down::All)
        };
        assert_eq!(report.unwrap().undone().len(), 3);
        assert_state(&conn, "", "");
        assert_eq!(migrator.up(&mut conn).unwrap().applied().len(), 3);
    }
}

#[test]
fn only_the_newest_can_be_undone_alone() {
    let (mut conn, migrator) = applied(&THREE);
    let error = refused(&migrator, &mut conn, Down::Only(version(1)));
    assert_eq!(error.kind(), ErrorKind::OutOfOrder);
    insta::assert_snapshot!(chain(&error), @"migration `001_a` cannot be undone on its own, because later migrations are applied: `002_b`, `003_c`; undo those first, or go down to the version before it");
    assert_eq!(
        undone(&migrator, &mut conn, Down::Only(version(3))),
        ["003_c"]
    );
    let error = refused(&migrator, &mut conn, Down::Only(version(3)));
    assert_eq!(error.kind(), ErrorKind::NotApplied);
    insta::assert_snapshot!(chain(&error), @"migration `003_c` cannot be undone, because it is not applied");
    let error = refused(&migrator, &mut conn, Down::Only(version(99)));
    assert_eq!(error.kind(), ErrorKind::NotApplied);
    insta::assert_snapshot!(chain(&error), @"migration `099` cannot be undone, because it is not applied");
    assert_state(&conn, "a b", "1 2");
}

#[test]
fn nothing_applied_is_no_error_and_writes_nothing() {
    let database = Database::new(false);
    let mut conn = database.open();
    let migrator = migrator(&THREE);
    for down in [Down::All, Down::Steps(1), Down::To(version(1))] {
        let report = migrator.down(&mut conn, down).unwrap();
        assert_eq!(report.to_string(), "there is nothing to undo");
    }
    assert!(migrator.reset(&mut conn).unwrap().is_empty());
    assert!(migrator.redo(&mut conn).unwrap().is_empty());
    let error = refused(&migrator, &mut conn, Down::Only(version(1)));
    assert_eq!(error.kind(), ErrorKind::NotApplied);
    assert_eq!(number(&conn, "SELECT count(*) FROM sqlite_schema"), 0);
    assert_eq!(std::fs::metadata(database.path()).unwrap().len(), 0);
}

#[test]
fn the_report_says_what_was_undone() {
    let (mut conn, migrator) = applied(&THREE);
    let report = migrator.down(&mut conn, Down::Steps(2)).unwrap();
    let lines: Vec<String> = report.to_string().lines().map(str::to_owned).collect();
    assert!(lines[0].starts_with("undid 003_c in "), "{lines:?}");
    assert!(lines[1].starts_with("undid 002_b in "), "{lines:?}");
    assert_eq!(report.undone()[1].version, version(2));
    assert!(report.elapsed() >= report.undone()[0].duration);
}

/// A transaction of the caller, or one that is read, is not touched.
#[test]
fn a_connection_in_use_is_refused() {
    let (mut conn, migrator) = applied(&THREE);
    conn.execute_batch("BEGIN; INSERT INTO a VALUES (9)")
        .unwrap();
    let error = migrator.down(&mut conn, Down::All).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionInUse);
    assert_eq!(
        migrator.redo(&mut conn).unwrap_err().kind(),
        ErrorKind::ConnectionInUse
    );
    conn.execute_batch("COMMIT").unwrap();
    assert_eq!(number(&conn, "SELECT count(*) FROM a WHERE x = 9"), 1);
    assert_state(&conn, "a b c", "1 2 3");
}

#[test]
fn a_read_only_database_says_how_many_are_to_be_undone() {
    let database = Database::new(false);
    migrator(&THREE).up(&mut database.open()).unwrap();
    let mut conn =
        Connection::open_with_flags(database.path(), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
            .unwrap();
    let error = migrator(&THREE)
        .down(&mut conn, Down::Steps(2))
        .unwrap_err();
    assert!(error.is_read_only());
    insta::assert_snapshot!(chain(&error), @"the database is read-only, and 2 migrations are to be undone; open it for writing");
    assert!(undone(&migrator(&THREE), &mut conn, Down::To(version(3))).is_empty());
}

/// What an observer hears of a run, in order.
#[test]
fn an_observer_is_told_of_the_way_down() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let (mut conn, migrator) = applied(&[A, B]);
    let heard = Arc::clone(&told);
    let migrator = migrator.observer(move |event: &Event<'_>| {
        let line = match event {
            Event::RunStarted {
                direction, count, ..
            } => format!("begins {direction} {count}"),
            Event::RunEnded {
                direction, count, ..
            } => format!("ends {direction} {count}"),
            Event::MigrationStarted {
                label, direction, ..
            } => format!("{direction} of {label}"),
            Event::MigrationEnded { label, error, .. } => {
                format!("{label} ended, failed: {}", error.is_some())
            }
            Event::StatementStarted { sql, .. } => (*sql).to_owned(),
            _ => return,
        };
        heard.lock().unwrap().push(line);
    });
    migrator.down(&mut conn, Down::Steps(1)).unwrap();
    insta::assert_snapshot!(told.lock().unwrap().join("\n"), @"
    begins down 1
    down of 002_b
    DELETE FROM a WHERE x = 2;
    DROP TABLE b;
    002_b ended, failed: false
    ends down 1
    ");
}

/// What another connection writes between the backup and the first change
/// would be in neither.
#[test]
fn the_backup_is_of_what_is_undone() {
    for _ in 0..20 {
        let (database, folder) = (Database::new(false), tempfile::tempdir().unwrap());
        let mut conn = database.open();
        migrator(&[A, B]).up(&mut conn).unwrap();
        let copy = folder.path().join("copy.db");
        let (copied, is_copied) = channel();
        let writer = database.open();
        writer.busy_timeout(Duration::ZERO).unwrap();
        let writing = std::thread::spawn(move || {
            is_copied.recv().unwrap();
            loop {
                match writer.execute("INSERT INTO b VALUES ('late')", []) {
                    Ok(_) => return true,
                    Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {}
                    Err(_) => return false,
                }
            }
        });
        let copied = Mutex::new(copied);
        let observer = move |event: &Event<'_>| {
            if let Event::BackedUp { .. } = event {
                copied.lock().unwrap().send(()).unwrap();
            }
        };
        let migrator = migrator(&[A, B]).backup_to(&copy).observer(observer);
        migrator.down(&mut conn, Down::Steps(1)).unwrap();
        let late = "SELECT count(*) FROM b WHERE x = 'late'";
        let is_in_copy = number(&Connection::open(&copy).unwrap(), late) == 1;
        assert_eq!(writing.join().unwrap(), is_in_copy);
    }
}
