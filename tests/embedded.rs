//! The command line in a program's own binary: migrations in Rust run from it.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

use rusqlite::Connection;
use std::path::Path;
use std::process::{Command, Output};

fn shop(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shop"))
        .args(arguments)
        .env_clear()
        // It has a database of its own, and no other project's is meant.
        .env("DATABASE_URL", "sqlite:elsewhere.db")
        .current_dir(folder)
        .output()
        .unwrap()
}

fn fine(folder: &Path, arguments: &[&str]) -> String {
    let output = shop(folder, arguments);
    let (out, err) = (output.stdout, String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{arguments:?}: {err}");
    String::from_utf8(out).unwrap()
}

#[test]
fn migrations_in_rust_run_from_their_own_program() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(fine(folder, &["up", "--to", "orders"]).starts_with("applied 001_orders in "));
    let db = Connection::open(folder.join("shop.db")).unwrap();
    db.execute("INSERT INTO orders (cents) VALUES (1234)", [])
        .unwrap();
    let euros = || -> Option<String> {
        db.query_row("SELECT euros FROM orders", [], |row| row.get(0))
            .unwrap()
    };
    assert!(fine(folder, &["plan"]).contains("(a function in Rust)"));
    assert!(fine(folder, &["up"]).starts_with("applied 002_euros in "));
    assert_eq!(euros().as_deref(), Some("12.34"));
    assert_eq!(
        fine(folder, &["verify", "--exit-code"]),
        "history, schema and migrations agree\n"
    );
    assert!(fine(folder, &["redo", "--yes"]).contains("applied 002_euros in "));
    assert!(fine(folder, &["down", "--yes"]).starts_with("undid 002_euros in "));
    assert_eq!(euros(), None);
    let status = fine(folder, &["status"]);
    assert!(
        status.ends_with("Total: 2 | Applied: 1 | Pending: 1\n"),
        "{status}"
    );
    let schema = fine(folder, &["schema", "--replay"]);
    assert!(schema.starts_with("CREATE TABLE orders"), "{schema}");
    assert!(!folder.join("elsewhere.db").exists());
}

#[test]
fn the_program_can_still_refuse() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("closed"), "").unwrap();
    let output = shop(folder.path(), &["up"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("because: the shop is closed"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn its_help_has_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let help = fine(folder.path(), &["up", "--help"]);
    let usage = format!("Usage: shop{} up [OPTIONS]", std::env::consts::EXE_SUFFIX);
    assert!(help.contains(&usage), "{help}");
}

/// The oldest SQLite that the program names holds for a directory that it checks.
#[test]
fn a_check_knows_the_oldest_sqlite_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let migrations = folder.path().join("migrations");
    std::fs::create_dir(&migrations).unwrap();
    let sql = "CREATE VIEW v AS SELECT 1 IS DISTINCT FROM 2;\n";
    std::fs::write(migrations.join("001_v.sql"), sql).unwrap();
    let output = shop(folder.path(), &["check"]);
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(
        err.contains("S26: `IS DISTINCT FROM` needs SQLite 3.39"),
        "{err}"
    );
    fine(folder.path(), &["check", "--min-sqlite", "3.39"]);
}
