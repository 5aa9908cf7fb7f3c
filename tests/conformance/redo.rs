//! Undoing the newest migration and applying it again.

use crate::database::{A, B, Database, THREE, assert_state, done, refused};
use migrate_runtime::Transactions;
use migrate_tests::kinds;

fn the_newest_is_undone_and_applied<D: Database>(mut db: D) {
    let three = D::migrator(&THREE);
    db.up(&three).unwrap();
    db.execute("INSERT INTO c VALUES (99)");
    let report = db.redo(&three).unwrap();
    assert_eq!(done(&report), "-003_c 003_c");
    assert_eq!(db.rows("SELECT * FROM c"), "");
    assert_eq!(db.rows("SELECT count(*) FROM b"), "1");
    assert_state(&mut db, "a b c: 1 2 3");
    // A target and what is pending do not matter.
    let two = D::migrator(&[A, B]);
    db.down(&three, migrate_runtime::Down::Steps(1)).unwrap();
    assert_eq!(done(&db.redo(&three).unwrap()), "-002_b 002_b");
    assert_eq!(done(&db.redo(&two).unwrap()), "-002_b 002_b");
    assert_state(&mut db, "a b: 1 2");
}

/// It is one transaction: nobody ever sees the database without it.
fn what_fails_leaves_it_applied<D: Database>(_: D) {
    let up = "CREATE TABLE b(x bigint);\nINSERT INTO b SELECT x FROM a WHERE x > 5;\n\
              INSERT INTO b VALUES (0);\nCREATE UNIQUE INDEX i ON b(x);\n";
    let bad_up = format!("{up}-- migrate:down\nDROP TABLE b;\nINSERT INTO a VALUES (7), (7);\n");
    let bad_down = format!("{up}-- migrate:down\nDROP TABLE b;\nDROP TABLE nowhere;\n");
    let mut messages = Vec::new();
    for text in [bad_up, bad_down] {
        let Some(mut db) = D::new() else { return };
        let migrator = D::migrator(&[A, ("002_b.sql", &text)]);
        db.up(&migrator).unwrap();
        let error = refused(&mut db, |db| db.redo(&migrator));
        messages.push(error.message());
        assert!(db.up(&migrator).unwrap().is_empty());
    }
    insta::assert_snapshot!(messages.join("\n"), @"
    migration `002_b` failed at 002_b.sql:4:1 and was rolled back; a redo is one transaction, so the migration is still applied as before
    the down of migration `002_b` failed at 002_b.sql:7:1 and was rolled back; a redo is one transaction, so the migration is still applied as before
    ");
}

/// Who writes the newest migration edits it until it is right.
fn an_edited_one_is_applied_as_it_is_now<D: Database>(_: D) {
    let changed = "CREATE TABLE b(x bigint, edited bigint);\n-- migrate:down\nDROP TABLE b;\n";
    for name in [B.0, "002_renamed.sql"] {
        let Some(mut db) = D::new() else { return };
        db.up(&D::migrator(&[A, B])).unwrap();
        let now = D::migrator(&[A, (name, changed)]);
        assert!(!refused(&mut db, |db| db.up(&now)).drift().is_empty());
        db.redo(&now).unwrap();
        assert_eq!(db.rows("SELECT count(edited) FROM b"), "0");
        assert!(db.verify(&now).unwrap().is_clean());
    }
}

fn one_that_cannot_be<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A, B])).unwrap();
    let one = D::migrator(&[A]);
    insta::assert_snapshot!(refused(&mut db, |db| db.redo(&one)), @"this binary does not contain migration `002_b`; nothing was changed, use the program that does");
    db.reset(&one).unwrap();
    let without = D::migrator(&[A, ("002_b.sql", "CREATE TABLE b(x bigint)")]);
    db.up(&without).unwrap();
    let error = refused(&mut db, |db| db.redo(&without));
    assert_eq!(kinds(&error), "irreversible");
}

/// Where one of the two runs without a transaction, there are two runs.
fn without_a_transaction_there_are_two_runs<D: Database>(_: D) {
    let outside = |is: bool| {
        if is {
            "-- migrate: no-transaction\n"
        } else {
            ""
        }
    };
    for (up, down) in [(true, false), (false, true), (true, true)] {
        let Some(mut db) = D::new() else { return };
        let up = format!(
            "{}CREATE TABLE b(x bigint);\nINSERT INTO a VALUES (2);\n",
            outside(up)
        );
        let down = format!("{}DELETE FROM a;\nDROP TABLE b;\n", outside(down));
        let files = [A, ("002_b.sql", &*up), ("002_b.down.sql", &*down)];
        let migrator = D::migrator(&files);
        db.up(&migrator).unwrap();
        // It shares its transaction with nothing, whatever is said of others.
        for migrator in [&migrator, &migrator.clone().transactions(Transactions::All)] {
            assert_eq!(done(&db.redo(migrator).unwrap()), "-002_b 002_b");
            assert_state(&mut db, "a b: 1 2");
            assert_eq!(db.rows("SELECT count(*) FROM a"), "1");
            assert_eq!(db.rows("SELECT DISTINCT state FROM _migrations"), "applied");
        }
    }
}

/// Of two runs the first stays, and the error says so.
fn the_second_of_two_runs_can_fail<D: Database>(mut db: D) {
    let up = "-- migrate: no-transaction\nCREATE TABLE b(x bigint);\n";
    let down = "DROP TABLE b;\nCREATE VIEW b AS SELECT 1 AS x;\n";
    let migrator = D::migrator(&[A, ("002_b.sql", up), ("002_b.down.sql", down)]);
    db.up(&migrator).unwrap();
    let error = db.redo(&migrator).unwrap_err();
    assert_eq!(done(error.report()), "-002_b");
    // Only SQLite says where in the statement it is.
    let message = error.message().replace("sql:2:14", "sql:2:1");
    insta::assert_snapshot!(message, @"migration `002_b` failed at 002_b.sql:2:1 and was rolled back");
    assert_state(&mut db, "a: 1");
    db.assert_free();
}

on_both![
    the_newest_is_undone_and_applied,
    what_fails_leaves_it_applied,
    an_edited_one_is_applied_as_it_is_now,
    one_that_cannot_be,
    without_a_transaction_there_are_two_runs,
    the_second_of_two_runs_can_fail,
];
