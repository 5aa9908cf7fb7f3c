//! Pragmas that are refused: M021.

use super::{headlines, script};
use insta::assert_snapshot;

#[test]
fn every_spelling() {
    assert_snapshot!(headlines(&[
        "PRAGMA foreign_keys = OFF",
        "pragma main.foreign_keys=1",
        "PRAGMA \"main\" . [Foreign_Keys] (0)",
        "PRAGMA/**/foreign_keys/**/=/**/on",
        "EXPLAIN PRAGMA `foreign_keys`(0)",
        "PRAGMA foreign_keys",
        "PRAGMA user_version = 3",
        "PRAGMA table_info(t)",
    ]), @r#"
    PRAGMA foreign_keys = OFF                1 M021: `PRAGMA foreign_keys` is refused: it does nothing in a transaction
    pragma main.foreign_keys=1               1 M021: `PRAGMA foreign_keys` is refused: it does nothing in a transaction
    PRAGMA "main" . [Foreign_Keys] (0)       1 M021: `PRAGMA foreign_keys` is refused: it does nothing in a transaction
    PRAGMA/**/foreign_keys/**/=/**/on        1 M021: `PRAGMA foreign_keys` is refused: it does nothing in a transaction
    EXPLAIN PRAGMA `foreign_keys`(0)         1 M021: `PRAGMA foreign_keys` is refused: it does nothing in a transaction
    PRAGMA foreign_keys                      0 accepted
    PRAGMA user_version = 3                  0 accepted
    PRAGMA table_info(t)                     0 accepted
    "#);
}

#[test]
fn every_reason() {
    assert_snapshot!(script("\
PRAGMA foreign_keys = OFF;
PRAGMA synchronous = OFF;
PRAGMA journal_mode = WAL;
PRAGMA busy_timeout = 1;
PRAGMA writable_schema = 1;
PRAGMA wal_checkpoint;
"), @"
    M021: `PRAGMA foreign_keys` is refused: it does nothing in a transaction
     --> migrations/001_users.sql:1:1
      |
    1 | PRAGMA foreign_keys = OFF;
      | ^^^^^^
      = help: remove it: the runner turns foreign keys off for the run, and checks before each commit that no reference was broken

    M021: `PRAGMA synchronous` is refused: it does nothing in a transaction
     --> migrations/001_users.sql:2:1
      |
    2 | PRAGMA synchronous = OFF;
      | ^^^^^^
      = help: remove it

    M021: `PRAGMA journal_mode` is refused: a failing migration could no longer be rolled back
     --> migrations/001_users.sql:3:1
      |
    3 | PRAGMA journal_mode = WAL;
      | ^^^^^^
      = help: move it into a migration of its own with `-- migrate: no-transaction` on its first line

    M021: `PRAGMA busy_timeout` is refused: it would stay in effect on the connection after the migration
     --> migrations/001_users.sql:4:1
      |
    4 | PRAGMA busy_timeout = 1;
      | ^^^^^^
      = help: remove it, and set it where the application opens the database

    M021: `PRAGMA writable_schema` is refused: it can damage the database
     --> migrations/001_users.sql:5:1
      |
    5 | PRAGMA writable_schema = 1;
      | ^^^^^^
      = help: remove it, and change the schema with `ALTER TABLE`, or by rebuilding the table

    M021: `PRAGMA wal_checkpoint` is refused: it cannot run in a transaction, and this migration does
     --> migrations/001_users.sql:6:1
      |
    6 | PRAGMA wal_checkpoint;
      | ^^^^^^
      = help: move it into a migration of its own with `-- migrate: no-transaction` on its first line
    ");
}
