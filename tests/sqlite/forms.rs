//! An error as services log it, and as a `main` prints it that returns it.

use crate::database::{BASE, Database, memory, refused_second};
use crate::rust::second;
use migrate_runtime::{BoxError, Error, Migrator};
use migrate_tests::{migrator, shown};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

fn refused(script: &str) -> String {
    shown(&refused_second(&mut memory(), script))
}

#[test]
fn a_syntax_error_at_run_time() {
    insta::assert_snapshot!(refused("SELECT 1;\n\tCREAT TABLE b(y);"), @"");
}

#[test]
fn a_constraint() {
    insta::assert_snapshot!(refused("INSERT INTO a\nVALUES (1);"), @"");
}

#[test]
fn a_refusal() {
    insta::assert_snapshot!(refused("SELECT 1;\nATTACH ':memory:' AS m"), @"");
}

/// A message of several lines, and with a stop at its end.
#[test]
fn a_message_of_the_script() {
    let raise = "CREATE TRIGGER t BEFORE DELETE ON a BEGIN \
                 SELECT raise(ABORT, 'never:\n  they are kept.'); END;\nDELETE FROM a;";
    insta::assert_snapshot!(refused(raise), @"");
}

#[test]
fn a_name_in_quotes() {
    insta::assert_snapshot!(refused("SELECT \"no one\" FROM a"), @"");
}

fn in_rust<E: Into<BoxError>>(
    work: impl Fn(&rusqlite::Transaction<'_>) -> Result<(), E> + Send + Sync + 'static,
) -> String {
    shown(&second(work).up(&mut memory()).unwrap_err())
}

/// What SQLite said to a function is known from its error.
#[test]
fn a_migration_in_rust() {
    insta::assert_snapshot!(in_rust(|tx| tx.execute_batch("SELECT * FROM nowhere")), @"");
    insta::assert_snapshot!(in_rust(|_| Err("no rates for `CHF`")), @"");
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
    insta::assert_snapshot!(in_rust(move |_| Err(unfilled())), @"");
}

#[test]
fn a_database_that_is_locked() {
    let database = Database::new(false);
    let holder = database.open();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let migrator = migrator(&[BASE]).lock_deadline(Duration::ZERO);
    let error = migrator.up(&mut database.open()).unwrap_err();
    assert!(error.is_locked());
    let path = database.path().display().to_string();
    insta::assert_snapshot!(shown(&error).replace(&path, "PATH"), @"");
}

#[test]
fn a_database_that_is_read_only() {
    let mut conn = memory();
    conn.pragma_update(None, "query_only", true).unwrap();
    let migrator = migrator(&[BASE, ("002_b.sql", "CREATE TABLE b(y)")]);
    insta::assert_snapshot!(shown(&migrator.up(&mut conn).unwrap_err()), @"");
}

#[test]
fn several_differences() {
    let mut conn = memory();
    conn.execute_batch(
        "UPDATE _migrations SET checksum = 'sha256:0', name = 'basis' WHERE version = 1;
         INSERT INTO _migrations (version, name, checksum, state, applied_at) \
         VALUES (7, 'later', 'c', 'applied', '2026-01-31T12:00:00Z')",
    )
    .unwrap();
    insta::assert_snapshot!(shown(&migrator(&[BASE]).up(&mut conn).unwrap_err()), @"");
}

#[test]
fn a_directory_with_problems() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let read = || -> Error {
        Migrator::read_directory(folder.path(), migrate_runtime::Numbering::DEFAULT).unwrap_err()
    };
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    let shown = |error: &Error| {
        let shown = shown(error).replace(folder.path().to_str().unwrap(), "PATH");
        shown.replace(name, "PATH")
    };
    write("001_a.sql", "CREATE TABLE a(x);\nCOMMIT;\n");
    insta::assert_snapshot!(shown(&read()), @"");
    write("003_c.sql", "");
    insta::assert_snapshot!(shown(&read()), @"");
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
        ("002_b.sql", "CREATE TABLE b(y);\nDROP TABLE nowhere;\n"),
    ];
    insta::assert_snapshot!(main_says(&wrong, &path), @"");
    let gap = [BASE, ("003_b.sql", "CREATE TABLE b(y);\n")];
    insta::assert_snapshot!(main_says(&gap, &path), @"");
    let holder = database.open();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let said = main_says(&[BASE, ("002_b.sql", "CREATE TABLE b(y);\n")], &path);
    let (said, rest) = said.split_once(" s for").unwrap();
    assert!(said.starts_with("Error: waited 0."), "{said}");
    insta::assert_snapshot!(rest, @"");
}
