//! What stops the way down, and that nothing is undone then.

use crate::database::{Database, MODES, number};
use crate::down::{A, B, C, THREE, applied, assert_state, refused, version};
use migrate_runtime::{Down, ErrorKind, Transactions};
use migrate_tests::{chain, migrator};

/// One missing down is enough, wherever it stands in the way.
#[test]
fn an_incomplete_way_is_not_begun() {
    let without = [
        ("001_a.sql", "CREATE TABLE a(x)"),
        (
            "002_b.sql",
            "-- migrate: irreversible \"the old rows are gone\"\nCREATE TABLE b(x)",
        ),
        ("003_c.sql", "CREATE TABLE c(x)"),
    ];
    for (missing, down) in [
        (0, Down::All),
        (1, Down::All),
        (2, Down::All),
        (1, Down::To(version(1))),
        (2, Down::Steps(1)),
        (2, Down::Only(version(3))),
    ] {
        for transactions in [Transactions::Each, Transactions::All] {
            let mut files = THREE;
            files[missing] = without[missing];
            let (mut conn, migrator) = applied(&files);
            let migrator = migrator.transactions(transactions);
            let error = refused(&migrator, &mut conn, down);
            assert!(error.is_irreversible(), "{}", chain(&error));
            let label = ["`001_a`", "`002_b`", "`003_c`"][missing];
            assert!(error.to_string().contains(label), "{}", chain(&error));
        }
    }
}

#[test]
fn every_missing_down_is_named() {
    let files = [
        ("001_a.sql", "CREATE TABLE a(x)"),
        (
            "002_b.sql",
            "-- migrate: irreversible \"the old rows are gone\"\nCREATE TABLE b(x)",
        ),
        C,
    ];
    let (mut conn, both) = applied(&files);
    let error = refused(&both, &mut conn, Down::All);
    insta::assert_snapshot!(chain(&error), @"not all of these migrations can be undone: `002_b` is irreversible (the old rows are gone); `001_a` has no down; nothing was undone; add the missing downs or restore a backup");
    // A binary that knows neither, with a history that holds only the last.
    let error = refused(&migrator(&[A]), &mut conn, Down::To(version(1)));
    insta::assert_snapshot!(chain(&error), @"not all of these migrations can be undone: `002_b` is not contained in this binary as it was applied, and the history stores no down for it; nothing was undone; add the missing downs or restore a backup");
    // What is not in the way may be missing.
    assert_eq!(
        both.down(&mut conn, Down::Steps(1)).unwrap().undone().len(),
        1
    );
    assert_state(&conn, "a b", "1 2");
}

/// The down and the removal of the row are one commit.
#[test]
fn a_down_that_fails_leaves_the_row_and_the_schema() {
    let bad = (
        "002_b.sql",
        "CREATE TABLE b(x);\n-- migrate:down\nDROP TABLE b;\nDROP TABLE nowhere;\n",
    );
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let migrator = migrator(&[A, bad, C]);
        migrator.up(&mut conn).unwrap();
        let error = refused(&migrator, &mut conn, Down::Only(version(2)));
        assert_eq!(error.kind(), ErrorKind::OutOfOrder);
        // What came before it stays undone.
        let error = migrator.down(&mut conn, Down::All).unwrap_err();
        insta::allow_duplicates! { insta::assert_snapshot!(chain(&error), @"the down of migration `002_b` failed at 002_b.sql:4:1 and was rolled back: no such table: nowhere: Error code 1"); }
        assert_eq!(error.report().undone()[0].label, "003_c");
        assert_eq!(error.report().undone().len(), 1);
        let location = error.location().unwrap();
        assert_eq!((location.line, location.column), (4, 1));
        assert_state(&database.open(), "a b", "1 2");
        // Nor does it get in the way of anything else.
        assert_eq!(migrator.up(&mut conn).unwrap().applied().len(), 1);
    }
}

#[test]
fn a_down_may_not_break_references() {
    let files = [
        (
            "001_a.sql",
            "CREATE TABLE a(x INTEGER PRIMARY KEY);\nINSERT INTO a VALUES (1);\n",
        ),
        (
            "002_b.sql",
            "INSERT INTO a VALUES (2);\n-- migrate:down\nDELETE FROM a WHERE x = 2;\n",
        ),
    ];
    let (mut conn, migrator) = applied(&files);
    conn.execute_batch(
        "CREATE TABLE of_the_user(a REFERENCES a); INSERT INTO of_the_user VALUES (2)",
    )
    .unwrap();
    let error = refused(&migrator, &mut conn, Down::Steps(1));
    insta::assert_snapshot!(chain(&error), @"the down of migration `002_b` was rolled back, because it breaks references: row 1 of `of_the_user` refers to no row of `a`");
    conn.execute_batch("DELETE FROM of_the_user").unwrap();
    migrator.down(&mut conn, Down::Steps(1)).unwrap();
    assert_eq!(number(&conn, "SELECT max(x) FROM a"), 1);
}

#[test]
fn a_down_may_not_leave_a_broken_view() {
    let (mut conn, migrator) = applied(&[A, B]);
    conn.execute_batch("CREATE VIEW of_the_user AS SELECT x FROM b")
        .unwrap();
    let error = refused(&migrator, &mut conn, Down::Steps(1));
    insta::assert_snapshot!(chain(&error), @"the down of migration `002_b` was rolled back, because it leaves a broken schema: view `of_the_user`: no such table: main.b");
}

/// Cascades would delete rows of others while a table is dropped.
#[test]
fn foreign_keys_are_off_on_the_way_down() {
    let files = [
        (
            "001_a.sql",
            "CREATE TABLE a(x INTEGER PRIMARY KEY); INSERT INTO a VALUES (1)",
        ),
        (
            "002_b.sql",
            "ALTER TABLE a ADD COLUMN y;\n-- migrate:down\n\
             CREATE TABLE n(x INTEGER PRIMARY KEY);\nINSERT INTO n SELECT x FROM a;\n\
             DROP TABLE a;\nALTER TABLE n RENAME TO a;\n",
        ),
    ];
    let (mut conn, migrator) = applied(&files);
    conn.execute_batch(
        "PRAGMA foreign_keys = ON; CREATE TABLE child(a REFERENCES a ON DELETE CASCADE); \
         INSERT INTO child VALUES (1)",
    )
    .unwrap();
    migrator.down(&mut conn, Down::Steps(1)).unwrap();
    assert_eq!(number(&conn, "SELECT count(*) FROM child"), 1);
    assert_eq!(number(&conn, "PRAGMA foreign_keys"), 1);
}

#[test]
fn downs_run_under_the_authorizer() {
    let mut seen = Vec::new();
    for statement in [
        "COMMIT",
        "SAVEPOINT s",
        "ATTACH ':memory:' AS m",
        "PRAGMA journal_mode = OFF",
        "DELETE FROM _migrations",
    ] {
        let script = format!("SELECT 1;\n-- migrate:down\nDROP TABLE a;\n{statement};\n");
        let (mut conn, migrator) = applied(&[A, ("002_b.sql", &script)]);
        let error = refused(&migrator, &mut conn, Down::Steps(1));
        let location = error.location().unwrap();
        assert_eq!((location.line, location.column), (4, 1), "{statement}");
        seen.push(chain(&error));
    }
    insta::assert_snapshot!(seen.join("\n"), @"
    the down of migration `002_b` was refused at 002_b.sql:4:1 and rolled back: transaction control would end the migration's transaction; remove it, the runner begins and commits
    the down of migration `002_b` was refused at 002_b.sql:4:1 and rolled back: savepoints are not available in a migration; remove it
    the down of migration `002_b` was refused at 002_b.sql:4:1 and rolled back: a migration cannot attach or detach another database; do it where the application opens the database
    the down of migration `002_b` was refused at 002_b.sql:4:1 and rolled back: `PRAGMA journal_mode`: a failing migration could no longer be rolled back; move it into a migration of its own with `-- migrate: no-transaction` on its first line
    the down of migration `002_b` was refused at 002_b.sql:4:1 and rolled back: the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history
    ");
}
