//! What cannot run in a transaction: M020. That a server thinks so too is in
//! `tests/scanner_postgres`.

use super::{headlines, script};
use insta::assert_snapshot;

#[test]
fn every_statement() {
    assert_snapshot!(headlines(&[
        "VACUUM",
        "vacuum (analyze) users;",
        "CREATE DATABASE a",
        "DROP DATABASE IF EXISTS a",
        "ALTER DATABASE a SET TABLESPACE b",
        "ALTER DATABASE a WITH TABLESPACE b",
        "ALTER SYSTEM SET work_mem = '1MB'",
        "CREATE TABLESPACE a LOCATION '/a'",
        "DROP TABLESPACE a",
        "CREATE INDEX CONCURRENTLY a ON t(b)",
        "create unique index concurrently if not exists a on t(b)",
        "DROP INDEX CONCURRENTLY a",
        "REINDEX INDEX CONCURRENTLY a",
        "REINDEX (VERBOSE, CONCURRENTLY) TABLE a",
        "REINDEX (CONCURRENTLY true) TABLE a",
        "REINDEX SCHEMA a",
        "REINDEX (VERBOSE) DATABASE a",
        "REINDEX SYSTEM a",
        "CLUSTER",
        "CLUSTER VERBOSE;",
        "CLUSTER (VERBOSE)",
        "DISCARD ALL",
        "ALTER TABLE IF EXISTS a.b DETACH PARTITION a.c CONCURRENTLY",
        "CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c",
        "CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c WITH (enabled = false)",
        "DROP SUBSCRIPTION a",
        "ALTER SUBSCRIPTION a REFRESH PUBLICATION",
        "ALTER SUBSCRIPTION a ADD PUBLICATION b WITH (copy_data = false)",
    ]), @"
    VACUUM                                   1 M020: `VACUUM` cannot run in a transaction, and this migration does
    vacuum (analyze) users;                  1 M020: `VACUUM` cannot run in a transaction, and this migration does
    CREATE DATABASE a                        1 M020: `CREATE DATABASE` cannot run in a transaction, and this migration does
    DROP DATABASE IF EXISTS a                1 M020: `DROP DATABASE` cannot run in a transaction, and this migration does
    ALTER DATABASE a SET TABLESPACE b        1 M020: `ALTER DATABASE … SET TABLESPACE` cannot run in a transaction, and this migration does
    ALTER DATABASE a WITH TABLESPACE b       1 M020: `ALTER DATABASE … SET TABLESPACE` cannot run in a transaction, and this migration does
    ALTER SYSTEM SET work_mem = '1MB'        1 M020: `ALTER SYSTEM` cannot run in a transaction, and this migration does
    CREATE TABLESPACE a LOCATION '/a'        1 M020: `CREATE TABLESPACE` cannot run in a transaction, and this migration does
    DROP TABLESPACE a                        1 M020: `DROP TABLESPACE` cannot run in a transaction, and this migration does
    CREATE INDEX CONCURRENTLY a ON t(b)      1 M020: `CREATE INDEX CONCURRENTLY` cannot run in a transaction, and this migration does
    create unique index concurrently if not exists a on t(b) 1 M020: `CREATE INDEX CONCURRENTLY` cannot run in a transaction, and this migration does
    DROP INDEX CONCURRENTLY a                1 M020: `DROP INDEX CONCURRENTLY` cannot run in a transaction, and this migration does
    REINDEX INDEX CONCURRENTLY a             1 M020: `REINDEX CONCURRENTLY` cannot run in a transaction, and this migration does
    REINDEX (VERBOSE, CONCURRENTLY) TABLE a  1 M020: `REINDEX CONCURRENTLY` cannot run in a transaction, and this migration does
    REINDEX (CONCURRENTLY true) TABLE a      1 M020: `REINDEX CONCURRENTLY` cannot run in a transaction, and this migration does
    REINDEX SCHEMA a                         1 M020: `REINDEX SCHEMA` cannot run in a transaction, and this migration does
    REINDEX (VERBOSE) DATABASE a             1 M020: `REINDEX DATABASE` cannot run in a transaction, and this migration does
    REINDEX SYSTEM a                         1 M020: `REINDEX SYSTEM` cannot run in a transaction, and this migration does
    CLUSTER                                  1 M020: `CLUSTER` cannot run in a transaction, and this migration does
    CLUSTER VERBOSE;                         1 M020: `CLUSTER` cannot run in a transaction, and this migration does
    CLUSTER (VERBOSE)                        1 M020: `CLUSTER` cannot run in a transaction, and this migration does
    DISCARD ALL                              1 M020: `DISCARD ALL` cannot run in a transaction, and this migration does
    ALTER TABLE IF EXISTS a.b DETACH PARTITION a.c CONCURRENTLY 1 M020: `ALTER TABLE … DETACH PARTITION … CONCURRENTLY` cannot run in a transaction, and this migration does
    CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c 1 M020: `CREATE SUBSCRIPTION` cannot run in a transaction, and this migration does
    CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c WITH (enabled = false) 1 M020: `CREATE SUBSCRIPTION` cannot run in a transaction, and this migration does
    DROP SUBSCRIPTION a                      1 M020: `DROP SUBSCRIPTION` cannot run in a transaction, and this migration does
    ALTER SUBSCRIPTION a REFRESH PUBLICATION 1 M020: `ALTER SUBSCRIPTION … REFRESH PUBLICATION` cannot run in a transaction, and this migration does
    ALTER SUBSCRIPTION a ADD PUBLICATION b WITH (copy_data = false) 1 M020: `ALTER SUBSCRIPTION … PUBLICATION` cannot run in a transaction, and this migration does
    ");
}

#[test]
fn what_can_run_in_one() {
    for sql in [
        "REFRESH MATERIALIZED VIEW CONCURRENTLY a",
        "ALTER TYPE a ADD VALUE 'b'",
        "ANALYZE a",
        "CREATE INDEX \"CONCURRENTLY\" ON t(b)",
        "DROP INDEX \"concurrently\"",
        "REINDEX TABLE a",
        "REINDEX (CONCURRENTLY false) TABLE a",
        "REINDEX (CONCURRENTLY off, VERBOSE) INDEX a",
        "CLUSTER a",
        "CLUSTER (VERBOSE) a USING b",
        "DISCARD PLANS",
        "ALTER TABLE a DETACH PARTITION b",
        "ALTER TABLE a DETACH PARTITION b FINALIZE",
        "ALTER DATABASE a SET work_mem = '4MB'",
        "ALTER DATABASE a RENAME TO tablespace",
        "ALTER TABLESPACE a RENAME TO b",
        "CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c WITH (connect = false)",
        "CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c, d WITH (enabled, \"create_slot\" = 'off')",
        "ALTER SUBSCRIPTION a SET PUBLICATION b WITH (refresh = false)",
        "ALTER SUBSCRIPTION a DISABLE; ALTER SUBSCRIPTION a SET (slot_name = NONE); DROP SUBSCRIPTION a",
    ] {
        assert_eq!(script(sql), "", "{sql}");
    }
}

#[test]
fn with_the_directive_all_of_them_can() {
    let sql = "-- migrate: no-transaction\nVACUUM; CREATE DATABASE a; ALTER SYSTEM RESET ALL;\n\
               CREATE INDEX CONCURRENTLY a ON t(b); DROP SUBSCRIPTION a; DISCARD ALL;\n";
    assert_eq!(script(sql), "");
}

#[test]
fn what_to_do() {
    assert_snapshot!(script("CREATE TABLE t(x int);\nCREATE INDEX CONCURRENTLY ON t(x);\n"), @"
    M020: `CREATE INDEX CONCURRENTLY` cannot run in a transaction, and this migration does
     --> migrations/001_users.sql:2:1
      |
    2 | CREATE INDEX CONCURRENTLY ON t(x);
      | ^^^^^^
      = help: move it into a migration of its own with `-- migrate: no-transaction` on its first line; without `CONCURRENTLY` it can stay, which is fine for a new or small table
    ");
    assert_snapshot!(script("DROP SUBSCRIPTION a;\n"), @"
    M020: `DROP SUBSCRIPTION` cannot run in a transaction, and this migration does
     --> migrations/001_users.sql:1:1
      |
    1 | DROP SUBSCRIPTION a;
      | ^^^^
      = help: move it into a migration of its own with `-- migrate: no-transaction` on its first line, or write `ALTER SUBSCRIPTION … SET (slot_name = NONE)` before it
    ");
    assert_snapshot!(script("CREATE SUBSCRIPTION a CONNECTION '' PUBLICATION b;\n"), @"
    M020: `CREATE SUBSCRIPTION` cannot run in a transaction, and this migration does
     --> migrations/001_users.sql:1:1
      |
    1 | CREATE SUBSCRIPTION a CONNECTION '' PUBLICATION b;
      | ^^^^^^
      = help: move it into a migration of its own with `-- migrate: no-transaction` on its first line; `WITH (create_slot = false)` or `WITH (connect = false)` can stay
    ");
    assert_snapshot!(script("ALTER SYSTEM RESET ALL;\n"), @"
    M020: `ALTER SYSTEM` cannot run in a transaction, and this migration does
     --> migrations/001_users.sql:1:1
      |
    1 | ALTER SYSTEM RESET ALL;
      | ^^^^^
      = help: move it into a migration of its own with `-- migrate: no-transaction` on its first line
    ");
}
