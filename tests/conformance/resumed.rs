//! Going on with a migration without a transaction that stopped half-way.

use crate::database::{A, Database, assert_state, done, refused};
use crate::no_transaction::outside;
use migrate_runtime::{Down, Repair};
use migrate_tests::kinds;

fn it_goes_on_where_it_stopped<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let migrator = outside::<D>(
        "CREATE TABLE b(y bigint);\nINSERT INTO b VALUES (1);\nSELECT * FROM later;\nINSERT INTO b VALUES (2);\n",
    );
    db.up(&migrator).unwrap_err();
    // It fails again, and nothing of it is done twice.
    let error = db.repair(&migrator, 2, Repair::Resume).unwrap_err();
    // Only one of them says where in the statement it is.
    let message = error.message().replace("sql:4:15", "sql:4:1");
    insta::assert_snapshot!(message, @"migration `002_second` failed at 002_second.sql:4:1; it runs without a transaction, so 2 of its 4 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied");
    db.execute("CREATE TABLE later(x bigint)");
    let repaired = db.repair(&migrator, 2, Repair::Resume).unwrap();
    insta::assert_snapshot!(repaired, @"resumed and finished 002_second");
    assert_eq!(db.rows("SELECT y FROM b ORDER BY y"), "1\n2");
    assert!(db.up(&migrator).unwrap().is_empty());
    assert_eq!(
        db.rows("SELECT state, progress FROM _migrations WHERE version = 2"),
        "applied|"
    );
    db.assert_free();
}

/// What has not run yet may be fixed; what has may not.
fn with_another_text<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let began = "CREATE TABLE b(y bigint);\nINSERT INTO b VALUES (1);\n";
    db.up(&outside::<D>(&format!("{began}SELECT nope;\n")))
        .unwrap_err();
    let edited = outside::<D>("CREATE TABLE b(y bigint, z bigint);\nINSERT INTO b VALUES (1);\n");
    let error = refused(&mut db, |db| db.repair(&edited, 2, Repair::Resume));
    insta::assert_snapshot!(error.message(), @"migration `002_second` cannot be resumed, because a statement that already ran has been edited since; nothing was changed, restore its file, or bring the database to a known state and mark the migration as applied or as not applied");
    let shorter = outside::<D>("CREATE TABLE b(y bigint);\n");
    refused(&mut db, |db| db.repair(&shorter, 2, Repair::Resume));
    let fixed = outside::<D>(&format!("{began}VACUUM;\nINSERT INTO b VALUES (2);\n"));
    assert_eq!(kinds(&refused(&mut db, |db| db.up(&fixed))), "dirty");
    insta::assert_snapshot!(db.repair(&fixed, 2, Repair::Resume).unwrap(), @"resumed and finished 002_second: sha256:28dde99d050cfb9fb28f23608eaa243534a52db7cfff82b07ea37dad6b413f70 became sha256:cfd3dc049927b156667656d03f7d39dac576f7ac78fe7d4dbe650cdcd707c0bb");
    assert_eq!(db.rows("SELECT sum(y) FROM b"), "3");
    insta::assert_snapshot!(crate::repair::notes(&mut db), @"resumed with a different text: sha256:28dde99d050cfb9fb28f23608eaa243534a52db7cfff82b07ea37dad6b413f70 became sha256:cfd3dc049927b156667656d03f7d39dac576f7ac78fe7d4dbe650cdcd707c0bb");
    assert!(db.up(&fixed).unwrap().is_empty());
}

fn a_down_that_stopped<D: Database>(_: D) {
    let script = "CREATE TABLE b(y bigint);\n-- migrate:down\n-- migrate: no-transaction\n\
                  DELETE FROM b;\nVACUUM;\nSELECT * FROM later;\nDROP TABLE b;\n";
    for resumes in [true, false] {
        let Some(mut db) = D::new() else { return };
        let migrator = D::migrator(&[A, ("002_second.sql", script)]);
        db.up(&migrator).unwrap();
        let error = db.down(&migrator, Down::Steps(1)).unwrap_err();
        // Only one of them says where in the statement it is.
        let message = error.message().replace("sql:6:15", "sql:6:1");
        insta::assert_snapshot!(message, @"the down of migration `002_second` failed at 002_second.sql:6:1; it runs without a transaction, so 2 of its 4 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied");
        insta::assert_snapshot!(refused(&mut db, |db| db.up(&migrator)), @"the down of migration `002_second` was started outside a transaction and has not finished: 2 of 4 statements finished, and statement 3 may have been partly executed (002_second.sql:6:1); check what it left behind, then use `repair` to resume it or to record its outcome");
        if resumes {
            db.execute("CREATE TABLE later(x bigint)");
            let repaired = db.repair(&migrator, 2, Repair::Resume).unwrap();
            assert_eq!(repaired.new, None);
            insta::assert_snapshot!(repaired, @"resumed and finished 002_second");
            assert_state(&mut db, "a later: 1");
            assert_eq!(done(&db.up(&migrator).unwrap()), "002_second");
        } else {
            let why = Repair::MarkApplied("the rows were restored");
            db.repair(&migrator, 2, why).unwrap();
            assert!(db.up(&migrator).unwrap().is_empty());
            assert_state(&mut db, "a b: 1 2");
        }
    }
}

/// What a binary with another text began to undo by the down of the row, it
/// goes on with by that, and not by its own.
fn a_stored_down_that_stopped<D: Database>(_: D) {
    let with_down = |up: &str, down: &str| {
        let text = format!("{up};\n-- migrate:down\n-- migrate: no-transaction\n{down}\n");
        D::migrator(&[("001_a.sql", &text)])
    };
    for own in ["SELECT 1;", "DROP TABLE a;\nCREATE TABLE wrong(x bigint);"] {
        let Some(mut db) = D::new() else { return };
        let first = with_down(
            "CREATE TABLE a(x bigint)",
            "DROP TABLE a;\nDROP TABLE gone;",
        );
        db.up(&first).unwrap();
        let edited = with_down("CREATE TABLE a(x bigint, y bigint)", own);
        db.down(&edited, Down::All).unwrap_err();
        db.execute("CREATE TABLE gone(x bigint)");
        db.repair(&edited, 1, Repair::Resume).unwrap();
        assert_state(&mut db, ": ");
    }
}

on_both![
    it_goes_on_where_it_stopped,
    with_another_text,
    a_down_that_stopped,
    a_stored_down_that_stopped,
];
