//! Double quotes, which SQLite takes for a text where no column fits.

use crate::database::{memory, up_second};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

/// A misspelt column would be written into the data.
#[test]
fn a_misspelt_column_is_no_text() {
    let mut conn = memory();
    let script = "CREATE TABLE t(name TEXT); INSERT INTO t SELECT \"nmae\" FROM (SELECT 1)";
    let error = chain(&up_second(&mut conn, script).unwrap_err());
    assert!(
        error.contains("no such column: ") && error.contains("nmae"),
        "{error}"
    );
}

/// A schema from before may hold such texts, and `ALTER TABLE` compiles it all.
#[test]
fn a_schema_that_has_such_texts_can_still_be_changed() {
    for old in [
        "CREATE TABLE old(kind TEXT CHECK (kind IN (\"a\", \"b\")))",
        "CREATE TABLE base(x); CREATE VIEW old AS SELECT \"text\" AS x FROM base",
        "CREATE TABLE base(x); CREATE TRIGGER old AFTER INSERT ON base BEGIN
             UPDATE base SET x = \"text\"; END",
    ] {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(old).unwrap();
        let files = [
            ("001_t.sql", "CREATE TABLE t(a, b)"),
            (
                "002_u.sql",
                "ALTER TABLE t RENAME TO u; ALTER TABLE u DROP COLUMN b; INSERT INTO u VALUES (1)",
            ),
        ];
        let report = migrator(&files)
            .up(&mut conn)
            .unwrap_or_else(|error| panic!("{old}: {}", chain(&error)));
        assert_eq!(report.applied().len(), 2);
        let tried = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'migrate_t%'";
        let tried: i64 = conn.query_row(tried, [], |row| row.get(0)).unwrap();
        assert_eq!(tried, 0);
    }
}

/// Who has switched them off has none, and keeps them off.
#[test]
fn what_the_application_switched_off_stays_off() {
    let mut conn = memory();
    conn.execute_batch("CREATE VIEW broken AS SELECT * FROM nowhere")
        .unwrap();
    for config in [
        DbConfig::SQLITE_DBCONFIG_DQS_DDL,
        DbConfig::SQLITE_DBCONFIG_DQS_DML,
    ] {
        conn.set_db_config(config, false).unwrap();
    }
    let error = chain(&up_second(&mut conn, "SELECT \"nmae\"").unwrap_err());
    assert!(error.contains("no such column"), "{error}");
}
