//! S43: statements that do nothing because of `IF NOT EXISTS` or `IF EXISTS`.

use crate::set::{INDEXED, USERS, found, told};
use insta::assert_snapshot;

#[test]
fn another_definition_has_the_name() {
    assert_snapshot!(found(&[
        (
            "001_a.sql",
            "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT);\nCREATE INDEX t_i ON t(a);",
        ),
        ("002_b.sql", "CREATE INDEX IF NOT EXISTS t_i ON t(b);"),
    ]), @r#"
    S43: the index `t_i` exists with another definition, so this does nothing
     --> migrations/002_b.sql:1:28
      |
    1 | CREATE INDEX IF NOT EXISTS t_i ON t(b);
      |                            ^^^
      = note: it exists as `CREATE INDEX t_i ON t(a)`
      = note: the statement is `CREATE INDEX IF NOT EXISTS t_i ON t(b)`
      = help: the migration would be recorded although it did nothing: change what exists, or drop it first, or use another name
              or allow it: `-- migrate: allow if-exists-does-nothing "why"`
    "#);
    let told = |text: &str| told(INDEXED, &format!("== 002_a.sql\n{text}"));
    assert_snapshot!(told("
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER);
"), @"
    S43 002_a.sql:2:28 the table `users` exists with another definition, so this does nothing
        it exists as `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE)`
        the statement is `CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER)`
    ");
    assert_snapshot!(told("
CREATE VIEW IF NOT EXISTS roles AS SELECT name FROM users;
"), @"
    S43 002_a.sql:2:27 the table `roles` exists with another definition, so this does nothing
        it exists as `CREATE TABLE roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL)`
        the statement is `CREATE VIEW IF NOT EXISTS roles AS SELECT name FROM users`
    ");
    assert_snapshot!(told("
CREATE TRIGGER IF NOT EXISTS users_in AFTER INSERT ON users BEGIN SELECT 2; END;
"), @"
    S43 002_a.sql:2:30 the trigger `users_in` exists with another definition, so this does nothing
        it exists as `CREATE TRIGGER users_in AFTER INSERT ON users BEGIN SELECT 1; END`
        the statement is `CREATE TRIGGER IF NOT EXISTS users_in AFTER INSERT ON users BEGIN SELECT 2; END`
    ");
    assert_snapshot!(told("
CREATE VIRTUAL TABLE IF NOT EXISTS main.roles USING fts5(name);
"), @"
    S43 002_a.sql:2:41 the table `roles` exists with another definition, so this does nothing
        it exists as `CREATE TABLE roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL)`
        the statement is `CREATE VIRTUAL TABLE IF NOT EXISTS main.roles USING fts5(name)`
    ");
    assert_snapshot!(told("
CREATE UNIQUE INDEX IF NOT EXISTS \"users_lower\" ON users (lower(name));
"), @r#"
    S43 002_a.sql:2:35 the index `users_lower` exists with another definition, so this does nothing
        it exists as `CREATE INDEX users_lower ON users (lower(name))`
        the statement is `CREATE UNIQUE INDEX IF NOT EXISTS "users_lower" ON users (lower(name))`
    "#);
    // The statement is new itself, and so is the other definition.
    assert_snapshot!(told("
CREATE TABLE IF NOT EXISTS tags (name TEXT);
CREATE TABLE IF NOT EXISTS tags (name TEXT, color TEXT);
"), @"
    S43 002_a.sql:3:28 the table `tags` exists with another definition, so this does nothing
        it exists as `CREATE TABLE tags (name TEXT)`
        the statement is `CREATE TABLE IF NOT EXISTS tags (name TEXT, color TEXT)`
    ");
    assert_snapshot!(told("
CREATE TABLE IF NOT EXISTS roles AS SELECT * FROM users;
"), @"
    S43 002_a.sql:2:28 the table `roles` exists with another definition, so this does nothing
        it exists as `CREATE TABLE roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL)`
        the statement is `CREATE TABLE IF NOT EXISTS roles AS SELECT * FROM users`
    ");
    // In a down, it explains why the schema is not restored.
    assert_snapshot!(told("
DROP TABLE roles;
CREATE TABLE roles (id INTEGER PRIMARY KEY);
-- migrate:down
CREATE TABLE IF NOT EXISTS roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
"), @"
    S43 002_a.sql:5:28 the table `roles` exists with another definition, so this does nothing
        it exists as `CREATE TABLE roles (id INTEGER PRIMARY KEY)`
        the statement is `CREATE TABLE IF NOT EXISTS roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL)`
    ");
}

#[test]
fn nothing_of_the_name_can_be_dropped() {
    let told = |text: &str| told(INDEXED, &format!("== 002_a.sql\n{text}"));
    assert_snapshot!(told("DROP INDEX IF EXISTS user_lower;\n"), @"S43 002_a.sql:1:22 there is no index `user_lower`, so this drops nothing; there is the index `users_lower`");
    assert_snapshot!(told("DROP INDEX IF EXISTS users;\n"), @"S43 002_a.sql:1:22 there is no index `users`, so this drops nothing; there is the table `users`");
    assert_snapshot!(told("DROP TABLE IF EXISTS users_lower;\n"), @"S43 002_a.sql:1:22 there is no table `users_lower`, so this drops nothing; there is the index `users_lower`");
    assert_snapshot!(told("DROP TRIGGER IF EXISTS main.user_in;\n"), @"S43 002_a.sql:1:29 there is no trigger `user_in`, so this drops nothing; there is the trigger `users_in`");
    assert_snapshot!(told("
CREATE INDEX users_mail ON users (mail);
-- migrate:down
DROP INDEX IF EXISTS users_mial;
"), @"S43 002_a.sql:4:22 there is no index `users_mial`, so this drops nothing; there is the index `users_mail`");
}

#[test]
fn what_is_meant_so_is_silent() {
    // The same definition, also after a change, a rename, or a drop of the script.
    assert_snapshot!(told(INDEXED, r#"== 002_a.sql
CREATE TABLE IF NOT EXISTS "users" (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail text UNIQUE);
CREATE INDEX IF NOT EXISTS main.users_lower ON users(lower(name) ASC);
CREATE TRIGGER IF NOT EXISTS users_in AFTER INSERT ON users BEGIN SELECT 1; END;
CREATE TABLE IF NOT EXISTS tags (name TEXT);
ALTER TABLE tags ADD COLUMN color TEXT;
CREATE VIEW IF NOT EXISTS colors AS SELECT color FROM tags;
ALTER TABLE tags RENAME TO labels;
-- migrate:down
DROP VIEW IF EXISTS colors;
DROP TABLE IF EXISTS labels;
== 003_b.sql
DROP INDEX IF EXISTS users_lower;
CREATE INDEX IF NOT EXISTS users_lower ON users (upper(name));
DROP TRIGGER users_in;
CREATE TRIGGER IF NOT EXISTS users_in AFTER INSERT ON users BEGIN SELECT 2; END;
== 004_c.sql
CREATE TABLE IF NOT EXISTS labels (name TEXT, color TEXT);
CREATE TEMP TABLE IF NOT EXISTS users (x);
DROP TABLE IF EXISTS temp.users;
"#), @"");
    // Dropped in case it exists.
    assert_snapshot!(told(USERS, "== 002_a.sql
DROP TABLE IF EXISTS role;
CREATE TABLE role (id INTEGER PRIMARY KEY);
DROP TABLE IF EXISTS users_new;
DROP INDEX IF EXISTS by_mail;
DROP VIEW IF EXISTS legacy;
== 003_b.sql
DROP TABLE IF EXISTS role;
== 004_c.sql
DROP TABLE IF EXISTS role;
CREATE TEMP TABLE IF NOT EXISTS user AS SELECT 1 AS x;
DROP TABLE IF EXISTS user;
"), @"");
    assert_snapshot!(told(USERS, "== 002_a.sql
-- migrate: allow if-exists-does-nothing \"some databases have it\"
DROP TABLE IF EXISTS user;
CREATE TABLE IF NOT EXISTS roles (id INTEGER PRIMARY KEY);
"), @"");
}
