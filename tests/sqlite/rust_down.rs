//! Downs in Rust, which no history can hold.

use crate::database::dump;
use crate::down::{assert_state, refused, version};
use migrate_runtime::{
    BoxError, Checksum, Down, ErrorKind, Migration, Migrator, Registry, Script, Version,
};
use migrate_tests::chain;
use rusqlite::{Connection, Transaction};

const A: Migration = Migration::new(
    Version::new(1),
    "001_a",
    Checksum::from_hex([b'a'; 64]),
    Script::single("001_a.sql", "CREATE TABLE a(x)"),
)
.with_down(Script::single("001_a.down.sql", "DROP TABLE a"));

static FIRST: Registry = Registry::new(&[A]);

static RUST: Registry = Registry::new(&[
    A,
    Migration::new(
        Version::new(2),
        "002_b",
        Checksum::from_hex([b'b'; 64]),
        Script::rust("src/b.rs"),
    )
    .with_down(Script::rust("src/b.rs")),
]);

fn create(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch("CREATE TABLE b(x)")
}

fn drop_it(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch("DROP TABLE b")
}

#[test]
fn a_down_in_rust_undoes_its_up() {
    let mut conn = Connection::open_in_memory().unwrap();
    let migrator = Migrator::<Version>::new(&RUST)
        .with_up(version(2), create)
        .with_down(version(2), drop_it);
    migrator.up(&mut conn).unwrap();
    assert_state(&conn, "a b", "1 2");
    migrator.redo(&mut conn).unwrap();
    migrator.down(&mut conn, Down::Steps(1)).unwrap();
    assert_state(&conn, "a", "1");
}

#[test]
fn a_down_in_rust_needs_its_function() {
    let mut conn = Connection::open_in_memory().unwrap();
    let without = Migrator::<Version>::new(&RUST).with_up(version(2), create);
    without.up(&mut conn).unwrap();
    let error = refused(&without, &mut conn, Down::All);
    insta::assert_snapshot!(chain(&error), @"migration `002_b` is written in Rust (`src/b.rs`), and this program does not have its function; nothing was undone, run it from the program that embeds it, or attach the function with `with_up` and `with_down`");
    // No history can hold it.
    let error = refused(
        &Migrator::<Version>::new(&FIRST),
        &mut conn,
        Down::To(version(1)),
    );
    assert!(error.is_irreversible());
    insta::assert_snapshot!(chain(&error), @"not all of these migrations can be undone: `002_b` is not contained in this binary as it was applied, and the history stores no down for it; nothing was undone; add the missing downs or restore a backup");
    // A redo needs both before it begins.
    let half = Migrator::<Version>::new(&RUST).with_down(version(2), drop_it);
    let before = dump(&conn);
    let error = half.redo(&mut conn).unwrap_err();
    insta::assert_snapshot!(chain(&error), @"migration `002_b` is written in Rust (`src/b.rs`), and this program does not have its function; nothing was undone, run it from the program that embeds it, or attach the function with `with_up` and `with_down`");
    assert_eq!(dump(&conn), before);
}

#[test]
fn a_down_in_rust_that_fails_is_rolled_back() {
    let mut conn = Connection::open_in_memory().unwrap();
    let migrator = Migrator::<Version>::new(&RUST).with_up(version(2), create);
    migrator.up(&mut conn).unwrap();
    let failing = migrator.clone().with_down(version(2), |tx| {
        drop_it(tx)?;
        Err::<(), BoxError>("not today".into())
    });
    let error = refused(&failing, &mut conn, Down::All);
    insta::assert_snapshot!(chain(&error), @"the down of migration `002_b` failed in src/b.rs and was rolled back: not today");
    let panicking = migrator
        .clone()
        .with_down(version(2), |tx| -> rusqlite::Result<()> {
            drop_it(tx)?;
            panic!("in the middle")
        });
    let error = refused(&panicking, &mut conn, Down::All);
    assert_eq!(error.kind(), ErrorKind::Panicked);
    insta::assert_snapshot!(chain(&error), @"the down of migration `002_b` panicked in src/b.rs and was rolled back: in the middle");
    let committing = migrator.with_down(version(2), |tx| tx.execute_batch("DROP TABLE b; COMMIT"));
    let error = refused(&committing, &mut conn, Down::All);
    insta::assert_snapshot!(chain(&error), @"the down of migration `002_b` was refused in src/b.rs and rolled back: transaction control would end the migration's transaction; remove it, the runner begins and commits: not authorized: Error code 23");
}
