//! Tools that write both directions into one file.

use super::converted;
use insta::assert_snapshot;
use migrate_adopt::Tool;

#[test]
fn goose() {
    let trigger = "-- Users.\n-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT)\n\
        -- +goose StatementEnd\n\n-- +goose StatementBegin\nCREATE TRIGGER t AFTER INSERT ON users BEGIN\n  \
        UPDATE users SET name = 'x' WHERE id = new.id;\nEND;\n-- +goose StatementEnd\n\n\
        -- +goose Down\n-- Away with it.\nDROP TRIGGER t;\nDROP TABLE users;\n";
    assert_snapshot!(converted(Tool::Goose, &[
        ("00001_users.sql", trigger),
        ("00002_vacuum.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nVACUUM;\n\n-- +goose Down\n-- nothing to do\n"),
        ("embed.go", "package migrations\n"),
        ("00001_users_test.go", "package migrations\n"),
    ]), @r#"
    00001_users.sql -> 001_users.sql, 001_users.down.sql
      a marker of goose is removed: no other tool reads it
           2 - -- +goose Up
           3 - -- +goose StatementBegin
           5 - -- +goose StatementEnd
           7 - -- +goose StatementBegin
          11 - -- +goose StatementEnd
          13 - -- +goose Down
      a statement gets its semicolon: it was ended by a marker
           4 - CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT)
             + CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
    00002_vacuum.sql -> 002_vacuum.sql
      a marker of goose is removed: no other tool reads it
           1 - -- +goose NO TRANSACTION
           2 - -- +goose Up
           5 - -- +goose Down
      it runs without a transaction: one of its statements cannot run in a transaction; each statement commits alone
             + -- migrate: no-transaction
      it has no down: remove this line if you write one
             + -- migrate: irreversible "its down had no statement when it was adopted from goose"
      the comments of a down without a statement are dropped: there is no file for them
           6 - -- nothing to do
    note: `00001_users_test.go` is not a migration
    note: `embed.go` is not a migration

    === 001_users.sql
    -- migrate: adopted goose "1"
    -- Users.
    CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);

    CREATE TRIGGER t AFTER INSERT ON users BEGIN
      UPDATE users SET name = 'x' WHERE id = new.id;
    END;

    === 001_users.down.sql
    -- Away with it.
    DROP TRIGGER t;
    DROP TABLE users;

    === 002_vacuum.sql
    -- migrate: adopted goose "2"
    -- migrate: no-transaction
    -- migrate: irreversible "its down had no statement when it was adopted from goose"
    VACUUM;
    "#);
}

#[test]
fn dbmate() {
    assert_snapshot!(converted(Tool::Dbmate, &[
        (
            "20240101000000_users.sql",
            "-- migrate:up\nCREATE TABLE users(id INTEGER PRIMARY KEY);\n\n-- migrate:down\nDROP TABLE users;\n",
        ),
        (
            "20240102000000_vacuum.sql",
            "-- migrate:up transaction:false\nVACUUM;\n\n-- migrate:down\n\n",
        ),
    ]), @r#"
    20240101000000_users.sql -> 001_users.sql, 001_users.down.sql
      a marker of dbmate is removed: no other tool reads it
           1 - -- migrate:up
           4 - -- migrate:down
    20240102000000_vacuum.sql -> 002_vacuum.sql
      a marker of dbmate is removed: no other tool reads it
           1 - -- migrate:up transaction:false
           4 - -- migrate:down
      it runs without a transaction: one of its statements cannot run in a transaction; each statement commits alone
             + -- migrate: no-transaction
      it has no down: remove this line if you write one
             + -- migrate: irreversible "its down had no statement when it was adopted from dbmate"

    === 001_users.sql
    -- migrate: adopted dbmate "20240101000000"
    CREATE TABLE users(id INTEGER PRIMARY KEY);

    === 001_users.down.sql
    DROP TABLE users;

    === 002_vacuum.sql
    -- migrate: adopted dbmate "20240102000000"
    -- migrate: no-transaction
    -- migrate: irreversible "its down had no statement when it was adopted from dbmate"
    VACUUM;
    "#);
}
