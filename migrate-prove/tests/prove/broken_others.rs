//! Sets with one hazard each: what concerns rows, names and single statements.

use crate::set::{USERS, told};
use insta::assert_snapshot;

/// S18.
#[test]
fn words_in_double_quotes() {
    assert_snapshot!(told(USERS, r#"== 002_a.sql
CREATE INDEX i ON users ("nmae");
"#), @r#"S18 002_a.sql:1:26 SQLite refuses this: no such column: "nmae" - should this be a string literal in single-quotes?"#);
    assert_snapshot!(told(USERS, r#"== 002_a.sql
UPDATE users SET name = "nobody" WHERE id = 1;
"#), @r#"S18 002_a.sql:1:25 SQLite refuses this: no such column: "nobody" - should this be a string literal in single-quotes?"#);
    assert_snapshot!(told(USERS, r#"== 002_a.sql
CREATE TABLE x (a TEXT DEFAULT "y");
INSERT INTO x (a) VALUES ("z");
"#), @r#"S18 002_a.sql:2:27 SQLite refuses this: no such column: "z" - should this be a string literal in single-quotes?"#);
}

/// S22: not where a later migration makes one, nor for each rename and rebuild.
#[test]
fn foreign_keys_without_index() {
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE a (
    x INTEGER REFERENCES users (id),
    y INTEGER, z INTEGER,
    FOREIGN KEY (y, z) REFERENCES roles (id, name)
);
CREATE UNIQUE INDEX r ON roles (id, name);
"), @"
    S22 002_a.sql:3:5 the foreign key of `a` on `y`, `z` has no index: each delete in `roles` reads the whole table
    S22 002_a.sql:2:5 the foreign key of `a` on `x` has no index: each delete in `users` reads the whole table
    ");
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE a (x INTEGER REFERENCES users (id));
== 003_b.sql
ALTER TABLE a RENAME TO b;
== 004_c.sql
CREATE TABLE c (x INTEGER REFERENCES users (id));
INSERT INTO c SELECT x FROM b;
DROP TABLE b;
ALTER TABLE c RENAME TO b;
"), @"S22 002_a.sql:1:17 the foreign key of `a` on `x` has no index: each delete in `users` reads the whole table");
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE a (x INTEGER REFERENCES users (id), y INTEGER REFERENCES roles (id));
== 003_b.sql
CREATE INDEX a_xy ON a (x, y);
"), @"S22 002_a.sql:1:50 the foreign key of `a` on `y` has no index: each delete in `roles` reads the whole table");
}

/// S34.
#[test]
fn names_that_differ_by_case() {
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE IF NOT EXISTS Users (x TEXT);
"), @"S34 002_a.sql:1:28 `Users` is the table `users`, which exists: this does nothing");
    assert_snapshot!(told(USERS, r#"== 002_a.sql
CREATE TABLE größe (x TEXT);
== 003_b.sql
CREATE TABLE "GRÖßE" (x TEXT, "Ä" TEXT, ä TEXT);
"#), @"
    S34 003_b.sql:1:14 `GRÖßE` and `größe` differ only by case, and are two names for SQLite
    S34 003_b.sql:1:41 `ä` and `Ä` differ only by case, and are two names for SQLite
    ");
}

/// S37: only a warning, because such rows may not exist.
#[test]
fn rows_that_do_not_fit() {
    assert_snapshot!(told(USERS, r"== 002_a.sql
UPDATE users SET name = NULL WHERE mail IS NULL;
"), @"S37 002_a.sql:1:18 this fails on a table that has rows: NOT NULL constraint failed: users.name");
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE x (user_id INTEGER PRIMARY KEY, mail TEXT NOT NULL);
INSERT INTO x SELECT id, mail FROM users;
"), @"S37 002_a.sql:2:26 this fails on a table that has rows: NOT NULL constraint failed: x.mail");
    assert_snapshot!(told(USERS, r"CREATE TRIGGER frozen BEFORE UPDATE ON users BEGIN SELECT RAISE(ABORT, 'users are frozen'); END;
== 002_a.sql
UPDATE users SET name = trim(name);
"), @"S37 002_a.sql:1:1 this fails on a table that has rows: users are frozen");
}

/// M037.
#[test]
fn what_fails_everywhere() {
    assert_snapshot!(told(USERS, r"== 002_a.sql
INSERT INTO usres (name) VALUES ('x');
"), @"M037 002_a.sql:1:13 SQLite refuses this: no such table: usres");
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE x (a TEXT, b TEXT, a TEXT);
"), @"M037 002_a.sql:1:17 SQLite refuses this: duplicate column name: a");
    assert_snapshot!(told(USERS, r"== 002_a.sql
INSERT INTO roles (id, name) VALUES (3, 'a'), (1, 'b');
== 003_b.sql
CREATE TABLE y (a);
"), @"
    M037 002_a.sql:1:20 SQLite refuses this: UNIQUE constraint failed: roles.id
    note: the replay ends at `002_a`, which fails
    ");
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE VIEW v AS SELECT name FROM users;
CREATE TABLE users2 AS SELECT * FROM users;
DROP TABLE users;
ALTER TABLE users2 RENAME TO users;
"), @"M037 002_a.sql:4:30 SQLite refuses this: error in view v: no such table: main.users");
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE x (a TEXT) STRIKT;
"), @"M037 002_a.sql:1:25 SQLite refuses this: unknown table option: STRIKT");
    assert_snapshot!(told(USERS, r"== 002_a.sql
UPDATE users SET name = wrong(name);
"), @"M037 002_a.sql:1:25 SQLite refuses this: no such function: wrong");
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE x (a TEXT COLLATE german);
CREATE INDEX x_a ON x (a);
"), @"M037 002_a.sql:1:32 SQLite refuses this: no such collation sequence: german");
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE VIRTUAL TABLE x USING vector0 (a);
"), @"M037 002_a.sql:1:30 SQLite refuses this: no such module: vector0");
    assert_snapshot!(told(USERS, r"== 002_a.sql
UPDATE _migrations SET name = 'x';
"), @"M037 002_a.sql:1:1 the runner refuses this: the history table `_migrations` belongs to the runner");
    assert_snapshot!(told(USERS, r"== 002_a.sql
INSERT INTO users (name) VALUES (load_extension('x'));
"), @"M037 002_a.sql:1:1 SQLite refuses this: not authorized");
    assert_snapshot!(told(USERS, r"== 002_a.sql
ATTACH 'here.db' AS here;
"), @"M037 002_a.sql:1:1 the runner refuses this: a migration cannot attach or detach another database");
    assert_snapshot!(told(USERS, r"== 002_a.sql
UPDATE users SET name = 'ü' WHERE näme = 1;
"), @"M037 002_a.sql:1:35 SQLite refuses this: no such column: näme");
}

/// S04.
#[test]
fn transactions_that_end() {
    assert_snapshot!(told(USERS, r"== 002_a.sql
INSERT OR ROLLBACK INTO roles (id, name) VALUES (1, 'x');
"), @"S04 002_a.sql:1:32 SQLite refuses this: UNIQUE constraint failed: roles.id");
    assert_snapshot!(told("", r"== 001_a.sql
CREATE TABLE a (b TEXT UNIQUE ON CONFLICT ROLLBACK, c TEXT NOT NULL ON CONFLICT ROLLBACK);
INSERT INTO a VALUES ('x', 'y');
== 002_b.sql
INSERT INTO a VALUES ('x', 'z');
"), @"S04 002_b.sql:1:1 SQLite refuses this: UNIQUE constraint failed: a.b");
}

/// Where another statement names the same, the place is that of the mistake.
#[test]
fn the_place_is_that_of_the_table_at_hand() {
    assert_snapshot!(told(USERS, r"== 002_a.sql
CREATE TABLE e (user_id INTEGER REFERENCES users (id));
CREATE TABLE f (user_id INTEGER REFERENCES users (id));
CREATE INDEX f_user ON f (user_id);
== 003_b.sql
ALTER TABLE users RENAME TO old_users;
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO users SELECT id, name FROM old_users;
CREATE TABLE g (user_id INTEGER REFERENCES users (id));
CREATE INDEX g_user ON g (user_id);
DROP TABLE old_users;
"), @"
    S22 002_a.sql:1:17 the foreign key of `e` on `user_id` has no index: each delete in `users` reads the whole table
    S16 003_b.sql:2:14 the column `mail` of `users` is gone when the table is rebuilt
    S11 003_b.sql:1:29 table `e` refers to the table `old_users`, which does not exist
    S11 003_b.sql:1:29 table `f` refers to the table `old_users`, which does not exist
    ");
}
