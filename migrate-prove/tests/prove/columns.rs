//! S05 to S09: columns that cannot be added to a table with rows.

use crate::set::{found, found_with, told};
use insta::assert_snapshot;
use migrate_prove::Options;
use migrate_source::SqliteVersion;

const USERS: (&str, &str) = (
    "001_users.sql",
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (length(name) > 3));",
);

#[test]
fn not_null() {
    let add = "-- a new column\nALTER TABLE users\n  ADD COLUMN mail TEXT NOT NULL;";
    assert_snapshot!(found(&[USERS, ("002_mail.sql", add)]), @r#"
    S05: this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
     --> migrations/002_mail.sql:3:14
      |
    3 |   ADD COLUMN mail TEXT NOT NULL;
      |              ^^^^
      = help: give it a default; or rebuild the table and set the value of its rows
              or allow it: `-- migrate: allow add-not-null-no-default "why"`
    "#);
}

/// SQLite can set `NOT NULL` later since 3.53.
#[test]
fn the_help_offers_what_each_supported_version_has() {
    let add = [
        USERS,
        ("002_mail.sql", "ALTER TABLE users ADD mail TEXT NOT NULL;"),
    ];
    let mut options = Options::default();
    for (minor, is_offered) in [(52, false), (53, true), (54, true)] {
        options.min_sqlite = Some(SqliteVersion::minor(minor));
        let shown = found_with(&add, &options);
        assert_eq!(shown.contains("SET NOT NULL"), is_offered, "{shown}");
    }
    assert_snapshot!(found_with(&add, &options), @r#"
    S05: this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
     --> migrations/002_mail.sql:1:23
      |
    1 | ALTER TABLE users ADD mail TEXT NOT NULL;
      |                       ^^^^
      = help: give it a constant default; or add it without `NOT NULL` and default, fill it with an `UPDATE`, and then use `ALTER TABLE … ALTER COLUMN … SET NOT NULL`
              or allow it: `-- migrate: allow add-not-null-no-default "why"`
    "#);
}

/// The constraints that SQLite can add and drop since 3.53.
#[test]
fn constraints_of_an_older_table() {
    if rusqlite::version_number() < 3_053_000 {
        return;
    }
    let base = "== 001_a.sql
CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER, CONSTRAINT k CHECK (b < 100));
";
    let fine = "== 002_b.sql
ALTER TABLE t ALTER COLUMN a DROP NOT NULL;
ALTER TABLE t DROP CONSTRAINT k;
UPDATE t SET a = 0 WHERE a IS NULL;
ALTER TABLE t ALTER a SET NOT NULL;
ALTER TABLE t ADD CONSTRAINT k CHECK (b < 1000);
";
    assert_eq!(told(base, fine), "");
    let restored = "== 002_b.sql
CREATE TABLE u(a INTEGER CHECK (a > 0) NOT NULL DEFAULT 1 COLLATE NOCASE UNIQUE, b CONSTRAINT c CHECK (b > 0));
-- migrate:down
DROP TABLE u;
== 003_c.sql
ALTER TABLE u DROP CONSTRAINT c;
ALTER TABLE u ALTER a DROP NOT NULL;
-- migrate:down
UPDATE u SET a = 1 WHERE a IS NULL;
ALTER TABLE u ALTER a SET NOT NULL;
ALTER TABLE u ADD CONSTRAINT c CHECK (b > 0);
";
    assert_eq!(told(base, restored), "");
    let forgotten = "== 002_b.sql
ALTER TABLE t DROP CONSTRAINT k;
ALTER TABLE t ALTER a DROP NOT NULL;
-- migrate:down
ALTER TABLE t ADD CONSTRAINT k CHECK (b < 100);
";
    assert_snapshot!(told(base, forgotten), @"
    S33 002_b.sql:4:13 this down does not restore the schema from before its up
        the table `t` was `CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER, CONSTRAINT k CHECK (b < 100))`, and is `CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, CONSTRAINT k CHECK (b < 100))`
    ");
    let fails = "== 002_b.sql
ALTER TABLE t ALTER COLUMN b SET NOT NULL;
";
    assert_snapshot!(told(base, fails), @"S37 002_b.sql:1:1 this fails on a table that has rows: constraint failed");
}

#[test]
fn others() {
    let add = "ALTER TABLE users ADD COLUMN at TEXT DEFAULT CURRENT_TIMESTAMP;";
    assert_snapshot!(found(&[USERS, ("002_mail.sql", add)]), @r#"
    S06: this fails on a table that has rows: Cannot add a column with non-constant default
     --> migrations/002_mail.sql:1:30
      |
    1 | ALTER TABLE users ADD COLUMN at TEXT DEFAULT CURRENT_TIMESTAMP;
      |                              ^^
      = help: add it with a constant default or none, and fill it with an `UPDATE`
              or allow it: `-- migrate: allow add-nonconstant-default "why"`
    "#);
    let add = "ALTER TABLE users ADD COLUMN boss INTEGER DEFAULT 7 REFERENCES users(id);";
    assert_snapshot!(found(&[USERS, ("002_mail.sql", add)]), @r#"
    S07: rows of `users` refer to no row of `users` after this
     --> migrations/002_mail.sql:1:43
      |
    1 | ALTER TABLE users ADD COLUMN boss INTEGER DEFAULT 7 REFERENCES users(id);
      |                                           ^^^^^^^
      = help: add it without a default, and fill it with an `UPDATE`
              or allow it: `-- migrate: allow add-references-default "why"`

    S22: the foreign key of `users` on `boss` has no index: each delete in `users` reads the whole table
     --> migrations/002_mail.sql:1:30
      |
    1 | ALTER TABLE users ADD COLUMN boss INTEGER DEFAULT 7 REFERENCES users(id);
      |                              ^^^^
      = help: add `CREATE INDEX … ON users(boss)`
              or allow it: `-- migrate: allow fk-without-index "why"`
    "#);
    let add = "ALTER TABLE users ADD COLUMN up TEXT AS (upper(name)) STORED;";
    assert_snapshot!(found(&[USERS, ("002_mail.sql", add)]), @r#"
    S08: this fails on a table that has rows: cannot add a STORED column
     --> migrations/002_mail.sql:1:30
      |
    1 | ALTER TABLE users ADD COLUMN up TEXT AS (upper(name)) STORED;
      |                              ^^
      = help: make it `VIRTUAL`, or rebuild the table
              or allow it: `-- migrate: allow add-stored-generated "why"`
    "#);
    let add = "ALTER TABLE users ADD COLUMN age INTEGER DEFAULT 3 CHECK (age > 17);";
    assert_snapshot!(found(&[USERS, ("002_mail.sql", add)]), @r#"
    S09: this fails on a table that has rows: CHECK constraint failed
     --> migrations/002_mail.sql:1:30
      |
    1 | ALTER TABLE users ADD COLUMN age INTEGER DEFAULT 3 CHECK (age > 17);
      |                              ^^^
      = help: give it a default that satisfies its check
              or allow it: `-- migrate: allow add-check-violated-by-default "why"`
    "#);
    let add = "DROP TABLE users; CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);";
    assert_snapshot!(found(&[USERS, ("002_mail.sql", add), ("002_mail.down.sql", "DROP TABLE users")]), @r#"
    S14: `users` loses something when it is rebuilt
     --> migrations/002_mail.sql:1:12
      |
    1 | DROP TABLE users; CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
      |            ^^^^^
      = note: `name` loses its `NOT NULL`
      = note: `CHECK (length ( name ) > 3)` is gone
      = help: create it again, or drop it with an explicit statement
              or allow it: `-- migrate: allow rebuild-loses-objects "why"`

    S33: this down does not restore the schema from before its up
     --> migrations/002_mail.down.sql:1:12
      |
    1 | DROP TABLE users
      |            ^^^^^
      = note: the table `users` is gone
      = help: make it undo everything that the up does
              or allow it: `-- migrate: allow down-does-not-restore "why"`
    "#);
    let add = "UPDATE users SET \"nmae\" = 'x' WHERE id = 1";
    assert_snapshot!(found(&[USERS, ("002_mail.sql", add)]), @r#"
    M037: SQLite refuses this: no such column: nmae
     --> migrations/002_mail.sql:1:18
      |
    1 | UPDATE users SET "nmae" = 'x' WHERE id = 1
      |                  ^^^^^^
      = help: correct the statement; it or an earlier migration must create what it needs
    "#);
    let add = "CREATE TABLE posts(id INTEGER PRIMARY KEY, author INTEGER REFERENCES users(id)); CREATE VIEW v AS SELECT nope FROM users;
    CREATE TRIGGER t AFTER INSERT ON users BEGIN INSERT INTO log VALUES (1); END;";
    assert_snapshot!(found(&[USERS, ("002_mail.sql", add)]), @r#"
    S12: trigger `t` of `users`: no such table: main.log
     --> migrations/002_mail.sql:2:62
      |
    2 |     CREATE TRIGGER t AFTER INSERT ON users BEGIN INSERT INTO log VALUES (1); END;
      |                                                              ^^^
      = help: drop it, or recreate it to match, in this migration

    S12: view `v`: no such column: nope
     --> migrations/002_mail.sql:1:106
      |
    1 | …thor INTEGER REFERENCES users(id)); CREATE VIEW v AS SELECT nope FROM users;
      |                                                              ^^^^
      = help: drop it, or recreate it to match, in this migration

    S22: the foreign key of `posts` on `author` has no index: each delete in `users` reads the whole table
     --> migrations/002_mail.sql:1:44
      |
    1 | CREATE TABLE posts(id INTEGER PRIMARY KEY, author INTEGER REFERENCES users(id)); CREATE VIEW v AS SELECT nope FROM users…
      |                                            ^^^^^^
      = help: add `CREATE INDEX … ON posts(author)`
              or allow it: `-- migrate: allow fk-without-index "why"`
    "#);
}
