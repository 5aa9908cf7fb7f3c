//! Undoing the newest migration and applying it again.

use crate::database::{Database, MODES, dump, number, text};
use crate::down::{A, B, THREE, applied, assert_state};
use migrate_runtime::{Migrator, Transactions, Version};
use migrate_sqlite::compat;
use migrate_tests::{chain, migrator};
use rusqlite::Connection;

#[test]
fn the_newest_is_undone_and_applied_again() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let migrator = migrator(&THREE);
        migrator.up(&mut conn).unwrap();
        conn.execute_batch("INSERT INTO c VALUES ('of the user')")
            .unwrap();
        let report = migrator.redo(&mut conn).unwrap();
        assert_eq!(report.undone()[0].label, "003_c");
        assert_eq!(report.applied()[0].label, "003_c");
        assert_eq!((report.undone().len(), report.applied().len()), (1, 1));
        assert_state(&database.open(), "a b c", "1 2 3");
        assert_eq!(number(&conn, "SELECT count(*) FROM c"), 0);
        assert_eq!(number(&conn, "SELECT count(*) FROM b"), 1);
        let lines = report.to_string();
        let (first, second) = lines.split_once('\n').unwrap();
        assert!(first.starts_with("undid 003_c in "), "{lines}");
        assert!(second.starts_with("applied 003_c in "), "{lines}");
    }
}

/// The newest of the history, whatever is pending.
#[test]
fn what_is_pending_stays_pending() {
    let (mut conn, _) = applied(&[A, B]);
    let report = migrator(&THREE).redo(&mut conn).unwrap();
    assert_eq!(report.applied()[0].label, "002_b");
    assert_state(&conn, "a b", "1 2");
}

/// It is one transaction: nobody ever sees the database without it.
#[test]
fn an_up_that_fails_after_its_down_leaves_it_applied() {
    let once = (
        "002_b.sql",
        "INSERT INTO a VALUES (2);\nCREATE TABLE b(x);\n\
         -- migrate:down\nDROP TABLE b;\nDELETE FROM a;\nINSERT INTO a VALUES (7);\n\
         CREATE UNIQUE INDEX i ON a(x);\nINSERT INTO a VALUES (2);\n",
    );
    let (mut conn, migrator) = applied(&[A, once]);
    let before = dump(&conn);
    let error = migrator.redo(&mut conn).unwrap_err();
    insta::assert_snapshot!(chain(&error), @"migration `002_b` failed at 002_b.sql:1:1 and was rolled back; a redo is one transaction, so the migration is still applied as before: UNIQUE constraint failed: a.x: Error code 2067");
    assert!(error.report().is_empty());
    assert!(conn.is_autocommit());
    assert_eq!(dump(&conn), before);
    assert!(migrator.up(&mut conn).unwrap().is_empty());
}

#[test]
fn a_down_that_fails_leaves_it_applied() {
    let bad = (
        "002_b.sql",
        "CREATE TABLE b(x);\n-- migrate:down\nDROP TABLE b;\nDROP TABLE nowhere;\n",
    );
    let (mut conn, migrator) = applied(&[A, bad]);
    let before = dump(&conn);
    let error = migrator.redo(&mut conn).unwrap_err();
    insta::assert_snapshot!(chain(&error), @"the down of migration `002_b` failed at 002_b.sql:4:1 and was rolled back; a redo is one transaction, so the migration is still applied as before: no such table: nowhere: Error code 1");
    assert!(error.report().is_empty());
    assert_eq!(dump(&conn), before);
}

/// Who writes the newest migration edits it until it is right.
#[test]
fn an_edited_one_is_applied_as_it_is_now() {
    let changed = "CREATE TABLE b(x, edited);\n-- migrate:down\nDROP TABLE b;\n";
    for name in [B.0, "002_renamed.sql"] {
        let (mut conn, _) = applied(&[A, B]);
        let now = migrator(&[A, (name, changed)]);
        assert!(!now.up(&mut conn).unwrap_err().drift().is_empty());
        let report = now.redo(&mut conn).unwrap();
        assert_eq!((report.undone().len(), report.applied().len()), (1, 1));
        assert!(dump(&conn).contains("edited"));
        assert!(now.verify(&conn).unwrap().is_clean());
    }
}

#[test]
fn an_unknown_one_is_refused() {
    let (mut conn, _) = applied(&[A, B]);
    let before = dump(&conn);
    let error = migrator(&[A]).redo(&mut conn).unwrap_err();
    assert!(error.report().is_empty());
    assert_eq!(dump(&conn), before);
    insta::assert_snapshot!(
        chain(&error),
        @"this binary does not contain migration `002_b`; nothing was changed, use the program that does"
    );
}

#[test]
fn one_without_a_down_is_refused() {
    let (mut conn, migrator) = applied(&[A, ("002_b.sql", "CREATE TABLE b(x)")]);
    let error = migrator.redo(&mut conn).unwrap_err();
    assert!(error.is_irreversible());
    assert_state(&conn, "a b", "1 2");
}

/// Where one of the two runs without a transaction, there are two runs.
#[test]
fn without_a_transaction_there_are_two_runs() {
    for (up, down) in [(true, false), (false, true), (true, true)] {
        let outside = |is: bool| {
            if is {
                "-- migrate: no-transaction\n"
            } else {
                ""
            }
        };
        let up_text = format!(
            "{}CREATE TABLE b(x);\nINSERT INTO a VALUES (2);\n",
            outside(up)
        );
        let down_text = format!("{}DELETE FROM a;\nDROP TABLE b;\n", outside(down));
        let files = [A, ("002_b.sql", &*up_text), ("002_b.down.sql", &*down_text)];
        let database = Database::new(false);
        let mut conn = database.open();
        let migrator = migrator(&files);
        migrator.up(&mut conn).unwrap();
        let report = migrator.redo(&mut conn).unwrap();
        assert_eq!((report.undone().len(), report.applied().len()), (1, 1));
        assert_state(&conn, "a b", "1 2");
        assert_eq!(number(&conn, "SELECT count(*) FROM a"), 1);
        assert_eq!(
            text(
                &conn,
                "SELECT group_concat(DISTINCT state) FROM _migrations"
            ),
            "applied"
        );
    }
}

/// Of two runs the first stays, and the error says so.
#[test]
fn the_second_of_two_runs_can_fail() {
    let files = [
        A,
        (
            "002_b.sql",
            "-- migrate: no-transaction\nCREATE TABLE b(x);\n",
        ),
        (
            "002_b.down.sql",
            "DROP TABLE b;\nCREATE VIEW b AS SELECT 1 AS x;\n",
        ),
    ];
    let database = Database::new(false);
    let mut conn = database.open();
    let migrator: Migrator<Version> = migrator(&files);
    migrator.up(&mut conn).unwrap();
    let error = migrator.redo(&mut conn).unwrap_err();
    insta::assert_snapshot!(chain(&error), @"migration `002_b` failed at 002_b.sql:2:14 and was rolled back: view b already exists: Error code 1");
    let undone: Vec<&str> = error
        .report()
        .undone()
        .iter()
        .map(|undone| undone.label.as_str())
        .collect();
    assert_eq!(undone, ["002_b"]);
    assert_state(&conn, "a", "1");
}

/// Whatever would refuse the second of two runs refuses the first.
#[test]
fn nothing_is_undone_that_could_not_be_applied_again() {
    const B_OUTSIDE: (&str, &str) = (
        "002_b.sql",
        "-- migrate: no-transaction\nCREATE TABLE b(x);\n",
    );
    let b_down = ("002_b.down.sql", "DROP TABLE b;\n");
    let edited = ("001_a.sql", "CREATE TABLE a(x);\nSELECT 1;\n");
    let database = Database::new(false);
    let mut conn = database.open();
    let good = migrator(&[A, B_OUTSIDE, b_down]);
    good.up(&mut conn).unwrap();
    let before = dump(&conn);
    let refused = [
        migrator(&[edited, B_OUTSIDE, b_down]),
        good.clone()
            .with_up(Version::new(1), |tx| tx.execute_batch("SELECT 1")),
    ];
    for migrator in refused {
        let error = migrator.redo(&mut conn).unwrap_err();
        assert!(error.report().is_empty(), "{error}");
        assert_eq!(dump(&conn), before, "{error}");
    }
}

/// Each of the two runs is of one migration, which needs to share nothing.
#[test]
fn one_transaction_for_all_is_none_for_the_two_runs() {
    let files = [
        A,
        (
            "002_b.sql",
            "-- migrate: no-transaction\nCREATE TABLE b(x);\n",
        ),
        ("002_b.down.sql", "DROP TABLE b;\n"),
    ];
    let database = Database::new(false);
    let mut conn = database.open();
    migrator(&files).up(&mut conn).unwrap();
    let migrator = migrator(&files).transactions(Transactions::All);
    let report = migrator.redo(&mut conn).unwrap();
    assert_eq!((report.undone().len(), report.applied().len()), (1, 1));
    assert_state(&conn, "a b", "1 2");
}

/// A baseline stands beside the history of another tool, and is the whole
/// history of its own.
#[test]
fn the_history_of_another_tool_does_not_matter_by_then() {
    let files = [
        (
            "001_a.sql",
            "-- migrate: no-transaction\nCREATE TABLE a(x);\n",
        ),
        ("001_a.down.sql", "DROP TABLE a;\n"),
    ];
    let database = Database::new(false);
    let mut conn = database.open();
    conn.execute_batch(
        "CREATE TABLE a(x); CREATE TABLE schema_migrations(version);
         INSERT INTO schema_migrations VALUES ('1')",
    )
    .unwrap();
    let migrator = migrator(&files);
    migrator.baseline(&mut conn, Version::new(1)).unwrap();
    let report = migrator.redo(&mut conn).unwrap();
    assert_eq!((report.undone().len(), report.applied().len()), (1, 1));
}

/// A backup is of the state before the first of the two runs.
#[test]
fn two_runs_make_one_backup() {
    let files = [
        A,
        (
            "002_b.sql",
            "-- migrate: no-transaction\nCREATE TABLE b(x);\n",
        ),
        ("002_b.down.sql", "DROP TABLE b;\n"),
    ];
    let (database, folder) = (Database::new(false), tempfile::tempdir().unwrap());
    let mut conn = database.open();
    migrator(&files).up(&mut conn).unwrap();
    let copy = folder.path().join("copy.db");
    let migrator = migrator(&files).backup_to(&copy);
    let report = migrator.redo(&mut conn).unwrap();
    assert_eq!(report.backup(), Some(&*copy));
    assert_eq!((report.undone().len(), report.applied().len()), (1, 1));
    assert_state(&Connection::open(&copy).unwrap(), "a b", "1 2");
}

/// The row from before stands in the history after a rollback, and looks like
/// the one that was to be committed.
#[test]
fn a_commit_that_fails_is_not_taken_for_one_that_did_not() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let migrator = migrator(&THREE);
        migrator.up(&mut conn).unwrap();
        conn.execute("INSERT INTO c VALUES ('of the user')", [])
            .unwrap();
        let before = dump(&conn);
        compat::set_commit_hook(&mut conn, Some(|| true)).unwrap();
        let error = migrator.redo(&mut conn).unwrap_err();
        compat::remove_commit_hook(&mut conn).unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(chain(&error), @"the commit of migration `003_c` failed, and it was rolled back; a redo is one transaction, so the migration is still applied as before: constraint failed: Error code 531");
        }
        assert!(error.report().is_empty());
        assert_eq!(dump(&conn), before);
        assert!(migrator.redo(&mut conn).is_ok());
    }
}
