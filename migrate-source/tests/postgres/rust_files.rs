//! Migrations in Rust: M026.

use super::{options, problems};
use insta::assert_snapshot;
use migrate_scan::Engine;
use migrate_source::rust_file::check;

#[test]
fn functions_are_async() {
    let mut options = options();
    options.rust = Some(&check);
    let good = "pub async fn up(tx: &Transaction<'_>) -> Result<(), Error> {}\n";
    let sync = "pub fn up(tx: &Transaction<'_>) -> Result<(), Error> {}\n";
    let private = "async fn up(tx: &Transaction<'_>) -> Result<(), Error> {}\n";
    assert_eq!(problems(&[("001_a.rs", good)], &options), "");
    assert_snapshot!(problems(&[("001_a.rs", sync)], &options), @"
    M026: the function `up` in this file is not `async`, which PostgreSQL migrations must be
     --> migrations/001_a.rs
      = help: write `pub async fn up(tx: &tokio_postgres::Transaction<'_>) -> Result<(), tokio_postgres::Error>`; the error may be of another type
    ");
    assert_snapshot!(problems(&[("001_a.rs", private)], &options), @"
    M026: the function `up` in this file is private
     --> migrations/001_a.rs
      = help: write `pub async fn up`
    ");
    assert_snapshot!(problems(&[("001_a.rs", "")], &options), @"
    M026: this file has no function `up`
     --> migrations/001_a.rs
      = help: write `pub async fn up(tx: &tokio_postgres::Transaction<'_>) -> Result<(), tokio_postgres::Error>`; the error may be of another type, and a `down` of the same form is optional
    ");
    assert_snapshot!(problems(&[("001_a.rs", "pub async fn up() {}")], &options), @"
    M026: the function `up` in this file takes no transaction, or returns nothing
     --> migrations/001_a.rs
      = help: write `pub async fn up(tx: &tokio_postgres::Transaction<'_>) -> Result<(), tokio_postgres::Error>`; the error may be of another type
    ");

    options.engine = Engine::Sqlite;
    assert_snapshot!(problems(&[("001_a.rs", good)], &options), @"
    M026: the function `up` in this file is `async`, which SQLite migrations cannot be
     --> migrations/001_a.rs
      = help: write `pub fn up(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()>`; the error may be of another type
    ");
}
