//! What is recorded, and what keeps others away from it.

use crate::database::{BASE, Database, dump, memory, number, refused_second, text, up_second};
use migrate_runtime::StatusKind;
use migrate_tests::{chain, migrator};

#[test]
fn everything_is_recorded() {
    let mut conn = memory();
    let files = [
        BASE,
        (
            "002_second.sql",
            "CREATE TABLE b(y);\n-- migrate:down\nDROP TABLE b;\n",
        ),
        (
            "003_slow.sql",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) \
             SELECT sum(i) FROM n",
        ),
    ];
    let report = migrator(&files)
        .release("shop 1.2.3")
        .git_commit("abc123".to_owned())
        .up(&mut conn)
        .unwrap();
    assert_eq!(report.applied()[0].label, "002_second");
    assert!(report.elapsed() >= report.applied()[1].duration);
    let status = migrator(&files).status(&conn).unwrap();
    let row = |at: usize| status.entries()[at].row.clone().unwrap();
    assert!(
        status
            .entries()
            .iter()
            .all(|entry| entry.kind == StatusKind::Applied)
    );
    assert_eq!((row(0).release, row(0).git_commit), (None, None));
    assert_eq!(row(1).release.as_deref(), Some("shop 1.2.3"));
    assert_eq!(row(1).git_commit.as_deref(), Some("abc123"));
    assert_eq!(row(1).origin, None);
    let timings = report.applied()[1].timings;
    let spent = (timings.script + timings.checks).as_millis();
    assert_eq!(u128::from(row(2).execution_ms), spent);
    assert!((1..60_000).contains(&spent));
    // RFC 3339, UTC, and now.
    let recent = "SELECT count(*) FROM _migrations WHERE applied_at GLOB \
        '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-9][0-9].[0-9][0-9][0-9]Z' \
        AND abs(julianday(applied_at) - julianday('now')) < 0.01";
    assert_eq!(number(&conn, recent), 3);
    let down = "SELECT group_concat(version || down_sql) FROM _migrations";
    assert_eq!(text(&conn, down), "2DROP TABLE b;\n");
    assert_eq!(
        text(&conn, "SELECT checksum FROM _migrations WHERE version = 1"),
        migrate_model::Checksum::of(BASE.1).to_string()
    );
}

#[test]
fn a_migration_cannot_touch_it() {
    for script in [
        "DELETE FROM _migrations",
        "UPDATE _MIGRATIONS SET checksum = 'x'",
        "INSERT INTO main.[_migrations](version) VALUES (9)",
        "INSERT INTO \"_Migrations\" SELECT * FROM _migrations",
        "DROP TABLE _migrations",
        "ALTER TABLE _migrations ADD COLUMN more",
        "ALTER TABLE _migrations RENAME TO mine",
        "CREATE INDEX i ON _migrations(name)",
        "CREATE TRIGGER t AFTER INSERT ON _migrations BEGIN DELETE FROM a; END",
        "CREATE TEMP TRIGGER t AFTER INSERT ON main._migrations BEGIN DELETE FROM a; END",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM _migrations; END; \
         INSERT INTO a VALUES (7)",
        "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM _migrations; END; \
         INSERT INTO a VALUES (7)",
        "CREATE VIEW v AS SELECT * FROM _migrations; \
         CREATE TRIGGER t INSTEAD OF DELETE ON v BEGIN DELETE FROM _migrations; END; \
         DELETE FROM v",
        "WITH w AS (SELECT 1) DELETE FROM _migrations WHERE version IN w",
        "REPLACE INTO _migrations(version) VALUES (1)",
    ] {
        let error = refused_second(&mut memory(), script);
        let message = chain(&error);
        assert!(message.contains("history table `_migrations`"), "{message}");
    }
}

/// Nor in the first migration: the table is there before its script.
#[test]
fn a_migration_cannot_take_its_name() {
    for (script, expected) in [
        ("CREATE TABLE _migrations(x)", "belongs to the runner"),
        (
            "CREATE TABLE t(x); CREATE INDEX _migrations ON t(x)",
            "already a table",
        ),
        (
            "CREATE VIEW _migrations AS SELECT 1 AS version",
            "belongs to the runner",
        ),
        (
            "CREATE VIRTUAL TABLE _migrations USING fts5(x)",
            "already exists",
        ),
        (
            "CREATE TABLE t(x); ALTER TABLE t RENAME TO _Migrations",
            "already another table",
        ),
    ] {
        let database = Database::new(false);
        let mut conn = database.open();
        let migrator = migrator(&[("001_first.sql", script)]);
        let message = chain(&migrator.up(&mut conn).unwrap_err());
        assert!(message.contains(expected), "{message}");
        assert_eq!(number(&conn, "SELECT count(*) FROM sqlite_schema"), 0);
    }
}

/// The first migration finds it, too.
#[test]
fn the_first_migration_may_read_it() {
    let mut conn = rusqlite::Connection::open_in_memory().unwrap();
    let script = "CREATE VIEW newest AS SELECT max(version) AS v FROM _migrations; \
                  CREATE TABLE found AS SELECT v FROM newest";
    migrator(&[("001_first.sql", script)])
        .up(&mut conn)
        .unwrap();
    assert_eq!(number(&conn, "SELECT v FROM newest"), 1);
    assert_eq!(number(&conn, "SELECT count(v) FROM found"), 0);
}

#[test]
fn reading_it_is_fine() {
    let mut conn = memory();
    up_second(
        &mut conn,
        "CREATE VIEW versions AS SELECT version FROM _migrations; ANALYZE; REINDEX",
    )
    .unwrap();
    assert_eq!(number(&conn, "SELECT max(version) FROM versions"), 2);
}

/// SQLite looks into the temporary database first for a name without one.
#[test]
fn a_temporary_table_shadows_nothing() {
    let mut conn = memory();
    conn.execute_batch(
        "CREATE TEMP TABLE _migrations(version INTEGER PRIMARY KEY, name, checksum, state)",
    )
    .unwrap();
    assert!(migrator(&[BASE]).up(&mut conn).unwrap().is_empty());
    up_second(&mut conn, "CREATE TABLE b(y)").unwrap();
    assert_eq!(migrator(&[BASE]).status(&conn).unwrap().applied(), 2);
    assert_eq!(number(&conn, "SELECT count(*) FROM temp._migrations"), 0);
    assert_eq!(number(&conn, "SELECT count(*) FROM main._migrations"), 2);

    let mut conn = memory();
    up_second(
        &mut conn,
        "CREATE TEMP TABLE _migrations(x); CREATE TABLE b(y)",
    )
    .unwrap();
    assert!(
        up_second(
            &mut conn,
            "CREATE TEMP TABLE _migrations(x); CREATE TABLE b(y)"
        )
        .unwrap()
        .is_empty()
    );
    assert_eq!(number(&conn, "SELECT count(*) FROM main._migrations"), 2);
}

#[test]
fn another_database_is_left_alone() {
    let (main, other) = (Database::new(false), Database::new(false));
    let files = [BASE, ("002_second.sql", "CREATE TABLE b(y)")];
    migrator(&files).up(&mut other.open()).unwrap();
    let content = dump(&other.open());
    let mut conn = main.open();
    conn.execute("ATTACH ?1 AS other", [other.path().to_str().unwrap()])
        .unwrap();
    // The other's history must not be taken for that of the main database.
    assert_eq!(migrator(&files).up(&mut conn).unwrap().applied().len(), 2);
    assert_eq!(number(&conn, "SELECT count(*) FROM main._migrations"), 2);
    assert_eq!(dump(&other.open()), content);
}

#[test]
fn the_case_of_its_name_does_not_matter() {
    let mut conn = memory();
    conn.execute_batch("ALTER TABLE _migrations RENAME TO x; ALTER TABLE x RENAME TO _Migrations")
        .unwrap();
    assert!(migrator(&[BASE]).up(&mut conn).unwrap().is_empty());
    up_second(&mut conn, "CREATE TABLE b(y)").unwrap();
    assert_eq!(migrator(&[BASE]).status(&conn).unwrap().applied(), 2);
    assert!(
        up_second(&mut conn, "CREATE TABLE b(y)")
            .unwrap()
            .is_empty()
    );
    let bad = migrator(&[
        BASE,
        ("002_second.sql", "CREATE TABLE b(y)"),
        ("003_x.sql", "DELETE FROM _migrations"),
    ]);
    assert!(bad.up(&mut conn).is_err());
}
