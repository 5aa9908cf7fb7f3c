//! The way down: what is undone, in which order, and what stops it.

use crate::database::{A, B, Database, THREE, assert_state, done, refused, version};
use migrate_runtime::Down;
use migrate_tests::kinds;

fn by_steps<D: Database>(mut db: D) {
    let three = D::migrator(&THREE);
    db.up(&three).unwrap();
    assert!(db.down(&three, Down::Steps(0)).unwrap().is_empty());
    let report = db.down(&three, Down::Steps(2)).unwrap();
    assert_eq!(done(&report), "-003_c -002_b");
    assert!(report.elapsed() >= report.undone()[0].duration);
    assert_state(&mut db, "a: 1");
    assert_eq!(db.rows("SELECT * FROM a"), "");
    // And up again, as if they had never been applied.
    assert_eq!(done(&db.up(&three).unwrap()), "002_b 003_c");
    let report = db.down(&three, Down::Steps(usize::MAX)).unwrap();
    assert_eq!(done(&report), "-003_c -002_b -001_a");
    assert_state(&mut db, ": ");
}

fn to_a_version_that_stays<D: Database>(mut db: D) {
    let three = D::migrator(&THREE);
    db.up(&three).unwrap();
    let plan = db.plan_down(&three, Down::To(version(1))).unwrap();
    insta::assert_snapshot!(plan, @"
    would undo 003_c
    would undo 002_b
    ");
    let report = db.down(&three, Down::To(version(1))).unwrap();
    assert_eq!(done(&report), "-003_c -002_b");
    for target in [1, 2, 3, 99] {
        let report = db.down(&three, Down::To(version(target))).unwrap();
        assert!(report.is_empty());
    }
    assert_state(&mut db, "a: 1");
}

fn all_and_reset<D: Database>(mut db: D) {
    let three = D::migrator(&THREE);
    let mut before = None;
    for reset in [false, true] {
        db.up(&three).unwrap();
        let report = if reset {
            db.reset(&three)
        } else {
            db.down(&three, Down::All)
        };
        assert_eq!(done(&report.unwrap()), "-003_c -002_b -001_a");
        assert_state(&mut db, ": ");
        let left = db.dump();
        assert_eq!(*before.get_or_insert(left.clone()), left);
    }
}

fn only_the_newest_alone<D: Database>(mut db: D) {
    let three = D::migrator(&THREE);
    db.up(&three).unwrap();
    let error = refused(&mut db, |db| db.down(&three, Down::Only(version(1))));
    assert_eq!(kinds(&error), "out of order");
    insta::assert_snapshot!(error.message(), @"migration `001_a` cannot be undone on its own, because later migrations are applied: `002_b`, `003_c`; undo those first, or go down to the version before it");
    let report = db.down(&three, Down::Only(version(3))).unwrap();
    assert_eq!(done(&report), "-003_c");
    let error = refused(&mut db, |db| db.down(&three, Down::Only(version(3))));
    assert_eq!(kinds(&error), "not applied");
    insta::assert_snapshot!(error.message(), @"migration `003_c` cannot be undone, because it is not applied");
    let error = refused(&mut db, |db| db.plan_down(&three, Down::Only(version(99))));
    insta::assert_snapshot!(error.message(), @"migration `099` cannot be undone, because it is not applied");
    assert_state(&mut db, "a b: 1 2");
}

fn nothing_to_undo<D: Database>(mut db: D) {
    let before = db.dump();
    let three = D::migrator(&THREE);
    for down in [Down::All, Down::Steps(1), Down::To(version(1))] {
        let report = db.down(&three, down).unwrap();
        assert_eq!(report.to_string(), "there is nothing to undo");
    }
    assert!(db.reset(&three).unwrap().is_empty());
    assert!(db.redo(&three).unwrap().is_empty());
    let error = refused(&mut db, |db| db.down(&three, Down::Only(version(1))));
    assert_eq!(kinds(&error), "not applied");
    assert_eq!(db.dump(), before);
}

/// The way is complete or nothing is undone.
fn without_a_way_back<D: Database>(_: D) {
    let on_purpose = (
        "002_b.sql",
        "-- migrate: irreversible \"rows are gone\"\nCREATE TABLE b(x bigint)",
    );
    let by_mistake = ("002_b.sql", "CREATE TABLE b(x bigint)");
    let c = (
        "003_c.sql",
        "CREATE TABLE c(x bigint);\n-- migrate:down\nDROP TABLE c;\n",
    );
    let mut messages = Vec::new();
    for second in [on_purpose, by_mistake] {
        let Some(mut db) = D::new() else { return };
        let migrator = D::migrator(&[A, second, c]);
        db.up(&migrator).unwrap();
        let error = refused(&mut db, |db| db.down(&migrator, Down::All));
        assert_eq!(kinds(&error), "irreversible");
        let plan = db.plan_down(&migrator, Down::All).unwrap_err();
        assert_eq!(plan.to_string(), error.message());
        messages.push(error.message());
        let redo = db.redo(&migrator).unwrap();
        assert_eq!(done(&redo), "-003_c 003_c");
        assert_state(&mut db, "a b c: 1 2 3");
    }
    insta::assert_snapshot!(messages.join("\n"), @"
    not all of these migrations can be undone: `002_b` is irreversible (rows are gone); nothing was undone; add the missing downs or restore a backup
    not all of these migrations can be undone: `002_b` has no down; nothing was undone; add the missing downs or restore a backup
    ");
}

fn a_down_that_fails_leaves_its_row<D: Database>(mut db: D) {
    let bad = (
        "002_b.sql",
        "CREATE TABLE b(x bigint);\n-- migrate:down\nDROP TABLE b;\nDROP  TABLE nowhere;\n",
    );
    let c = (
        "003_c.sql",
        "CREATE TABLE c(x bigint);\n-- migrate:down\nDROP TABLE c;\n",
    );
    let migrator = D::migrator(&[A, bad, c]);
    db.up(&migrator).unwrap();
    let error = db.down(&migrator, Down::All).unwrap_err();
    insta::assert_snapshot!(error.message(), @"the down of migration `002_b` failed at 002_b.sql:4:1 and was rolled back");
    assert_eq!(done(error.report()), "-003_c");
    assert_state(&mut db, "a b: 1 2");
    db.assert_free();
    // Two more begin where it stopped.
    assert_eq!(done(&db.up(&migrator).unwrap()), "003_c");
    db.down(&D::migrator(&[A, B]), Down::Steps(1)).unwrap();
}

on_both![
    by_steps,
    to_a_version_that_stays,
    all_and_reset,
    only_the_newest_alone,
    nothing_to_undo,
    without_a_way_back,
    a_down_that_fails_leaves_its_row,
];
