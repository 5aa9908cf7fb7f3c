//! What a transaction that is rolled back must not hide, and must not make up.

use crate::{check, found};
use insta::assert_snapshot;
use migrate_servers::{Options, Server};

/// The time is the same for a whole transaction, so a second insert would meet the
/// first one.
#[test]
fn a_time_as_a_key() {
    assert_found!(&[
        ("001_log.sql", "CREATE TABLE log (at timestamptz PRIMARY KEY, what text);\n"),
        (
            "002_begin.sql",
            "INSERT INTO log VALUES (now(), 'up');\n\
             -- migrate:down\nINSERT INTO log VALUES (now(), 'down');\n",
        ),
    ], @"nothing is wrong");
}

/// Only the next transaction sees that the row of the down is from the past.
#[test]
fn a_query_for_the_past() {
    assert_found!(&[
        ("001_log.sql", "CREATE TABLE log (at timestamptz, what text);\n"),
        (
            "002_once.sql",
            "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM log WHERE what = 'undone' AND at < now()) THEN\n\
             \x20   CREATE TABLE once (id int);\n  END IF;\nEND $$;\n\
             -- migrate:down\nINSERT INTO log VALUES (now(), 'undone');\nDROP TABLE once;\n",
        ),
    ], @"
    error: M039: this has a different effect when it is applied again after its down
     --> 002_once.sql:1:1
      |
    1 | DO $$ BEGIN
      | ^^
      = note: the table `once` is gone
      = help: make the down undo everything that the up does, rows included
    ");
}

const DEFERRED: &str = "CREATE TABLE parents (id bigint PRIMARY KEY, x int);\n\
    CREATE TABLE children (\n  id bigint PRIMARY KEY,\n\
    \x20 parent bigint REFERENCES parents DEFERRABLE INITIALLY DEFERRED\n);\n\
    INSERT INTO parents VALUES (900, 1);\nINSERT INTO children VALUES (900, 900);\n";

/// The constraints that the down has made immediate are deferred again in a
/// transaction of its own.
#[test]
fn a_child_before_its_parent() {
    assert_found!(&[
        ("001_tables.sql", DEFERRED),
        (
            "002_rows.sql",
            "INSERT INTO children VALUES (901, 901);\nINSERT INTO parents VALUES (901, 1);\n\
             -- migrate:down\n\
             DELETE FROM parents WHERE id = 901;\nDELETE FROM children WHERE id = 901;\n",
        ),
    ], @"nothing is wrong");
}

/// The second up would repair what the commit of the down refuses.
#[test]
fn a_down_whose_commit_fails() {
    assert_found!(&[
        ("001_tables.sql", DEFERRED),
        (
            "002_parent.sql",
            "INSERT INTO parents VALUES (900, 1) ON CONFLICT DO NOTHING;\n\
             -- migrate:down\nDELETE FROM parents WHERE id = 900;\n",
        ),
    ], @r#"
    error: M038: the down fails: the down of migration `002_parent` was rolled back, because it breaks references: update or delete on table "parents" violates foreign key constraint "children_parent_fkey" on table "children" (23503); detail: Key (id)=(900) is still referenced from table "children"
     --> 002_parent.sql:3:1
      |
    3 | DELETE FROM parents WHERE id = 900;
      | ^^^^^^
      = help: correct the down; it runs on what the up leaves, and on tables that have rows
    "#);
}

/// A table with deferred checks that are still to come cannot be altered.
#[test]
fn checks_that_are_still_to_come() {
    assert_found!(&[
        ("001_tables.sql", DEFERRED),
        (
            "002_column.sql",
            "ALTER TABLE children ADD COLUMN note text;\n\
             -- migrate:down\nALTER TABLE children DROP COLUMN note;\n\
             DELETE FROM children WHERE id = 900;\nINSERT INTO children VALUES (900, 900);\n",
        ),
    ], @"nothing is wrong");
}

/// A new value of an enum can be used after the commit, and no down removes it.
#[test]
fn a_value_of_an_enum() {
    assert_found!(&[
        (
            "001_mood.sql",
            "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE users (id bigint PRIMARY KEY, mood mood);\n",
        ),
        ("002_glad.sql", "ALTER TYPE mood ADD VALUE 'glad';\n-- migrate:down\nCOMMENT ON TYPE mood IS NULL;\n"),
        (
            "003_user.sql",
            "INSERT INTO users VALUES (900, 'glad');\n\
             -- migrate:down\nDELETE FROM users WHERE mood = 'glad' AND id = 900;\n",
        ),
    ], @"nothing is wrong");
}

/// Only the lock of a session can be released by a script.
#[test]
fn a_script_that_releases_the_lock() {
    assert_found!(&[
        ("001_a.sql", "CREATE TABLE a (id bigint PRIMARY KEY);\n"),
        ("002_b.sql", "CREATE TABLE b (id bigint PRIMARY KEY);\n"),
        ("003_unlock.sql", "SELECT pg_advisory_unlock_all();\n-- migrate:down\nSELECT 1;\n"),
    ], @"
    error: M037: PostgreSQL refuses this: the lock that keeps other runs out was released, by a migration or by other code in this session; nothing was applied, remove its `pg_advisory_unlock_all` or `DISCARD`, or call `behind_pooler` if there is a pooler
     --> 003_unlock.sql:1:1
      |
    1 | SELECT pg_advisory_unlock_all();
      | ^^^^^^
      = help: correct the statement; it or an earlier migration must create what it needs
    ");
}

/// One database is fresh, and one has rows. Only rows on which an up fails are given up
/// with their database.
#[test]
fn two_databases_are_created() {
    let Some(server) = Server::start_with(&Options::new().setting("log_statement", "ddl")) else {
        return;
    };
    let database = server.database();
    let statement = "statement: CREATE DATABASE \"migrate_check_";
    let made = || server.log().matches(statement).count();
    let left_over = [
        "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n-- migrate:down\nDROP TABLE a;\n",
        "CREATE TABLE c (id int);\nCREATE TABLE d (id int);\n-- migrate:down\nDROP TABLE c;\n",
    ];
    let failing = [
        "CREATE TABLE a (id int);\n-- migrate:down\nDROP TABLE c;\n",
        "CREATE TABLE b (id int);\n-- migrate:down\nDROP TABLE d;\n",
    ];
    let outside = "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY i ON t6 (name);\n\
                   -- migrate:down\n-- migrate: no-transaction\nDROP INDEX CONCURRENTLY i;\n";
    let with_rows = "CREATE UNIQUE INDEX u ON t6 ((id > 0));\n";
    let cases: [(u32, &[&str], &[&str], usize); 5] = [
        (100, &[], &[], 2),
        (10, &[outside], &[], 2),
        (10, &left_over, &["S33", "S33"], 2),
        (10, &failing, &["M038", "M038"], 2),
        (10, &[with_rows], &["S37"], 3),
    ];
    for (count, more, expected, databases) in cases {
        let before = made();
        let mut files = small(count);
        for (number, text) in (count + 1..).zip(more) {
            files.push((format!("{number:03}_m.sql"), (*text).to_owned()));
        }
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let check = check(database.url(), &files).unwrap();
        let found = check.errors.iter().chain(&check.warnings);
        let mut found: Vec<&str> = found.map(|it| it.code.as_str()).collect();
        found.retain(|code| ["S33", "S37", "M038"].contains(code));
        assert_eq!(found, expected, "{check}");
        assert_eq!(made() - before, databases, "{more:?}");
    }
}

/// Migrations of five kinds, each with a down.
fn small(count: u32) -> Vec<(String, String)> {
    let one = |number: u32| {
        let table = format!("t{}", (number - 1) / 5 * 5 + 1);
        let (up, down) = match number % 5 {
            1 => (
                format!(
                    "CREATE TABLE {table} (\n  id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,\n\
                     \x20 name text NOT NULL CHECK (name <> '')\n)"
                ),
                format!("DROP TABLE {table}"),
            ),
            2 => (
                format!("ALTER TABLE {table} ADD COLUMN state text"),
                format!("ALTER TABLE {table} DROP COLUMN state"),
            ),
            3 => (
                format!("CREATE INDEX {table}_state ON {table} (state)"),
                format!("DROP INDEX {table}_state"),
            ),
            4 => (
                format!("INSERT INTO {table} (id, name) VALUES (1000, 'seed')"),
                format!("DELETE FROM {table} WHERE id = 1000"),
            ),
            _ => (
                format!(
                    "CREATE VIEW v_{table} AS SELECT id, name FROM {table} WHERE state = 'new'"
                ),
                format!("DROP VIEW v_{table}"),
            ),
        };
        let text = format!("{up};\n-- migrate:down\n{down};\n");
        (format!("{number:03}_m.sql"), text)
    };
    (1..=count).map(one).collect()
}
