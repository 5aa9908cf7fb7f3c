//! A schema in use, compared with what the migrations make.

use crate::database::{Database, MODES, dump};
use migrate_runtime::{Down, Error, Migrator, Transactions, Version};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

const A: (&str, &str) = (
    "001_a.sql",
    "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT UNIQUE, CHECK (x <> ''));\n\
     CREATE INDEX by_x ON a(x);\n\
     CREATE TRIGGER watch AFTER INSERT ON a BEGIN SELECT 1; END;\n\
     CREATE VIEW seen AS SELECT x FROM a;\n-- migrate:down\nDROP VIEW seen;\nDROP TABLE a;\n",
);
const B: (&str, &str) = (
    "002_b.sql",
    "ALTER TABLE a ADD COLUMN y INTEGER;\n-- migrate:down\nALTER TABLE a DROP COLUMN y;\n",
);
const C: (&str, &str) = (
    "003_c.sql",
    "CREATE VIRTUAL TABLE words USING fts5(word);\nANALYZE;\n\
     -- migrate:down\nDROP TABLE words;\n",
);

fn ours() -> Migrator<Version> {
    migrator(&[A, B, C])
}

fn applied() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    ours().up(&mut conn).unwrap();
    conn
}

#[track_caller]
fn differences(conn: &Connection) -> String {
    let before = dump(conn);
    let differences = ours().compare_schema(conn, None, &[]).unwrap();
    assert_eq!(dump(conn), before);
    differences.join("\n")
}

#[test]
fn after_a_run_they_agree() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        // A table of somebody else's in the first place of the schema.
        conn.execute_batch("CREATE TABLE other(x)").unwrap();
        for target in 1..=3 {
            ours().to(Version::new(target)).up(&mut conn).unwrap();
            conn.execute_batch("INSERT INTO a(x) VALUES (random())")
                .unwrap();
            let differences = ours().compare_schema(&conn, None, &["OTHER"]).unwrap();
            assert_eq!(differences, [""; 0]);
        }
        ours().down(&mut conn, Down::Steps(2)).unwrap();
        let differences = ours().compare_schema(&conn, None, &["other"]).unwrap();
        assert_eq!(differences, [""; 0]);
    }
}

#[test]
fn what_was_done_by_hand_is_found() {
    let mut conn = applied();
    conn.execute_batch(
        "CREATE INDEX Extra ON a(y); DROP TRIGGER watch; DROP VIEW seen; \
         CREATE VIEW seen AS SELECT y\n\n  FROM a; CREATE TABLE more(z); \
         CREATE INDEX history ON _migrations(name); ALTER TABLE a ADD COLUMN w;",
    )
    .unwrap();
    insta::assert_snapshot!(differences(&conn), @"
    the table `a` is `CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT UNIQUE, y INTEGER, w, CHECK (x <> ''))`, and the migrations make it `CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT UNIQUE, y INTEGER, CHECK (x <> ''))`
    the view `seen` is `CREATE VIEW seen AS SELECT y FROM a`, and the migrations make it `CREATE VIEW seen AS SELECT x FROM a`
    the trigger `watch` is missing
    the table `more` is not made by the migrations
    the index `Extra` is not made by the migrations
    ");
    conn.execute_batch("DROP TABLE words; CREATE TABLE words(word)")
        .unwrap();
    let found = ours().compare_schema(&conn, None, &["a", "more"]).unwrap();
    insta::assert_snapshot!(found.join("\n"), @"
    the table `words` is missing
    the view `seen` is `CREATE VIEW seen AS SELECT y FROM a`, and the migrations make it `CREATE VIEW seen AS SELECT x FROM a`
    the table `words` is not made by the migrations
    ");
    // A table, with all that lies on it.
    let ignoring = applied();
    ignoring
        .execute_batch("CREATE INDEX extra ON a(y); DROP TRIGGER watch; DROP INDEX by_x")
        .unwrap();
    let found = ours().compare_schema(&ignoring, None, &["A"]).unwrap();
    assert_eq!(found, [""; 0]);
    assert!(ours().verify(&ignoring).unwrap().drift().is_empty());
    assert!(ours().up(&mut conn).unwrap().is_empty());
}

/// How it is written does not count.
#[test]
fn the_same_in_other_words_agrees() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "create table \"A\" (ID integer primary key autoincrement, [x] text unique, -- why\n\
         y INTEGER, check (X <> '')); create index BY_X on A(x); \
         create view seen as select x from a; \
         create trigger watch after insert on a begin select 1; end;",
    )
    .unwrap();
    let second = Some(Version::new(2));
    let found = ours().compare_schema(&conn, second, &[]).unwrap();
    assert_eq!(found, [""; 0]);
    insta::assert_snapshot!(ours().compare_schema(&conn, Some(Version::new(1)), &[]).unwrap().join("\n"), @r#"the table `a` is `CREATE TABLE "A" (ID integer primary key autoincrement, [x] text unique, -- why y INTEGER, check (X <> ''))`, and the migrations make it `CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT UNIQUE, CHECK (x <> ''))`"#);
    insta::assert_snapshot!(ours().compare_schema(&conn, Some(Version::new(3)), &[]).unwrap().join("\n"), @"the table `words` is missing");
    // Without a history nothing is expected.
    let found = ours().compare_schema(&conn, None, &[]).unwrap();
    assert_eq!(found.len(), 4, "{found:?}");
    let error = ours().compare_schema(&conn, Some(Version::new(7)), &[]);
    insta::assert_snapshot!(error.unwrap_err(), @"this binary does not contain migration `007`; nothing was changed, use the program that does");
}

/// What a newer program has applied is not known here.
#[test]
fn a_database_that_is_ahead_is_compared_up_to_what_is_known() {
    let conn = applied();
    let older = migrator(&[A, B]);
    let found = older.compare_schema(&conn, None, &[]).unwrap();
    insta::assert_snapshot!(found.join("\n"), @"the table `words` is not made by the migrations");
}

/// Functions, setup and settings of the history have a part in it; observers,
/// backups, a stop and one transaction for all have none.
#[test]
fn it_is_replayed_as_the_application_would() {
    let script = "CREATE TABLE a(x);\nCREATE INDEX i ON a(twice(x));\n";
    let setup = |conn: &Connection| {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        conn.create_scalar_function("twice", 1, flags, |context| Ok(context.get::<i64>(0)? * 2))
    };
    let files = [
        ("001_a.sql", script),
        ("002_b.rs", ""),
        ("003_c.sql", "-- migrate: no-transaction\nVACUUM"),
    ];
    let plain = migrator(&files)
        .history_table("ours")
        .with_up(Version::new(2), |tx| tx.execute_batch("CREATE TABLE b(y)"));
    let mut conn = Connection::open_in_memory().unwrap();
    setup(&conn).unwrap();
    plain.up(&mut conn).unwrap();
    let error: Error = plain.compare_schema(&conn, None, &[]).unwrap_err();
    insta::assert_snapshot!(chain(&error), @"the database failed while replaying the migrations: migration `001_a` failed at 001_a.sql:2:21 and was rolled back: no such function: twice: Error code 1");
    let full = plain
        .setup(setup)
        .observer(|event: &migrate_runtime::Event<'_>| panic!("it is told of {event:?}"))
        .stop_when(|| true)
        .transactions(Transactions::All);
    assert_eq!(full.compare_schema(&conn, None, &[]).unwrap(), [""; 0]);
    conn.execute_batch("DROP TABLE b").unwrap();
    let found = full.compare_schema(&conn, None, &[]).unwrap();
    assert_eq!(found, ["the table `b` is missing"]);
}
