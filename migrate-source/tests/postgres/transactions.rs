//! `BEGIN`, `COMMIT` and their like: M019, and settings of the transaction: M021.

use super::{headlines, script};
use insta::assert_snapshot;

#[test]
fn every_spelling() {
    assert_snapshot!(headlines(&[
        "BEGIN",
        "begin isolation level serializable;",
        "/* /* ; */ */ Start/**/Transaction -- x",
        ";; COMMIT;",
        "commit and chain",
        "END;",
        "ABORT",
        "ROLLBACK",
        "ROLLBACK TO a",
        "SAVEPOINT a",
        "RELEASE a",
        "release savepoint a",
        "PREPARE TRANSACTION 'a'",
        "commit prepared 'a'",
        "ROLLBACK PREPARED 'a'",
        "SET TRANSACTION READ ONLY",
        "SET LOCAL TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "set session characteristics as transaction read only",
        "SET standard_conforming_strings = off",
        "SET LOCAL Standard_Conforming_Strings TO 'off'",
    ]), @"
    BEGIN                                    1 M019: `BEGIN` would break the transaction of the migration
    begin isolation level serializable;      1 M019: `BEGIN` would break the transaction of the migration
    /* /* ; */ */ Start/**/Transaction -- x  1 M019: `START TRANSACTION` would break the transaction of the migration
    ;; COMMIT;                               1 M019: `COMMIT` would break the transaction of the migration
    commit and chain                         1 M019: `COMMIT` would break the transaction of the migration
    END;                                     1 M019: `END` would break the transaction of the migration
    ABORT                                    1 M019: `ABORT` would break the transaction of the migration
    ROLLBACK                                 1 M019: `ROLLBACK` would break the transaction of the migration
    ROLLBACK TO a                            1 M019: `ROLLBACK` would break the transaction of the migration
    SAVEPOINT a                              1 M019: `SAVEPOINT` would break the transaction of the migration
    RELEASE a                                1 M019: `RELEASE` would break the transaction of the migration
    release savepoint a                      1 M019: `RELEASE SAVEPOINT` would break the transaction of the migration
    PREPARE TRANSACTION 'a'                  1 M019: `PREPARE TRANSACTION` would break the transaction of the migration
    commit prepared 'a'                      1 M019: `COMMIT PREPARED` would break the transaction of the migration
    ROLLBACK PREPARED 'a'                    1 M019: `ROLLBACK PREPARED` would break the transaction of the migration
    SET TRANSACTION READ ONLY                1 M021: `SET TRANSACTION` is refused: the runner controls its transaction
    SET LOCAL TRANSACTION ISOLATION LEVEL SERIALIZABLE 1 M021: `SET TRANSACTION` is refused: the runner controls its transaction
    set session characteristics as transaction read only 1 M021: `SET SESSION CHARACTERISTICS` is refused: it would outlive the migration
    SET standard_conforming_strings = off    1 M021: `standard_conforming_strings` must stay on: otherwise PostgreSQL parses the strings after this line differently from this check
    SET LOCAL Standard_Conforming_Strings TO 'off' 1 M021: `standard_conforming_strings` must stay on: otherwise PostgreSQL parses the strings after this line differently from this check
    ");
}

#[test]
fn one_that_stands_alone() {
    assert_snapshot!(script("CREATE TABLE t(x int);\n  commit and chain;\nSELECT 1;\n"), @"
    M019: `COMMIT` would break the transaction of the migration
     --> migrations/001_users.sql:2:3
      |
    2 |   commit and chain;
      |   ^^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history
    ");
    assert_snapshot!(script("-- migrate: no-transaction\nVACUUM;\nBEGIN;\n"), @"
    M019: `BEGIN` in a migration without a transaction
     --> migrations/001_users.sql:3:1
      |
    3 | BEGIN;
      | ^^^^^
      = help: remove it: each statement is recorded when it finishes, and must not be rolled back afterwards; put statements that belong together into a migration without `no-transaction`
    ");
    assert_snapshot!(script("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\n"), @"
    M021: `SET TRANSACTION` is refused: the runner controls its transaction
     --> migrations/001_users.sql:1:1
      |
    1 | SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
      | ^^^
      = help: remove it: each migration runs in a transaction that is `READ COMMITTED` and `READ WRITE`
    ");
    assert_snapshot!(script("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;\n"), @"
    M021: `SET SESSION CHARACTERISTICS` is refused: it would outlive the migration
     --> migrations/001_users.sql:1:1
      |
    1 | SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;
      | ^^^
      = help: remove it; `ALTER DATABASE … SET` and `ALTER ROLE … SET` change the default of every connection
    ");
    assert_snapshot!(script("SET standard_conforming_strings = off;\n"), @"
    M021: `standard_conforming_strings` must stay on: otherwise PostgreSQL parses the strings after this line differently from this check
     --> migrations/001_users.sql:1:1
      |
    1 | SET standard_conforming_strings = off;
      | ^^^
      = help: remove it; write a string with escapes as `E'…'`
    ");
    assert_snapshot!(script("-- migrate: no-transaction\nSET LOCAL lock_timeout = '1s';\n"), @"
    M021: `SET LOCAL` does nothing here: this migration runs without a transaction
     --> migrations/001_users.sql:2:1
      |
    2 | SET LOCAL lock_timeout = '1s';
      | ^^^
      = help: write `SET` without `LOCAL`; the runner resets it after the migration
    ");
}

#[test]
fn a_wrapped_script_is_one_problem() {
    assert_snapshot!(script("START TRANSACTION;\nCREATE TABLE t(x int);\nCOMMIT;\n"), @"
    M019: this script is wrapped in `START TRANSACTION; … COMMIT;`
     --> migrations/001_users.sql:1:1
      |
    1 | START TRANSACTION;
      | ^^^^^
      = note: the `COMMIT` is on line 3
      = help: remove both: the runner already runs each migration in a transaction, together with its row in the history
    ");
    let sql = "CREATE TABLE t(x int);\n-- migrate:down\nBEGIN;\nDROP TABLE t;\nEND;\n";
    assert_snapshot!(script(sql), @"
    M019: this script is wrapped in `BEGIN; … END;`
     --> migrations/001_users.sql:3:1
      |
    3 | BEGIN;
      | ^^^^^
      = note: the `END` is on line 5
      = help: remove both: the runner already runs each migration in a transaction, together with its row in the history
    ");
}

#[test]
fn the_words_elsewhere_are_no_problem() {
    for sql in [
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;",
        "DO $do$ BEGIN PERFORM 1; EXCEPTION WHEN others THEN ROLLBACK; END $do$;",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END;",
        "INSERT INTO t SELECT 'COMMIT;', \"begin;\" -- ROLLBACK;\n",
        "PREPARE a AS SELECT $1; EXECUTE a(1); DEALLOCATE a;",
        "\"begin\"",
        "SET standard_conforming_strings = on; SET LOCAL lock_timeout = '1s';",
        "SET client_encoding = 'UTF8'; SET SESSION AUTHORIZATION a; SET search_path TO b;",
    ] {
        assert_eq!(script(sql), "");
    }
}
