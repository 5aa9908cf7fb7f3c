//! What a migrator can be told: one transaction for all, a database that is
//! ahead, another history table, a deadline, the oldest SQLite.

use crate::database::{BASE, Database, MODES, dump, number, text};
use crate::down::{A, B, THREE, applied, assert_state, version};
use migrate_runtime::{Ahead, Down, Error, Migrator, Transactions, Version};
use migrate_tests::{chain, kinds, migrator};
use rusqlite::{Connection, OpenFlags};
use std::time::Duration;

fn all(files: &[(&str, &str)]) -> Migrator<Version> {
    migrator(files).transactions(Transactions::All)
}

#[track_caller]
fn refused(migrator: &Migrator<Version>, conn: &mut Connection) -> Error {
    let before = dump(conn);
    let error = migrator.up(conn).unwrap_err();
    assert!(conn.is_autocommit());
    assert!(error.report().is_empty());
    assert_eq!(dump(conn), before);
    error
}

#[test]
fn one_transaction_is_all_or_nothing() {
    let bad = ("003_c.sql", "CREATE TABLE c(x);\nSELECT nope;\n");
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let error = refused(&all(&[A, B, bad]), &mut conn);
        insta::allow_duplicates! { insta::assert_snapshot!(chain(&error), @"migration `003_c` failed at 003_c.sql:2:8 and was rolled back; all migrations of this run share one transaction, so none took effect: no such column: nope: Error code 1"); }
        assert_eq!(number(&conn, "SELECT count(*) FROM sqlite_schema"), 0);
        // One transaction for each keeps the first two.
        let error = migrator(&[A, B, bad]).up(&mut conn).unwrap_err();
        assert_eq!(error.report().applied().len(), 2);
        insta::allow_duplicates! { insta::assert_snapshot!(chain(&error), @"migration `003_c` failed at 003_c.sql:2:8 and was rolled back: no such column: nope: Error code 1"); }
        let report = all(&THREE).up(&mut conn).unwrap();
        assert_eq!(report.applied().len(), 1);
        assert_state(&database.open(), "a b c", "1 2 3");
        assert!(all(&THREE).up(&mut conn).unwrap().is_empty());
        all(&THREE).down(&mut conn, Down::All).unwrap();
        assert_eq!(all(&THREE).up(&mut conn).unwrap().applied().len(), 3);
    }
}

/// What each one leaves is checked, though nothing is committed in between.
#[test]
fn in_one_transaction_each_is_checked() {
    let view = ("002_v.sql", "CREATE VIEW v AS SELECT x FROM later");
    let table = ("003_t.sql", "CREATE TABLE later(x)");
    let error = refused(
        &all(&[A, view, table]),
        &mut Connection::open_in_memory().unwrap(),
    );
    assert!(
        error
            .to_string()
            .starts_with("migration `002_v` was rolled back")
    );
    insta::assert_snapshot!(chain(&error), @"migration `002_v` was rolled back, because it leaves a broken schema: view `v`: no such table: main.later; all migrations of this run share one transaction, so none took effect");
}

/// And settings do not leak from one into the next.
#[test]
fn in_one_transaction_every_one_begins_with_the_same_settings() {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("PRAGMA recursive_triggers = OFF")
        .unwrap();
    let set = (
        "001_set.sql",
        "CREATE TABLE s(x); PRAGMA recursive_triggers = ON",
    );
    let look = (
        "002_look.sql",
        "INSERT INTO s SELECT recursive_triggers FROM pragma_recursive_triggers",
    );
    all(&[set, look]).up(&mut conn).unwrap();
    assert_eq!(number(&conn, "SELECT x FROM s"), 0);
}

#[test]
fn what_runs_without_a_transaction_cannot_share_one() {
    let vacuum = ("002_v.sql", "-- migrate: no-transaction\nVACUUM;\n");
    let mut conn = Connection::open_in_memory().unwrap();
    let error = refused(&all(&[A, vacuum]), &mut conn);
    insta::assert_snapshot!(chain(&error), @"migration `002_v` runs without a transaction, so it cannot share one with others; nothing was applied, use one transaction for each");
    // Nor can it alone; but what is not pending does not matter.
    assert_eq!(
        all(&[A, vacuum])
            .to(version(1))
            .up(&mut conn)
            .unwrap()
            .applied()
            .len(),
        1
    );
    refused(&all(&[A, vacuum]), &mut conn);
    migrator(&[A, vacuum]).up(&mut conn).unwrap();
    assert!(all(&[A, vacuum]).up(&mut conn).unwrap().is_empty());
}

#[test]
fn a_database_that_is_ahead_is_allowed_on_request() {
    let (mut conn, _) = applied(&THREE);
    let old = migrator(&[A, B]);
    let error = refused(&old, &mut conn);
    assert!(error.is_ahead());
    insta::assert_snapshot!(chain(&error), @"the database is ahead of this binary: migration `003_c` is applied but not contained in it; start a newer release, or restore its file");
    let allowed = old.ahead(Ahead::Allow);
    assert!(allowed.up(&mut conn).unwrap().is_empty());
    assert!(allowed.plan(&conn).unwrap().is_empty());
    // Everything else is still found: a change, and a gap below what is ahead.
    let changed = migrator(&[A, ("002_b.sql", "CREATE TABLE b(y)")]).ahead(Ahead::Allow);
    assert_eq!(kinds(&refused(&changed, &mut conn)), "modified");
    conn.execute_batch("DELETE FROM _migrations WHERE version = 2")
        .unwrap();
    assert_eq!(kinds(&refused(&allowed, &mut conn)), "gap");
}

const NAMES: [&str; 9] = [
    "history of \"orders\"",
    "it's",
    "Orders_Migrations",
    "two words",
    "select",
    "sch\u{f6}ne Tabelle",
    "a]b[c`d",
    "x; DROP TABLE a; --",
    "%_?1",
];

#[test]
fn the_history_can_have_any_name() {
    for name in NAMES {
        let mut conn = Connection::open_in_memory().unwrap();
        let named = migrator(&THREE).history_table(name);
        assert_eq!(named.up(&mut conn).unwrap().applied().len(), 3, "{name}");
        assert!(named.up(&mut conn).unwrap().is_empty(), "{name}");
        let count = "SELECT count(*) FROM pragma_table_list WHERE name = ?1 AND ncol = 12";
        let count: i64 = conn.query_row(count, [name], |row| row.get(0)).unwrap();
        assert_eq!(count, 1, "{name}");
        assert_eq!(named.status(&conn).unwrap().applied(), 3);
        assert!(named.verify(&conn).unwrap().is_clean(), "{name}");
        named.redo(&mut conn).unwrap();
        named.down(&mut conn, Down::To(version(1))).unwrap();
        // It belongs to the runner under this name, too.
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        let script = format!("DELETE FROM {quoted}");
        let bad = migrator(&[A, ("002_b.sql", &script)]).history_table(name);
        let message = chain(&refused(&bad, &mut conn));
        assert!(
            message.contains(&format!("history table `{name}`")),
            "{message}"
        );
        // And the one of that name is asked alone.
        assert_eq!(migrator(&THREE).status(&conn).unwrap().applied(), 0);
    }
}

#[test]
fn the_case_of_a_name_does_not_matter() {
    let mut conn = Connection::open_in_memory().unwrap();
    migrator(&[A])
        .history_table("Orders")
        .up(&mut conn)
        .unwrap();
    let lower = migrator(&[A, B]).history_table("orders");
    assert_eq!(lower.up(&mut conn).unwrap().applied().len(), 1);
    let upper = migrator(&[A, B]).history_table("ORDERS");
    assert!(upper.up(&mut conn).unwrap().is_empty());
    upper.down(&mut conn, Down::All).unwrap();
    assert_eq!(number(&conn, "SELECT count(*) FROM orders"), 0);
}

/// Names that no table can have, or that something else has already.
#[test]
fn a_name_that_is_taken_or_impossible_is_refused() {
    let mut seen = Vec::new();
    for name in ["people", "v", "i", "sqlite_history", "sqlite_schema"] {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE TABLE people(name, age); CREATE VIEW v AS SELECT 1 AS version; \
             CREATE INDEX i ON people(name)",
        )
        .unwrap();
        let error = refused(&migrator(&THREE).history_table(name), &mut conn);
        seen.push(format!("{name:?}: {}", chain(&error)));
    }
    insta::assert_snapshot!(seen.join("\n"), @r#"
    "people": the table `people` was created by another tool (its columns are `name`, `age`); nothing was written: choose another name for the history with `history_table`, and record the applied migrations with `baseline`
    "v": the history table `v` is damaged: it is a view, not a table; nothing was applied, restore the table from a backup
    "i": the history table `i` is damaged: it is an index, not a table; nothing was applied, restore the table from a backup
    "sqlite_history": the database failed while creating the history table: object name reserved for internal use: sqlite_history: Error code 1
    "sqlite_schema": the database failed while creating the history table: object name reserved for internal use: sqlite_schema: Error code 1
    "#);
}

#[test]
fn two_registries_live_in_one_database() {
    let mut conn = Connection::open_in_memory().unwrap();
    let users = migrator(&[
        (
            "001_users.sql",
            "CREATE TABLE users(x);\n-- migrate:down\nDROP TABLE users;\n",
        ),
        (
            "002_more.sql",
            "ALTER TABLE users ADD y;\n-- migrate:down\nALTER TABLE users DROP y;\n",
        ),
    ]);
    let orders = migrator(&[(
        "001_orders.sql",
        "CREATE TABLE orders(x);\n-- migrate:down\nDROP TABLE orders;\n",
    )])
    .history_table("orders_migrations");
    users.clone().to(version(1)).up(&mut conn).unwrap();
    orders.up(&mut conn).unwrap();
    users.up(&mut conn).unwrap();
    assert!(users.up(&mut conn).unwrap().is_empty() && orders.up(&mut conn).unwrap().is_empty());
    assert!(users.verify(&conn).unwrap().is_clean() && orders.verify(&conn).unwrap().is_clean());
    assert_state(&conn, "orders orders_migrations users", "1 2");
    orders.reset(&mut conn).unwrap();
    assert_state(&conn, "orders_migrations users", "1 2");
    assert_eq!(number(&conn, "SELECT count(*) FROM orders_migrations"), 0);
    orders.up(&mut conn).unwrap();
    users.reset(&mut conn).unwrap();
    assert_state(&conn, "orders orders_migrations", "");
    assert_eq!(orders.status(&conn).unwrap().applied(), 1);
}

#[test]
fn a_lock_that_is_not_had_says_how_long_and_what_for() {
    for wal in MODES {
        let database = Database::new(wal);
        migrator(&[A]).up(&mut database.open()).unwrap();
        let holder = database.open();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        let deadline = Duration::from_millis(300);
        let mut conn = database.open();
        let up = migrator(&THREE)
            .lock_timeout(deadline)
            .up(&mut conn)
            .unwrap_err();
        let down = migrator(&THREE)
            .lock_timeout(deadline)
            .down(&mut conn, Down::All)
            .unwrap_err();
        assert!(up.is_locked() && down.is_locked());
        let shown = |error: &Error| {
            let message = chain(error).replace(&*database.path().to_string_lossy(), "app.db");
            let (_, rest) = message.split_once("waited ").unwrap();
            let (seconds, rest) = rest.split_once(' ').unwrap();
            assert!(seconds.parse::<f64>().unwrap() >= 0.3, "{message}");
            format!("waited # {rest}")
        };
        insta::allow_duplicates! {
            insta::assert_snapshot!(shown(&up), @"waited # s for the write lock of `app.db`, and another connection is still in the way; nothing was applied: database is locked: Error code 5");
            insta::assert_snapshot!(shown(&down), @"waited # s for the write lock of `app.db`, and another connection is still in the way; nothing was undone: database is locked: Error code 5");
        }
        holder.execute_batch("ROLLBACK").unwrap();
        assert_state(&conn, "a", "1");
        assert_eq!(migrator(&THREE).up(&mut conn).unwrap().applied().len(), 2);
    }
}

/// It is asked before the history is, so that it does not depend on what is
/// pending.
#[test]
fn an_sqlite_that_is_too_old_is_refused_first() {
    let mut conn = Connection::open_in_memory().unwrap();
    let current = migrator(&[BASE]);
    current.up(&mut conn).unwrap();
    let newer = current.clone().min_sqlite(99, 1, 2);
    let error = refused(&newer, &mut conn);
    let message = chain(&error).replace(rusqlite::version(), "#");
    insta::assert_snapshot!(message, @"the migrations need SQLite 99.1.2, and this program has #; nothing was applied, update it, or build with the feature `bundled`");
    assert_eq!(
        chain(&newer.down(&mut conn, Down::All).unwrap_err()),
        chain(&error).replace("applied", "undone")
    );
    assert!(newer.baseline(&mut conn, version(1)).is_err());
    let tx = conn.transaction().unwrap();
    assert_eq!(chain(&newer.up_in(&tx).unwrap_err()), chain(&error));
    drop(tx);
    // This very one is new enough; and reading needs none.
    let number = rusqlite::version_number().unsigned_abs();
    let same = current.min_sqlite(number / 1_000_000, number / 1_000 % 1_000, number % 1_000);
    assert!(same.up(&mut conn).unwrap().is_empty());
    assert_eq!(newer.status(&conn).unwrap().applied(), 1);
}

// docs/internals/sqlite.md, "Read-only databases", within one process.

#[test]
fn a_read_only_database_starts_with_nothing_pending() {
    for wal in MODES {
        let database = Database::new(wal);
        migrator(&[A])
            .history_table("own")
            .up(&mut database.open())
            .unwrap();
        let mut conn =
            Connection::open_with_flags(database.path(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let current = migrator(&[A]).history_table("own");
        assert!(current.up(&mut conn).unwrap().is_empty());
        assert!(
            current
                .clone()
                .transactions(Transactions::All)
                .up(&mut conn)
                .unwrap()
                .is_empty()
        );
        // The slow path, too.
        let older = migrator(&[A, B]).history_table("own").to(version(1));
        assert!(older.up(&mut conn).unwrap().is_empty());
        let newer = migrator(&[A, B]).history_table("own");
        let error = newer.up(&mut conn).unwrap_err();
        assert!(error.is_read_only());
        insta::allow_duplicates! { insta::assert_snapshot!(chain(&error), @"the database is read-only, and 1 migration is pending; open it for writing"); }
        assert_eq!(text(&conn, "SELECT group_concat(version) FROM own"), "1");
    }
}
