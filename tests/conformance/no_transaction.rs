//! Migrations without a transaction that stop half-way.

use crate::database::{A, Database, Files, assert_state, done, refused};
use migrate_runtime::{Down, Repair};
use migrate_tests::kinds;

pub(crate) fn outside<D: Database>(script: &str) -> crate::database::On<D> {
    let script = format!("-- migrate: no-transaction\n{script}");
    let files: Files<'_> = &[A, ("002_second.sql", &script)];
    D::migrator(files)
}

fn it_runs_and_is_recorded<D: Database>(mut db: D) {
    let migrator = outside::<D>("CREATE TABLE b(y bigint);\nVACUUM;\nINSERT INTO b VALUES (1);\n");
    assert_eq!(done(&db.up(&migrator).unwrap()), "001_a 002_second");
    assert_eq!(
        db.rows("SELECT state, progress, note FROM _migrations WHERE version = 2"),
        "applied||"
    );
    db.assert_free();
    assert!(db.up(&migrator).unwrap().is_empty());
}

fn an_error_of_the_first_statement_leaves_nothing<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let migrator = outside::<D>("SELECT nope;\nVACUUM;");
    let error = refused(&mut db, |db| db.up(&migrator));
    insta::assert_snapshot!(error.message(), @"migration `002_second` failed at 002_second.sql:2:8 and was rolled back");
    db.up(&outside::<D>("VACUUM;")).unwrap();
}

fn a_later_error_leaves_it_started<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let migrator = outside::<D>(
        "CREATE TABLE b(y bigint);\nVACUUM;\nINSERT INTO b VALUES (7);\nSELECT nope;\nSELECT 5;\n",
    );
    let error = db.up(&migrator).unwrap_err();
    insta::assert_snapshot!(error.message(), @"migration `002_second` failed at 002_second.sql:5:8; it runs without a transaction, so 3 of its 5 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied");
    assert!(error.report().is_empty());
    db.assert_free();
    let progress = db.rows("SELECT state, progress FROM _migrations WHERE version = 2");
    insta::assert_snapshot!(progress, @"started|up 3 of 5 sha256:d609b8d524f932bbaac75f9e9f0df1c719c8300cbc845ed33a3014e3c80437ba");
    // Every later run is refused, whatever it wants, and says where it stopped.
    let error = refused(&mut db, |db| db.up(&migrator));
    assert_eq!(kinds(&error), "dirty");
    insta::assert_snapshot!(error.message(), @"the up of migration `002_second` was started outside a transaction and has not finished: 3 of 5 statements finished, and statement 4 may have been partly executed (002_second.sql:5:1); check what it left behind, then use `repair` to resume it or to record its outcome");
    insta::assert_snapshot!(refused(&mut db, |db| db.down(&migrator, Down::All)), @"the up of migration `002_second` was started outside a transaction and has not finished: 3 of 5 statements finished, and statement 4 may have been partly executed (002_second.sql:5:1); check what it left behind, then use `repair` to resume it or to record its outcome");
    insta::assert_snapshot!(refused(&mut db, |db| db.redo(&migrator)), @"the up of migration `002_second` was started outside a transaction and has not finished: 3 of 5 statements finished, and statement 4 may have been partly executed (002_second.sql:5:1); check what it left behind, then use `repair` to resume it or to record its outcome");
    refused(&mut db, |db| db.up(&D::migrator(&[A])));
    let status = db.status(&migrator).unwrap().to_string();
    assert!(status.contains("started"), "{status}");
    assert_eq!(db.rows("SELECT * FROM b"), "7");
}

fn marked_by_hand<D: Database>(_: D) {
    let script = "CREATE TABLE b(y bigint);\nSELECT nope;\n";
    let mut shown = Vec::new();
    for repair in [Repair::MarkApplied("by hand"), Repair::MarkPending] {
        let Some(mut db) = D::new() else { return };
        let migrator = outside::<D>(script);
        let error = db.up(&migrator).unwrap_err();
        assert_eq!(done(error.report()), "001_a");
        shown.push(db.repair(&migrator, 2, repair).unwrap().to_string());
        if repair == Repair::MarkPending {
            db.execute("DROP TABLE b");
            let fixed = outside::<D>("CREATE TABLE b(y bigint);\nVACUUM;\n");
            assert_eq!(done(&db.up(&fixed).unwrap()), "002_second");
        } else {
            assert_eq!(crate::repair::notes(&mut db), "marked as applied: by hand");
            assert!(db.up(&migrator).unwrap().is_empty());
        }
        assert_state(&mut db, "a b: 1 2");
    }
    insta::assert_snapshot!(shown.join("\n"), @"
    marked as applied 002_second
    marked as not applied 002_second
    ");
}

on_both![
    it_runs_and_is_recorded,
    an_error_of_the_first_statement_leaves_nothing,
    a_later_error_leaves_it_started,
    marked_by_hand,
];
