//! `BEGIN`, `COMMIT` and their like: M019.

use super::{headlines, script};
use insta::assert_snapshot;

#[test]
fn every_spelling() {
    assert_snapshot!(headlines(&[
        "BEGIN",
        "begin immediate;",
        "/* ; */ Begin -- x",
        ";; COMMIT;",
        "commit transaction",
        "END;",
        "End/**/Transaction",
        "ROLLBACK",
        "ROLLBACK TO a",
        "SAVEPOINT a",
        "RELEASE a",
        "release/**/savepoint/**/a",
        "EXPLAIN COMMIT",
        "explain /**/ query plan BEGIN",
        "SELECT 1; COMMIT",
    ]), @"
    BEGIN                                    1 M019: `BEGIN` would break the transaction of the migration
    begin immediate;                         1 M019: `BEGIN` would break the transaction of the migration
    /* ; */ Begin -- x                       1 M019: `BEGIN` would break the transaction of the migration
    ;; COMMIT;                               1 M019: `COMMIT` would break the transaction of the migration
    commit transaction                       1 M019: `COMMIT` would break the transaction of the migration
    END;                                     1 M019: `END` would break the transaction of the migration
    End/**/Transaction                       1 M019: `END` would break the transaction of the migration
    ROLLBACK                                 1 M019: `ROLLBACK` would break the transaction of the migration
    ROLLBACK TO a                            1 M019: `ROLLBACK` would break the transaction of the migration
    SAVEPOINT a                              1 M019: `SAVEPOINT` would break the transaction of the migration
    RELEASE a                                1 M019: `RELEASE` would break the transaction of the migration
    release/**/savepoint/**/a                1 M019: `RELEASE` would break the transaction of the migration
    EXPLAIN COMMIT                           1 M019: `COMMIT` would break the transaction of the migration
    explain /**/ query plan BEGIN            1 M019: `BEGIN` would break the transaction of the migration
    SELECT 1; COMMIT                         1 M019: `COMMIT` would break the transaction of the migration
    ");
}

#[test]
fn one_that_stands_alone() {
    assert_snapshot!(script("CREATE TABLE t(x);\n  savepoint a;\nSELECT 1;\n"), @"
    M019: `SAVEPOINT` would break the transaction of the migration
     --> migrations/001_users.sql:2:3
      |
    2 |   savepoint a;
      |   ^^^^^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history
    ");
}

#[test]
fn a_wrapped_script_is_one_problem() {
    assert_snapshot!(script("-- Users.\nBEGIN TRANSACTION;\nCREATE TABLE t(x);\nCOMMIT;\n"), @"
    M019: this script is wrapped in `BEGIN; … COMMIT;`
     --> migrations/001_users.sql:2:1
      |
    2 | BEGIN TRANSACTION;
      | ^^^^^
      = note: the `COMMIT` is on line 4
      = help: remove both: the runner already runs each migration in a transaction, together with its row in the history
    ");
    assert_snapshot!(script("begin; SELECT 1; end;"), @"
    M019: this script is wrapped in `BEGIN; … END;`
     --> migrations/001_users.sql:1:1
      |
    1 | begin; SELECT 1; end;
      | ^^^^^
      = note: the `END` is on line 1
      = help: remove both: the runner already runs each migration in a transaction, together with its row in the history
    ");
}

#[test]
fn a_wrapped_down() {
    let sql = "CREATE TABLE t(x);\n-- migrate:down\nBEGIN;\nDROP TABLE t;\nCOMMIT;\n";
    assert_snapshot!(script(sql), @"
    M019: this script is wrapped in `BEGIN; … COMMIT;`
     --> migrations/001_users.sql:3:1
      |
    3 | BEGIN;
      | ^^^^^
      = note: the `COMMIT` is on line 5
      = help: remove both: the runner already runs each migration in a transaction, together with its row in the history
    ");
}

#[test]
fn a_dump_is_wrapped_behind_a_pragma() {
    let sql = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(x);\nCOMMIT;\n";
    assert_snapshot!(script(sql), @"
    M021: `PRAGMA foreign_keys` is refused: it does nothing in a transaction
     --> migrations/001_users.sql:1:1
      |
    1 | PRAGMA foreign_keys=OFF;
      | ^^^^^^
      = help: remove it: the runner turns foreign keys off for the run, and checks before each commit that no reference was broken

    M019: `BEGIN` would break the transaction of the migration
     --> migrations/001_users.sql:2:1
      |
    2 | BEGIN TRANSACTION;
      | ^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history

    M019: `COMMIT` would break the transaction of the migration
     --> migrations/001_users.sql:4:1
      |
    4 | COMMIT;
      | ^^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history
    ");
}

#[test]
fn the_words_elsewhere_are_no_problem() {
    for sql in [
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END;",
        "CREATE TEMP TRIGGER a DELETE ON t BEGIN DELETE FROM u; END",
        "INSERT INTO u SELECT CASE x WHEN 1 THEN 2 END FROM t;",
        "INSERT INTO t SELECT 'COMMIT;', \"begin;\" -- ROLLBACK;\n",
        "CREATE TABLE end(commit_, \"begin\");",
        "INSERT OR REPLACE INTO t(\"rollback\") VALUES (1);",
    ] {
        assert_eq!(script(sql), "");
    }
}
