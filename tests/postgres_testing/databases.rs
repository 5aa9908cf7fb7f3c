//! Databases for tests, copied from a template.

use crate::Migration;
use migrate_model::files::InMemory;
use migrate_runtime::postgres::{Blocking, testing};
use migrate_runtime::{Migrator, Numbering, Postgres, Version};
use migrate_source::Options;
use migrate_source::directory::read;
use migrate_tools::leak;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn migrator(files: &[(&str, &str)]) -> Migrator<Version, Postgres> {
    let mut options = Options::default();
    options.engine = migrate_scan::Engine::Postgres;
    let read = read(&mut InMemory(files), &options);
    assert_eq!(read.diagnostics, []);
    Migrator::new(leak(Numbering::DEFAULT, read.migrations))
}

fn text(db: &testing::Database, sql: &str) -> String {
    let mut client = Blocking::connect(db.connector()).unwrap();
    let rows = client.run(async |client| client.query(sql, &[]).await);
    let rows = rows.unwrap();
    let texts: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    texts.join(" ")
}

const TABLES: &str = "SELECT relname::text FROM pg_class WHERE relkind = 'r' \
                      AND relnamespace = 'public'::regnamespace ORDER BY 1";

#[test]
fn each_database_is_migrated_and_independent() {
    let Some(one) = testing::database(&Migration::migrator()).unwrap() else {
        return;
    };
    let two = testing::database(&Migration::migrator()).unwrap().unwrap();
    let insert = "INSERT INTO users VALUES (1, 'a') RETURNING name";
    assert_eq!(text(&one, insert), "a");
    assert_eq!(text(&two, insert), "a");
    assert_eq!(text(&two, TABLES), "_migrations orders users");
    let mut client = Blocking::connect(two.connector()).unwrap();
    let report = client.run(async |client| Migration::migrator().up(client).await);
    assert!(report.unwrap().is_empty());
    let name = text(&two, "SELECT current_database()::text");
    assert!(two.url().ends_with(&format!("/{name}")), "{}", two.url());
}

#[test]
fn each_target_has_a_template_of_its_own() {
    let migrator = Migration::migrator();
    for _ in 0..2 {
        let Some(old) = testing::at(&migrator, Migration::V001Users).unwrap() else {
            return;
        };
        assert_eq!(text(&old, TABLES), "_migrations users");
        let mut client = Blocking::connect(old.connector()).unwrap();
        let report = client.run(async |client| migrator.up(client).await);
        assert_eq!(report.unwrap().applied().len(), 1);
    }
}

#[test]
fn a_database_is_dropped_with_its_value() {
    let Some(server) = testing::server() else {
        return;
    };
    let db = testing::database(&Migration::migrator()).unwrap().unwrap();
    let name = text(&db, "SELECT current_database()::text");
    let open = Blocking::connect(db.connector()).unwrap();
    drop(db);
    drop(open);
    let mut client = Blocking::connect(server.connector()).unwrap();
    let sql = "SELECT 1 FROM pg_database WHERE datname = $1";
    let rows = client.run(async |client| client.query(sql, &[&name]).await);
    assert!(rows.unwrap().is_empty());
}

/// It blocks, and must not need a runtime of the test nor be disturbed by one.
#[tokio::test]
async fn an_asynchronous_test_has_a_database_too() {
    let Some(db) = testing::database(&Migration::migrator()).unwrap() else {
        return;
    };
    let client = db.connect().await.unwrap();
    client.batch_execute("SELECT * FROM orders").await.unwrap();
}

#[test]
fn what_is_unsound_fails() {
    if testing::server().is_none() {
        return;
    }
    testing::check(&Migration::migrator());
    let unsound = migrator(&[(
        "001_a.sql",
        "CREATE TABLE a (x int); CREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE a;\n",
    )]);
    let panic = catch_unwind(AssertUnwindSafe(|| testing::check(&unsound))).unwrap_err();
    insta::assert_snapshot!(panic.downcast_ref::<String>().unwrap(), @r#"
    the migrations are not sound

    error: S33: this down does not restore the schema from before its up
     --> 001_a.sql:3:1
      |
    3 | DROP TABLE a;
      | ^^^^
      = note: the table `b` is left over
      = help: make it undo everything that the up does
              or allow it: `-- migrate: allow down-does-not-restore "why"`
    "#);
}
