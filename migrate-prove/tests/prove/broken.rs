//! Sets with one hazard each, in an up.

use crate::set::{INDEXED, NOTES, POSTS, USERS, VIEWS, told};
use insta::assert_snapshot;

/// S05 to S09, on tables of every kind.
#[test]
fn a_column_that_rows_cannot_have() {
    assert_snapshot!(told(USERS, r#"== 002_a.sql
ALTER TABLE "users" ADD "größe" INTEGER NOT NULL;
"#), @"S05 002_a.sql:1:25 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL");
    assert_snapshot!(told("", r#"== 001_a.sql
CREATE TABLE "my table" (a TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
== 002_b.sql
INSERT INTO "my table" VALUES ('ä');
ALTER TABLE "my table"
	ADD COLUMN a2 TEXT NOT NULL DEFAULT NULL;
"#), @"S05 002_b.sql:3:13 SQLite refuses this: Cannot add a NOT NULL column with default value NULL");
    assert_snapshot!(told(USERS, r"== 002_a.sql
ALTER TABLE users ADD users TEXT NOT NULL DEFAULT (datetime('now'));
"), @"S06 002_a.sql:1:23 this fails on a table that has rows: Cannot add a column with non-constant default");
    assert_snapshot!(told(USERS, r"== 002_a.sql
ALTER TABLE users ADD role INTEGER NOT NULL DEFAULT 9 REFERENCES roles (id);
CREATE INDEX users_role ON users (role);
"), @"S07 002_a.sql:1:45 rows of `users` refer to no row of `roles` after this");
    assert_snapshot!(told(USERS, r"== 002_a.sql
ALTER TABLE users ADD up TEXT GENERATED ALWAYS AS (upper(name)) STORED;
"), @"S08 002_a.sql:1:23 this fails on a table that has rows: cannot add a STORED column");
    assert_snapshot!(told(USERS, r"== 002_a.sql
ALTER TABLE users ADD state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('open', 'done'));
"), @"S09 002_a.sql:1:23 this fails on a table that has rows: CHECK constraint failed");
}

/// At the head of the script, and on the statement.
#[test]
fn what_is_allowed_is_not_told() {
    assert_snapshot!(told(USERS, r#"== 002_a.sql
-- migrate: allow add-not-null-no-default "it is empty"
ALTER TABLE users ADD age INTEGER NOT NULL;
"#), @"");
    assert_snapshot!(told(USERS, r#"== 002_a.sql
UPDATE users SET name = trim(name);
-- migrate: allow S05 "it is empty"
ALTER TABLE users ADD age INTEGER NOT NULL;
"#), @"");
    assert_snapshot!(told(USERS, r#"== 002_a.sql
-- migrate: allow S06 "another rule"
ALTER TABLE users ADD age INTEGER NOT NULL;
"#), @"S05 002_a.sql:2:23 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL");
    assert_snapshot!(told(USERS, r#"== 002_a.sql
-- migrate: allow dangling-view-or-trigger "made later"
CREATE VIEW v AS SELECT nil FROM users;
"#), @"S12 002_a.sql:2:25 view `v`: no such column: nil");
    assert_snapshot!(told(USERS, r#"== 002_a.sql
CREATE VIEW w AS SELECT 1;
-- migrate: allow S12 "made later"
CREATE VIEW v AS SELECT nil FROM users;
CREATE VIEW x AS SELECT nobody FROM users;
"#), @"
    S12 002_a.sql:3:25 view `v`: no such column: nil
    S12 002_a.sql:4:25 view `x`: no such column: nobody
    ");
}

/// S12: a dropped table or column, behind one view or two; and by a trigger.
#[test]
fn views_and_triggers_that_dangle() {
    assert_snapshot!(told(VIEWS, r"== 002_a.sql
CREATE TABLE people AS SELECT * FROM users;
DROP TABLE users;
"), @"
    S12 002_a.sql:2:12 view `all_users`: no such table: main.users
    S12 002_a.sql:2:12 view `names`: no such table: main.users
    S12 002_a.sql:2:12 view `short`: no such table: main.users
    ");
    assert_snapshot!(told(VIEWS, r"== 002_a.sql
DROP VIEW names;
"), @"S12 002_a.sql:1:11 view `short`: no such table: main.names");
    assert_snapshot!(told(VIEWS, r"== 002_a.sql
DROP TABLE roles;
"), @"S12 002_a.sql:1:12 trigger `users_in` of `users`: no such table: main.roles");
    assert_snapshot!(told(VIEWS, r"== 002_a.sql
CREATE TABLE kept (a);
DROP VIEW names;
CREATE VIEW names AS
  SELECT id, nmae FROM users;
"), @"
    S12 002_a.sql:4:14 view `names`: no such column: nmae
    S12 002_a.sql:4:14 view `short`: no such column: nmae
    ");
    assert_snapshot!(told(VIEWS, r"== 002_a.sql
CREATE VIEW shown AS SELECT mail FROM all_users;
== 003_b.sql
DROP VIEW short;
DROP VIEW all_users;
CREATE VIEW all_users AS SELECT id FROM users;
"), @"S12 003_b.sql:3:1 view `shown`: no such column: mail");
    assert_snapshot!(told(USERS, r"== 002_v.sql
CREATE VIEW v AS SELECT * FROM users;
CREATE VIEW w AS SELECT mail FROM v;
== 003_b.sql
ALTER TABLE users RENAME COLUMN mail TO email;
"), @"M037 003_b.sql:1:33 SQLite refuses this: error in view w after rename: no such column: mail");
    assert_snapshot!(told(USERS, r"== 002_v.sql
CREATE VIEW v AS SELECT * FROM users;
CREATE VIEW w AS SELECT mail FROM v;
== 003_b.sql
DROP VIEW w;
CREATE TABLE users_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE);
CREATE VIEW w AS SELECT mail FROM v;
"), @"");
    assert_snapshot!(told(USERS, r"== 002_t.sql
CREATE TABLE log (a TEXT);
CREATE TRIGGER t AFTER DELETE ON users BEGIN INSERT INTO log VALUES (old.name); END;
== 003_b.sql
ALTER TABLE log ADD COLUMN b TEXT;
"), @"S12 003_b.sql:1:1 trigger `t` of `users`: table log has 2 columns but 1 values were supplied");
    assert_snapshot!(told(USERS, r"== 002_t.sql
CREATE TABLE log (a TEXT);
CREATE TRIGGER t AFTER DELETE ON users BEGIN INSERT INTO log VALUES (old.name); END;
CREATE TRIGGER t2 AFTER UPDATE ON roles BEGIN DELETE FROM users WHERE id = old.id; END;
== 003_b.sql
DROP TABLE log;
"), @"S12 003_b.sql:1:12 trigger `t` of `users`: no such table: main.log");
    assert_snapshot!(told(USERS, r#"== 002_t.sql
CREATE TABLE "we""ird" (a TEXT);
CREATE VIEW "ä view" AS SELECT a FROM "we""ird";
== 003_b.sql
/* ü */ DROP TABLE "we""ird";
"#), @r#"S12 003_b.sql:1:20 view `ä view`: no such table: main.we"ird"#);
    assert_snapshot!(told(USERS, r##"== 002_t.sql
CREATE TABLE "#tags" (a TEXT);
CREATE VIEW v AS SELECT a FROM "#tags";
== 003_b.sql
DROP TABLE '#tags';
"##), @"S12 003_b.sql:1:12 view `v`: no such table: main.#tags");
    assert_snapshot!(told(USERS, r"== 002_t.sql
CREATE TRIGGER t INSTEAD OF INSERT ON nowhere BEGIN SELECT 1; END;
"), @"M037 002_t.sql:1:39 SQLite refuses this: no such table: main.nowhere");
}

/// S11 and S13.
#[test]
fn foreign_keys_to_nowhere() {
    assert_snapshot!(told(POSTS, r"== 002_a.sql
ALTER TABLE users RENAME TO users_old;
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
INSERT INTO users SELECT * FROM users_old;
DROP TABLE users_old;
"), @"S11 002_a.sql:1:29 table `posts` refers to the table `users_old`, which does not exist");
    assert_snapshot!(told(POSTS, r"== 002_a.sql
CREATE TABLE likes (post_id INTEGER REFERENCES psots (id), user_id INTEGER REFERENCES users (id));
CREATE INDEX likes_post ON likes (post_id);
CREATE INDEX likes_user ON likes (user_id);
"), @"S13 002_a.sql:1:48 table `likes` refers to the table `psots`, which does not exist");
    assert_snapshot!(told(POSTS, r#"== 002_a.sql
CREATE TABLE "the likes" (
    name TEXT REFERENCES users (name)
) STRICT;
CREATE INDEX likes_name ON "the likes" (name);
"#), @r#"S13 002_a.sql:2:26 table `the likes`: foreign key mismatch - "the likes" referencing "users""#);
    assert_snapshot!(told(POSTS, r"== 002_a.sql
ALTER TABLE posts ADD COLUMN role_name TEXT REFERENCES roles (name);
CREATE INDEX posts_role ON posts (role_name);
"), @r#"S13 002_a.sql:1:56 table `posts`: foreign key mismatch - "posts" referencing "roles""#);
    assert_snapshot!(told(USERS, r"CREATE UNIQUE INDEX roles_name ON roles (name);
CREATE TABLE grants (role TEXT NOT NULL REFERENCES roles (name));
CREATE INDEX grants_role ON grants (role);
== 002_a.sql
DROP INDEX roles_name;
"), @r#"S13 002_a.sql:1:1 table `grants`: foreign key mismatch - "grants" referencing "roles""#);
    assert_snapshot!(told(POSTS, r"== 002_a.sql
DROP TABLE users;
"), @"S13 002_a.sql:1:12 table `posts` refers to the table `users`, which does not exist");
    assert_snapshot!(told(POSTS, r"== 002_a.sql
DELETE FROM users WHERE id IN (SELECT user_id FROM posts);
"), @"S37 002_a.sql:1:1 rows of `posts` refer to no row of `users` after this");
    assert_snapshot!(told(POSTS, r"== 002_a.sql
CREATE TABLE x (a);
INSERT INTO posts (id, user_id) VALUES (1, 4711);
"), @"
    S37 002_a.sql:2:20 `posts` may have a row with the id 1 already
    M037 002_a.sql:2:1 rows of `posts` refer to no row of `users` after this
    ");
    assert_snapshot!(told(POSTS, r"== 002_a.sql
UPDATE posts SET user_id = -1;
"), @"S37 002_a.sql:1:1 rows of `posts` refer to no row of `users` after this");
    // Foreign key actions would have helped.
    assert_snapshot!(told(POSTS, r"CREATE TABLE likes (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users ON DELETE SET NULL);
CREATE INDEX likes_user ON likes (user_id);
== 002_a.sql
DELETE FROM posts;
DELETE FROM USERS WHERE id IN (SELECT user_id FROM likes);
"), @"S38 002_a.sql:2:13 rows of `likes` refer to no row of `users` after this");
    // By a trigger, in a table that the migration does not name.
    assert_snapshot!(told(USERS, r"CREATE TABLE actors (id INTEGER PRIMARY KEY);
CREATE TABLE audit (actor_id INTEGER NOT NULL DEFAULT 99 REFERENCES actors (id), what TEXT);
CREATE INDEX audit_actor ON audit (actor_id);
CREATE TRIGGER audited AFTER UPDATE ON users BEGIN INSERT INTO audit (what) VALUES (new.name); END;
== 002_a.sql
UPDATE users SET name = trim(name);
"), @"S37 002_a.sql:1:1 rows of `audit` refer to no row of `actors` after this");
}

/// S14, S15 and S16.
#[test]
fn rebuilds_that_lose_something() {
    assert_snapshot!(told(INDEXED, r"== 002_a.sql
CREATE TABLE new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
INSERT INTO new SELECT * FROM users;
DROP TABLE users;
ALTER TABLE new RENAME TO users;
CREATE INDEX users_lower ON users (lower(name));
"), @"
    S14 002_a.sql:3:12 `users` loses something when it is rebuilt
        the trigger `users_in` is gone
    ");
    assert_snapshot!(told(INDEXED, r"== 002_a.sql
CREATE TABLE new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
INSERT INTO new SELECT * FROM users;
DROP TABLE users;
ALTER TABLE new RENAME TO users;
CREATE TRIGGER users_in AFTER INSERT ON users BEGIN SELECT 1; END;
"), @"
    S14 002_a.sql:3:12 `users` loses something when it is rebuilt
        the index `users_lower` is gone
    ");
    assert_snapshot!(told(INDEXED, r"== 002_a.sql
CREATE TABLE new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT);
INSERT INTO new SELECT * FROM users;
DROP TABLE users;
ALTER TABLE new RENAME TO users;
CREATE INDEX users_lower ON users (lower(name));
CREATE TRIGGER users_in AFTER INSERT ON users BEGIN SELECT 1; END;
"), @"
    S14 002_a.sql:3:12 `users` loses something when it is rebuilt
        `UNIQUE` on `mail` is gone
    ");
    assert_snapshot!(told(INDEXED, r#"== 002_a.sql
DROP TRIGGER users_in;
DROP INDEX users_lower;
CREATE TABLE "new users" (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO "new users" SELECT id, name FROM users;
DROP TABLE users;
ALTER TABLE "new users" RENAME TO users;
"#), @"S16 002_a.sql:3:14 the column `mail` of `users` is gone when the table is rebuilt");
    assert_snapshot!(told(INDEXED, r"== 002_a.sql
DROP TRIGGER users_in;
DROP INDEX users_lower;
CREATE TABLE new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
INSERT INTO new SELECT * FROM users WHERE mail IS NOT NULL;
DROP TABLE users;
ALTER TABLE new RENAME TO users;
"), @"S15 002_a.sql:4:31 1 row is lost when `users` is rebuilt, because of `WHERE`");
    assert_snapshot!(told("", r"== 001_a.sql
CREATE TABLE a (b TEXT PRIMARY KEY, c INTEGER CHECK (c > 0), d INTEGER AS (c + 1)) STRICT, WITHOUT ROWID;
== 002_b.sql
CREATE TABLE a2 (b TEXT PRIMARY KEY, c INTEGER, d INTEGER);
INSERT INTO a2 (b, c) SELECT b, c FROM a;
DROP TABLE a;
ALTER TABLE a2 RENAME TO a;
"), @"
    S14 002_b.sql:3:12 `a` loses something when it is rebuilt
        it is no longer `STRICT`
        it is no longer `WITHOUT ROWID`
        `d` is no longer generated
        `CHECK (c > 0)` is gone
    ");
    assert_snapshot!(told("", r"== 001_a.sql
CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT);
CREATE TABLE c (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id), d TEXT);
CREATE INDEX c_a ON c (a_id);
== 002_b.sql
CREATE TABLE a2 (id INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT DEFAULT 'x');
INSERT INTO a2 SELECT id, b FROM a;
DROP TABLE a;
ALTER TABLE a2 RENAME TO a;
CREATE TABLE c2 (id INTEGER PRIMARY KEY, a_id INTEGER, d TEXT);
INSERT INTO c2 SELECT id, a_id, d FROM c LIMIT 1;
DROP TABLE c;
ALTER TABLE c2 RENAME TO c;
CREATE INDEX c_a ON c (a_id);
"), @"
    S15 002_b.sql:6:40 6 rows are lost when `c` is rebuilt, because of `LIMIT`
    S14 002_b.sql:3:12 `a` loses something when it is rebuilt
        the highest id that was ever given is forgotten: ids of deleted rows are given to new ones
    S14 002_b.sql:7:12 `c` loses something when it is rebuilt
        the foreign key of `a_id` to `a` is gone
    ");
    assert_snapshot!(told("", r#"== 001_a.sql
CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT);
== 002_b.sql
DELETE FROM a;
DROP TABLE a;
CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT, c TEXT);
== 003_c.sql
-- migrate: allow rebuild-loses-rows "a cache"
DROP TABLE a;
CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT, c TEXT);
"#), @"");
}

/// S01: through triggers.
#[test]
fn rows_that_go_elsewhere() {
    assert_snapshot!(told(NOTES, r"== 002_a.sql
CREATE TEMP TABLE kept AS SELECT * FROM users;
DELETE FROM users;
INSERT INTO users SELECT * FROM kept;
DROP TABLE kept;
"), @"S01 002_a.sql:2:1 `notes` loses 7 rows here, though no statement deletes from it");
    assert_snapshot!(told(NOTES, r"== 002_a.sql
ALTER TABLE users ADD COLUMN x TEXT;
UPDATE users SET x = 'a', name = trim(name) WHERE id > 0;
"), @"S01 002_a.sql:2:1 `notes` loses 7 rows here, though no statement deletes from it");
    assert_snapshot!(told(NOTES, r#"== 002_a.sql
-- migrate: allow rebuild-cascades "notes are of no worth"
UPDATE users SET name = trim(name) WHERE id > 0;
"#), @"");
}
