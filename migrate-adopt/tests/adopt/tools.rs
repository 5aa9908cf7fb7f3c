//! Each tool, on its happy path: what it says is what our history says.

use crate::support::{A, B, abc, adopted, hex, history, left, lines, migrator, options};
use migrate_adopt::{OriginalMigration, Tool, Verified, detect};

/// The checksum of `a` at 1 and `b` at 2, as refinery 0.10.1 writes them.
const REFINERY: &str = "INSERT INTO refinery_schema_history VALUES \
    (1, 'a', '2024-01-31T13:00:00.5+01:00', '11573172759475866036'), \
    (2, 'b', '2024-02-01T00:00:00Z', '1724347979373630090')";

#[test]
fn refinery() {
    let mut left = left(Tool::Refinery, 2, REFINERY);
    assert_eq!(detect(&left.conn).unwrap(), [Tool::Refinery]);
    let adoption = adopted(&mut left, &abc(), Tool::Refinery, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of refinery, from `refinery_schema_history`:
      1 a  ->  001_a  2024-01-31 12:00:00  same checksum
      2 b  ->  002_b  2024-02-01 00:00:00  same checksum
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");
    insta::assert_snapshot!(history(&left.conn), @"
    1 | a | applied | refinery 1 | 2024-01-31T12:00:00.500Z | 0 | verified by checksum and schema
    2 | b | applied | refinery 2 | 2024-02-01T00:00:00.000Z | 0 | verified by checksum and schema
    ");
    // It goes on from there.
    assert_eq!(abc().up(&mut left.conn).unwrap().applied().len(), 1);
    assert!(abc().verify(&left.conn).unwrap().is_clean());
}

#[test]
fn sqlx() {
    use sha2::{Digest, Sha384};
    let mut left = left(Tool::Sqlx, 2, "");
    let files = [(20240101120000_i64, "a", A), (20240102120000, "b", B)];
    for (version, name, text) in files {
        // What was applied had come from a checkout with other line ends.
        let hash = Sha384::digest(text.replace('\n', "\r\n"));
        left.conn
            .execute(
                "INSERT INTO _sqlx_migrations VALUES (?1, ?2, '2024-01-31 12:00:00', 1, ?3, ?4)",
                (version, name, hash.to_vec(), 7_999_999),
            )
            .unwrap();
    }
    left.conn
        .execute(
            "UPDATE _sqlx_migrations SET execution_time = -1 WHERE description = 'b'",
            [],
        )
        .unwrap();
    assert_eq!(detect(&left.conn).unwrap(), [Tool::Sqlx]);
    let adoption = adopted(&mut left, &abc(), Tool::Sqlx, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of sqlx, from `_sqlx_migrations`:
      20240101120000 a  ->  001_a  2024-01-31 12:00:00  same checksum
      20240102120000 b  ->  002_b  2024-01-31 12:00:00  same checksum
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");
    insta::assert_snapshot!(history(&left.conn), @"
    1 | a | applied | sqlx 20240101120000 | 2024-01-31T12:00:00.000Z | 7 | verified by checksum and schema
    2 | b | applied | sqlx 20240102120000 | 2024-01-31T12:00:00.000Z | 0 | verified by checksum and schema
    ");
}

#[test]
fn diesel() {
    let mut left = left(
        Tool::Diesel,
        2,
        "INSERT INTO __diesel_schema_migrations VALUES \
         ('202401010000000000', '2024-01-31 12:00:00'), ('20231231000000', 'yesterday')",
    );
    assert_eq!(detect(&left.conn).unwrap(), [Tool::Diesel]);
    let adoption = adopted(&mut left, &abc(), Tool::Diesel, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of diesel, from `__diesel_schema_migrations`:
      20231231000000      ->  001_a                       not compared
      202401010000000000  ->  002_b  2024-01-31 12:00:00  not compared
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");
    // A time that cannot be understood is left out; the runtime writes its own.
    assert_eq!(
        adoption.rows[1].applied_at.as_deref(),
        Some("2024-01-31T12:00:00.000Z")
    );
    assert_eq!(adoption.rows[0].applied_at, None);
}

#[test]
fn rusqlite_migration() {
    let mut left = left(Tool::RusqliteMigration, 2, "PRAGMA user_version = 2");
    // Any application may count there.
    assert_eq!(detect(&left.conn).unwrap(), []);
    let adoption = adopted(&mut left, &abc(), Tool::RusqliteMigration, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of rusqlite_migration:
      1  ->  001_a  not compared
      2  ->  002_b  not compared
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");
    assert_eq!(lines(&left.conn, "PRAGMA user_version"), ["2"]);
}

#[test]
fn sea_orm() {
    let mut left = left(
        Tool::SeaOrm,
        2,
        "INSERT INTO seaql_migrations VALUES ('m20220102_000001_b', 1706702401), \
         ('m20220101_000001_a', 1706702400)",
    );
    assert_eq!(detect(&left.conn).unwrap(), [Tool::SeaOrm]);
    let adoption = adopted(&mut left, &abc(), Tool::SeaOrm, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of sea-orm, from `seaql_migrations`:
      m20220101_000001_a  ->  001_a  2024-01-31 12:00:00  not compared
      m20220102_000001_b  ->  002_b  2024-01-31 12:00:01  not compared
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");
    insta::assert_snapshot!(history(&left.conn), @"
    1 | a | applied | sea-orm m20220101_000001_a | 2024-01-31T12:00:00.000Z | 0 | verified by schema
    2 | b | applied | sea-orm m20220102_000001_b | 2024-01-31T12:00:01.000Z | 0 | verified by schema
    ");
}

#[test]
fn golang_migrate() {
    let two = "INSERT INTO schema_migrations VALUES (2, 0)";
    let mut left = left(Tool::GolangMigrate, 2, two);
    assert_eq!(detect(&left.conn).unwrap(), [Tool::GolangMigrate]);
    let adoption = adopted(&mut left, &abc(), Tool::GolangMigrate, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of golang-migrate, from `schema_migrations`:
      1  ->  001_a  not compared
      2  ->  002_b  not compared
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");
}

/// With timestamps, the number alone says nothing.
#[test]
fn golang_migrate_with_its_files() {
    let newest = "INSERT INTO schema_migrations VALUES (20240102, 0)";
    let mut by_files = left(Tool::GolangMigrate, 2, newest);
    let mut with = options();
    with.originals = vec![
        OriginalMigration::new("20240101", "a", "20240101_a.up.sql", A),
        OriginalMigration::new("20240103", "c", "20240103_c.up.sql", ""),
        OriginalMigration::new("20240102", "b", "20240102_b.up.sql", B),
    ];
    let adoption = adopted(&mut by_files, &abc(), Tool::GolangMigrate, &with);
    insta::assert_snapshot!(adoption, @"
    2 migrations of golang-migrate, from `schema_migrations`:
      20240101  ->  001_a  not compared
      20240102  ->  002_b  not compared
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");

    let mut by_scripts = left(Tool::GolangMigrate, 2, newest);
    let ours = migrator(&[
        (
            "001_a.sql",
            &format!("-- migrate: adopted golang-migrate \"20240101\"\n{A}"),
        ),
        (
            "002_x.sql",
            &format!("-- migrate: adopted golang-migrate \"20240102\"\n{B}"),
        ),
        (
            "003_c.sql",
            "-- migrate: adopted golang-migrate \"20240103\"\nSELECT 1",
        ),
    ]);
    let adoption = adopted(&mut by_scripts, &ours, Tool::GolangMigrate, &options());
    let labels: Vec<&str> = adoption.rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["001_a", "002_x"]);
}

#[test]
fn goose() {
    // Up to 3, down to 1, and up to 2 again.
    let mut left = left(
        Tool::Goose,
        2,
        "INSERT INTO goose_db_version(version_id, is_applied, tstamp) VALUES \
         (1, 1, '2024-01-31 12:00:00'), (2, 1, '2024-01-31 12:00:01'), \
         (3, 1, '2024-01-31 12:00:02'), (3, 0, '2024-01-31 12:00:03'), \
         (2, 0, '2024-01-31 12:00:04'), (2, 1, '2024-01-31 12:00:05')",
    );
    assert_eq!(detect(&left.conn).unwrap(), [Tool::Goose]);
    let adoption = adopted(&mut left, &abc(), Tool::Goose, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of goose, from `goose_db_version`:
      1  ->  001_a  2024-01-31 12:00:00  not compared
      2  ->  002_b  2024-01-31 12:00:05  not compared
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");
}

#[test]
fn dbmate() {
    let two = "INSERT INTO schema_migrations VALUES ('20240102000000'), ('20240101000000')";
    let mut left = left(Tool::Dbmate, 2, two);
    assert_eq!(detect(&left.conn).unwrap(), [Tool::Dbmate]);
    let adoption = adopted(&mut left, &abc(), Tool::Dbmate, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of dbmate, from `schema_migrations`:
      20240101000000  ->  001_a  not compared
      20240102000000  ->  002_b  not compared
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");
}

#[test]
fn names() {
    let mut left = left(
        Tool::Names,
        2,
        "INSERT INTO _migrations(name, applied_at) VALUES ('001_a', '2024-01-31 12:00:00'), \
         ('002_b', '2024-01-31T12:00:01Z')",
    );
    assert_eq!(detect(&left.conn).unwrap(), [Tool::Names]);
    let ours = abc().history_table("ours");
    let adoption = adopted(&mut left, &ours, Tool::Names, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of the old runner, from `_migrations`:
      001_a  ->  001_a  2024-01-31 12:00:00  not compared
      002_b  ->  002_b  2024-01-31 12:00:01  not compared
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");
    assert_eq!(
        lines(&left.conn, "SELECT origin, applied_at FROM ours"),
        [
            "names 001_a | 2024-01-31T12:00:00.000Z",
            "names 002_b | 2024-01-31T12:00:01.000Z"
        ]
    );
}

#[test]
fn metadata() {
    let two = "INSERT INTO metadata VALUES ('schema_version', '2'), ('theme', 'dark')";
    let mut by_key = left(Tool::Metadata, 2, two);
    assert_eq!(detect(&by_key.conn).unwrap(), [Tool::Metadata]);
    let adoption = adopted(&mut by_key, &abc(), Tool::Metadata, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of the old runner, from `metadata`:
      1  ->  001_a  not compared
      2  ->  002_b  not compared
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");

    let column = "DROP TABLE metadata; CREATE TABLE metadata(schema_version INTEGER NOT NULL); \
                  INSERT INTO metadata VALUES (2)";
    let mut by_column = left(Tool::Metadata, 2, column);
    assert_eq!(detect(&by_column.conn).unwrap(), [Tool::Metadata]);
    let again = adopted(&mut by_column, &abc(), Tool::Metadata, &options());
    assert_eq!(again.to_string(), adoption.to_string());
}

#[test]
fn archon() {
    use md5::{Digest, Md5};
    let mut left = left(
        Tool::Archon,
        2,
        &format!(
            "INSERT INTO archon_migrations VALUES \
             ('u2', '0.1.0', '002_b.sql', '2024-01-31 12:00:01+00', NULL), \
             ('u1', '0.1.0', '001_a.sql', '2024-01-31 12:00:00+00:00', '{}')",
            hex(&Md5::digest(A))
        ),
    );
    assert_eq!(detect(&left.conn).unwrap(), [Tool::Archon]);
    let adoption = adopted(&mut left, &abc(), Tool::Archon, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of the old runner, from `archon_migrations`:
      001_a.sql  ->  001_a  2024-01-31 12:00:00  same checksum
      002_b.sql  ->  002_b  2024-01-31 12:00:01  not compared
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");
    assert_eq!(adoption.rows[0].verified, Verified::Checksum);
}

#[test]
fn numbered() {
    use sha2::{Digest, Sha256};
    let mut left = left(
        Tool::Numbered,
        2,
        &format!(
            "INSERT INTO _migrations VALUES \
             (1, '001', 'a', '{}', '2024-01-31 12:00:00', 5, 'abc'), \
             (2, '002', 'b', '{}', '2024-01-31 12:00:01', NULL, NULL)",
            &hex(&Sha256::digest(A))[..16],
            &hex(&Sha256::digest(B))[..16],
        ),
    );
    assert_eq!(detect(&left.conn).unwrap(), [Tool::Numbered]);
    let ours = abc().history_table("ours");
    let adoption = adopted(&mut left, &ours, Tool::Numbered, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of the old runner, from `_migrations`:
      001 a  ->  001_a  2024-01-31 12:00:00  same checksum
      002 b  ->  002_b  2024-01-31 12:00:01  same checksum
    The schema is the one that these migrations produce.
    Pending: 003_c
    ");
}

/// A table under a name that the tool was told.
#[test]
fn a_table_of_another_name() {
    let mut left = left(
        Tool::Refinery,
        2,
        &format!("{REFINERY}; ALTER TABLE refinery_schema_history RENAME TO \"my \"\"history\""),
    );
    let mut with = options();
    with.table = Some("my \"history".to_owned());
    let adoption = adopted(&mut left, &abc(), Tool::Refinery, &with);
    assert_eq!(adoption.table.as_deref(), Some("my \"history"));
}
