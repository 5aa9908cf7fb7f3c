//! One directory of each tool.

use super::converted;
use insta::assert_snapshot;
use migrate_adopt::Tool;

#[test]
fn refinery() {
    // The `U` is for unversioned, and not for undo.
    assert_snapshot!(converted(Tool::Refinery, &[
        ("V1__Initial.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY);\n"),
        ("V10__add_orders.sql", "CREATE TABLE orders(id INTEGER PRIMARY KEY);\n"),
        ("nested/V2__AddUserName.sql", "ALTER TABLE users ADD COLUMN name TEXT;\n"),
        ("U3__index.sql", "CREATE INDEX users_name ON users(name);\n"),
        ("V1.2__x.sql", "CREATE TABLE never(a TEXT);\n"),
        ("mod.rs", "// embeds\n"),
    ]), @r#"
    V1__Initial.sql -> 001_initial.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from refinery"
    nested/V2__AddUserName.sql -> 002_add_user_name.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from refinery"
    U3__index.sql -> 003_index.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from refinery"
    V10__add_orders.sql -> 004_add_orders.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from refinery"
    note: `V1.2__x.sql` is not a migration
    note: `mod.rs` is not a migration

    === 001_initial.sql
    -- migrate: adopted refinery "1"
    -- migrate: irreversible "it had no down when it was adopted from refinery"
    CREATE TABLE users(id INTEGER PRIMARY KEY);

    === 002_add_user_name.sql
    -- migrate: adopted refinery "2"
    -- migrate: irreversible "it had no down when it was adopted from refinery"
    ALTER TABLE users ADD COLUMN name TEXT;

    === 003_index.sql
    -- migrate: adopted refinery "3"
    -- migrate: irreversible "it had no down when it was adopted from refinery"
    CREATE INDEX users_name ON users(name);

    === 004_add_orders.sql
    -- migrate: adopted refinery "10"
    -- migrate: irreversible "it had no down when it was adopted from refinery"
    CREATE TABLE orders(id INTEGER PRIMARY KEY);
    "#);
}

#[test]
fn sqlx() {
    assert_snapshot!(converted(Tool::Sqlx, &[
        ("1_users.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY);\n"),
        ("20240101120000_add_orders.up.sql", "-- Orders.\nCREATE TABLE orders(id INTEGER PRIMARY KEY);\n"),
        ("20240101120000_add_orders.down.sql", "DROP TABLE orders;\n"),
        ("20240102120000_vacuum.sql", "-- no-transaction\nVACUUM;\n"),
        (
            "20240103120000_rebuild.sql",
            "-- no-transaction\nPRAGMA foreign_keys = OFF;\nBEGIN;\n\nALTER TABLE users ADD COLUMN name TEXT;\n\n\
             COMMIT;\nPRAGMA foreign_keys = ON;\n",
        ),
        ("notes.txt", "x\n"),
        ("old/1_x.sql", "SELECT 1;\n"),
    ]), @r#"
    1_users.sql -> 001_users.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from sqlx"
    20240101120000_add_orders.up.sql, 20240101120000_add_orders.down.sql -> 002_add_orders.sql, 002_add_orders.down.sql
    20240102120000_vacuum.sql -> 003_vacuum.sql
      a marker of sqlx is removed: no other tool reads it
           1 - -- no-transaction
      it runs without a transaction: one of its statements cannot run in a transaction; each statement commits alone
             + -- migrate: no-transaction
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from sqlx"
    20240103120000_rebuild.sql -> 004_rebuild.sql
      a marker of sqlx is removed: no other tool reads it
           1 - -- no-transaction
      the switch of foreign keys is removed: the runner switches them off for the run, and checks before each commit that no reference is broken
           2 - PRAGMA foreign_keys = OFF;
           8 - PRAGMA foreign_keys = ON;
      the transaction around the script is removed: the runner runs each migration in one, together with its row in the history
           3 - BEGIN;
           7 - COMMIT;
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from sqlx"
    note: `notes.txt` is not a migration
    note: `old/1_x.sql` is in a folder, where the tool does not look
    note: `20240103120000_rebuild.sql` ran without a transaction in sqlx, because of statements that are removed; now it runs in one

    === 001_users.sql
    -- migrate: adopted sqlx "1"
    -- migrate: irreversible "it had no down when it was adopted from sqlx"
    CREATE TABLE users(id INTEGER PRIMARY KEY);

    === 002_add_orders.sql
    -- migrate: adopted sqlx "20240101120000"
    -- Orders.
    CREATE TABLE orders(id INTEGER PRIMARY KEY);

    === 002_add_orders.down.sql
    DROP TABLE orders;

    === 003_vacuum.sql
    -- migrate: adopted sqlx "20240102120000"
    -- migrate: no-transaction
    -- migrate: irreversible "it had no down when it was adopted from sqlx"
    VACUUM;

    === 004_rebuild.sql
    -- migrate: adopted sqlx "20240103120000"
    -- migrate: irreversible "it had no down when it was adopted from sqlx"
    ALTER TABLE users ADD COLUMN name TEXT;
    "#);
}

#[test]
fn diesel() {
    assert_snapshot!(converted(Tool::Diesel, &[
        ("2024-01-01-000000_create_users/up.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY);\n"),
        ("2024-01-01-000000_create_users/down.sql", "DROP TABLE users;\n"),
        ("2024-01-02-000000_seed/up.sql", "-- Your SQL goes here\n"),
        (
            "2024-01-02-000000_seed/down.sql",
            "-- This file should undo anything in `up.sql`\n",
        ),
        ("2024-01-03-000000-0000_wal/up.sql", "PRAGMA journal_mode = WAL;\n"),
        ("2024-01-03-000000-0000_wal/metadata.toml", "run_in_transaction = false\n"),
        (".keep", ""),
        ("schema.rs", ""),
    ]), @r#"
    2024-01-01-000000_create_users/up.sql, 2024-01-01-000000_create_users/down.sql -> 001_create_users.sql, 001_create_users.down.sql
    2024-01-02-000000_seed/up.sql, 2024-01-02-000000_seed/down.sql -> 002_seed.sql
      2024-01-02-000000_seed/up.sql: it has no statement: an empty migration is refused unless it declares this
             + -- migrate: empty "it had no statement when it was adopted from diesel"
      2024-01-02-000000_seed/up.sql: it has no down: remove this line if you write one
             + -- migrate: irreversible "its down had no statement when it was adopted from diesel"
      2024-01-02-000000_seed/down.sql: the comments of a down without a statement are dropped: there is no file for them
           1 - -- This file should undo anything in `up.sql`
    2024-01-03-000000-0000_wal/up.sql -> 003_wal.sql
      it runs without a transaction: one of its statements cannot run in a transaction; each statement commits alone
             + -- migrate: no-transaction
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from diesel"
    note: `schema.rs` is not a migration

    === 001_create_users.sql
    -- migrate: adopted diesel "20240101000000"
    CREATE TABLE users(id INTEGER PRIMARY KEY);

    === 001_create_users.down.sql
    DROP TABLE users;

    === 002_seed.sql
    -- migrate: adopted diesel "20240102000000"
    -- migrate: empty "it had no statement when it was adopted from diesel"
    -- migrate: irreversible "its down had no statement when it was adopted from diesel"
    -- Your SQL goes here

    === 003_wal.sql
    -- migrate: adopted diesel "202401030000000000"
    -- migrate: no-transaction
    -- migrate: irreversible "it had no down when it was adopted from diesel"
    PRAGMA journal_mode = WAL;
    "#);
}

#[test]
fn rusqlite_migration() {
    assert_snapshot!(converted(Tool::RusqliteMigration, &[
        ("01-users/up.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY);\n"),
        ("01-users/down.sql", "DROP TABLE users;\n"),
        ("02-orders/up.sql", "CREATE TABLE orders(id INTEGER PRIMARY KEY);\nPRAGMA user_version = 2;\n"),
        ("10-items/up.sql", "CREATE TABLE items(id INTEGER PRIMARY KEY);\n"),
    ]), @r#"
    01-users/up.sql, 01-users/down.sql -> 001_users.sql, 001_users.down.sql
    02-orders/up.sql -> 002_orders.sql
      a statement that maintains the history of rusqlite_migration is removed: the runner records each migration itself
           2 - PRAGMA user_version = 2;
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from rusqlite_migration"
    10-items/up.sql -> 003_items.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from rusqlite_migration"

    === 001_users.sql
    -- migrate: adopted rusqlite_migration "1"
    CREATE TABLE users(id INTEGER PRIMARY KEY);

    === 001_users.down.sql
    DROP TABLE users;

    === 002_orders.sql
    -- migrate: adopted rusqlite_migration "2"
    -- migrate: irreversible "it had no down when it was adopted from rusqlite_migration"
    CREATE TABLE orders(id INTEGER PRIMARY KEY);

    === 003_items.sql
    -- migrate: adopted rusqlite_migration "10"
    -- migrate: irreversible "it had no down when it was adopted from rusqlite_migration"
    CREATE TABLE items(id INTEGER PRIMARY KEY);
    "#);
}

#[test]
fn golang_migrate() {
    assert_snapshot!(converted(Tool::GolangMigrate, &[
        (
            "000001_users.up.sql",
            "BEGIN TRANSACTION;\r\nCREATE TABLE users(id INTEGER PRIMARY KEY);\r\nEND;\r\n",
        ),
        ("000001_users.down.sql", "\u{feff}BEGIN IMMEDIATE;\nDROP TABLE users;\nCOMMIT TRANSACTION;\n"),
        ("000002_orders.up.sql", "CREATE TABLE orders(id INTEGER PRIMARY KEY)"),
        ("000002_orders.down.sql", ""),
        ("000003_gone.down.sql", "DROP TABLE gone;\n"),
        ("README.md", "x"),
    ]), @r#"
    000001_users.up.sql, 000001_users.down.sql -> 001_users.sql, 001_users.down.sql
      000001_users.up.sql: the transaction around the script is removed: the runner runs each migration in one, together with its row in the history
           1 - BEGIN TRANSACTION;
           3 - END;
      000001_users.down.sql: the transaction around the script is removed: the runner runs each migration in one, together with its row in the history
           1 - BEGIN IMMEDIATE;
           3 - COMMIT TRANSACTION;
    000002_orders.up.sql, 000002_orders.down.sql -> 002_orders.sql
      000002_orders.up.sql: it has no down: remove this line if you write one
             + -- migrate: irreversible "its down had no statement when it was adopted from golang-migrate"
    note: `README.md` is not a migration
    note: `000003_gone.down.sql` is a down without its up

    === 001_users.sql
    -- migrate: adopted golang-migrate "1"
    CREATE TABLE users(id INTEGER PRIMARY KEY);

    === 001_users.down.sql
    DROP TABLE users;

    === 002_orders.sql
    -- migrate: adopted golang-migrate "2"
    -- migrate: irreversible "its down had no statement when it was adopted from golang-migrate"
    CREATE TABLE orders(id INTEGER PRIMARY KEY)
    "#);
}

#[test]
fn flyway() {
    assert_snapshot!(converted(Tool::Flyway, &[
        ("V1__Users.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY);\n"),
        ("V1_1__Orders.sql", "CREATE TABLE orders(id INTEGER PRIMARY KEY);\n"),
        ("V1.10__Items of orders.sql", "CREATE TABLE items(id INTEGER PRIMARY KEY);\n"),
        ("V1.2__Compact.sql", "VACUUM;\n"),
        ("V1.2__Compact.sql.conf", "executeInTransaction=false\n"),
        ("U1.10__Items of orders.sql", "DROP TABLE items;\n"),
        ("R__A1.sql", "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT * FROM w;\n"),
        ("sub/R__A_view.sql", "CREATE VIEW w AS SELECT 1;\n"),
        ("sub/R__A_view.sql.conf", "executeInTransaction=false\n"),
        ("R1__numbered.sql", "SELECT 1;\n"),
        ("B1__base.sql", "SELECT 1;\n"),
        ("flyway.toml", ""),
    ]), @r#"
    V1__Users.sql -> 001_users.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from flyway"
    V1_1__Orders.sql -> 002_orders.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from flyway"
    V1.2__Compact.sql -> 003_compact.sql
      it runs without a transaction: one of its statements cannot run in a transaction; each statement commits alone
             + -- migrate: no-transaction
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from flyway"
    V1.10__Items of orders.sql, U1.10__Items of orders.sql -> 004_items_of_orders.sql, 004_items_of_orders.down.sql
    sub/R__A_view.sql -> 005_a_view.sql
      it runs without a transaction: so it did in flyway; each statement commits alone
             + -- migrate: no-transaction
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from flyway"
    R__A1.sql -> 006_a1.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from flyway"
    note: `B1__base.sql` is a baseline, which represents the migrations before it
    note: `R1__numbered.sql` is not a migration
    note: `flyway.toml` is not a migration
    note: `sub/R__A_view.sql` and `R__A1.sql` are repeatable migrations, which come after the others and will not run again: write each change of one of them as a new migration

    === 001_users.sql
    -- migrate: adopted flyway "1"
    -- migrate: irreversible "it had no down when it was adopted from flyway"
    CREATE TABLE users(id INTEGER PRIMARY KEY);

    === 002_orders.sql
    -- migrate: adopted flyway "1.1"
    -- migrate: irreversible "it had no down when it was adopted from flyway"
    CREATE TABLE orders(id INTEGER PRIMARY KEY);

    === 003_compact.sql
    -- migrate: adopted flyway "1.2"
    -- migrate: no-transaction
    -- migrate: irreversible "it had no down when it was adopted from flyway"
    VACUUM;

    === 004_items_of_orders.sql
    -- migrate: adopted flyway "1.10"
    CREATE TABLE items(id INTEGER PRIMARY KEY);

    === 004_items_of_orders.down.sql
    DROP TABLE items;

    === 005_a_view.sql
    -- migrate: adopted flyway "sub/R__A_view.sql"
    -- migrate: no-transaction
    -- migrate: irreversible "it had no down when it was adopted from flyway"
    CREATE VIEW w AS SELECT 1;

    === 006_a1.sql
    -- migrate: adopted flyway "R__A1.sql"
    -- migrate: irreversible "it had no down when it was adopted from flyway"
    DROP VIEW IF EXISTS v;
    CREATE VIEW v AS SELECT * FROM w;
    "#);
}
