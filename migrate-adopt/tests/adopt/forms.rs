//! An error as services log it, and as a `main` prints it that returns it.

use crate::support::{abc, left, options};
use migrate_adopt::{Tool, Verify, adopt, files};
use migrate_runtime::rusqlite::Connection;
use std::fmt::{Debug, Display};
use std::time::Duration;

const TOOL: Tool = Tool::RusqliteMigration;

fn shown<E: Display + Debug>(error: &E) -> String {
    format!("{error}\n\n{error:#}\n\n{error:?}")
}

#[test]
fn a_database_that_is_locked() {
    let mut old = left(TOOL, 2, "PRAGMA user_version = 2");
    let holder = Connection::open(&old.path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let migrator = abc().lock_timeout(Duration::ZERO);
    let error = adopt(&migrator, &mut old.conn, TOOL, &options()).unwrap_err();
    assert!(error.is_locked());
    let path = old.path.display().to_string();
    insta::assert_snapshot!(shown(&error).replace(&path, "PATH"), @"
    the history of rusqlite_migration was not adopted: waited 0.0 s for the write lock of `PATH`, and another connection is still in the way; nothing was applied: database is locked

    the history of rusqlite_migration was not adopted: waited 0.0 s for the write lock of `PATH`, and another connection is still in the way; nothing was applied: database is locked

    the history of rusqlite_migration was not adopted: waited 0.0 s for the write lock of `PATH`, and another connection is still in the way; nothing was applied: database is locked
    ");
}

#[test]
fn a_schema_that_differs() {
    let mut old = left(
        TOOL,
        2,
        "PRAGMA user_version = 2; DROP TABLE b; CREATE TABLE c(x)",
    );
    let mut options = options();
    options.verify = Verify::Schema;
    let error = adopt(&abc(), &mut old.conn, TOOL, &options).unwrap_err();
    insta::assert_snapshot!(shown(&error), @"
    nothing was recorded: the schema is not the one that the migrations up to `002_b` produce, although rusqlite_migration has applied them: the table `b` is missing; the table `c` is not made by the migrations; correct the database or the files, or skip the comparison with `--verify checksum` if the differences are intentional

    nothing was recorded: the schema is not the one that the migrations up to `002_b` produce, although rusqlite_migration has applied them: the table `b` is missing; the table `c` is not made by the migrations; correct the database or the files, or skip the comparison with `--verify checksum` if the differences are intentional

    nothing was recorded: the schema is not the one that the migrations up to `002_b` produce, although rusqlite_migration has applied them:
      the table `b` is missing
      the table `c` is not made by the migrations
    correct the database or the files, or skip the comparison with `--verify checksum` if the differences are intentional
    ");
}

#[test]
fn a_directory_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let error = files::read_source(Tool::Sqlx, &nowhere).unwrap_err();
    let path = nowhere.display().to_string();
    insta::assert_snapshot!(shown(&error).replace(&path, "PATH"), @"
    `PATH` cannot be read: No such file or directory (os error 2); correct the path, or make it readable

    `PATH` cannot be read: No such file or directory (os error 2); correct the path, or make it readable

    `PATH` cannot be read: No such file or directory (os error 2); correct the path, or make it readable
    ");
}
