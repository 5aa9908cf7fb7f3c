//! Taking over the history of another tool.

use crate::database::{BASE, Database, MODES, dump, number, rows, text};
use migrate_runtime::{Adopted, Baseline, BoxError, Error, Migrator, Version};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use std::time::Duration;

const B: (&str, &str) = (
    "002_b.sql",
    "CREATE TABLE b(y);\n-- migrate:down\nDROP TABLE b;\n",
);
const C: (&str, &str) = ("003_c.sql", "CREATE TABLE c(z)");
const OLD: &str = "CREATE TABLE old(version, at, ms); \
                   INSERT INTO old VALUES (1, '2024-01-31T23:59:59.5Z', 7), (2, NULL, 0)";

fn ours() -> Migrator<Version> {
    migrator(&[BASE, B, C])
}

fn adopted(version: u64) -> Adopted {
    Adopted::new(Version::new(version), format!("old {version}"))
}

fn database() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(OLD).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = ON; CREATE TABLE a(x); CREATE TABLE b(y)")
        .unwrap();
    conn
}

/// What the old tool's table says.
fn find(conn: &Connection) -> Result<Vec<Adopted>, BoxError> {
    let mut statement = conn.prepare("SELECT version, at, ms FROM old ORDER BY version")?;
    let found = statement.query_map([], |row| {
        let mut adopted = adopted(row.get::<_, u32>(0)?.into());
        adopted.applied_at = row.get(1)?;
        adopted.execution_ms = row.get::<_, u32>(2)?.into();
        adopted.note = adopted.applied_at.is_none().then(|| "no time".to_owned());
        Ok(adopted)
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

#[track_caller]
fn refused(
    migrator: &Migrator<Version>,
    conn: &mut Connection,
    find: impl FnOnce(&Connection) -> Result<Vec<Adopted>, BoxError>,
) -> Error {
    let before = dump(conn);
    let error = migrator.adopt(conn, find).unwrap_err();
    assert_eq!(dump(conn), before);
    assert!(conn.is_autocommit());
    error
}

#[test]
fn rows_say_what_the_other_tool_knew() {
    let mut conn = database();
    let before = rows(&conn, "SELECT * FROM old");
    let recorded: Baseline = ours().release("app 1.0").adopt(&mut conn, find).unwrap();
    assert_eq!(recorded.labels(), ["001_base", "002_b"]);
    insta::assert_snapshot!(recorded, @"
    recorded 001_base as applied
    recorded 002_b as applied
    ");
    let history = ours().status(&conn).unwrap();
    let shown = rows(
        &conn,
        "SELECT version || ' ' || name || ' ' || state || ' ' || execution_ms || ' ' || origin \
         || ' ' || ifnull(note, '-') || ' ' || ifnull(release, '-') || ' ' \
         || ifnull(trim(down_sql, char(10)), '-') FROM _migrations",
    );
    insta::assert_debug_snapshot!(shown, @r#"
    [
        [
            Text(
                "1 base applied 7 old 1 - - -",
            ),
        ],
        [
            Text(
                "2 b applied 0 old 2 no time - DROP TABLE b;",
            ),
        ],
    ]
    "#);
    assert_eq!(
        text(
            &conn,
            "SELECT applied_at FROM _migrations WHERE version = 1"
        ),
        "2024-01-31T23:59:59.5Z"
    );
    let now = "SELECT abs(julianday(applied_at) - julianday('now')) * 86400 < 60 \
               FROM _migrations WHERE version = 2";
    assert_eq!(number(&conn, now), 1);
    assert_eq!(rows(&conn, "SELECT * FROM old"), before);
    assert_eq!(number(&conn, "PRAGMA foreign_keys"), 1);
    assert_eq!(history.entries().len(), 3);
    assert!(ours().verify(&conn).unwrap().drift().is_empty());
    // And from here on it goes.
    let report = ours().up(&mut conn).unwrap();
    assert_eq!(report.applied()[0].label, "003_c");
    assert_eq!(report.applied().len(), 1);
}

#[test]
fn what_is_not_the_beginning_of_the_registry_is_refused() {
    let mut messages = Vec::new();
    let timed = |time: &str| {
        let mut adopted = adopted(2);
        adopted.applied_at = Some(time.to_owned());
        vec![self::adopted(1), adopted]
    };
    for found in [
        vec![],
        vec![adopted(2)],
        vec![adopted(1), adopted(3)],
        vec![adopted(1), adopted(3), adopted(2)],
        vec![adopted(1), adopted(1)],
        vec![adopted(1), adopted(2), adopted(1)],
        vec![adopted(1), adopted(2), adopted(3), adopted(3)],
        vec![adopted(1), adopted(7)],
        timed("yesterday"),
        timed("2024-01-01 12:00:00"),
    ] {
        let error = refused(&ours(), &mut database(), |_| Ok(found));
        messages.push(chain(&error));
    }
    insta::assert_snapshot!(messages.join("\n"), @"
    the other tool has applied nothing, so there is nothing to adopt; nothing was written, run `up`
    `old 2` cannot be adopted as migration `002_b`, but `001_base` comes first and the other tool has not applied it; nothing was written, apply it with that tool, or move its file to the end
    `old 3` cannot be adopted as migration `003_c`, but `002_b` comes first and the other tool has not applied it; nothing was written, apply it with that tool, or move its file to the end
    `old 3` cannot be adopted as migration `003_c`, but `002_b` comes first and the other tool has not applied it; nothing was written, apply it with that tool, or move its file to the end
    `old 1` cannot be adopted as migration `001_base`: it is already adopted; nothing was written, list each migration once, in order
    `old 1` cannot be adopted as migration `001_base`: it is already adopted; nothing was written, list each migration once, in order
    `old 3` cannot be adopted as migration `003_c`: it is already adopted; nothing was written, list each migration once, in order
    `old 7` cannot be adopted as migration 007: this binary does not contain it; nothing was written, add its file, or adopt it as another migration
    `old 2` was applied at `yesterday`, which is not a time in UTC such as `2024-01-01T12:00:00Z`; nothing was written, correct it
    `old 2` was applied at `2024-01-01 12:00:00`, which is not a time in UTC such as `2024-01-01T12:00:00Z`; nothing was written, correct it
    ");
}

#[test]
fn an_error_of_the_reader_is_the_source() {
    let mut conn = database();
    let error = refused(&ours(), &mut conn, |_| Err("no such tool".into()));
    insta::assert_snapshot!(chain(&error), @"the history of the other tool was not adopted: no such tool");
    let error = refused(&ours(), &mut conn, |conn| {
        conn.query_row("SELECT 1 FROM older", [], |_| Ok(()))?;
        Ok(vec![adopted(1)])
    });
    insta::assert_snapshot!(chain(&error), @"the history of the other tool was not adopted: no such table: older: Error code 1");
    // What it wrote goes as well, and it cannot end the transaction.
    let error = refused(&ours(), &mut conn, |conn| {
        conn.execute_batch("DELETE FROM old; COMMIT")?;
        Ok(vec![adopted(1)])
    });
    insta::assert_snapshot!(chain(&error), @"the history of the other tool was not adopted: not authorized: Error code 23");
    assert_eq!(ours().adopt(&mut conn, find).unwrap().labels().len(), 2);
}

#[test]
fn a_database_with_a_history_is_refused() {
    let mut conn = Connection::open_in_memory().unwrap();
    migrator(&[BASE]).up(&mut conn).unwrap();
    let error = refused(&ours(), &mut conn, |_| panic!("it is not asked"));
    insta::assert_snapshot!(error, @"an adoption is for a database without a history, but this one has 1 migration, up to `001_base`; nothing was changed");
    // One whose rows are gone counts for nothing.
    conn.execute_batch("DELETE FROM _migrations").unwrap();
    ours().adopt(&mut conn, |_| Ok(vec![adopted(1)])).unwrap();
}

#[test]
fn a_table_in_the_place_of_ours_is_named() {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "CREATE TABLE _migrations(id INTEGER PRIMARY KEY, name TEXT, applied_at TEXT); \
         INSERT INTO _migrations(name) VALUES ('001_base')",
    )
    .unwrap();
    let error = refused(&ours(), &mut conn, |_| Ok(vec![adopted(1)]));
    assert!(error.is_foreign_history());
    insta::assert_snapshot!(error, @"the table `_migrations` was created by a runner that records names (its columns are `id`, `name`, `applied_at`); nothing was written: adopt it with `migrate adopt --from names --rename-old _migrations_before`, which renames this table, or choose another name for the history with `history_table` (on the command line `--history-table`)");
    let elsewhere = ours().history_table("ours");
    elsewhere
        .adopt(&mut conn, |_| Ok(vec![adopted(1)]))
        .unwrap();
    assert_eq!(elsewhere.up(&mut conn).unwrap().applied().len(), 2);
}

/// Nobody can write between what is read and what is written.
/// The reader may move such a table out of the way, in the same transaction;
/// whatever else it writes to it, it stays a table that is not ours.
#[test]
fn a_table_in_the_place_of_ours_can_be_renamed() {
    let database = || {
        let conn = database();
        conn.execute_batch("CREATE TABLE _migrations(id, name, applied_at)")
            .unwrap();
        conn
    };
    let rename = "ALTER TABLE _migrations RENAME TO theirs";
    let mut conn = database();
    ours()
        .adopt(&mut conn, |conn| {
            conn.execute_batch(rename)?;
            find(conn)
        })
        .unwrap();
    assert_eq!(number(&conn, "SELECT count(*) FROM _migrations"), 2);
    assert_eq!(number(&conn, "SELECT count(*) FROM theirs"), 0);

    let mut conn = database();
    let error = refused(&ours(), &mut conn, |conn| {
        conn.execute_batch(rename)?;
        Ok(vec![adopted(2)])
    });
    assert!(!error.is_foreign_history(), "{error}");
    let error = refused(&ours(), &mut conn, |conn| {
        conn.execute_batch("INSERT INTO _migrations VALUES (1, 'a', '')")?;
        find(conn)
    });
    assert!(error.is_foreign_history(), "{error}");
}

#[test]
fn it_is_read_under_the_write_lock() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        conn.execute_batch(OLD).unwrap();
        let recorded = ours().adopt(&mut conn, |conn| {
            let other = database.open();
            other.busy_timeout(Duration::ZERO)?;
            let error = other.execute_batch("DELETE FROM old").unwrap_err();
            assert!(error.to_string().contains("locked"), "{error}");
            find(conn)
        });
        assert_eq!(recorded.unwrap().labels().len(), 2);
        let holder = database.open();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        let impatient = ours().lock_timeout(Duration::from_millis(20));
        let error = impatient.adopt(&mut conn, |_| panic!("it is not asked"));
        assert!(error.unwrap_err().is_locked());
    }
}
