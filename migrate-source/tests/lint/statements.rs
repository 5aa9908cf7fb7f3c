//! S04, S24 and S32.

use super::{each, nothing, shown};
use insta::assert_snapshot;

#[test]
fn the_end_of_the_transaction() {
    let sql = "INSERT OR ROLLBACK INTO t VALUES (1);\n\
               CREATE TRIGGER a BEFORE INSERT ON t BEGIN\n  \
               SELECT RAISE(ROLLBACK, 'no') WHERE new.x < 0;\nEND;\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S04: this would roll back the transaction of the migration, and everything before it would be lost
     --> 001_a.sql:1:8
      |
    1 | INSERT OR ROLLBACK INTO t VALUES (1);
      |        ^^^^^^^^^^^
      = help: write `ABORT`
              or allow it: `-- migrate: allow or-rollback "why"`

    S04: this would roll back the transaction of the migration, and everything before it would be lost
     --> 001_a.sql:3:16
      |
    3 |   SELECT RAISE(ROLLBACK, 'no') WHERE new.x < 0;
      |                ^^^^^^^^
      = help: write `ABORT`
              or allow it: `-- migrate: allow or-rollback "why"`
    "#);
    assert_snapshot!(each(&[
        "with a as (select 1) insert or /* x */ rollback into t select * from a;",
        "UPDATE OR ROLLBACK t SET x = 1 WHERE y;",
        "CREATE TABLE t(x UNIQUE ON CONFLICT ROLLBACK, PRIMARY KEY (x) ON CONFLICT ROLLBACK);",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT OR ROLLBACK INTO u VALUES (1); END;",
        "CREATE TABLE a(x);\n-- migrate:down\nDROP TABLE a;\nINSERT OR ROLLBACK INTO u VALUES (1);",
    ]), @"
    with a as (select 1) insert or /* x */ rollback into t select * from a;
        S04 1:29 or /* x */ rollback
    UPDATE OR ROLLBACK t SET x = 1 WHERE y;
        S04 1:8 OR ROLLBACK
    CREATE TABLE t(x UNIQUE ON CONFLICT ROLLBACK, PRIMARY KEY (x) ON CONFLICT ROLLBACK);
        S04 1:28 CONFLICT ROLLBACK
        S04 1:66 CONFLICT ROLLBACK
    CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT OR ROLLBACK INTO u VALUES (1); END;
        S04 1:49 OR ROLLBACK
    CREATE TABLE a(x);
    -- migrate:down
    DROP TABLE a;
    INSERT OR ROLLBACK INTO u VALUES (1);
        S04 4:8 OR ROLLBACK
    ");
    nothing(&[
        "INSERT OR REPLACE INTO t VALUES ('OR ROLLBACK');",
        "DELETE FROM t WHERE a OR rollback;",
        "CREATE TABLE t(x UNIQUE ON CONFLICT ABORT, \"on\", \"conflict\", \"rollback\");",
        "CREATE TRIGGER a BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'ROLLBACK'); END;",
    ]);
}

#[test]
fn a_pragma_that_is_not_known() {
    let sql =
        "PRAGMA foreing_keys = OFF;\nPRAGMA x;\n-- migrate:down\nPRAGMA main.\"User_Verson\"(7);\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S44: there is no pragma `foreing_keys`: SQLite ignores it without an error
     --> 001_a.sql:1:8
      |
    1 | PRAGMA foreing_keys = OFF;
      |        ^^^^^^^^^^^^
      = help: did you mean `foreign_keys`?
              or allow it: `-- migrate: allow unknown-pragma "why"`

    S44: there is no pragma `x`: SQLite ignores it without an error
     --> 001_a.sql:2:8
      |
    2 | PRAGMA x;
      |        ^
      = help: remove it; SQLite's pragmas are listed at https://sqlite.org/pragma.html
              or allow it: `-- migrate: allow unknown-pragma "why"`

    S44: there is no pragma `user_verson`: SQLite ignores it without an error
     --> 001_a.sql:4:13
      |
    4 | PRAGMA main."User_Verson"(7);
      |             ^^^^^^^^^^^^^
      = help: did you mean `user_version`?
              or allow it: `-- migrate: allow unknown-pragma "why"`
    "#);
    nothing(&[
        "PRAGMA main.USER_VERSION = 7;",
        "PRAGMA defer_foreign_keys(1);",
        "PRAGMA cipher_compatibility = 4; PRAGMA kdf_iter = 1;",
        "CREATE TABLE pragma(foreing_keys TEXT); INSERT INTO pragma VALUES ('PRAGMA x');",
    ]);
}

#[test]
fn what_is_not_the_applications() {
    let sql = "UPDATE sqlite_sequence SET seq = 7 WHERE name = 't';\n\
               DELETE FROM main.\"SQLITE_STAT1\" WHERE tbl = 't';\n\
               DROP TABLE IF EXISTS _migrations;\n\
               INSERT INTO t SELECT load_extension('fuzzy');\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S24: `SQLITE_STAT1` is an internal table of SQLite
     --> 001_a.sql:2:18
      |
    2 | DELETE FROM main."SQLITE_STAT1" WHERE tbl = 't';
      |                  ^^^^^^^^^^^^^^
      = help: change the schema with `ALTER TABLE` or by rebuilding the table, and the statistics with `ANALYZE`
              or allow it: `-- migrate: allow forbidden-statement "why"`

    S24: `_migrations` is the history table, which only the runner writes
     --> 001_a.sql:3:22
      |
    3 | DROP TABLE IF EXISTS _migrations;
      |                      ^^^^^^^^^^^
      = help: use `baseline` and `repair`, or another name for your own table
              or allow it: `-- migrate: allow forbidden-statement "why"`

    S24: a migration cannot load an extension: the application decides what code it runs
     --> 001_a.sql:4:22
      |
    4 | INSERT INTO t SELECT load_extension('fuzzy');
      |                      ^^^^^^^^^^^^^^
      = help: load it where the application opens the database, with `connect_with` for the migrator
              or allow it: `-- migrate: allow forbidden-statement "why"`
    "#);
    assert_snapshot!(each(&[
        "UPDATE sqlite_schema SET sql = 'x' WHERE name = 't';",
        "INSERT INTO sqlite_master VALUES (1);",
        "ALTER TABLE [_Migrations] ADD COLUMN x TEXT;",
        "ALTER TABLE t RENAME TO _migrations;",
        "CREATE TABLE _migrations(x);",
        "CREATE INDEX i ON _migrations(name);",
        "CREATE TRIGGER a AFTER INSERT ON _migrations BEGIN DELETE FROM t; END;",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT Load_Extension ( 'x' ); END;",
    ]), @"
    UPDATE sqlite_schema SET sql = 'x' WHERE name = 't';
        S24 1:8 sqlite_schema
    INSERT INTO sqlite_master VALUES (1);
        S24 1:13 sqlite_master
    ALTER TABLE [_Migrations] ADD COLUMN x TEXT;
        S24 1:13 [_Migrations]
    ALTER TABLE t RENAME TO _migrations;
        S24 1:25 _migrations
    CREATE TABLE _migrations(x);
        S24 1:14 _migrations
    CREATE INDEX i ON _migrations(name);
        S24 1:19 _migrations
    CREATE TRIGGER a AFTER INSERT ON _migrations BEGIN DELETE FROM t; END;
        S24 1:34 _migrations
    CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT Load_Extension ( 'x' ); END;
        S24 1:49 Load_Extension
    ");
    nothing(&[
        "INSERT INTO t SELECT name FROM sqlite_schema;",
        "INSERT INTO t SELECT count(*) FROM _migrations;",
        "INSERT INTO t VALUES ('load_extension(x)', '_migrations');",
        "CREATE TABLE _migrations_of_birds(load_extension TEXT);",
        "ANALYZE; DELETE FROM sqlite_sequence WHERE name = 't';",
    ]);
}

#[test]
fn rows_that_nobody_reads() {
    let sql = "SELECT enable_wal_thing();\nEXPLAIN QUERY PLAN DELETE FROM t;\n\
               UPDATE t SET x = 1 WHERE y RETURNING x;\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S32: `SELECT` returns rows, which are discarded here
     --> 001_a.sql:1:1
      |
    1 | SELECT enable_wal_thing();
      | ^^^^^^
      = help: remove it, or put `INSERT INTO` before it to write the rows
              or allow it: `-- migrate: allow returns-rows "why"`

    S32: `EXPLAIN` returns rows, which are discarded here
     --> 001_a.sql:2:1
      |
    2 | EXPLAIN QUERY PLAN DELETE FROM t;
      | ^^^^^^^
      = help: remove it
              or allow it: `-- migrate: allow returns-rows "why"`

    S32: `RETURNING` returns rows, which are discarded here
     --> 001_a.sql:3:28
      |
    3 | UPDATE t SET x = 1 WHERE y RETURNING x;
      |                            ^^^^^^^^^
      = help: remove this clause
              or allow it: `-- migrate: allow returns-rows "why"`
    "#);
    assert_snapshot!(each(&[
        "values (1);",
        "WITH a AS (SELECT 1), b(x) AS MATERIALIZED (SELECT 2) SELECT * FROM a, b;",
        "WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a RETURNING (x);",
        "DELETE FROM t WHERE x IN (SELECT 1) RETURNING *;",
        "EXPLAIN DROP TABLE users;",
        "CREATE TABLE a(x);\n-- migrate:down\nSELECT 1;",
    ]), @"
    values (1);
        S32 1:1 values
    WITH a AS (SELECT 1), b(x) AS MATERIALIZED (SELECT 2) SELECT * FROM a, b;
        S32 1:55 SELECT
    WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a RETURNING (x);
        S32 1:52 RETURNING
    DELETE FROM t WHERE x IN (SELECT 1) RETURNING *;
        S32 1:37 RETURNING
    EXPLAIN DROP TABLE users;
        S32 1:1 EXPLAIN
    CREATE TABLE a(x);
    -- migrate:down
    SELECT 1;
        S32 3:1 SELECT
    ");
    nothing(&[
        "INSERT INTO t SELECT 1; INSERT INTO t VALUES (1); CREATE TABLE u AS VALUES (1);",
        "CREATE VIEW v AS SELECT 1;",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT f(new.x); END;",
        "PRAGMA user_version; PRAGMA optimize;",
        "INSERT INTO t VALUES ('RETURNING'); -- RETURNING",
        "DELETE FROM t WHERE \"returning\" = 1;",
    ]);
    let sql = "-- migrate: no-transaction\nVACUUM;\nSELECT 1;";
    assert_snapshot!(each(&[sql]), @"
    -- migrate: no-transaction
    VACUUM;
    SELECT 1;
        S32 3:1 SELECT
    ");
}
