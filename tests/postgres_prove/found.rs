//! What is found in a set.

use crate::found;
use insta::assert_snapshot;

#[test]
fn a_sound_set() {
    assert_found!(&[
        (
            "001_users.sql",
            "CREATE TYPE mood AS ENUM ('sad', 'glad');\n\
             CREATE TABLE users (\n  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n\
             \x20 name text NOT NULL CHECK (length(name) >= 12),\n  mood mood NOT NULL,\n\
             \x20 email varchar(30) UNIQUE CHECK (email LIKE '%@%')\n);\n\
             -- migrate:down\nDROP TABLE users;\nDROP TYPE mood;\n",
        ),
        (
            "002_orders.sql",
            "CREATE TABLE orders (\n  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),\n\
             \x20 user_id bigint NOT NULL REFERENCES users,\n  state text NOT NULL CHECK (state IN ('new', 'paid')),\n\
             \x20 parent uuid REFERENCES orders\n);\n\
             CREATE INDEX orders_user ON orders (user_id);\n\
             -- migrate:down\nDROP TABLE orders;\n",
        ),
        (
            "003_total.sql",
            "ALTER TABLE orders ADD COLUMN total numeric NOT NULL DEFAULT 0;\n\
             -- migrate:down\nALTER TABLE orders DROP COLUMN total;\n",
        ),
    ], @"nothing is wrong");
}

#[test]
fn a_column_without_a_value_for_the_rows_that_are_there() {
    assert_found!(&[
        ("001_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY);\n"),
        ("002_name.sql", "CREATE DOMAIN label AS text;\nALTER TABLE users ADD COLUMN name label NOT NULL;\n"),
    ], @r#"
    error: P50: this fails on a table that has rows: column "name" of relation "users" contains null values (23502)
     --> 002_name.sql:2:30
      |
    2 | ALTER TABLE users ADD COLUMN name label NOT NULL;
      |                              ^^^^
      = help: give the existing rows a value, such as a default
              or allow it: `-- migrate: allow fails-with-rows "why"`
    "#);
}

#[test]
fn rows_that_may_not_be_there() {
    assert_found!(&[
        ("001_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n"),
        ("002_name.sql", "ALTER TABLE users ALTER COLUMN name SET NOT NULL;\n"),
    ], @r#"
    warning: S37: this fails on a table that has rows: column "name" of relation "users" contains null values (23502)
     --> 002_name.sql:1:32
      |
    1 | ALTER TABLE users ALTER COLUMN name SET NOT NULL;
      |                                ^^^^
      = help: handle such rows in a statement before this one
              or allow it: `-- migrate: allow fails-on-rows "why"`
    "#);
}

#[test]
fn a_down_that_leaves_something() {
    assert_found!(&[
        ("001_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n"),
        (
            "002_orders.sql",
            "CREATE TABLE orders (id bigint PRIMARY KEY);\n\
             CREATE TYPE state AS ENUM ('new');\n\
             ALTER TABLE users ADD COLUMN state state;\n\
             CREATE INDEX users_name ON users (name);\n\
             -- migrate:down\n\
             DROP TABLE orders;\n\
             ALTER TABLE users DROP COLUMN name;\n",
        ),
    ], @r#"
    error: S33: this down does not restore the schema from before its up
     --> 002_orders.sql:7:31
      |
    7 | ALTER TABLE users DROP COLUMN name;
      |                               ^^^^
      = note: the column `users.name` is gone
      = note: the enum `state` is left over
      = note: the column `users.state` is left over
      = help: make it undo everything that the up does
              or allow it: `-- migrate: allow down-does-not-restore "why"`
    "#);
}

#[test]
fn rows_of_another_table_that_are_lost() {
    assert_found!(&[
        (
            "001_users.sql",
            "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n\
             CREATE TABLE posts (id bigint PRIMARY KEY,\n\
             \x20 user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE);\n",
        ),
        ("002_clean.sql", "DELETE FROM users WHERE name IS NULL OR id > 0;\n"),
    ], @r#"
    error: P52: `posts` loses 6 rows here, though no statement deletes them
     --> 002_clean.sql:1:1
      |
    1 | DELETE FROM users WHERE name IS NULL OR id > 0;
      | ^^^^^^
      = help: keep them, or delete them first with an explicit `DELETE`
              or allow it: `-- migrate: allow loses-rows "why"`
    "#);
}

#[test]
fn a_statement_that_fails_on_a_fresh_database() {
    assert_found!(&[
        ("001_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n"),
        (
            "002_view.sql",
            "CREATE INDEX i ON users (name);\nCREATE VIEW names AS\n  SELECT nam FROM users;\n",
        ),
        ("003_more.sql", "CREATE TABLE more (id bigint PRIMARY KEY);\n"),
    ], @r#"
    error: M037: PostgreSQL refuses this: column "nam" does not exist (42703)
     --> 002_view.sql:3:10
      |
    3 |   SELECT nam FROM users;
      |          ^^^
      = note: hint: Perhaps you meant to reference the column "users.name".
      = help: correct the statement; it or an earlier migration must create what it needs

    note: the replay ends at `002_view`, which fails
    "#);
}

#[test]
fn a_down_that_fails() {
    assert_found!(&[
        (
            "001_users.sql",
            "CREATE TABLE users (id bigint PRIMARY KEY);\n-- migrate:down\nDROP TABLE user_s;\n",
        ),
        (
            "002_name.sql",
            "ALTER TABLE users ADD COLUMN name text;\n\
             -- migrate:down\nALTER TABLE users ALTER COLUMN name SET NOT NULL;\n\
             ALTER TABLE users DROP COLUMN name;\n",
        ),
    ], @r#"
    error: M038: the down fails: table "user_s" does not exist (42P01)
     --> 001_users.sql:3:1
      |
    3 | DROP TABLE user_s;
      | ^^^^
      = help: correct the down; it runs on what the up leaves, and on tables that have rows

    warning: S37: this fails on a table that has rows: column "name" of relation "users" contains null values (23502)
     --> 002_name.sql:3:32
      |
    3 | ALTER TABLE users ALTER COLUMN name SET NOT NULL;
      |                                ^^^^
      = help: handle such rows in a statement before this one
              or allow it: `-- migrate: allow fails-on-rows "why"`
    "#);
}

#[test]
fn a_migration_that_does_something_else_the_second_time() {
    assert_found!(&[
        ("001_log.sql", "CREATE TABLE log (what text);\n"),
        (
            "002_once.sql",
            "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM log WHERE what = 'once') THEN\n\
             \x20   CREATE TABLE once (id int);\n  END IF;\n\
             \x20 INSERT INTO log VALUES ('once');\nEND $$;\n\
             -- migrate:down\nDROP TABLE once;\n",
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

#[test]
fn what_reaches_beyond_the_database_is_not_run() {
    assert_found!(&[
        ("001_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY);\n"),
        ("002_roles.sql", "DO $$ BEGIN CREATE ROLE migrate_never; END $$;\n"),
    ], @"note: the replay ends before `002_roles`, because its `CREATE ROLE` affects more than the database that it runs in");
    let Some(server) = migrate_servers::Server::shared() else {
        return;
    };
    let sql = "SELECT count(*) FROM pg_roles WHERE rolname = 'migrate_never'";
    assert_eq!(server.psql(sql), "0");
}

#[test]
fn a_table_that_takes_no_row() {
    assert_found!(&[
        ("001_never.sql", "CREATE TABLE never (id bigint CHECK (id IS NULL AND id IS NOT NULL));\n"),
        ("002_more.sql", "CREATE TABLE more (id bigint PRIMARY KEY);\n"),
    ], @r#"note: `never` stays empty in the replay: no row was found that satisfies its constraints; the last attempt: new row for relation "never" violates check constraint "never_id_check" (23514); detail: Failing row contains (2020)"#);
}

#[test]
fn without_a_transaction() {
    assert_found!(&[
        ("001_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n"),
        (
            "002_index.sql",
            "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY users_name ON users (name);\n\
             -- migrate:down\n-- migrate: no-transaction\nDROP INDEX CONCURRENTLY users_name;\n",
        ),
        (
            "003_unique.sql",
            "-- migrate: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY users_half ON users ((id / 100));\n\
             -- migrate:down\n-- migrate: no-transaction\nDROP INDEX CONCURRENTLY users_half;\n",
        ),
    ], @r#"
    warning: S37: this fails on a table that has rows: could not create unique index "users_half" (23505)
     --> 003_unique.sql:2:34
      |
    2 | CREATE UNIQUE INDEX CONCURRENTLY users_half ON users ((id / 100));
      |                                  ^^^^^^^^^^
      = note: detail: Key ((id / 100))=(0) is duplicated.
      = help: handle such rows in a statement before this one
              or allow it: `-- migrate: allow fails-on-rows "why"`
    "#);
}
