//! One transaction for each migration, and one for all.

use crate::database::{A, B, C, Database, THREE, assert_state, done, refused, version};
use migrate_runtime::{Down, Transactions};

fn each_keeps_those_before_one_that_fails<D: Database>(mut db: D) {
    let bad = ("003_c.sql", "CREATE TABLE c(x bigint);\nSELECT nope;\n");
    let migrator = D::migrator(&[A, B, bad]);
    let error = db.up(&migrator).unwrap_err();
    insta::assert_snapshot!(error.message(), @"migration `003_c` failed at 003_c.sql:2:8 and was rolled back");
    assert_eq!(error.location().unwrap().to_string(), "003_c.sql:2:8");
    assert_eq!(done(error.report()), "001_a 002_b");
    assert_state(&mut db, "a b: 1 2");
    db.assert_free();
    assert_eq!(done(&db.up(&D::migrator(&THREE)).unwrap()), "003_c");
}

fn one_is_all_or_nothing<D: Database>(mut db: D) {
    let bad = ("003_c.sql", "CREATE TABLE c(x bigint);\nSELECT nope;\n");
    let all = |files: &[(&str, &str)]| D::migrator(files).transactions(Transactions::All);
    let error = refused(&mut db, |db| db.up(&all(&[A, B, bad])));
    insta::assert_snapshot!(error.message(), @"migration `003_c` failed at 003_c.sql:2:8 and was rolled back; all migrations of this run share one transaction, so none took effect");
    assert_eq!(done(&db.up(&all(&THREE)).unwrap()), "001_a 002_b 003_c");
    assert!(db.up(&all(&THREE)).unwrap().is_empty());
    let report = db.down(&all(&THREE), Down::All).unwrap();
    assert_eq!(done(&report), "-003_c -002_b -001_a");
    assert_state(&mut db, ": ");
}

fn all_downs_in_one<D: Database>(mut db: D) {
    let bad = (
        "001_a.sql",
        "CREATE TABLE a(x bigint);\n-- migrate:down\nDROP TABLE b;\n",
    );
    let all = D::migrator(&[bad, B, C]).transactions(Transactions::All);
    db.up(&all).unwrap();
    let error = refused(&mut db, |db| db.down(&all, Down::All));
    insta::assert_snapshot!(error.message(), @"the down of migration `001_a` failed at 001_a.sql:3:1 and was rolled back; all migrations of this run share one transaction, so none took effect");
    let report = db.down(&all, Down::To(version(1))).unwrap();
    assert_eq!(done(&report), "-003_c -002_b");
    assert_state(&mut db, "a: 1");
}

fn what_runs_without_one_cannot_share_one<D: Database>(mut db: D) {
    let vacuum = ("002_v.sql", "-- migrate: no-transaction\nVACUUM;\n");
    let all = D::migrator(&[A, vacuum]).transactions(Transactions::All);
    let error = refused(&mut db, |db| db.up(&all));
    insta::assert_snapshot!(error.message(), @"migration `002_v` runs without a transaction, so it cannot share one with others; nothing was applied, use one transaction for each");
    // What is not pending does not matter.
    let first = all.clone().to(version(1));
    assert_eq!(done(&db.up(&first).unwrap()), "001_a");
    refused(&mut db, |db| db.up(&all));
    db.up(&D::migrator(&[A, vacuum])).unwrap();
    assert!(db.up(&all).unwrap().is_empty());
}

/// Transaction control in a script, with the compiler's check left out: 8, 20.
fn a_script_that_ends_its_transaction<D: Database>(_: D) {
    for script in [
        "CREATE TABLE b(x bigint); ROLLBACK; CREATE TABLE c(x bigint);",
        "CREATE TABLE b(x bigint); ROLLBACK; BEGIN;",
        "ROLLBACK",
    ] {
        let Some(mut db) = D::new() else { return };
        db.up(&D::migrator(&[A])).unwrap();
        let migrator = D::migrator(&[A, ("002_b.sql", script)]);
        let error = db.up(&migrator).unwrap_err();
        if D::is_sqlite() {
            assert!(
                error.message().contains("was refused at 002_b.sql:1:"),
                "{error}"
            );
        } else {
            insta::assert_snapshot!(error.message(), @"migration `002_b` ended its transaction; it is not recorded, and its changes up to that point may be committed: check what it left, and remove the `COMMIT` or `ROLLBACK`");
        }
        assert_eq!(db.rows("SELECT version FROM _migrations"), "1");
        db.assert_free();
        assert_eq!(
            done(
                &db.up(&D::migrator(&[A, ("002_b.sql", "SELECT 1")]))
                    .unwrap()
            ),
            "002_b"
        );
    }
}

on_both![
    each_keeps_those_before_one_that_fails,
    one_is_all_or_nothing,
    all_downs_in_one,
    what_runs_without_one_cannot_share_one,
    a_script_that_ends_its_transaction,
];
