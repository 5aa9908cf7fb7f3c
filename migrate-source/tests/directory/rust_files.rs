//! Migrations in Rust: M026, and their place among the others.

use super::{SQL, options, problems, rendered};
use crate::memory::Memory;
use insta::assert_snapshot;
use migrate_scan::Engine;
use migrate_source::directory::{Directory, read};
use migrate_source::rust_file::{RustFile, RustProblem};

/// A check that goes by words in the text, as no parser of Rust would.
fn check(text: &str, _: Engine) -> Result<RustFile, RustProblem> {
    match text {
        "nothing" => Err(RustProblem::NoUp),
        "private up" => Err(RustProblem::Private("up")),
        "private down" => Err(RustProblem::Private("down")),
        "no transaction" => Err(RustProblem::Signature("up")),
        "inner" => Err(RustProblem::InnerAttribute),
        text => Ok(RustFile {
            has_down: text.contains("down"),
        }),
    }
}

fn directory(files: &[(&str, &str)]) -> Directory {
    let mut options = options();
    options.rust = Some(&check);
    read(&mut Memory::new(files.iter().copied()), &options)
}

fn checked(files: &[(&str, &str)]) -> String {
    rendered(&directory(files))
}

#[test]
fn a_file_that_cannot_be_called() {
    assert_snapshot!(checked(&[
        ("001_a.rs", "nothing"),
        ("002_b.rs", "private up"),
        ("003_c.rs", "private down"),
        ("004_d.rs", "no transaction"),
        ("005_e.rs", "inner"),
        ("006_f.rs", "up"),
    ]), @"
    M026: this file has no function `up`
     --> migrations/001_a.rs
      = help: write `pub fn up(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()>`; the error may be of another type, and a `down` of the same form is optional

    M026: the function `up` in this file is private
     --> migrations/002_b.rs
      = help: write `pub fn up`

    M026: the function `down` in this file is private
     --> migrations/003_c.rs
      = help: write `pub fn down`

    M026: the function `up` in this file takes no transaction, or returns nothing
     --> migrations/004_d.rs
      = help: write `pub fn up(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()>`; the error may be of another type

    M026: this file begins with `//!` or `#![…]`, which an included file cannot have
     --> migrations/005_e.rs
      = help: write `//` for a comment, and put `#[…]` on the item
    ");
}

/// One that is no text has its own problem, and is not looked at.
#[test]
fn a_file_that_cannot_be_read() {
    let mut options = options();
    options.rust = Some(&check);
    let files = [("001_a.rs", &b"\xff"[..])];
    let directory = read(&mut Memory::new(files), &options);
    assert_snapshot!(rendered(&directory), @"
    M014: this file is not UTF-8: the byte 0xFF is invalid here
     --> migrations/001_a.rs:1:1
      |
    1 | �
      | ^
      = help: save the file as UTF-8
    ");
}

#[test]
fn a_function_is_no_script() {
    let directory = directory(&[("001_a.rs", "up; down :x '"), ("002_b.rs", "up")]);
    assert_eq!(rendered(&directory), "");
    let [a, b] = &directory.migrations[..] else {
        panic!("{directory:?}");
    };
    let down = a.down.as_ref().unwrap();
    for script in [&a.up, down, &b.up] {
        assert!(script.is_rust && script.in_transaction && script.statements.is_empty());
    }
    assert_eq!(
        (a.up.path.as_str(), down.path.as_str()),
        ("migrations/001_a.rs", "migrations/001_a.rs")
    );
    assert!(b.down.is_none());
    // The text of the file is what was applied.
    assert_eq!(a.checksum, migrate_model::Checksum::of(&a.up.text));
}

/// Who cannot parse Rust takes it for a migration that cannot be undone.
#[test]
fn without_a_check_there_is_an_up_and_no_down() {
    let files = [("001_a.rs", "private down")];
    let directory = read(&mut Memory::new(files), &options());
    assert_eq!(rendered(&directory), "");
    assert!(directory.migrations[0].up.is_rust);
    assert!(directory.migrations[0].down.is_none());
}

#[test]
fn its_down_may_be_in_sql() {
    for down in ["001_a.down.sql", "down/001_a.sql"] {
        let directory = directory(&[("001_a.rs", "up"), (down, SQL)]);
        assert_eq!(rendered(&directory), "");
        let [migration] = &directory.migrations[..] else {
            panic!("{directory:?}");
        };
        let script = migration.down.as_ref().unwrap();
        assert_eq!((script.is_rust, script.statements.len()), (false, 1));
        assert_eq!(script.path, format!("migrations/{down}"));
    }
}

#[test]
fn one_down_is_enough() {
    assert_snapshot!(checked(&[("001_a.rs", "up, down"), ("001_a.down.sql", SQL)]), @"
    M012: `migrations/001_a.rs` has 2 downs
     --> migrations/001_a.down.sql
      = note: a down at `migrations/001_a.rs:1`
      = note: a down at `migrations/001_a.down.sql:1`
      = help: keep one of them
    ");
}

#[test]
fn a_number_is_used_once_in_either_language() {
    assert_snapshot!(problems(&[("001_a.rs", ""), ("001_a.sql", SQL)]), @"
    M010: version 001 is used by 2 migrations
     --> migrations/001_a.rs
      = note: `migrations/001_a.rs`
              `migrations/001_a.sql`
      = help: give all but one of them another number; 002 and all numbers above it are free
    ");
    assert_snapshot!(problems(&[("001_b.rs", ""), ("001_a.sql", SQL), ("003_c.rs", "")]), @"
    M010: version 001 is used by 2 migrations
     --> migrations/001_a.sql
      = note: `migrations/001_a.sql`
              `migrations/001_b.rs`
      = help: give all but one of them another number; 004 and all numbers above it are free

    M009: version 002 is missing
     --> migrations/003_c.rs
      = note: the migration before it is `migrations/001_a.sql`
      = help: restore what is missing, or renumber this migration to 002
    ");
}
