//! 46. Migrations in Rust: what becomes of the database when they fail.

use crate::database::{A, C, Database, On, Work, assert_state, done, refused};
use migrate_runtime::{Direction, Down, Transactions};
use migrate_tests::kinds;

pub(crate) const SECOND: (&str, &str) = ("002_second.rs", "// second\n");
pub(crate) const CREATE: &str = "CREATE TABLE b(x bigint); INSERT INTO a VALUES (3)";

pub(crate) fn second<D: Database>(work: Work) -> On<D> {
    D::attach(D::migrator(&[A, SECOND]), 2, Direction::Up, work)
}

fn it_is_applied_and_recorded<D: Database>(mut db: D) {
    let migrator = second::<D>(Work::Runs(CREATE));
    assert_eq!(done(&db.up(&migrator).unwrap()), "001_a 002_second");
    assert_state(&mut db, "a b: 1 2");
    insta::assert_snapshot!(
        db.rows("SELECT name, checksum, state, down_sql FROM _migrations WHERE version = 2"),
        @"second|sha256:8e2c0e369af518deedcdde513e8e612b4047d938bdfd254c968ac5a87fa364a3|applied|"
    );
    assert!(db.up(&migrator).unwrap().is_empty());
    // Its text is checksummed.
    let edited = D::migrator(&[A, ("002_second.rs", "// another\n")]);
    let edited = D::attach(edited, 2, Direction::Up, Work::Runs(CREATE));
    let error = refused(&mut db, |db| db.up(&edited));
    assert_eq!(kinds(&error), "modified");
    assert!(error.message().contains("restore `002_second.rs`"));
}

fn its_error_is_the_source<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let migrator = second::<D>(Work::Fails(CREATE, "there are no words for it"));
    let error = refused(&mut db, |db| db.up(&migrator));
    assert_eq!(kinds(&error), "migration failed");
    insta::assert_snapshot!(migrate_tests::chain(&error), @"migration `002_second` failed in 002_second.rs and was rolled back: there are no words for it");
    let migrator = second::<D>(Work::Runs("INSERT INTO nowhere VALUES (1)"));
    let error = refused(&mut db, |db| db.up(&migrator));
    if D::is_sqlite() {
        insta::assert_snapshot!(migrate_tests::chain(&error), @"migration `002_second` failed in 002_second.rs and was rolled back: no such table: nowhere: Error code 1");
    } else {
        insta::assert_snapshot!(migrate_tests::chain(&error), @r#"migration `002_second` failed in 002_second.rs and was rolled back: db error: ERROR: relation "nowhere" does not exist"#);
    }
    db.up(&second::<D>(Work::Runs(CREATE))).unwrap();
}

fn a_panic_is_an_error<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let migrator = second::<D>(Work::Panics(CREATE, "it is too much\nby far"));
    let error = refused(&mut db, |db| db.up(&migrator));
    assert_eq!(kinds(&error), "panicked");
    insta::assert_snapshot!(migrate_tests::chain(&error), @"
    migration `002_second` panicked in 002_second.rs and was rolled back: it is too much
    by far
    ");
    // The next start tries again, on the same connection.
    assert_eq!(
        done(&db.up(&second::<D>(Work::Runs(CREATE))).unwrap()),
        "002_second"
    );
}

fn it_cannot_end_its_transaction<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    for script in ["ROLLBACK", "ROLLBACK; BEGIN"] {
        let migrator = second::<D>(Work::Runs(script));
        let error = refused(&mut db, |db| db.up(&migrator));
        if D::is_sqlite() {
            insta::assert_snapshot!(error.message(), @"migration `002_second` was refused in 002_second.rs and rolled back: transaction control would end the migration's transaction; remove it, the runner begins and commits");
        } else {
            insta::assert_snapshot!(error.message(), @"migration `002_second` ended its transaction; it is not recorded, and its changes up to that point may be committed: check what it left, and remove the `COMMIT` or `ROLLBACK`");
        }
    }
}

fn in_one_transaction_with_others<D: Database>(mut db: D) {
    let files = [A, SECOND, ("003_third.rs", ""), ("004_c.sql", C.1)];
    let base = D::migrator(&files).transactions(Transactions::All);
    let base = D::attach(base, 2, Direction::Up, Work::Runs(CREATE));
    let with = |work| D::attach(base.clone(), 3, Direction::Up, work);
    let failing = with(Work::Fails("DELETE FROM b", "it is wrong"));
    insta::assert_snapshot!(migrate_tests::chain(&refused(&mut db, |db| db.up(&failing))), @"migration `003_third` failed in 003_third.rs and was rolled back; all migrations of this run share one transaction, so none took effect: it is wrong");
    let panicking = with(Work::Panics("DELETE FROM b", "no"));
    insta::assert_snapshot!(migrate_tests::chain(&refused(&mut db, |db| db.up(&panicking))), @"migration `003_third` panicked in 003_third.rs and was rolled back; all migrations of this run share one transaction, so none took effect: no");
    let fixed = with(Work::Runs("DELETE FROM b"));
    assert_eq!(
        done(&db.up(&fixed).unwrap()),
        "001_a 002_second 003_third 004_c"
    );
}

fn a_down_in_rust<D: Database>(mut db: D) {
    let asynchronous = if D::is_sqlite() { "" } else { "async " };
    let function = |name| format!("pub {asynchronous}fn {name}(tx: &Tx) -> Result<()> {{}}\n");
    let text = function("up") + &function("down");
    let up = D::migrator(&[A, ("002_second.rs", &text)]);
    assert!(up.registry().migrations()[1].down.is_some());
    let up = D::attach(up, 2, Direction::Up, Work::Runs(CREATE));
    let with = |work| D::attach(up.clone(), 2, Direction::Down, work);
    let undo = "DROP TABLE b; DELETE FROM a WHERE x = 3";
    let both = with(Work::Runs(undo));
    db.up(&both).unwrap();
    let error = refused(&mut db, |db| db.down(&up, Down::All));
    insta::assert_snapshot!(error.message(), @"migration `002_second` is written in Rust (`002_second.rs`), and this program does not have its function; nothing was undone, run it from the program that embeds it, or attach the function with `with_up` and `with_down`");
    let panicking = with(Work::Panics(undo, "no way back"));
    let error = refused(&mut db, |db| db.down(&panicking, Down::All));
    insta::assert_snapshot!(migrate_tests::chain(&error), @"the down of migration `002_second` panicked in 002_second.rs and was rolled back: no way back");
    assert_eq!(done(&db.redo(&both).unwrap()), "-002_second 002_second");
    assert_eq!(
        done(&db.down(&both, Down::All).unwrap()),
        "-002_second -001_a"
    );
    assert_state(&mut db, ": ");
}

on_both![
    it_is_applied_and_recorded,
    its_error_is_the_source,
    a_panic_is_an_error,
    it_cannot_end_its_transaction,
    in_one_transaction_with_others,
    a_down_in_rust,
];
