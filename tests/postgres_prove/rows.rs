//! Rows that meet every statement, and what is said of them.

use crate::found;
use insta::assert_snapshot;

const USERS: (&str, &str) = (
    "001_users.sql",
    "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n\
     CREATE TABLE posts (id bigint PRIMARY KEY,\n\
     \x20 user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE);\n",
);

#[test]
fn a_statement_that_fails_hides_no_other() {
    assert_found!(&[
        USERS,
        (
            "002_clean.sql",
            "ALTER TABLE users ALTER COLUMN name SET NOT NULL;\n\
             ALTER TABLE posts ADD CONSTRAINT one CHECK (id > 1000);\n\
             DELETE FROM users WHERE id > 0;\n",
        ),
    ], @r#"
    error: P52: `posts` loses 1 row here, though no statement deletes them
     --> 002_clean.sql:3:1
      |
    3 | DELETE FROM users WHERE id > 0;
      | ^^^^^^
      = help: keep them, or delete them first with an explicit `DELETE`
              or allow it: `-- migrate: allow loses-rows "why"`

    warning: S37: this fails on a table that has rows: column "name" of relation "users" contains null values (23502)
     --> 002_clean.sql:1:32
      |
    1 | ALTER TABLE users ALTER COLUMN name SET NOT NULL;
      |                                ^^^^
      = help: handle such rows in a statement before this one
              or allow it: `-- migrate: allow fails-on-rows "why"`

    warning: S37: this fails on a table that has rows: check constraint "one" of relation "posts" is violated by some row (23514)
     --> 002_clean.sql:2:34
      |
    2 | ALTER TABLE posts ADD CONSTRAINT one CHECK (id > 1000);
      |                                  ^^^
      = help: handle such rows in a statement before this one
              or allow it: `-- migrate: allow fails-on-rows "why"`
    "#);
}

#[test]
fn an_allowed_failure_hides_no_other_finding() {
    assert_found!(&[
        USERS,
        (
            "002_clean.sql",
            "ALTER TABLE users ALTER COLUMN name SET NOT NULL; -- migrate: allow fails-on-rows \"none\"\n\
             DELETE FROM users WHERE id > 0;\n",
        ),
    ], @r#"
    error: P52: `posts` loses 4 rows here, though no statement deletes them
     --> 002_clean.sql:2:1
      |
    2 | DELETE FROM users WHERE id > 0;
      | ^^^^^^
      = help: keep them, or delete them first with an explicit `DELETE`
              or allow it: `-- migrate: allow loses-rows "why"`
    "#);
}

#[test]
fn existing_rows_that_are_inserted_twice() {
    assert_found!(&[
        USERS,
        (
            "002_names.sql",
            "CREATE TABLE authors (id bigint PRIMARY KEY);\n\
             INSERT INTO authors SELECT 1 FROM posts;\n",
        ),
        ("003_first.sql", "INSERT INTO users VALUES (1, 'first');\n"),
    ], @r#"
    warning: S37: this fails on a table that has rows: duplicate key value violates unique constraint "authors_pkey" (23505)
     --> 002_names.sql:2:1
      |
    2 | INSERT INTO authors SELECT 1 FROM posts;
      | ^^^^^^
      = note: detail: Key (id)=(1) already exists.
      = help: handle such rows in a statement before this one
              or allow it: `-- migrate: allow fails-on-rows "why"`
    "#);
}

#[test]
fn what_cannot_be_tried() {
    assert_found!(&[
        USERS,
        (
            "002_outside.sql",
            "-- migrate: no-transaction\n\
             ALTER TABLE users ALTER COLUMN name SET NOT NULL;\n\
             CREATE TABLE more (id bigint);\n",
        ),
    ], @r#"
    warning: S37: this fails on a table that has rows: column "name" of relation "users" contains null values (23502)
     --> 002_outside.sql:2:32
      |
    2 | ALTER TABLE users ALTER COLUMN name SET NOT NULL;
      |                                ^^^^
      = help: handle such rows in a statement before this one
              or allow it: `-- migrate: allow fails-on-rows "why"`

    warning: S40: the statements after this one were not tried on rows: column "name" of relation "users" contains null values (23502)
     --> 002_outside.sql:2:32
      |
    2 | ALTER TABLE users ALTER COLUMN name SET NOT NULL;
      |                                ^^^^
      = help: try the migration on a copy of a real database
              or allow it: `-- migrate: allow not-tried-on-rows "why"`
    "#);
}

#[test]
fn one_loss_is_reported_once() {
    assert_found!(&[
        ("001_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY);\n"),
        (
            "002_anew.sql",
            "-- migrate: allow drops-data \"nobody has used it\"\n\
             DROP TABLE users;\nCREATE TABLE users (id uuid PRIMARY KEY);\n",
        ),
        (
            "003_name.sql",
            "-- migrate: allow add-not-null-to-rows \"it is empty\"\n\
             ALTER TABLE users ADD COLUMN name text NOT NULL;\n",
        ),
    ], @"nothing is wrong");
}

#[test]
fn rows_are_found_for_tables_that_seem_impossible() {
    assert_found!(&[
        (
            "001_users.sql",
            "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);\n\
             CREATE TABLE friends (\n\
             \x20 a bigint NOT NULL REFERENCES users, b bigint NOT NULL REFERENCES users,\n\
             \x20 PRIMARY KEY (a, b), CHECK (a <> b)\n);\n\
             CREATE TABLE logs (at date NOT NULL, kind text NOT NULL) PARTITION BY RANGE (at);\n\
             CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('1999-03-01') TO ('1999-04-01');\n\
             CREATE TABLE marks (kind text NOT NULL) PARTITION BY LIST (kind);\n\
             CREATE TABLE marks_1 PARTITION OF marks FOR VALUES IN ('odd one');\n\
             CREATE TABLE children (id bigint NOT NULL REFERENCES users);\n\
             CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$\n\
             BEGIN IF NEW.id % 2 = 1 THEN RAISE EXCEPTION 'odd'; END IF; RETURN NEW; END $$;\n\
             CREATE TRIGGER guard BEFORE INSERT ON children FOR EACH ROW EXECUTE FUNCTION guard();\n",
        ),
        ("002_note.sql", "ALTER TABLE users ADD COLUMN note text;\n"),
    ], @"nothing is wrong");
}

#[test]
fn only_the_first_of_several_empty_tables_is_named() {
    assert_found!(&[
        (
            "001_odd.sql",
            "CREATE TABLE odd (id bigint PRIMARY KEY CHECK (md5(id::text) = 'unknown'));\n\
             CREATE TABLE child (id bigint PRIMARY KEY, odd_id bigint NOT NULL REFERENCES odd);\n\
             CREATE TABLE grandchild (child_id bigint NOT NULL REFERENCES child);\n",
        ),
        ("002_note.sql", "ALTER TABLE odd ADD COLUMN note text;\n"),
    ], @r#"
    warning: S40: this was not tried on rows, because none was found for `odd`
     --> 002_note.sql:1:13
      |
    1 | ALTER TABLE odd ADD COLUMN note text;
      |             ^^^
      = note: the last attempt: new row for relation "odd" violates check constraint "odd_id_check" (23514); detail: Failing row contains (2020)
      = help: insert a valid row in an earlier migration, or try it on a copy of a real database
              or allow it: `-- migrate: allow not-tried-on-rows "why"`

    note: `odd` stays empty in the replay: no row was found that satisfies its constraints; the last attempt: new row for relation "odd" violates check constraint "odd_id_check" (23514); detail: Failing row contains (2020)
    "#);
}

#[test]
fn a_down_may_change_what_has_no_effect() {
    assert_found!(&[
        (
            "001_users.sql",
            "CREATE TYPE mood AS ENUM ('sad', 'glad');\n\
             CREATE TABLE users (id serial PRIMARY KEY, name text CONSTRAINT named CHECK (name <> ''));\n",
        ),
        (
            "002_calm.sql",
            "ALTER TYPE mood ADD VALUE 'calm' AFTER 'sad';\n\
             ALTER TABLE users DROP CONSTRAINT named;\n\
             ALTER SEQUENCE users_id_seq RENAME TO users_number;\n\
             -- migrate:down\n\
             ALTER TABLE users ADD CHECK (name <> '');\n",
        ),
    ], @"nothing is wrong");
}
