//! Each migration runs on a connection of its own.

use crate::set::{USERS, found, told, told_with};
use insta::assert_snapshot;
use migrate_model::Version;
use migrate_model::history::Direction;
use migrate_prove::Options;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Transaction};

#[test]
fn temporary_objects_end_with_their_migration() {
    assert_snapshot!(found(&[
        ("001_a.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY);\nCREATE TEMP TABLE stage AS SELECT 1 AS id;"),
        ("002_b.sql", "INSERT INTO t SELECT id FROM stage;"),
    ]), @"
    M037: SQLite refuses this: no such table: stage
     --> migrations/002_b.sql:1:30
      |
    1 | INSERT INTO t SELECT id FROM stage;
      |                              ^^^^^
      = help: the temporary table `stage` exists only on the connection on which `001_a` ran, and this may run on another one: create it in this migration, or do both in one migration
    ");
    assert_snapshot!(told(USERS, "== 002_a.sql
CREATE TEMPORARY VIEW admins AS SELECT * FROM users;
== 003_b.sql
-- migrate: empty \"nothing\"
== 004_c.sql
DELETE FROM roles WHERE id IN (SELECT id FROM temp.Admins);
"), @"M037 004_c.sql:1:52 SQLite refuses this: no such table: temp.Admins");
    assert_snapshot!(told(USERS, "== 002_a.sql
CREATE TEMP TABLE stage(id INTEGER PRIMARY KEY AUTOINCREMENT);
INSERT INTO stage DEFAULT VALUES;
CREATE TEMP TRIGGER watch AFTER INSERT ON roles BEGIN SELECT RAISE(ABORT, 'watched'); END;
== 003_b.sql
INSERT INTO roles (id, name) VALUES (3, 'owner');
== 004_c.sql
DROP TABLE stage;
"), @"M037 004_c.sql:1:12 SQLite refuses this: no such table: stage");
    // This creates one too.
    assert_snapshot!(told(USERS, "== 002_a.sql
CREATE TEMP TABLE stage AS SELECT 7 AS nr;
== 003_b.sql
CREATE TEMP TABLE other AS SELECT nr FROM stage;
"), @"M037 003_b.sql:1:43 SQLite refuses this: no such table: stage");
    // A temporary table that hides another one is refused by the runner too, and does so only in
    // its own migration.
    assert_snapshot!(told(USERS, "== 002_a.sql
CREATE TEMP TABLE roles AS SELECT 7 AS nr;
INSERT INTO main.roles (id, name) SELECT nr, 'seven' FROM roles;
== 003_b.sql
UPDATE roles SET name = lower(name) WHERE id = 7;
== 004_c.sql
DROP TABLE IF EXISTS temp.roles;
CREATE TEMP TABLE roles AS SELECT 8 AS nr;
"), @"
    M037 002_a.sql:2:18 a temporary table or view hides `roles` of the database
    M037 004_c.sql:2:19 a temporary table or view hides `roles` of the database
    ");
}

#[test]
fn what_the_application_creates_stays() {
    let setup = |conn: &Connection| {
        conn.execute_batch("CREATE TEMP TABLE limits(x); INSERT INTO limits VALUES (1)")
    };
    let mut options = Options::default();
    options.setup = Some(&setup);
    let text = "== 002_a.sql
CREATE TEMP TABLE own AS SELECT 1 AS x;
INSERT INTO roles (id, name) SELECT 2 + x, 'x' FROM limits;
== 003_b.sql
INSERT INTO roles (id, name) SELECT 3 + x, 'x' FROM limits;
== 004_c.sql
INSERT INTO roles (id, name) SELECT 4 + x, 'x' FROM own;
";
    assert_snapshot!(told_with(USERS, text, &options), @"M037 004_c.sql:1:53 SQLite refuses this: no such table: own");
}

#[test]
fn functions_of_a_migration_end_with_it() {
    let register = |conn: &Connection, name: &str| {
        let flags = FunctionFlags::SQLITE_UTF8;
        conn.create_scalar_function(name, 1, flags, |context| context.get::<String>(0))
    };
    let setup = |conn: &Connection| register(conn, "of_application");
    let call = |_: Version, _: Direction, tx: &Transaction<'_>| {
        register(tx, "of_migration").map_err(|error| error.to_string())
    };
    let mut options = Options::default();
    options.setup = Some(&setup);
    options.rust = Some(&call);
    let text = "== 002_a.rs
pub fn up() {}
== 003_b.sql
UPDATE users SET name = of_application(name) WHERE id = 1;
== 004_c.sql
UPDATE users SET name = of_migration(name) WHERE id = 1;
";
    assert_snapshot!(told_with(USERS, text, &options), @"M037 004_c.sql:1:25 SQLite refuses this: no such function: of_migration");
}
