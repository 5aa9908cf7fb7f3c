//! Which down runs: the embedded one where registry and history agree, that of
//! the history otherwise.

use crate::database::{A, Database, assert_state, done, refused, version};
use migrate_runtime::Down;

const LEFT: (&str, &str) = (
    "002_b.sql",
    "CREATE TABLE b(x bigint);\n-- migrate:down\nDROP TABLE b;\nCREATE TABLE left_by_it(x bigint);\n",
);

/// Applied by one binary, undone by another that has something else in the
/// place of the second migration, or nothing.
fn undone_by_another<D: Database>(second: Option<(&str, &str)>, expected: &str) {
    let Some(mut db) = D::new() else { return };
    db.up(&D::migrator(&[A, LEFT])).unwrap();
    let other: Vec<(&str, &str)> = [A].into_iter().chain(second).collect();
    let report = db.down(&D::migrator(&other), Down::To(version(1)));
    assert_eq!(done(&report.unwrap()), "-002_b");
    assert_state(&mut db, expected);
}

fn what_is_unknown_or_changed_is_undone_by_its_own<D: Database>(_: D) {
    const ITS_OWN: &str = "a left_by_it: 1";
    undone_by_another::<D>(None, ITS_OWN);
    let wrong = "-- migrate:down\nDROP TABLE b;\nCREATE TABLE wrong(x bigint);\n";
    let changed = format!("CREATE TABLE b(x bigint, y bigint);\n{wrong}");
    let same = format!("CREATE TABLE b(x bigint);\n{wrong}");
    undone_by_another::<D>(Some(("002_b.sql", &changed)), ITS_OWN);
    undone_by_another::<D>(Some(("002_other.sql", &changed)), ITS_OWN);
    undone_by_another::<D>(Some(("002_other.sql", &same)), ITS_OWN);
    // One that was taken away is still in the history.
    let without = "CREATE TABLE b(x bigint);\n";
    undone_by_another::<D>(Some(("002_b.sql", without)), ITS_OWN);
    // Where both agree, a down that was fixed runs: it is not in the checksum.
    undone_by_another::<D>(Some(("002_b.sql", &same)), "a wrong: 1");
}

fn a_down_that_was_added_later<D: Database>(mut db: D) {
    db.up(&D::migrator(&[
        A,
        ("002_b.sql", "CREATE TABLE b(x bigint);\n"),
    ]))
    .unwrap();
    assert_eq!(db.rows("SELECT count(down_sql) FROM _migrations"), "1");
    db.down(&D::migrator(&[A, LEFT]), Down::Steps(1)).unwrap();
    assert_state(&mut db, "a left_by_it: 1");
}

fn an_error_says_where_it_is<D: Database>(mut db: D) {
    let bad = (
        "002_b.sql",
        "CREATE TABLE b(x bigint);\n-- migrate:down\nDROP TABLE b;\nDROP TABLE a;\nSELECT nope;\n",
    );
    db.up(&D::migrator(&[A, bad])).unwrap();
    let stored = "SELECT down_sql FROM _migrations WHERE version = 2";
    assert_eq!(
        db.rows(stored).trim_end(),
        "DROP TABLE b;\nDROP TABLE a;\nSELECT nope;"
    );
    let old = D::migrator(&[A]);
    let error = refused(&mut db, |db| db.down(&old, Down::To(version(1))));
    insta::assert_snapshot!(error.message(), @"the down of migration `002_b` failed at the down of `002_b` in `_migrations`:3:8 and was rolled back");
    db.execute("UPDATE _migrations SET down_sql = 'SELECT 1;\n    SELECT nope' WHERE version = 2");
    let error = refused(&mut db, |db| db.down(&old, Down::To(version(1))));
    insta::assert_snapshot!(error.location().unwrap(), @"the down of `002_b` in `_migrations`:2:12");
}

/// What stands in the history may have been written by anybody.
fn whatever_stands_there<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A, LEFT])).unwrap();
    let old = D::migrator(&[A]);
    let mut messages = Vec::new();
    for down in [
        "COMMIT",
        "DROP TABLE b; COMMIT",
        "SELECT ''open",
        "SELECT $1",
    ] {
        db.execute(&format!(
            "UPDATE _migrations SET down_sql = '{down}' WHERE version = 2"
        ));
        let before = db.dump();
        let error = db.down(&old, Down::To(version(1))).unwrap_err();
        assert_eq!(db.dump(), before, "{down}");
        db.assert_free();
        messages.push(format!("{down}: {}", error.message()));
    }
    if D::is_sqlite() {
        insta::assert_snapshot!(messages.join("\n"), @"
    COMMIT: the down of migration `002_b` was refused at the down of `002_b` in `_migrations`:1:1 and rolled back: transaction control would end the migration's transaction; remove it, the runner begins and commits
    DROP TABLE b; COMMIT: the down of migration `002_b` was refused at the down of `002_b` in `_migrations`:1:15 and rolled back: transaction control would end the migration's transaction; remove it, the runner begins and commits
    SELECT ''open: the down of migration `002_b` failed at the down of `002_b` in `_migrations`:1:8 and was rolled back
    SELECT $1: the down of migration `002_b` was refused at the down of `002_b` in `_migrations`:1:1 and rolled back: a bind parameter has no value here; write the value itself
    ");
    } else {
        insta::assert_snapshot!(messages.join("\n"), @"
    COMMIT: the down of migration `002_b` was refused at the down of `002_b` in `_migrations`:1:1 and rolled back: transaction control would end the migration's transaction; remove it, the runner begins and commits
    DROP TABLE b; COMMIT: the down of migration `002_b` was refused at the down of `002_b` in `_migrations`:1:15 and rolled back: transaction control would end the migration's transaction; remove it, the runner begins and commits
    SELECT ''open: the down of migration `002_b` failed at the down of `002_b` in `_migrations`:1:8 and was rolled back
    SELECT $1: the down of migration `002_b` failed at the down of `002_b` in `_migrations`:1:8 and was rolled back
    ");
    }
    // It undoes nothing, and says so by being empty.
    db.execute("UPDATE _migrations SET down_sql = '' WHERE version = 2");
    db.down(&old, Down::To(version(1))).unwrap();
    assert_state(&mut db, "a b: 1");
}

fn one_without_a_transaction<D: Database>(mut db: D) {
    let down = "-- migrate: no-transaction\nDROP TABLE b;\nVACUUM;\n";
    let files = [
        A,
        ("002_b.sql", "CREATE TABLE b(x bigint);\n"),
        ("002_b.down.sql", down),
    ];
    db.up(&D::migrator(&files)).unwrap();
    let old = D::migrator(&[A]);
    let all = old.clone().transactions(migrate_runtime::Transactions::All);
    let error = refused(&mut db, |db| db.down(&all, Down::To(version(1))));
    insta::assert_snapshot!(error.message(), @"the down of migration `002_b` runs without a transaction, so it cannot share one with others; nothing was undone, use one transaction for each");
    db.down(&old, Down::To(version(1))).unwrap();
    assert_state(&mut db, "a: 1");
}

/// Its text was never run here, but it is the one that the registry has.
fn of_a_baseline<D: Database>(_: D) {
    for files in [&[A, LEFT][..], &[A]] {
        let Some(mut db) = D::new() else { return };
        db.execute("CREATE TABLE a(x bigint); CREATE TABLE b(x bigint)");
        db.baseline(&D::migrator(&[A, LEFT]), 2).unwrap();
        db.down(&D::migrator(files), Down::To(version(1))).unwrap();
        assert_state(&mut db, "a left_by_it: 1");
    }
}

on_both![
    what_is_unknown_or_changed_is_undone_by_its_own,
    a_down_that_was_added_later,
    an_error_says_where_it_is,
    whatever_stands_there,
    one_without_a_transaction,
    of_a_baseline,
];
