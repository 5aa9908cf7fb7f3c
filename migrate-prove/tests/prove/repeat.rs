//! An up that runs again after its down: that is left out only where it cannot
//! find anything.

use crate::set::found;
use insta::assert_snapshot;

const USERS: (&str, &str) = (
    "001_users.sql",
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);",
);

#[test]
fn rows_that_a_down_leaves_are_met_by_the_second_up() {
    let up = "CREATE TABLE tags(x); INSERT INTO users VALUES (1, 'root');";
    let down = "DROP TABLE tags;";
    assert_snapshot!(found(&[USERS, ("002_root.sql", up), ("002_root.down.sql", down)]), @r#"
    S37: `users` may have a row with the id 1 already
     --> migrations/002_root.sql:1:23
      |
    1 | CREATE TABLE tags(x); INSERT INTO users VALUES (1, 'root');
      |                       ^^^^^^
      = help: leave the key to SQLite, or add `ON CONFLICT DO NOTHING` if such a row will do
              or allow it: `-- migrate: allow fails-on-rows "why"`

    M039: this cannot be applied again after its down: UNIQUE constraint failed: users.id
     --> migrations/002_root.sql:1:23
      |
    1 | CREATE TABLE tags(x); INSERT INTO users VALUES (1, 'root');
      |                       ^^^^^^
      = help: make the down undo everything that the up does, rows included
    "#);
    // A trigger writes them.
    let up = "CREATE TABLE tags(x);\n\
              CREATE TRIGGER seed AFTER INSERT ON tags BEGIN\n\
              \x20 INSERT INTO users VALUES (new.x, 'root');\n\
              END;\n\
              INSERT INTO tags VALUES (1);";
    assert_snapshot!(found(&[USERS, ("002_root.sql", up), ("002_root.down.sql", down)]), @"
    M039: this cannot be applied again after its down: UNIQUE constraint failed: users.id
     --> migrations/002_root.sql:5:1
      |
    5 | INSERT INTO tags VALUES (1);
      | ^^^^^^
      = help: make the down undo everything that the up does, rows included
    ");
}

#[test]
fn a_column_that_a_down_makes_anew_has_other_values() {
    let up = "CREATE UNIQUE INDEX by_name ON users(name);\n\
              CREATE TABLE names(x);\n\
              DROP INDEX by_name;\n\
              ALTER TABLE users DROP COLUMN name;";
    let down = "DROP TABLE names; ALTER TABLE users ADD COLUMN name TEXT DEFAULT 'x';";
    let users = (
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT DEFAULT 'x');",
    );
    let allowed =
        format!("-- migrate: allow destructive-drop \"why\"\n-- migrate: allow S10 \"why\"\n{up}");
    assert_snapshot!(found(&[users, ("002_root.sql", &allowed), ("002_root.down.sql", down)]), @"
    M039: this cannot be applied again after its down: UNIQUE constraint failed: users.name
     --> migrations/002_root.sql:3:38
      |
    3 | CREATE UNIQUE INDEX by_name ON users(name);
      |                                      ^^^^
      = help: make the down undo everything that the up does, rows included
    ");
}

#[test]
fn what_is_referred_to_must_be_unique() {
    let up = "CREATE TABLE mails(name TEXT REFERENCES users(name)); \
              CREATE INDEX by_name ON mails(name);";
    assert_snapshot!(found(&[USERS, ("002_mails.sql", up)]), @r#"
    S13: table `mails`: foreign key mismatch - "mails" referencing "users"
     --> migrations/002_mails.sql:1:41
      |
    1 | CREATE TABLE mails(name TEXT REFERENCES users(name)); CREATE INDEX by_name ON mails(name);
      |                                         ^^^^^
      = help: refer to a table that exists, and there to its primary key or to columns that are unique together
    "#);
    let users = (
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); \
         CREATE UNIQUE INDEX u ON users(name);",
    );
    assert_snapshot!(found(&[users, ("002_mails.sql", up)]), @"");
}

/// A chain of parents is not copied to its end, and that is no fault.
#[test]
fn parents_of_parents_are_fine() {
    let table = |name: &str, parent: &str| {
        format!(
            "CREATE TABLE {name}(id INTEGER PRIMARY KEY, up INTEGER NOT NULL REFERENCES {parent}(id)); \
             CREATE INDEX {name}_up ON {name}(up);"
        )
    };
    let (b, c, d) = (table("b", "users"), table("c", "b"), table("d", "c"));
    let set = [
        USERS,
        ("002_b.sql", b.as_str()),
        ("003_c.sql", &c),
        ("004_d.sql", &d),
        (
            "005_e.sql",
            "ALTER TABLE d ADD COLUMN x TEXT; UPDATE c SET up = up;",
        ),
        ("006_f.sql", "INSERT INTO d(id, up) VALUES (1, 77);"),
    ];
    assert_snapshot!(found(&set), @r#"
    S37: `d` may have a row with the id 1 already
     --> migrations/006_f.sql:1:15
      |
    1 | INSERT INTO d(id, up) VALUES (1, 77);
      |               ^^
      = help: leave the key to SQLite, or add `ON CONFLICT DO NOTHING` if such a row will do
              or allow it: `-- migrate: allow fails-on-rows "why"`

    M037: rows of `d` refer to no row of `c` after this
     --> migrations/006_f.sql:1:1
      |
    1 | INSERT INTO d(id, up) VALUES (1, 77);
      | ^^^^^^
      = help: the runner would refuse the migration: insert the rows that are referred to first
    "#);
}
