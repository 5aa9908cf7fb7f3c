//! An error as services log it, and as a `main` prints it that returns it.

use crate::masked;
use migrate_runtime::postgres::{Blocking, Connector};
use migrate_servers::{Database, Server};
use migrate_tests::shown;
use std::process::Command;
use std::time::Duration;

/// What is shown of a migration that fails.
fn failed(database: &Database, sql: &str) -> String {
    let migrator = migrate_tests::postgres::migrator(&[("001_first.sql", sql)]);
    let mut db = Blocking::connect(&Connector::parse(database.url()).unwrap()).unwrap();
    shown(
        &db.run(async |client| migrator.up(client).await)
            .unwrap_err(),
    )
}

#[test]
fn what_the_server_refused() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    insta::assert_snapshot!(failed(&database, "CREATE TABLE a(x int);\n  CREAT TABLE b(y int);"), @r#"
    migration `001_first` failed at 001_first.sql:2:3 and was rolled back: syntax error at or near "CREAT" (42601)

    migration `001_first` failed at 001_first.sql:2:3 and was rolled back: syntax error at or near "CREAT" (42601)

    migration `001_first` failed at 001_first.sql:2:3 and was rolled back: syntax error at or near "CREAT" (42601)
     --> 001_first.sql:2:3
      |
    2 |   CREAT TABLE b(y int);
      |   ^^^^^
    "#);
    insta::assert_snapshot!(failed(&database, "CREATE TABLE a(x int PRIMARY KEY);\nINSERT INTO a VALUES (1), (1);"), @r#"
    migration `001_first` failed at 001_first.sql:2:1 and was rolled back: duplicate key value violates unique constraint "a_pkey" (23505); detail: Key (x)=(1) already exists

    migration `001_first` failed at 001_first.sql:2:1 and was rolled back: duplicate key value violates unique constraint "a_pkey" (23505); detail: Key (x)=(1) already exists

    migration `001_first` failed at 001_first.sql:2:1 and was rolled back: duplicate key value violates unique constraint "a_pkey" (23505); detail: Key (x)=(1) already exists
     --> 001_first.sql:2:1
      |
    2 | INSERT INTO a VALUES (1), (1);
      | ^^^^^^
    "#);
    insta::assert_snapshot!(failed(&database, "SELECT nothing\nFROM pg_class;"), @r#"
    migration `001_first` failed at 001_first.sql:1:8 and was rolled back: column "nothing" does not exist (42703)

    migration `001_first` failed at 001_first.sql:1:8 and was rolled back: column "nothing" does not exist (42703)

    migration `001_first` failed at 001_first.sql:1:8 and was rolled back: column "nothing" does not exist (42703)
     --> 001_first.sql:1:8
      |
    1 | SELECT nothing
      |        ^^^^^^^
    "#);
    insta::assert_snapshot!(failed(&database, "DO $$ BEGIN RAISE 'never:\n they are kept.' USING HINT = 'Ask first.'; END $$;"), @r#"
    migration `001_first` failed at 001_first.sql:1:13 and was rolled back: never: they are kept. (P0001); hint: Ask first

    migration `001_first` failed at 001_first.sql:1:13 and was rolled back: never: they are kept. (P0001); hint: Ask first

    migration `001_first` failed at 001_first.sql:1:13 and was rolled back: never: they are kept. (P0001); hint: Ask first
     --> 001_first.sql:1:13
      |
    1 | DO $$ BEGIN RAISE 'never:
      |             ^^^^^
    "#);
    insta::assert_snapshot!(failed(&database, "SELECT 1;\nSELECT 1/0;"), @"
    migration `001_first` failed at 001_first.sql:2:1 and was rolled back: division by zero (22012)

    migration `001_first` failed at 001_first.sql:2:1 and was rolled back: division by zero (22012)

    migration `001_first` failed at 001_first.sql:2:1 and was rolled back: division by zero (22012)
     --> 001_first.sql:2:1
      |
    2 | SELECT 1/0;
      | ^^^^^^
    ");
}

#[test]
fn a_lock_that_somebody_has() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    database.psql("CREATE TABLE a(x int)");
    let mut db = Blocking::connect(&Connector::parse(database.url()).unwrap()).unwrap();
    db.run(async |client| client.batch_execute("BEGIN; LOCK TABLE a").await)
        .unwrap();
    let sql = "SET LOCAL lock_timeout = '10ms';\nALTER TABLE a ADD COLUMN y int;";
    insta::assert_snapshot!(failed(&database, sql), @"
    migration `001_first` failed at 001_first.sql:2:1 and was rolled back: canceling statement due to lock timeout (55P03)

    migration `001_first` failed at 001_first.sql:2:1 and was rolled back: canceling statement due to lock timeout (55P03)

    migration `001_first` failed at 001_first.sql:2:1 and was rolled back: canceling statement due to lock timeout (55P03)
     --> 001_first.sql:2:1
      |
    2 | ALTER TABLE a ADD COLUMN y int;
      | ^^^^^
    ");
}

#[test]
fn nobody_there() {
    let connector = Connector::parse("postgres://app@127.0.0.1:1/orders").unwrap();
    let error = Blocking::connect(&connector.connect_timeout(Duration::ZERO)).unwrap_err();
    insta::assert_snapshot!(masked(&shown(&error)), @"
    no connection to the database `orders` in TIME s and 1 attempt: nothing listens at `127.0.0.1:PORT`: error connecting to server: Connection refused (os error 111); start the server, or correct the host and the port

    no connection to the database `orders` in TIME s and 1 attempt: nothing listens at `127.0.0.1:PORT`: error connecting to server: Connection refused (os error 111); start the server, or correct the host and the port

    no connection to the database `orders` in TIME s and 1 attempt: nothing listens at `127.0.0.1:PORT`: error connecting to server: Connection refused (os error 111); start the server, or correct the host and the port
    ");
    let error = Connector::parse("postgres://app@127.0.0.1:port/orders").unwrap_err();
    insta::assert_snapshot!(shown(&error), @"
    the database URL cannot be parsed: invalid connection string: invalid value for option `port`; write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `%40` and the like for special characters

    the database URL cannot be parsed: invalid connection string: invalid value for option `port`; write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `%40` and the like for special characters

    the database URL cannot be parsed: invalid connection string: invalid value for option `port`; write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `%40` and the like for special characters
    ");
}

#[test]
fn a_database_that_is_not_there() {
    let Some(server) = Server::shared() else {
        return;
    };
    let url = format!("postgres://postgres@{}/nowhere", server.address());
    let connector = Connector::parse(&url).unwrap();
    let error = Blocking::connect(&connector).unwrap_err();
    insta::assert_snapshot!(masked(&shown(&error)), @r#"
    `127.0.0.1:PORT` has no database `nowhere`: database "nowhere" does not exist (3D000); create it with `CREATE DATABASE`, or correct the name

    `127.0.0.1:PORT` has no database `nowhere`: database "nowhere" does not exist (3D000); create it with `CREATE DATABASE`, or correct the name

    `127.0.0.1:PORT` has no database `nowhere`: database "nowhere" does not exist (3D000); create it with `CREATE DATABASE`, or correct the name
    "#);
}

#[test]
fn what_main_prints() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let folder = tempfile::tempdir().unwrap();
    let script = "CREATE TABLE a(x int NOT NULL);\nINSERT INTO a VALUES (NULL);\n";
    std::fs::write(folder.path().join("001_first.sql"), script).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_failing"))
        .arg(folder.path())
        .arg(database.url())
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let folder = format!("{}/", folder.path().display());
    insta::assert_snapshot!(said.replace(&folder, ""), @r#"
    Error: migration `001_first` failed at 001_first.sql:2:1 and was rolled back: null value in column "x" of relation "a" violates not-null constraint (23502); detail: Failing row contains (null)
     --> 001_first.sql:2:1
      |
    2 | INSERT INTO a VALUES (NULL);
      | ^^^^^^
    "#);
}
