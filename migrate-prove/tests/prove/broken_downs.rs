//! Sets with one hazard each, in a down.

use crate::set::{NOTES, POSTS, USERS, VIEWS, told};
use insta::assert_snapshot;

/// M038.
#[test]
fn downs_that_fail() {
    assert_snapshot!(told(USERS, r"-- migrate:down
DROP TABLE roles;
DROP TABLE uesrs;
"), @"M038 001_users.sql:6:12 the down fails: no such table: uesrs");
    assert_snapshot!(told(USERS, r"== 002_a.sql
ALTER TABLE users ADD COLUMN age INTEGER;
-- migrate:down

-- gone
ALTER TABLE users DROP COLUMN aeg;
"), @r#"M038 002_a.sql:5:31 the down fails: no such column: "aeg""#);
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE teams (id INTEGER PRIMARY KEY);
INSERT INTO teams VALUES (1);
ALTER TABLE users ADD COLUMN team_id INTEGER REFERENCES teams (id);
CREATE INDEX users_team ON users (team_id);
UPDATE users SET team_id = 1;
== 002_a.down.sql
DROP INDEX users_team;
DELETE FROM teams;
ALTER TABLE users DROP COLUMN team_id;
DROP TABLE teams;
"), @"");
    assert_snapshot!(told(POSTS, r"== 002_a.sql
INSERT INTO users (id, name) VALUES (1, 'first');
INSERT INTO posts (id, user_id) VALUES (1, 1);
== 002_a.down.sql
-- posts are forgotten
DELETE FROM users WHERE id = 1;
"), @"
    S37 002_a.sql:1:20 `users` may have a row with the id 1 already
    S37 002_a.sql:2:20 `posts` may have a row with the id 1 already
    M038 002_a.down.sql:2:1 rows of `posts` refer to no row of `users` after this
    M039 002_a.sql:2:20 this cannot be applied again after its down: UNIQUE constraint failed: posts.id
    ");
    assert_snapshot!(told(USERS, r"== 002_a.sql
ALTER TABLE users RENAME COLUMN mail TO email;
== 002_a.down.sql
UPDATE users SET email = NULL WHERE name IS NULL;
ALTER TABLE users RENAME COLUMN mail TO email;
"), @r#"M038 002_a.down.sql:2:33 the down fails: no such column: "mail""#);
}

/// S33.
#[test]
fn downs_that_restore_something_else() {
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE a (b TEXT);
CREATE TABLE c (d TEXT);
CREATE INDEX users_name ON users (name);
-- migrate:down
DROP TABLE c;
"), @"
    S33 002_a.sql:5:1 this down does not restore the schema from before its up
        the table `a` is left over
        the index `users_name` is left over
    ");
    assert_snapshot!(told(USERS, r"== 002_a.sql
ALTER TABLE users ADD COLUMN age INTEGER;
== 002_a.down.sql
CREATE TABLE old (id INTEGER PRIMARY KEY, name TEXT, mail TEXT UNIQUE);
INSERT INTO old SELECT id, name, mail FROM users;
DROP TABLE users;
ALTER TABLE old RENAME TO users;
"), @r#"
    S33 002_a.down.sql:4:27 this down does not restore the schema from before its up
        the table `users` was `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE)`, and is `CREATE TABLE "users" (id INTEGER PRIMARY KEY, name TEXT, mail TEXT UNIQUE)`
    "#);
    assert_snapshot!(told(USERS, r#"== 002_a.sql
DROP TABLE roles;
== 002_a.down.sql
-- migrate: allow S33 "nobody uses it"
CREATE TABLE roles (id INTEGER PRIMARY KEY);
"#), @"");
    assert_snapshot!(told(USERS, r#"== 002_a.sql
-- migrate: allow S33 "nobody uses it"
DROP TABLE roles;
== 002_a.down.sql
CREATE TABLE roles (id INTEGER PRIMARY KEY);
"#), @"");
    assert_snapshot!(told(VIEWS, r"== 002_a.sql
CREATE TABLE x (a TEXT);
CREATE VIEW xs AS SELECT a FROM x;
-- migrate:down

DROP TABLE x;
"), @"S12 002_a.sql:5:12 view `xs`: no such table: main.x");
}

/// S15 and S01 on the way back.
#[test]
fn downs_that_lose_rows() {
    assert_snapshot!(told(USERS, r"== 002_a.sql
ALTER TABLE users ADD COLUMN age INTEGER;
== 002_a.down.sql
CREATE TABLE old (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
INSERT INTO old SELECT id, name, mail FROM users WHERE age > 3;
DROP TABLE users;
ALTER TABLE old RENAME TO users;
"), @"S15 002_a.down.sql:2:44 8 rows are lost when `users` is rebuilt, because of `WHERE`");
    assert_snapshot!(told(NOTES, r"== 002_a.sql
ALTER TABLE users ADD COLUMN age INTEGER;
-- migrate:down
UPDATE users SET name = name || age WHERE age IS NULL;
ALTER TABLE users DROP COLUMN age;
"), @"S37 002_a.sql:3:18 this fails on a table that has rows: NOT NULL constraint failed: users.name");
}

/// M039.
#[test]
fn ups_that_cannot_run_again() {
    assert_snapshot!(told(USERS, r"== 002_a.sql
INSERT INTO roles (id, name) VALUES (7, 'x');
CREATE TABLE a (b TEXT);
-- migrate:down
DROP TABLE a;
"), @"M039 002_a.sql:1:20 this cannot be applied again after its down: UNIQUE constraint failed: roles.id");
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE a (b TEXT);
CREATE UNIQUE INDEX users_name ON users (name);
INSERT INTO users (id, name) VALUES (1, 'a');
-- migrate:down
DROP TABLE a;
DROP INDEX users_name;
"), @"
    S10 002_a.sql:2:8 this fails on a table that has rows: UNIQUE constraint failed: users.name
    M039 002_a.sql:3:20 this cannot be applied again after its down: UNIQUE constraint failed: users.id
    ");
}

/// A table that the up makes has rows when its down runs, as after a day of use.
#[test]
fn new_tables_are_filled_before_the_down() {
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE archive (id INTEGER PRIMARY KEY, name TEXT);
-- migrate:down
INSERT INTO roles (id, name) SELECT id + 100, name FROM archive;
DROP TABLE archive;
"), @"S37 002_a.sql:3:24 this fails on a table that has rows: NOT NULL constraint failed: roles.name");
}
