//! S16 and S41.

use super::{brief, each, nothing, shown, up};
use insta::assert_snapshot;

#[test]
fn a_table_and_a_column() {
    let sql = "CREATE TABLE visits(id INTEGER PRIMARY KEY);\nDROP TABLE users;\n\
               ALTER TABLE orders DROP COLUMN note;\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S16: dropping `users` deletes all its rows
     --> 001_a.sql:2:1
      |
    2 | DROP TABLE users;
      | ^^^^^^^^^^
      = help: first copy what is still needed
              or allow it: `-- migrate: allow destructive-drop "why"`

    S16: dropping `note` deletes its values in all rows of `orders`
     --> 001_a.sql:3:20
      |
    3 | ALTER TABLE orders DROP COLUMN note;
      |                    ^^^^^^^^^^^
      = help: first copy what is still needed
              or allow it: `-- migrate: allow destructive-drop "why"`
    "#);
}

#[test]
fn a_constraint_is_not_a_column() {
    nothing(&[
        "ALTER TABLE t DROP CONSTRAINT k;",
        "alter table main.t add constraint pos check (b > 0) on conflict abort;",
        "ALTER TABLE t ADD CHECK (b > 0);",
        "ALTER TABLE t ALTER COLUMN b SET NOT NULL;",
        "ALTER TABLE t ALTER b DROP NOT NULL;",
    ]);
    assert_snapshot!(each(&[
        "ALTER TABLE t DROP \"constraint\";",
        "ALTER TABLE t ADD [check] STRING;",
    ]), @r#"
    ALTER TABLE t DROP "constraint";
        S16 1:15 DROP
    ALTER TABLE t ADD [check] STRING;
        S19 1:27 STRING
    "#);
}

#[test]
fn however_it_is_written() {
    assert_snapshot!(each(&[
        "drop table main.\"Users\"",
        "/* a */ DROP /* b */ TABLE -- c\n [users];",
        "ALTER TABLE `users` DROP \"note\";",
        "CREATE TABLE users(id INTEGER PRIMARY KEY); DROP TABLE orders; DROP TABLE users;",
        "DROP TABLE users; CREATE TABLE users(id INTEGER PRIMARY KEY);",
        "ALTER TABLE users RENAME TO old; DROP TABLE old;",
        "CREATE TABLE users_new(id INTEGER PRIMARY KEY); DROP TABLE users;",
        "DROP TABLE users; ALTER TABLE people RENAME TO users;",
        "INSERT INTO people SELECT id FROM users; DROP TABLE users;",
        "CREATE TEMP TABLE kept AS SELECT id FROM users; DROP TABLE users;",
    ]), @r#"
    drop table main."Users"
        S16 1:1 drop table
    /* a */ DROP /* b */ TABLE -- c
     [users];
        S16 1:9 DROP /* b */ TABLE
    ALTER TABLE `users` DROP "note";
        S16 1:21 DROP
    CREATE TABLE users(id INTEGER PRIMARY KEY); DROP TABLE orders; DROP TABLE users;
        S16 1:45 DROP TABLE
    DROP TABLE users; CREATE TABLE users(id INTEGER PRIMARY KEY);
        S16 1:1 DROP TABLE
    ALTER TABLE users RENAME TO old; DROP TABLE old;
        S16 1:34 DROP TABLE
    CREATE TABLE users_new(id INTEGER PRIMARY KEY); DROP TABLE users;
        S16 1:49 DROP TABLE
    DROP TABLE users; ALTER TABLE people RENAME TO users;
        S16 1:1 DROP TABLE
    INSERT INTO people SELECT id FROM users; DROP TABLE users;
        S41 1:42 DROP TABLE
    CREATE TEMP TABLE kept AS SELECT id FROM users; DROP TABLE users;
        S16 1:49 DROP TABLE
    "#);
}

/// Scripts that are written to run twice begin with it.
#[test]
fn what_was_never_there() {
    nothing(&[
        "DROP TABLE IF EXISTS users; CREATE TABLE users(id INTEGER PRIMARY KEY);",
        "DROP TABLE IF EXISTS users_old;",
    ]);
    let users = (
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY);",
    );
    let drop = ("002_drop.sql", "DROP TABLE IF EXISTS Users;");
    assert_eq!(brief(&[users, drop]), "S16 002_drop.sql:1:1 DROP TABLE");
    let renamed = (users.0, "CREATE TABLE a(x); ALTER TABLE a RENAME TO users;");
    assert_eq!(brief(&[renamed, drop]), "S16 002_drop.sql:1:1 DROP TABLE");
    // Nobody knows what a function has made.
    let rust = ("001_users.rs", "pub fn up() {}");
    assert_eq!(brief(&[rust, drop]), "S16 002_drop.sql:1:1 DROP TABLE");
    assert_eq!(up("DROP TABLE users;"), "S16 1:1 DROP TABLE");
}

#[test]
fn what_is_copied_is_a_warning() {
    assert_snapshot!(each(&[
        "UPDATE users SET mail = lower(email); ALTER TABLE users DROP email;",
        "UPDATE users SET email = ''; ALTER TABLE users DROP email;",
        "INSERT INTO mails SELECT id, email FROM users; ALTER TABLE users DROP email;",
        "INSERT INTO users (email) SELECT email FROM users; ALTER TABLE users DROP email;",
        "INSERT INTO mails SELECT id FROM users; ALTER TABLE users DROP email;",
        "CREATE TABLE old AS SELECT * FROM users; ALTER TABLE users DROP email;",
        "DROP TABLE users; INSERT INTO old SELECT * FROM users;",
    ]), @"
    UPDATE users SET mail = lower(email); ALTER TABLE users DROP email;
        S27 1:1 UPDATE
        S41 1:57 DROP
    UPDATE users SET email = ''; ALTER TABLE users DROP email;
        S16 1:48 DROP
        S27 1:1 UPDATE
    INSERT INTO mails SELECT id, email FROM users; ALTER TABLE users DROP email;
        S41 1:66 DROP
    INSERT INTO users (email) SELECT email FROM users; ALTER TABLE users DROP email;
        S16 1:70 DROP
    INSERT INTO mails SELECT id FROM users; ALTER TABLE users DROP email;
        S16 1:59 DROP
    CREATE TABLE old AS SELECT * FROM users; ALTER TABLE users DROP email;
        S41 1:60 DROP
    DROP TABLE users; INSERT INTO old SELECT * FROM users;
        S16 1:1 DROP TABLE
    ");
    nothing(&[
        "CREATE TEMP TABLE kept AS SELECT * FROM users; DROP TABLE users; CREATE TABLE users(x);",
        "CREATE TABLE old AS SELECT * FROM users;
         DROP TABLE users; -- migrate: allow destructive-drop \"old has the rows\"",
    ]);
    assert_snapshot!(shown(&[
        ("001_a.sql", "INSERT INTO people SELECT id FROM users;\nDROP TABLE users;\n"),
    ]), @r#"
    S41: dropping `users` deletes all its rows; an earlier statement reads them
     --> 001_a.sql:2:1
      |
    2 | DROP TABLE users;
      | ^^^^^^^^^^
      = help: check that it has copied everything that is still needed
              or allow it: `-- migrate: allow drop-after-copy "why"`
    "#);
}

#[test]
fn what_the_script_has_made_itself() {
    nothing(&[
        "CREATE TABLE t(x); DROP TABLE \"T\";",
        "CREATE TEMP TABLE ids AS SELECT id FROM users; DROP TABLE temp.ids;",
        "CREATE TABLE t(x); ALTER TABLE t RENAME TO u; DROP TABLE u;",
        "ALTER TABLE t ADD COLUMN x TEXT; ALTER TABLE T DROP COLUMN X;",
        "ALTER TABLE t ADD x TEXT; ALTER TABLE t RENAME x TO y; ALTER TABLE t DROP y;",
        "ALTER TABLE t ADD x TEXT; ALTER TABLE t RENAME TO u; ALTER TABLE u DROP x;",
        "CREATE TABLE t(x, y); ALTER TABLE t DROP COLUMN x;",
    ]);
}

#[test]
fn a_table_that_is_built_anew() {
    nothing(&[
        "CREATE TABLE users_new(id INTEGER PRIMARY KEY);
         INSERT INTO users_new SELECT id FROM users;
         DROP TABLE users;
         ALTER TABLE users_new RENAME TO Users;
         CREATE UNIQUE INDEX users_id ON users(id);",
        "ALTER TABLE users RENAME TO users_old;
         CREATE TABLE users(id INTEGER PRIMARY KEY);
         INSERT INTO users(id) SELECT id FROM main.users_old;
         DROP TABLE users_old;",
        "ALTER TABLE users RENAME TO users_old;
         CREATE TABLE users AS SELECT id FROM orders JOIN users_old;
         DROP TABLE users_old;",
    ]);
}

#[test]
fn what_holds_no_data() {
    nothing(&[
        "DROP VIEW v; DROP INDEX i; DROP TRIGGER t;",
        "DROP TABLE search; CREATE VIRTUAL TABLE search USING fts5(title);",
        "CREATE TRIGGER t AFTER INSERT ON users BEGIN DELETE FROM orders; END;",
        "INSERT INTO notes VALUES ('DROP TABLE users;'); -- DROP TABLE users;",
    ]);
    assert_eq!(
        up("DROP TABLE points; CREATE VIRTUAL TABLE points USING rtree(id, a, b);"),
        "S16 1:1 DROP TABLE"
    );
}

#[test]
fn a_down_drops_what_its_up_created() {
    let sql = "CREATE TABLE t(x);\n-- migrate:down\nDROP TABLE t;\n";
    assert_eq!(brief(&[("001_a.sql", sql)]), "");
    let files = [
        ("001_a.sql", "ALTER TABLE t ADD COLUMN x TEXT;"),
        ("001_a.down.sql", "ALTER TABLE t DROP COLUMN x;"),
    ];
    assert_eq!(brief(&files), "");
}
