//! A baseline: what a database has already.

use crate::database::{A, Database, assert_state, done, refused};

const B: (&str, &str) = ("002_b.sql", "CREATE TABLE b(x bigint)");
const C: (&str, &str) = ("003_c.sql", "INSERT INTO b VALUES (1)");

fn it_records_and_runs_nothing<D: Database>(mut db: D) {
    db.execute("CREATE TABLE a(x bigint); CREATE TABLE b(x bigint)");
    let migrator = D::migrator(&[A, B, C]).release("app 1.0");
    let baseline = db.baseline(&migrator, 2).unwrap();
    assert_eq!(baseline.labels(), ["001_a", "002_b"]);
    insta::assert_snapshot!(baseline, @"
    recorded 001_a as applied
    recorded 002_b as applied
    ");
    insta::assert_snapshot!(
        db.rows("SELECT version, state, origin, release, execution_ms FROM _migrations ORDER BY 1"),
        @"
    1|applied|baseline|app 1.0|0
    2|applied|baseline|app 1.0|0
    "
    );
    assert_eq!(done(&db.up(&migrator).unwrap()), "003_c");
    assert_eq!(db.rows("SELECT * FROM b"), "1");
    assert!(db.verify(&migrator).unwrap().is_clean());
    assert_state(&mut db, "a b: 1 2 3");
}

fn it_is_for_a_database_without_a_history<D: Database>(mut db: D) {
    let migrator = D::migrator(&[A, B, C]);
    insta::assert_snapshot!(refused(&mut db, |db| db.baseline(&migrator, 7)), @"this binary contains no migration 007, so it cannot be the baseline; nothing was changed");
    db.up(&D::migrator(&[A, B])).unwrap();
    insta::assert_snapshot!(refused(&mut db, |db| db.baseline(&migrator, 3)), @"a baseline is for a database without a history, but this one has 2 migrations, up to `002_b`; nothing was changed");
    db.execute("DELETE FROM _migrations WHERE version = 2");
    insta::assert_snapshot!(refused(&mut db, |db| db.baseline(&migrator, 3)), @"a baseline is for a database without a history, but this one has 1 migration, up to `001_a`; nothing was changed");
    // An empty one counts for nothing.
    db.execute("DELETE FROM _migrations");
    assert_eq!(db.baseline(&migrator, 3).unwrap().labels().len(), 3);
    assert!(db.up(&migrator).unwrap().is_empty());
}

on_both![
    it_records_and_runs_nothing,
    it_is_for_a_database_without_a_history,
];
