//! An error as services log it, and as a `main` prints it that returns it.

use crate::masked;
use migrate_runtime::postgres::{Blocking, Connector};
use migrate_runtime::{Migrator, Postgres, Registry, Version};
use migrate_servers::{Database, Server};
use migrate_tests::shown;
use std::process::Command;
use std::time::Duration;

/// What is shown of a migration that fails.
fn failed(database: &Database, sql: &str) -> String {
    let files = [("001_first.sql", sql)];
    let registry: Registry = *migrate_tests::registry(&files);
    let migrator = Migrator::<Version, Postgres>::new(Box::leak(Box::new(registry.on_engine())));
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
    insta::assert_snapshot!(failed(&database, "CREATE TABLE a(x int);\n  CREAT TABLE b(y int);"), @"");
    insta::assert_snapshot!(failed(&database, "CREATE TABLE a(x int PRIMARY KEY);\nINSERT INTO a VALUES (1), (1);"), @"");
    insta::assert_snapshot!(failed(&database, "SELECT nothing\nFROM pg_class;"), @"");
    insta::assert_snapshot!(failed(&database, "DO $$ BEGIN RAISE 'never:\n they are kept.' USING HINT = 'Ask first.'; END $$;"), @"");
    insta::assert_snapshot!(failed(&database, "SELECT 1;\nSELECT 1/0;"), @"");
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
    insta::assert_snapshot!(failed(&database, sql), @"");
}

#[test]
fn nobody_there() {
    let connector = Connector::parse("postgres://app@127.0.0.1:1/orders").unwrap();
    let error = Blocking::connect(&connector.budget(Duration::ZERO)).unwrap_err();
    insta::assert_snapshot!(masked(&shown(&error)), @"");
    let error = Connector::parse("postgres://app@127.0.0.1:port/orders").unwrap_err();
    insta::assert_snapshot!(shown(&error), @"");
}

#[test]
fn a_database_that_is_not_there() {
    let Some(server) = Server::shared() else {
        return;
    };
    let url = format!("postgres://postgres@{}/nowhere", server.address());
    let connector = Connector::parse(&url).unwrap();
    let error = Blocking::connect(&connector).unwrap_err();
    insta::assert_snapshot!(masked(&shown(&error)), @"");
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
    insta::assert_snapshot!(said.replace(&folder, ""), @"");
}
