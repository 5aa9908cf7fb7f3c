//! How the statements of a script are run, and where they fail.

use crate::database::{BASE, Database, memory, number, refused_second, text, up_second};
use migrate_runtime::{Checksum, Migration, Migrator, Registry, Script, Version};
use migrate_tests::{chain, migrator};
use rusqlite::functions::FunctionFlags;

/// 26. What git does to a checkout on Windows changes nothing.
#[test]
fn line_ends_do_not_matter() {
    let lf = "-- a table\nCREATE TABLE b(y);\nINSERT INTO b VALUES ('two\nlines');\n";
    let copies = [
        lf.to_owned(),
        lf.replace('\n', "\r\n"),
        lf.replace('\n', "\r"),
        format!("\u{feff}{lf}"),
        format!("\u{feff}{}", lf.replace('\n', "\r\n")),
    ];
    for first in &copies {
        let mut conn = memory();
        up_second(&mut conn, first).unwrap();
        assert_eq!(text(&conn, "SELECT y FROM b"), "two\nlines");
        for second in &copies {
            assert!(up_second(&mut conn, second).unwrap().is_empty());
        }
    }
}

/// docs/internals/sqlite.md, "Running a script".
#[test]
fn every_row_of_a_result_is_fetched() {
    let error = refused_second(
        &mut memory(),
        "CREATE TABLE j(t); INSERT INTO j VALUES ('[]'), ('bad');\nSELECT json(t) FROM j;",
    );
    assert!(
        chain(&error).contains("malformed JSON"),
        "{}",
        chain(&error)
    );
    assert_eq!(error.location().unwrap().line, 2);

    let mut conn = memory();
    up_second(
        &mut conn,
        "INSERT INTO a VALUES (11), (12), (13) RETURNING x; \
         UPDATE a SET x = x + 100 RETURNING x; DELETE FROM a WHERE x = 101 RETURNING x",
    )
    .unwrap();
    assert_eq!(number(&conn, "SELECT sum(x) FROM a"), 102 + 111 + 112 + 113);
}

/// The same: one step of the pragma would free one page.
#[test]
fn a_pragma_does_all_of_its_work() {
    let database = Database::new(false);
    let mut conn = database.open();
    conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")
        .unwrap();
    let fill = "CREATE TABLE big(x); INSERT INTO big VALUES (zeroblob(500000));";
    migrator(&[("001_fill.sql", fill)]).up(&mut conn).unwrap();
    conn.execute_batch("DELETE FROM big").unwrap();
    assert!(number(&conn, "PRAGMA freelist_count") > 100);
    migrator(&[
        ("001_fill.sql", fill),
        ("002_v.sql", "PRAGMA incremental_vacuum"),
    ])
    .up(&mut conn)
    .unwrap();
    assert_eq!(number(&conn, "PRAGMA freelist_count"), 0);
}

/// The place of an error, as `line:column` and the text from there on.
fn place(script: &str) -> String {
    let error = refused_second(&mut memory(), script);
    let location = error.location().expect("a place");
    assert_eq!(location.path, "002_second.sql");
    let line = script.lines().nth(location.line - 1).unwrap();
    let rest: String = line.chars().skip(location.column - 1).collect();
    format!("{}:{} {rest}", location.line, location.column)
}

#[test]
fn the_place_is_exact() {
    // SQLite knows the place of what it cannot parse or resolve.
    assert_eq!(place("SELECT 1;\n  SELEC 2;"), "2:3 SELEC 2;");
    assert_eq!(
        place("-- ünïcode\nSELECT 'äöü', '🦀', wrong FROM a;"),
        "2:20 wrong FROM a;"
    );
    assert_eq!(
        place("/* é */ CREATE TABLE b(y); INSERT INTO b\n\tVALUES ('é'),\n\t('日本', nope(1));"),
        "3:9 nope(1));"
    );
    // Of a failure while it runs, it knows the statement.
    assert_eq!(
        place("CREATE TABLE é(y);\n\n/* two\nlines */ -- and one\n  INSERT INTO a VALUES (1);"),
        "5:3 INSERT INTO a VALUES (1);"
    );
    assert_eq!(
        place("CREATE TABLE é(y CHECK (y > 0)); INSERT INTO é VALUES (0); SELECT 1"),
        "1:34 INSERT INTO é VALUES (0); SELECT 1"
    );
    assert_eq!(place("SELECT 1;\nSELECT 'é', ?1"), "2:1 SELECT 'é', ?1");
    assert_eq!(place("SELECT 1;\r\n\r\n\tCOMMIT"), "3:2 COMMIT");
    assert_eq!(
        place("-- migrate: allow x \"y\"\nSELECT no;\n-- migrate:down\nSELECT 1;\n"),
        "2:8 no;"
    );
}

#[test]
fn a_down_in_the_same_file_knows_its_line() {
    let script = "SELECT 1;\n-- migrate:down\n\nDROP TABLE b;\n  DROP TABLE c;\n";
    let migrator = migrate_tests::registry(&[("001_a.sql", script)]);
    let down = migrator.latest().down.unwrap();
    let last = down.statements().last().unwrap();
    assert_eq!(
        down.location(last.start as usize).to_string(),
        "001_a.sql:5:3"
    );
}

/// The third of four: the first two stay.
#[test]
fn what_came_before_stays() {
    for wal in crate::database::MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let second = ("002_b.sql", "CREATE TABLE b(y)");
        let fourth = ("004_d.sql", "CREATE TABLE d(y)");
        let bad = (
            "003_c.sql",
            "CREATE TABLE c(y);\nINSERT INTO a\n VALUES (1);",
        );
        let error = migrator(&[BASE, second, bad, fourth])
            .up(&mut conn)
            .unwrap_err();
        let labels: Vec<&str> = error
            .report()
            .applied()
            .iter()
            .map(|one| one.label)
            .collect();
        assert_eq!(labels, ["001_base", "002_b"]);
        assert!(error.report().elapsed() >= error.report().applied()[0].duration);
        assert_eq!(error.location().unwrap().to_string(), "003_c.sql:2:1");
        let tables =
            "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema ORDER BY name)";
        assert_eq!(text(&conn, tables), "_migrations a b");
        assert_eq!(number(&conn, "SELECT count(*) FROM _migrations"), 2);
        let good = ("003_c.sql", "CREATE TABLE c(y)");
        let report = migrator(&[BASE, second, good, fourth])
            .up(&mut conn)
            .unwrap();
        assert_eq!(report.applied().len(), 2);
    }
}

/// SQLite would drop the rest of the script, and the migration be recorded.
#[test]
fn a_nul_drops_nothing() {
    static REGISTRY: Registry = Registry::new(&[Migration::new(
        Version::new(1),
        "001_by_hand",
        Checksum::from_hex([b'0'; 64]),
        Script::single("by_hand.rs", "CREATE TABLE b(x);\n\0CREATE TABLE c(x)"),
    )]);
    let mut conn = rusqlite::Connection::open_in_memory().unwrap();
    let migrator = Migrator::<Version>::new(&REGISTRY);
    insta::assert_snapshot!(
        chain(&migrator.up(&mut conn).unwrap_err()),
        @"migration `001_by_hand` was refused at by_hand.rs:2:1 and rolled back: a NUL character ends the text for SQLite; remove it"
    );
    assert_eq!(number(&conn, "SELECT count(*) FROM sqlite_schema"), 0);
}

/// What goes into a temporary table is gone when the connection closes, and
/// the migration would be recorded all the same.
#[test]
fn a_temporary_table_hides_no_other() {
    let mut conn = memory();
    conn.execute_batch("CREATE TEMP TABLE A(x)").unwrap();
    let error = up_second(&mut conn, "INSERT INTO a VALUES (7)").unwrap_err();
    insta::assert_snapshot!(chain(&error), @"migration `002_second` was not applied, because temporary tables or views of this connection hide objects of the database with the same name: `A`; drop them before the run, or at the end of the migration that creates them");
    let error = up_second(&mut conn, "DROP TABLE a").unwrap_err();
    assert!(chain(&error).contains("hide"), "{}", chain(&error));
    conn.execute_batch("DROP TABLE temp.A; CREATE TEMP VIEW late AS SELECT 1 AS y")
        .unwrap();
    let error = up_second(&mut conn, "CREATE TABLE late(y)").unwrap_err();
    assert!(chain(&error).contains("`late`"), "{}", chain(&error));

    // One that a migration left is dropped before the next one.
    let left = "CREATE TEMP TABLE work AS SELECT x FROM a; CREATE TABLE b AS SELECT x FROM work";
    let next = "CREATE TABLE work(x); INSERT INTO work VALUES (1)";
    let files = [BASE, ("002_left.sql", left), ("003_next.sql", next)];
    let mut conn = memory();
    migrator(&files).up(&mut conn).unwrap();
    assert_eq!(number(&conn, "SELECT count(*) FROM main.work"), 1);
    // It hides something that the same migration creates.
    let hides = "CREATE TEMP TABLE work AS SELECT x FROM a; CREATE TABLE main.work(x)";
    let error = up_second(&mut memory(), hides).unwrap_err();
    assert!(chain(&error).contains("`work`"), "{}", chain(&error));
}

#[test]
fn temporary_objects_end_with_their_migration() {
    let mut conn = memory();
    conn.execute_batch("CREATE TEMP TABLE own(x); CREATE TABLE broken(x REFERENCES nowhere)")
        .unwrap();
    let left = "CREATE TEMP TABLE work AS SELECT 1 AS x; CREATE TEMP VIEW seen AS SELECT x FROM own;
                CREATE TEMP TRIGGER fires AFTER INSERT ON a BEGIN SELECT RAISE(ABORT, 'fired'); END";
    let next = "INSERT INTO a VALUES (7)";
    // The third may have broken something, so its transaction is repeated.
    let third = "CREATE TABLE b(x); INSERT INTO broken VALUES (NULL)";
    let files = [
        BASE,
        ("002_left.sql", left),
        ("003_next.sql", next),
        ("004_third.sql", third),
    ];
    migrator(&files).up(&mut conn).unwrap();
    let names = "SELECT group_concat(name) = 'own' FROM temp.sqlite_schema";
    assert_eq!(number(&conn, names), 1);

    let uses = ("003_next.sql", "INSERT INTO a SELECT x FROM work");
    let mut conn = memory();
    let error = migrator(&[BASE, ("002_left.sql", left), uses])
        .up(&mut conn)
        .unwrap_err();
    assert!(
        chain(&error).contains("no such table: work"),
        "{}",
        chain(&error)
    );
    assert_eq!(number(&conn, "SELECT count(*) FROM temp.sqlite_schema"), 0);
}

/// The authorizer is not in the way of what a schema needs.
#[test]
fn all_of_sqlite_works() {
    let database = Database::new(false);
    let mut conn = database.open();
    let flags = FunctionFlags::SQLITE_UTF8;
    conn.create_scalar_function("slug", 1, flags, |context| {
        Ok(context.get::<String>(0)?.to_lowercase())
    })
    .unwrap();
    let scripts = [
        "CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('some words'); \
         INSERT INTO f(f) VALUES ('optimize'); SELECT * FROM f WHERE f MATCH 'words';",
        "CREATE VIRTUAL TABLE r USING rtree(id, x0, x1); INSERT INTO r VALUES (1, 0, 1); \
         SELECT * FROM r WHERE x0 < 1; DROP TABLE r; DROP TABLE f;",
        "CREATE TABLE g(a, b AS (a * 2), c AS (a * 3) STORED) STRICT;",
        "CREATE TABLE g(a INT, b INT AS (a * 2), c INT AS (a * 3) STORED) STRICT; \
         INSERT INTO g(a) VALUES (1); CREATE INDEX gi ON g(b) WHERE a > 0;",
        "ALTER TABLE g RENAME COLUMN a TO aa; ALTER TABLE g DROP COLUMN c; \
         ALTER TABLE g RENAME TO h; ALTER TABLE h ADD COLUMN d TEXT DEFAULT 'x'; ANALYZE; \
         REINDEX; PRAGMA optimize; PRAGMA foreign_key_check; PRAGMA integrity_check;",
        "CREATE TEMP TABLE work(n); INSERT INTO work VALUES (slug('ABC')); \
         CREATE TABLE s AS SELECT n FROM work; DROP TABLE work;",
        "CREATE TRIGGER t AFTER INSERT ON s WHEN new.n IS NOT NULL BEGIN \
         UPDATE h SET d = CASE WHEN new.n = 'b' THEN slug('B') ELSE d END; END; \
         INSERT INTO s VALUES ('b'); CREATE VIEW v AS SELECT * FROM h; \
         PRAGMA user_version = 7; SELECT * FROM pragma_table_info('h');",
        "CREATE TABLE k(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT COLLATE NOCASE); \
         INSERT INTO k(t) VALUES ('a'); DELETE FROM sqlite_sequence; \
         CREATE TABLE w(a PRIMARY KEY) WITHOUT ROWID;",
    ];
    // The third is wrong on purpose: STRICT wants types.
    for (n, script) in scripts.iter().enumerate() {
        let result = conn_up(&mut conn, n, script);
        assert_eq!(result.is_err(), n == 2, "{script}: {result:?}");
    }
    assert_eq!(text(&conn, "SELECT d FROM v"), "b");
    assert_eq!(number(&conn, "PRAGMA user_version"), 7);
}

/// Runs a script as the whole of a registry, on a history made empty.
fn conn_up(conn: &mut rusqlite::Connection, n: usize, script: &str) -> Result<(), String> {
    conn.execute_batch("DROP TABLE IF EXISTS _migrations")
        .unwrap();
    let report = migrator(&[("001_feature.sql", script)]).up(conn);
    report
        .map(drop)
        .map_err(|error| format!("{n}: {}", chain(&error)))
}
