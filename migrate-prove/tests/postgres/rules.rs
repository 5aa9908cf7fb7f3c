//! What each rule finds, and what it does not.

use crate::findings;
use insta::assert_snapshot;
use std::fmt::Write as _;

/// What was there before.
const BEFORE: &str = "
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE users(
    id integer PRIMARY KEY, name varchar(20), age numeric(4, 1), mood mood, \"Odd\" text,
    address cidr
);
CREATE TABLE public.orders(id bigint PRIMARY KEY, user_id integer);
CREATE TABLE events(id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE INDEX users_name ON users(name);
CREATE INDEX events_at ON events(at);
ALTER TABLE users ADD CONSTRAINT users_age CHECK (age IS NOT NULL);
";

/// The findings of a second migration: code, place and message.
#[track_caller]
fn check(sql: &str, expected: impl FnOnce(String)) {
    let mut shown = String::new();
    for it in findings(&[("001_before.sql", BEFORE), ("002_sql.sql", sql)]) {
        let excerpt = it.excerpt.expect("a place");
        let line = excerpt.position.line;
        let text: String = excerpt
            .line
            .chars()
            .skip(excerpt.position.column - 1)
            .take(excerpt.width)
            .collect();
        let _ = writeln!(shown, "{line} {} `{text}`: {}", it.code, it.message);
        if it.code.rule().is_none() {
            let _ = writeln!(shown, "  not a rule");
        }
    }
    expected(shown);
}

#[test]
fn indexes_for_which_others_wait() {
    check(
        "CREATE UNIQUE INDEX a ON users(age);
CREATE INDEX ON public.orders(user_id);
DROP INDEX a;
DROP INDEX users_name, unknown;
REINDEX TABLE users;
REINDEX INDEX users_name;
ALTER TABLE events DETACH PARTITION events_2026;
-- migrate: allow blocking-index \"it has ten rows\"
CREATE INDEX small ON users(age);
-- Good, or not to be had better:
CREATE INDEX ON events(id);
DROP INDEX events_at;
CREATE TABLE new(id bigint);
CREATE INDEX new_id ON new(id);
REINDEX TABLE new;
DROP INDEX new_id;
CREATE TABLE copied AS SELECT * FROM users;
CREATE INDEX ON copied(id);
ALTER TABLE copied RENAME TO moved;
CREATE INDEX ON moved(id);
CREATE SCHEMA tenant;
CREATE INDEX ON tenant.users(id);",
        |it| {
            assert_snapshot!(it, @"
        1 P01 `CREATE UNIQUE INDEX`: `users` cannot be written to while this index is built
        2 P01 `CREATE INDEX`: `orders` cannot be written to while this index is built
        4 P01 `DROP INDEX`: dropping `users_name` waits for every transaction that uses `users`, and blocks all later ones
        4 P01 `DROP INDEX`: dropping `unknown` waits for every transaction that uses its table, and blocks all later ones
        5 P01 `REINDEX TABLE`: `users` cannot be written to while it is reindexed
        6 P01 `REINDEX INDEX`: `users_name` cannot be written to while it is reindexed
        7 P01 `DETACH PARTITION events_2026`: detaching `events_2026` waits for every transaction that uses `events`, and blocks all later ones
        ");
        },
    );
}

#[test]
fn indexes_that_may_be_invalid() {
    check(
        "-- migrate: no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON users(age);
DROP INDEX CONCURRENTLY IF EXISTS b;
CREATE INDEX CONCURRENTLY IF NOT EXISTS b ON users(age);
CREATE INDEX CONCURRENTLY c ON users(age);
ALTER TABLE events DETACH PARTITION events_2026 CONCURRENTLY;
REINDEX (CONCURRENTLY) TABLE users;",
        |it| assert_snapshot!(it, @"2 P03 `CREATE INDEX`: if an earlier attempt was interrupted, this accepts the invalid index that it left as `a`"),
    );
}

#[test]
fn constraints_that_are_checked_under_a_lock() {
    check(
        "ALTER TABLE orders ADD CONSTRAINT a FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE orders ADD CHECK (user_id > 0), ADD CONSTRAINT b CHECK (id > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT b;
ALTER TABLE orders VALIDATE CONSTRAINT other;
ALTER TABLE users ALTER COLUMN name SET NOT NULL, ALTER age SET NOT NULL;
ALTER TABLE orders ADD UNIQUE (user_id), ADD CONSTRAINT p PRIMARY KEY USING INDEX i;
ALTER TABLE ONLY orders ADD CONSTRAINT e EXCLUDE USING gist (user_id WITH =);
ALTER TABLE events ADD PRIMARY KEY (id, at), ADD FOREIGN KEY (id) REFERENCES users;
ALTER TABLE orders ADD CHECK (true); -- migrate: allow P06 \"ten rows\"
CREATE TABLE new(id integer);
ALTER TABLE new ADD CHECK (id > 0), ADD UNIQUE (id), ALTER id SET NOT NULL;",
        |it| {
            assert_snapshot!(it, @"
        1 P06 `ADD CONSTRAINT a FOREIGN KEY`: `orders` and `users` cannot be written to while all rows are checked
        2 P06 `ADD CHECK`: `orders` cannot be used while all its rows are checked
        3 P07 `VALIDATE CONSTRAINT b`: the lock under which `b` was added is held while all rows are checked
        5 P08 `ALTER COLUMN name SET NOT NULL`: `users` cannot be used while all its rows are searched for a NULL
        6 P12 `ADD UNIQUE`: `orders` cannot be used while the index of this constraint is built
        7 P13 `ADD CONSTRAINT e EXCLUDE`: `orders` cannot be used while the index of this constraint is built
        ");
        },
    );
    check(
        "-- migrate: no-transaction
ALTER TABLE orders ADD CONSTRAINT b CHECK (id > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT b;",
        |it| assert_snapshot!(it, @""),
    );
}

#[test]
fn columns_that_cannot_be_added_or_rewrite_the_table() {
    check(
        "ALTER TABLE users ADD COLUMN a text NOT NULL, ADD b int PRIMARY KEY, ADD c int NOT NULL DEFAULT 1;
ALTER TABLE users ADD d int NOT NULL DEFAULT NULL;
ALTER TABLE users ADD e email NOT NULL, ADD f int;
ALTER TABLE users ADD g bigserial NOT NULL;
ALTER TABLE users ADD h uuid NOT NULL DEFAULT public.gen_random_uuid();
ALTER TABLE users ADD i timestamptz DEFAULT now(), ADD j text DEFAULT 'random()';
ALTER TABLE users ADD k int GENERATED ALWAYS AS IDENTITY;
ALTER TABLE users ADD l int NOT NULL GENERATED ALWAYS AS (id * 2) STORED;
TRUNCATE orders; -- migrate: allow drops-data \"it is a cache\"
ALTER TABLE orders ADD a text NOT NULL, ADD b uuid DEFAULT gen_random_uuid();
-- migrate: allow add-not-null-to-rows \"no service has rows yet\"
ALTER TABLE users ADD z int NOT NULL;
CREATE TABLE new(id int);
ALTER TABLE new ADD a text NOT NULL, ADD b serial;",
        |it| assert_snapshot!(it, @"
        1 P09 `ADD COLUMN a`: this fails if `users` has rows: `a` is `NOT NULL` and has no default
        1 P09 `ADD b`: this fails if `users` has rows: `b` is a primary key and has no default
        2 P09 `ADD d`: this fails if `users` has rows: `d` is `NOT NULL` and has no default
        4 P10 `ADD g`: `users` cannot be used while all its rows are rewritten: a column that is `bigserial` has a value in each row
        5 P10 `ADD h`: `users` cannot be used while all its rows are rewritten: `gen_random_uuid()` gives each row another value
        7 P10 `ADD k`: `users` cannot be used while all its rows are rewritten: a column that is `IDENTITY` has a value in each row
        8 P10 `ADD l`: `users` cannot be used while all its rows are rewritten: a column that is `STORED` has a value in each row
        "),
    );
}

#[test]
fn types_for_which_the_table_is_written_anew() {
    check(
        "ALTER TABLE users ALTER id TYPE bigint;
ALTER TABLE users ALTER name TYPE varchar(10);
ALTER TABLE users ALTER COLUMN age SET DATA TYPE numeric(4, 2);
ALTER TABLE users ALTER unknown TYPE int USING unknown::int;
ALTER TABLE users ALTER name TYPE character varying(40);
ALTER TABLE users ALTER name TYPE text;
ALTER TABLE users ALTER age TYPE decimal(6, 1);
ALTER TABLE users ALTER age TYPE numeric;
ALTER TABLE users ALTER address TYPE inet;
ALTER TABLE users ALTER unknown TYPE text;
ALTER TABLE users ALTER \"Odd\" TYPE varchar;",
        |it| {
            assert_snapshot!(it, @"
        1 P11 `ALTER id TYPE bigint`: `users` cannot be used while all its rows are rewritten, as `id` becomes `bigint`
        2 P11 `ALTER name TYPE varchar(10)`: `users` cannot be used while all its rows are rewritten, as `name` becomes `varchar`
        3 P11 `ALTER COLUMN age SET DATA TYPE numeric(4, 2)`: `users` cannot be used while all its rows are rewritten, as `age` becomes `numeric`
        4 P11 `ALTER unknown TYPE int USING unknown::int`: `users` cannot be used while all its rows are rewritten, as `unknown` becomes `integer`
        7 P11 `ALTER age TYPE decimal(6, 1)`: `users` cannot be used while all its rows are rewritten, as `age` becomes `numeric`
        10 P11 `ALTER unknown TYPE text`: `users` cannot be used while all its rows are rewritten, as `unknown` becomes `text`
        ");
        },
    );
}

#[test]
fn types_with_traps() {
    check(
        "CREATE TABLE t(
    a timestamp, b timestamp(3) without time zone, c char(4), d character, e json, f json[],
    g timestamptz, h timestamp with time zone, i varchar(4), j jsonb, k \"char\", l text
);
ALTER TABLE t ADD m pg_catalog.json, ALTER a TYPE timestamp;
ALTER TABLE t ADD n json; -- migrate: allow type-with-traps \"it must be given back as it came\"",
        |it| {
            assert_snapshot!(it, @"
        2 P27 `timestamp`: `timestamp` has no time zone: which moment it means depends on the session
        2 P27 `timestamp(3) without time zone`: `timestamp` has no time zone: which moment it means depends on the session
        2 P27 `char(4)`: `char` fills its values with spaces, and saves no space over `text`
        2 P27 `character`: `char` fills its values with spaces, and saves no space over `text`
        2 P27 `json`: `json` cannot be compared, and is parsed each time it is read
        2 P27 `json[]`: `json` cannot be compared, and is parsed each time it is read
        5 P27 `pg_catalog.json`: `json` cannot be compared, and is parsed each time it is read
        5 P27 `timestamp`: `timestamp` has no time zone: which moment it means depends on the session
        ");
        },
    );
}

#[test]
fn data_that_is_lost() {
    check(
        "DROP TABLE users, public.orders;
ALTER TABLE events DROP COLUMN id, DROP IF EXISTS at;
TRUNCATE users, orders;
DROP SCHEMA tenant CASCADE;
DROP SCHEMA empty;
DELETE FROM users;
DELETE FROM ONLY users u WHERE id = 1;
-- migrate: allow drops-data \"exported\"
DROP TABLE a;
-- What is its own, or built anew:
CREATE TABLE new(id int, name text);
ALTER TABLE new DROP name;
ALTER TABLE events ADD COLUMN x int;
ALTER TABLE events DROP COLUMN x;
DROP TABLE events;
ALTER TABLE new RENAME TO events;
CREATE TEMP TABLE t(x int);
TRUNCATE t;
DELETE FROM t;
DROP TABLE t;",
        |it| {
            assert_snapshot!(it, @"
        1 P14 `DROP TABLE`: dropping `users` deletes all its rows
        1 P14 `DROP TABLE`: dropping `orders` deletes all its rows
        2 P14 `DROP COLUMN id`: dropping `id` deletes its values in all rows of `events`
        2 P14 `DROP IF EXISTS at`: dropping `at` deletes its values in all rows of `events`
        3 P14 `TRUNCATE`: this deletes all rows of `users`
        3 P14 `TRUNCATE`: this deletes all rows of `orders`
        4 P14 `DROP SCHEMA`: dropping `tenant` deletes all its tables
        6 P20 `DELETE FROM`: this deletes every row of `users`
        ");
        },
    );
}

#[test]
fn names_that_are_taken_away() {
    check(
        "ALTER TABLE users RENAME COLUMN name TO title;
ALTER TABLE orders RENAME TO purchases;
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
ALTER SCHEMA app RENAME TO service;
ALTER TABLE events RENAME TO old_events;
CREATE VIEW events AS SELECT * FROM old_events;
CREATE TABLE new(a int);
ALTER TABLE new RENAME a TO b;
ALTER TABLE new RENAME TO newer;
ALTER TABLE users RENAME title TO t; -- migrate: allow rename-breaks-readers \"nobody reads it\"",
        |it| {
            assert_snapshot!(it, @"
        1 P16 `RENAME COLUMN name TO title`: programs that still use `name` fail from here on
        2 P16 `RENAME TO purchases`: programs that still use `orders` fail from here on
        3 P16 `ALTER TYPE`: programs that still use `'sad'` fail from here on
        4 P16 `ALTER SCHEMA`: programs that still use `app` fail from here on
        ");
        },
    );
}

#[test]
fn changes_of_all_rows() {
    check(
        "UPDATE public.users SET age = 1;
UPDATE users u SET age = 1 FROM orders;
UPDATE users SET age = 1 WHERE age IS NULL;
WITH x AS (SELECT 1) UPDATE users SET age = 2;
CREATE TABLE new(a int);
UPDATE new SET a = 1;
UPDATE users SET age = 3; -- migrate: allow changes-all-rows \"they are few\"",
        |it| {
            assert_snapshot!(it, @"
        1 P20 `UPDATE`: this changes every row of `users`, and locks each until the end
        2 P20 `UPDATE`: this changes every row of `users`, and locks each until the end
        4 P20 `WITH x`: this changes every row of `users`, and locks each until the end
        ");
        },
    );
}

#[test]
fn values_that_cannot_be_used_yet() {
    check(
        "ALTER TYPE mood ADD VALUE 'calm' BEFORE 'sad';
ALTER TYPE mood ADD VALUE 'wild' AFTER 'calm';
COMMENT ON TYPE mood IS 'calm';
UPDATE users SET name = 'wild' WHERE id = 1;
UPDATE orders SET note = 'calm' WHERE id = 1;
UPDATE users SET mood = 'calm' WHERE id = 1;",
        |it| assert_snapshot!(it, @"6 P21 `'calm'`: PostgreSQL refuses to use 'calm' in the transaction that adds it to `mood`"),
    );
    check(
        "ALTER TYPE public.mood ADD VALUE 'calm';
SELECT set_config('a', 'calm'::mood::text, true), 'wild'::mood;
CREATE TYPE own AS ENUM ('a');
ALTER TYPE own ADD VALUE 'b';
CREATE TABLE t(x own DEFAULT 'b'::own);",
        |it| assert_snapshot!(it, @"2 P21 `'calm'`: PostgreSQL refuses to use 'calm' in the transaction that adds it to `mood`"),
    );
    check(
        "-- migrate: no-transaction
ALTER TYPE mood ADD VALUE 'calm';
UPDATE users SET mood = 'calm' WHERE id = 1;",
        |it| assert_snapshot!(it, @""),
    );
}

#[test]
fn of_downs_only_what_would_fail_is_told() {
    check(
        "ALTER TABLE users DROP name; -- migrate: allow drops-data \"unused\"
-- migrate:down
ALTER TABLE users ADD name text NOT NULL;
CREATE INDEX ON users(name);
DROP TABLE orders;
DELETE FROM users;",
        |it| assert_snapshot!(it, @"3 P09 `ADD name`: this fails if `users` has rows: `name` is `NOT NULL` and has no default"),
    );
}

#[test]
fn frozen_migrations_are_left_alone() {
    let adopted = "-- migrate: adopted sqlx \"2\"\nDROP TABLE users;";
    check(adopted, |it| assert_snapshot!(it, @""));
}
