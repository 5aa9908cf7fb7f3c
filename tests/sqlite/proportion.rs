//! A run costs what its migrations touch, and finds out about the rest only if it
//! has to.

use crate::database::{Database, MODES, dump, number};
use crate::observer::Log;
use crate::rust::SECOND;
use migrate_runtime::{Down, Event, Observer, Transactions, Version};
use migrate_sqlite::compat;
use migrate_tests::{chain, migrator};
use rusqlite::{Connection, Transaction};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const TABLES: (&str, &str) = (
    "001_tables.sql",
    "CREATE TABLE parent(id INTEGER PRIMARY KEY, note);\n\
     CREATE TABLE child(id INTEGER PRIMARY KEY, parent REFERENCES parent(id), note);\n\
     CREATE VIEW noted AS SELECT note FROM child;\n",
);

/// A row that refers to none, from before.
const ORPHAN: &str = "PRAGMA foreign_keys = OFF; INSERT INTO child VALUES (1, 70, 'old')";

/// The steps of SQLite's virtual machine that a script takes with so many rows.
fn steps(rows: usize, script: &str) -> usize {
    let mut conn = Connection::open_in_memory().unwrap();
    migrator(&[TABLES]).up(&mut conn).unwrap();
    let fill = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {rows})
         INSERT INTO parent SELECT i, 'x' FROM n;
         INSERT INTO child SELECT id, id, 'x' FROM parent"
    );
    conn.execute_batch(&fill).unwrap();
    let steps = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&steps);
    let handler = move || {
        count.fetch_add(1, Ordering::Relaxed);
        false
    };
    compat::set_progress_handler(&mut conn, 1, Some(handler)).unwrap();
    let report = migrator(&[TABLES, ("002_script.sql", script)]).up(&mut conn);
    assert_eq!(report.unwrap().applied().len(), 1);
    steps.load(Ordering::Relaxed)
}

#[test]
fn what_touches_no_row_costs_the_same_with_many() {
    for script in [
        "CREATE TABLE other(parent REFERENCES parent(id))",
        "CREATE VIEW notes AS SELECT note FROM parent",
        "CREATE TRIGGER t AFTER DELETE ON child BEGIN DELETE FROM parent; END",
        "ALTER TABLE child ADD COLUMN more",
        "INSERT INTO parent VALUES (-1, 'new')",
        "UPDATE parent SET note = 'y' WHERE id = 1",
        "UPDATE child SET note = 'y' WHERE id = 1",
        "DELETE FROM child WHERE id = 1",
        "DROP VIEW noted",
    ] {
        let (few, many) = (steps(10, script), steps(1000, script));
        assert!(many <= few + 10, "{script}: {few} and {many} steps");
    }
    // The count would show it.
    for script in [
        "DELETE FROM parent WHERE id = -1",
        "UPDATE parent SET id = id WHERE id = 1",
        "UPDATE child SET parent = 1 WHERE id = 1",
        "ALTER TABLE child ADD COLUMN p REFERENCES parent(id)",
    ] {
        let (few, many) = (steps(10, script), steps(1000, script));
        assert!(many > few + 1000, "{script}: {few} and {many} steps");
    }
}

/// The transaction is repeated, because it could have been the migration that
/// broke the reference.
#[test]
fn a_repeated_migration_is_told_once() {
    let files = [
        TABLES,
        ("002_other.sql", "CREATE TABLE other(x);\n"),
        ("003_touch.sql", "UPDATE child SET parent = parent;\n"),
        ("004_again.sql", "UPDATE child SET parent = parent;\n"),
    ];
    for transactions in [Transactions::Each, Transactions::All] {
        let mut conn = Connection::open_in_memory().unwrap();
        migrator(&[TABLES]).up(&mut conn).unwrap();
        conn.execute_batch(ORPHAN).unwrap();
        let log = Log::default();
        let migrator = migrator(&files).observer(log.clone());
        migrator.transactions(transactions).up(&mut conn).unwrap();
        let told = log.take();
        let lines = || told.lines().map(str::trim);
        for label in ["002_other", "003_touch", "004_again"] {
            let count = |wanted: &str| lines().filter(|line| line.starts_with(wanted)).count();
            let told = [
                count(&format!("up {label} (")),
                count(&format!("{label} 1 of 1:")),
                count(&format!("up {label} ended: ok")),
            ];
            assert_eq!(
                told,
                [1; 3],
                "{transactions:?} {label}: {log:?}",
                log = lines().collect::<Vec<_>>()
            );
        }
        assert_eq!(number(&conn, "SELECT count(*) FROM _migrations"), 4);
    }
}

#[test]
fn an_error_after_an_old_problem_is_told_once() {
    let mut conn = Connection::open_in_memory().unwrap();
    migrator(&[TABLES]).up(&mut conn).unwrap();
    conn.execute_batch(ORPHAN).unwrap();
    let before = dump(&conn);
    let log = Log::default();
    let script = (
        "002_script.sql",
        "INSERT INTO child VALUES (2, 71, 'new');\n",
    );
    let error = migrator(&[TABLES, script])
        .observer(log.clone())
        .up(&mut conn)
        .unwrap_err();
    insta::assert_snapshot!(chain(&error), @"migration `002_script` was rolled back, because it breaks references: row 2 of `child` refers to no row of `parent`");
    assert_eq!(dump(&conn), before);
    let told = log.take();
    let ends = told
        .lines()
        .filter(|line| line.contains("up 002_script ended: "));
    assert_eq!(ends.count(), 1, "{told}");
}

/// A function runs again too; what it did in the database was rolled back.
#[test]
fn a_function_runs_again_if_something_was_broken_before() {
    let mut conn = Connection::open_in_memory().unwrap();
    migrator(&[TABLES]).up(&mut conn).unwrap();
    conn.execute_batch(ORPHAN).unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let function = move |tx: &Transaction<'_>| {
        counted.fetch_add(1, Ordering::Relaxed);
        tx.execute_batch("INSERT INTO child VALUES (2, NULL, 'x')")
    };
    let files = [TABLES, ("002_second.rs", "// second\n")];
    migrator(&files)
        .with_up(SECOND, function)
        .up(&mut conn)
        .unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert_eq!(number(&conn, "SELECT count(*) FROM child"), 2);
}

/// SQLite reports what a statement does when it is compiled. One that an earlier
/// migration left in the cache of the connection would not be reported.
#[test]
fn a_cached_statement_is_seen_each_time() {
    let mut conn = Connection::open_in_memory().unwrap();
    migrator(&[TABLES]).up(&mut conn).unwrap();
    conn.execute_batch("INSERT INTO parent VALUES (1, 'x'); INSERT INTO child VALUES (1, 1, 'x')")
        .unwrap();
    let delete = |id: i64| {
        move |tx: &Transaction<'_>| {
            let mut statement = tx.prepare_cached("DELETE FROM parent WHERE id = ?1")?;
            statement.execute([id]).map(drop)
        }
    };
    let files = [TABLES, ("002_none.rs", "// a\n"), ("003_one.rs", "// b\n")];
    let migrator = migrator(&files)
        .with_up(SECOND, delete(7))
        .with_up(Version::new(3), delete(1));
    let error = migrator.up(&mut conn).unwrap_err();
    insta::assert_snapshot!(chain(&error), @"migration `003_one` was rolled back, because it breaks references: row 1 of `child` refers to no row of `parent`");
}

/// Applies a migration on another connection when the first one has ended.
struct Other(Database);

impl Observer for Other {
    fn on_event(&self, event: &Event<'_>) {
        if matches!(event, Event::MigrationEnded { label: "001_a", .. }) {
            let two = migrator(&[A, B]);
            assert_eq!(two.up(&mut self.0.open()).unwrap().applied().len(), 1);
        }
    }
}

/// Writes to the database when a migration has ended.
struct Writer(Database);

impl Observer for Writer {
    fn on_event(&self, event: &Event<'_>) {
        if matches!(event, Event::MigrationEnded { .. }) {
            let conn = self.0.open();
            conn.execute_batch("INSERT INTO app VALUES (1)").unwrap();
        }
    }
}

#[test]
fn a_way_down_goes_on_if_another_connection_has_written() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        conn.execute_batch("CREATE TABLE app(x)").unwrap();
        let down = "CREATE TABLE t(x);\n-- migrate:down\nDROP TABLE t;\n";
        let files = ["001_a.sql", "002_b.sql", "003_c.sql"];
        let files: Vec<(&str, String)> = ["a", "b", "c"]
            .iter()
            .zip(files)
            .map(|(table, file)| (file, down.replace(" t", &format!(" {table}"))))
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(file, text)| (*file, &**text)).collect();
        let migrator = migrator(&files).observer(Writer(database));
        assert_eq!(migrator.up(&mut conn).unwrap().applied().len(), 3);
        let report = migrator.down(&mut conn, Down::All).unwrap();
        assert_eq!(report.undone().len(), 3);
        assert_eq!(number(&conn, "SELECT count(*) FROM app"), 6);
    }
}

const A: (&str, &str) = ("001_a.sql", "CREATE TABLE a(x);\n");
const B: (&str, &str) = ("002_b.sql", "CREATE TABLE b(x);\n");
const C: (&str, &str) = ("003_c.sql", "CREATE TABLE c(x);\n");

#[test]
fn the_history_is_read_again_if_another_connection_has_written() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let report = migrator(&[A, B, C])
            .observer(Other(database))
            .up(&mut conn)
            .unwrap();
        let labels: Vec<&str> = report.applied().iter().map(|it| it.label).collect();
        assert_eq!(labels, ["001_a", "003_c"]);
        assert_eq!(number(&conn, "SELECT count(*) FROM _migrations"), 3);
    }
}

/// Statements without a transaction cannot be repeated, so what they will touch is
/// looked at before the first one.
#[test]
fn without_a_transaction_old_problems_do_not_count_either() {
    let run = |script: &str| {
        let mut conn = Connection::open_in_memory().unwrap();
        migrator(&[TABLES]).up(&mut conn).unwrap();
        conn.execute_batch(ORPHAN).unwrap();
        conn.execute_batch(
            "INSERT INTO parent VALUES (1, 'x');
             CREATE TABLE other(parent REFERENCES parent(id));
             INSERT INTO other VALUES (1)",
        )
        .unwrap();
        let script = format!("-- migrate: no-transaction\n{script}");
        match migrator(&[TABLES, ("002_script.sql", &script)]).up(&mut conn) {
            Ok(_) => "applied".to_owned(),
            Err(error) => chain(&error),
        }
    };
    // Nothing of it is broken; something of it is; it cannot be compiled yet.
    insta::assert_snapshot!(run("UPDATE other SET parent = 1;"), @"applied");
    insta::assert_snapshot!(run("UPDATE child SET parent = 70;"), @"applied");
    insta::assert_snapshot!(run("CREATE TABLE new(x);\nINSERT INTO new VALUES (1);"), @"applied");
    insta::assert_snapshot!(run("UPDATE other SET parent = 8;"), @"migration `002_script` breaks references: row 1 of `other` refers to no row of `parent`; it runs without a transaction, so its 1 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied");
    insta::assert_snapshot!(run("DELETE FROM parent WHERE id = 1;"), @"migration `002_script` breaks references: row 1 of `other` refers to no row of `parent`; it runs without a transaction, so its 1 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied");
    insta::assert_snapshot!(run("CREATE TABLE new(x);\nINSERT INTO new VALUES (1);\nUPDATE other SET parent = 8;"), @"migration `002_script` breaks references: row 1 of `other` refers to no row of `parent`; it runs without a transaction, so its 3 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied");
}

#[test]
fn a_repetition_in_the_callers_transaction_begins_with_the_same_settings() {
    let mut conn = Connection::open_in_memory().unwrap();
    migrator(&[TABLES]).up(&mut conn).unwrap();
    conn.execute_batch(ORPHAN).unwrap();
    let script = "CREATE TABLE seen AS SELECT recursive_triggers AS value \
                  FROM pragma_recursive_triggers;\n\
                  PRAGMA recursive_triggers = ON;\n";
    let files = [TABLES, ("002_seen.sql", script)];
    let tx = conn.transaction().unwrap();
    let report = migrator(&files).up_in(&tx).unwrap();
    assert_eq!(report.applied().len(), 1);
    assert_eq!(number(&tx, "SELECT value FROM seen"), 0);
}
