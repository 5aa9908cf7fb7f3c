//! An error as services log it, and as a `main` prints it that returns it.

use crate::database::{BASE, Database, has_hint_for_quotes, memory, refused_second};
use crate::rust::second;
use migrate_runtime::{BoxError, Numbering, Sqlite, Transactions};
use migrate_tests::{migrator, shown};
use migrate_tools::read_directory;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

fn refused(script: &str) -> String {
    shown(&refused_second(&mut memory(), script))
}

#[test]
fn a_syntax_error_at_run_time() {
    insta::assert_snapshot!(refused("SELECT 1;\n\tCREAT TABLE b(y);"), @r#"
    migration `002_second` failed at 002_second.sql:2:2 and was rolled back: near "CREAT": syntax error

    migration `002_second` failed at 002_second.sql:2:2 and was rolled back: near "CREAT": syntax error

    migration `002_second` failed at 002_second.sql:2:2 and was rolled back: near "CREAT": syntax error
     --> 002_second.sql:2:2
      |
    2 |     CREAT TABLE b(y);
      |     ^^^^^
    "#);
}

#[test]
fn a_constraint() {
    insta::assert_snapshot!(refused("INSERT INTO a\nVALUES (1);"), @"
    migration `002_second` failed at 002_second.sql:1:1 and was rolled back: UNIQUE constraint failed: a.x

    migration `002_second` failed at 002_second.sql:1:1 and was rolled back: UNIQUE constraint failed: a.x

    migration `002_second` failed at 002_second.sql:1:1 and was rolled back: UNIQUE constraint failed: a.x
     --> 002_second.sql:1:1
      |
    1 | INSERT INTO a
      | ^^^^^^
    ");
}

#[test]
fn a_refusal() {
    insta::assert_snapshot!(refused("SELECT 1;\nATTACH ':memory:' AS m"), @"
    migration `002_second` was refused at 002_second.sql:2:1 and rolled back: a migration cannot attach or detach another database; do it where the application opens the database

    migration `002_second` was refused at 002_second.sql:2:1 and rolled back: a migration cannot attach or detach another database; do it where the application opens the database

    migration `002_second` was refused at 002_second.sql:2:1 and rolled back: a migration cannot attach or detach another database; do it where the application opens the database
     --> 002_second.sql:2:1
      |
    2 | ATTACH ':memory:' AS m
      | ^^^^^^
    ");
}

/// A message of several lines, and with a stop at its end.
#[test]
fn a_message_of_the_script() {
    let raise = "CREATE TRIGGER t BEFORE DELETE ON a BEGIN \
                 SELECT raise(ABORT, 'never:\n  they are kept.'); END;\nDELETE FROM a;";
    insta::assert_snapshot!(refused(raise), @"
    migration `002_second` failed at 002_second.sql:3:1 and was rolled back: never: they are kept

    migration `002_second` failed at 002_second.sql:3:1 and was rolled back: never: they are kept

    migration `002_second` failed at 002_second.sql:3:1 and was rolled back: never: they are kept
     --> 002_second.sql:3:1
      |
    3 | DELETE FROM a;
      | ^^^^^^
    ");
}

#[test]
fn a_name_in_quotes() {
    if !has_hint_for_quotes() {
        return;
    }
    insta::assert_snapshot!(refused("SELECT \"no one\" FROM a"), @r#"
    migration `002_second` failed at 002_second.sql:1:8 and was rolled back: no such column: "no one" - should this be a string literal in single-quotes?

    migration `002_second` failed at 002_second.sql:1:8 and was rolled back: no such column: "no one" - should this be a string literal in single-quotes?

    migration `002_second` failed at 002_second.sql:1:8 and was rolled back: no such column: "no one" - should this be a string literal in single-quotes?
     --> 002_second.sql:1:8
      |
    1 | SELECT "no one" FROM a
      |        ^^^^^^^^
    "#);
}

fn in_rust<E: Into<BoxError>>(
    work: impl Fn(&rusqlite::Transaction<'_>) -> Result<(), E> + Send + Sync + 'static,
) -> String {
    shown(&second(work).up(&mut memory()).unwrap_err())
}

/// What SQLite said to a function is known from its error.
#[test]
fn a_migration_in_rust() {
    insta::assert_snapshot!(in_rust(|tx| tx.execute_batch("SELECT * FROM nowhere")), @"
    migration `002_second` failed in 002_second.rs and was rolled back: no such table: nowhere

    migration `002_second` failed in 002_second.rs and was rolled back: no such table: nowhere

    migration `002_second` failed in 002_second.rs and was rolled back: no such table: nowhere
    ");
    insta::assert_snapshot!(in_rust(|_| Err("no rates for `CHF`")), @"
    migration `002_second` failed in 002_second.rs and was rolled back: no rates for `CHF`

    migration `002_second` failed in 002_second.rs and was rolled back: no rates for `CHF`

    migration `002_second` failed in 002_second.rs and was rolled back: no rates for `CHF`
    ");
}

/// The error of an application, which has causes of its own.
#[derive(Debug)]
struct Unfilled(std::io::Error);

impl std::fmt::Display for Unfilled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the rates were not read")
    }
}

impl std::error::Error for Unfilled {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn causes_that_are_not_of_the_database() {
    let unfilled = || Unfilled(std::io::Error::other("the disk is gone"));
    insta::assert_snapshot!(in_rust(move |_| Err(unfilled())), @"
    migration `002_second` failed in 002_second.rs and was rolled back: the rates were not read

    migration `002_second` failed in 002_second.rs and was rolled back: the rates were not read: the disk is gone

    migration `002_second` failed in 002_second.rs and was rolled back: the rates were not read
      because: the disk is gone
    ");
    // All causes come before what became of the data.
    let all = second(move |_| Err(unfilled())).transactions(Transactions::All);
    insta::assert_snapshot!(format!("{:#}", all.up(&mut memory()).unwrap_err()), @"migration `002_second` failed in 002_second.rs and was rolled back: the rates were not read: the disk is gone; all migrations of this run share one transaction, so none took effect");
}

#[test]
fn a_database_that_is_locked() {
    let database = Database::new(false);
    let holder = database.open();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let migrator = migrator(&[BASE]).lock_timeout(Duration::ZERO);
    let error = migrator.up(&mut database.open()).unwrap_err();
    assert!(error.is_locked());
    let path = database.path().display().to_string();
    insta::assert_snapshot!(shown(&error).replace(&path, "PATH"), @"
    waited 0.0 s for the write lock of `PATH`, and another connection is still in the way: database is locked; nothing was applied

    waited 0.0 s for the write lock of `PATH`, and another connection is still in the way: database is locked; nothing was applied

    waited 0.0 s for the write lock of `PATH`, and another connection is still in the way: database is locked; nothing was applied
    ");
}

#[test]
fn a_database_that_is_read_only() {
    let mut conn = memory();
    conn.pragma_update(None, "query_only", true).unwrap();
    let migrator = migrator(&[BASE, ("002_b.sql", "CREATE TABLE b(y)")]);
    insta::assert_snapshot!(shown(&migrator.up(&mut conn).unwrap_err()), @"
    the database is read-only, and 1 migration is pending; open it for writing

    the database is read-only, and 1 migration is pending; open it for writing

    the database is read-only, and 1 migration is pending; open it for writing
    ");
}

#[test]
fn several_differences() {
    let mut conn = memory();
    conn.execute_batch(
        "UPDATE _migrations SET checksum = 'sha256:0', name = 'basis' WHERE version = 1;
         INSERT INTO _migrations VALUES (7, 'later', 'c', 'applied', '2026-01-31T12:00:00Z', 5, \
         NULL, NULL, NULL, NULL, NULL, NULL)",
    )
    .unwrap();
    insta::assert_snapshot!(shown(&migrator(&[BASE]).up(&mut conn).unwrap_err()), @"
    the version of migration `001_base` was applied as `basis`: files were inserted, removed or renumbered; give the applied migrations their old numbers back, and the new ones higher numbers; also, the database is ahead of this binary: migration `007_later` is applied but not contained in it; start a newer release, or restore its file

    the version of migration `001_base` was applied as `basis`: files were inserted, removed or renumbered; give the applied migrations their old numbers back, and the new ones higher numbers; also, the database is ahead of this binary: migration `007_later` is applied but not contained in it; start a newer release, or restore its file

    the version of migration `001_base` was applied as `basis`: files were inserted, removed or renumbered; give the applied migrations their old numbers back, and the new ones higher numbers
    the database is ahead of this binary: migration `007_later` is applied but not contained in it; start a newer release, or restore its file
    ");
}

#[test]
fn a_directory_with_problems() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let read = || read_directory::<Sqlite>(folder.path(), Numbering::DEFAULT).unwrap_err();
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    let shown = |error: &migrate_tools::Error| {
        let shown = format!("{error}\n\n{error:#}\n\n{error:?}");
        let shown = shown.replace(folder.path().to_str().unwrap(), "PATH");
        shown.replace(name, "PATH")
    };
    write("001_a.sql", "CREATE TABLE a(x);\nCOMMIT;\n");
    insta::assert_snapshot!(shown(&read()), @"
    the migrations directory has a problem: PATH/001_a.sql:2:1: M019: `COMMIT` would break the transaction of the migration; remove it: the runner already runs each migration in a transaction, together with its row in the history

    the migrations directory has a problem: PATH/001_a.sql:2:1: M019: `COMMIT` would break the transaction of the migration; remove it: the runner already runs each migration in a transaction, together with its row in the history

    M019: `COMMIT` would break the transaction of the migration
     --> PATH/001_a.sql:2:1
      |
    2 | COMMIT;
      | ^^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history
    ");
    write("003_c.sql", "");
    insta::assert_snapshot!(shown(&read()), @r#"
    the migrations directory has 3 problems: PATH/003_c.sql: M009: version 002 is missing; PATH/001_a.sql:2:1: M019: `COMMIT` would break the transaction of the migration; PATH/003_c.sql: M016: this migration is empty

    the migrations directory has 3 problems: PATH/003_c.sql: M009: version 002 is missing; PATH/001_a.sql:2:1: M019: `COMMIT` would break the transaction of the migration; PATH/003_c.sql: M016: this migration is empty

    M009: version 002 is missing
     --> PATH/003_c.sql
      = note: the migration before it is `PATH/001_a.sql`
      = help: restore what is missing, or renumber this migration to 002

    M019: `COMMIT` would break the transaction of the migration
     --> PATH/001_a.sql:2:1
      |
    2 | COMMIT;
      | ^^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history

    M016: this migration is empty
     --> PATH/003_c.sql
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    "#);
}

/// The error output of a program whose `main` returns the error.
fn main_says(files: &[(&str, &str)], database: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_failing"))
        .args([folder.path(), database])
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let folder = folder.path().to_str().unwrap();
    said.replace(&format!("{folder}/"), "")
        .replace(folder, "FOLDER")
        .replace(database.to_str().unwrap(), "DATABASE")
}

#[test]
fn what_main_prints() {
    let database = Database::new(false);
    let path = database.path();
    let wrong = [
        BASE,
        (
            "002_b.sql",
            "CREATE TABLE b(y);\nDELETE FROM nowhere WHERE x = 1;\n",
        ),
    ];
    insta::assert_snapshot!(main_says(&wrong, &path), @"
    Error: migration `002_b` failed at 002_b.sql:2:1 and was rolled back: no such table: nowhere
     --> 002_b.sql:2:1
      |
    2 | DELETE FROM nowhere WHERE x = 1;
      | ^^^^^^
    ");
    let gap = [BASE, ("003_b.sql", "CREATE TABLE b(y);\n")];
    insta::assert_snapshot!(main_says(&gap, &path), @"
    Error: M009: version 002 is missing
     --> 003_b.sql
      = note: the migration before it is `001_base.sql`
      = help: restore what is missing, or renumber this migration to 002
    ");
    let holder = database.open();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let said = main_says(&[BASE, ("002_b.sql", "CREATE TABLE b(y);\n")], &path);
    let (said, rest) = said.split_once(" s for").unwrap();
    assert!(said.starts_with("Error: waited 0."), "{said}");
    insta::assert_snapshot!(rest, @" the write lock of `DATABASE`, and another connection is still in the way: database is locked; nothing was applied");
}
