//! The functions of migrations in Rust: attached, missing, for the way down, and
//! in one transaction with others.

use crate::database::{BASE, dump, memory, number, rows};
use crate::rust::{FILES, SECOND, good, second};
use migrate_runtime::{
    Checksum, Down, Drift, Migration, Migrator, Numbering, Registry, Script, Transactions, Version,
};
use migrate_tests::{chain, migrator};
use migrate_tools::read_directory;
use rusqlite::{Connection, Transaction};

#[test]
fn without_its_function_nothing_runs() {
    let mut conn = Connection::open_in_memory().unwrap();
    let before = dump(&conn);
    let without = migrator(&FILES);
    insta::assert_snapshot!(chain(&without.up(&mut conn).unwrap_err()), @"migration `002_second` is written in Rust (`002_second.rs`), and this program does not have its function; nothing was applied, run it from the program that embeds it, or attach the function with `with_up` and `with_down`");
    assert_eq!(dump(&conn), before);
    // What only looks, and what stops before it, need no function.
    assert_eq!(without.plan(&conn).unwrap().pending().len(), 2);
    assert_eq!(without.status(&conn).unwrap().pending(), 2);
    let before_it = without.clone().to(Version::new(1)).up(&mut conn).unwrap();
    assert_eq!(before_it.applied().len(), 1);
    second(good).up(&mut conn).unwrap();
    assert!(without.up(&mut conn).unwrap().is_empty());
}

#[test]
fn a_function_for_something_else_is_refused() {
    for version in [1, 7] {
        let mut conn = Connection::open_in_memory().unwrap();
        let before = dump(&conn);
        let wrong = second(good).with_up(Version::new(version), good);
        let message = chain(&wrong.up(&mut conn).unwrap_err());
        assert_eq!(dump(&conn), before);
        insta::allow_duplicates! {
            insta::assert_snapshot!(message.replace("007", "001"), @"a function was attached to the up of version 001, but there is no such migration in Rust; nothing was changed, remove the call, or make its script `Script::rust`");
        }
    }
}

/// It would never be called: the way down would say that there is no down, or
/// take the one in SQL.
#[test]
fn a_down_that_nobody_would_call_is_refused() {
    let mut conn = memory();
    let before = dump(&conn);
    let without_down = second(good).with_down(SECOND, undo);
    insta::assert_snapshot!(chain(&without_down.up(&mut conn).unwrap_err()), @"a function was attached to the down of version 002, but there is no such migration in Rust; nothing was changed, remove the call, or make its script `Script::rust`");
    let in_sql = Migrator::<Version>::new(&WITH_DOWN).with_down(Version::new(1), undo);
    assert!(in_sql.up(&mut conn).is_err());
    assert_eq!(dump(&conn), before);
}

#[test]
fn the_last_function_counts() {
    let mut conn = memory();
    let replaced = second(|_| Err("the first one")).with_up(SECOND, good);
    assert_eq!(replaced.up(&mut conn).unwrap().applied().len(), 1);
}

/// A registry whose second migration has a down in Rust.
static WITH_DOWN: Registry = Registry::new(&[
    Migration::new(
        Version::new(1),
        "001_base",
        Checksum::from_hex([b'1'; 64]),
        Script::single("001_base.sql", "CREATE TABLE a(x INTEGER PRIMARY KEY)"),
    )
    .with_down(Script::single("001_base.down.sql", "DROP TABLE a")),
    Migration::new(
        SECOND,
        "002_second",
        Checksum::from_hex([b'2'; 64]),
        Script::rust("002_second.rs"),
    )
    .with_down(Script::rust("002_second.rs")),
]);

fn undo(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch("DROP TABLE b; DELETE FROM a WHERE x = 3")
}

#[test]
fn a_down_in_rust() {
    let up = Migrator::<Version>::new(&WITH_DOWN).with_up(SECOND, good);
    let both = up.clone().with_down(SECOND, undo);
    let mut conn = Connection::open_in_memory().unwrap();
    both.up(&mut conn).unwrap();
    let before = dump(&conn);

    insta::assert_snapshot!(chain(&up.down(&mut conn, Down::All).unwrap_err()), @"migration `002_second` is written in Rust (`002_second.rs`), and this program does not have its function; nothing was undone, run it from the program that embeds it, or attach the function with `with_up` and `with_down`");
    let panicking = up.clone().with_down(SECOND, |tx| -> rusqlite::Result<()> {
        undo(tx)?;
        panic!("no way back")
    });
    let error = panicking.down(&mut conn, Down::All).unwrap_err();
    insta::assert_snapshot!(chain(&error), @"the down of migration `002_second` panicked in 002_second.rs and was rolled back: no way back");
    let committing = up.with_down(SECOND, |tx| tx.execute_batch("COMMIT"));
    let error = committing.down(&mut conn, Down::All).unwrap_err();
    insta::assert_snapshot!(error, @"the down of migration `002_second` was refused in 002_second.rs and rolled back: transaction control would end the migration's transaction: not authorized; remove it, the runner begins and commits");
    assert_eq!(dump(&conn), before);

    assert_eq!(both.redo(&mut conn).unwrap().undone().len(), 1);
    assert_eq!(both.down(&mut conn, Down::All).unwrap().undone().len(), 2);
    assert_eq!(number(&conn, "SELECT count(*) FROM _migrations"), 0);
    assert_eq!(
        number(
            &conn,
            "SELECT count(*) FROM sqlite_schema WHERE name IN ('a', 'b')"
        ),
        0
    );
}

/// The registry of a directory cannot know what a Rust file holds.
#[test]
fn a_down_is_attached_to_a_directory_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(BASE.0), BASE.1).unwrap();
    std::fs::write(
        folder.path().join("002_second.rs"),
        "pub fn up(tx: &Transaction<'_>) -> Result<()> { … }\n\
         pub fn down(tx: &Transaction<'_>) -> Result<()> { … }\n",
    )
    .unwrap();
    let registry = read_directory(folder.path(), Numbering::DEFAULT).unwrap();
    let both = Migrator::<Version>::new(registry)
        .with_up(SECOND, good)
        .with_down(SECOND, undo);
    let mut conn = Connection::open_in_memory().unwrap();
    both.up(&mut conn).unwrap();
    let undone = both.down(&mut conn, Down::Steps(1)).unwrap();
    assert_eq!(undone.undone().len(), 1);
    assert_eq!(number(&conn, "SELECT count(*) FROM a"), 2);
}

#[test]
fn in_one_transaction_with_others() {
    let files = [
        BASE,
        FILES[1],
        ("003_third.rs", ""),
        ("004_c.sql", "CREATE TABLE c(y)"),
    ];
    let all = migrator(&files)
        .with_up(SECOND, good)
        .transactions(Transactions::All);
    let third = Version::new(3);
    let mut conn = Connection::open_in_memory().unwrap();
    let before = dump(&conn);
    let failing = all.clone().with_up(third, |_| Err("it is wrong"));
    insta::assert_snapshot!(chain(&failing.up(&mut conn).unwrap_err()), @"migration `003_third` failed in 003_third.rs and was rolled back; all migrations of this run share one transaction, so none took effect: it is wrong");
    assert_eq!(dump(&conn), before);
    let panicking = all
        .clone()
        .with_up(third, |_| -> rusqlite::Result<()> { panic!("no") });
    insta::assert_snapshot!(chain(&panicking.up(&mut conn).unwrap_err()), @"migration `003_third` panicked in 003_third.rs and was rolled back; all migrations of this run share one transaction, so none took effect: no");
    assert_eq!(dump(&conn), before);
    let fixed = all.with_up(third, |tx| tx.execute_batch("DELETE FROM b"));
    assert_eq!(fixed.up(&mut conn).unwrap().applied().len(), 4);
}

#[test]
fn an_edited_file_is_drift() {
    let mut conn = memory();
    second(good).up(&mut conn).unwrap();
    let recorded = rows(
        &conn,
        "SELECT checksum, down_sql FROM _migrations WHERE version = 2",
    );
    let checksum = Checksum::of(FILES[1].1).to_string();
    assert_eq!(recorded, [[checksum.into(), rusqlite::types::Value::Null]]);
    let edited = migrator(&[BASE, ("002_second.rs", "// another\n")]).with_up(SECOND, good);
    let error = edited.up(&mut conn).unwrap_err();
    assert!(matches!(error.drift(), [Drift::Modified { .. }, ..]));
    assert!(
        error
            .to_string()
            .contains("restore `002_second.rs` and make the change")
    );
}

#[test]
fn not_in_a_transaction_of_the_caller() {
    let mut conn = memory();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    let tx = conn.transaction().unwrap();
    insta::assert_snapshot!(second(good).up_in(&tx).unwrap_err(), @"migration `002_second` is written in Rust, so it cannot run in the caller's transaction; nothing was applied, call `up` on the connection instead");
}
