//! What a run must not touch: a transaction of the caller, and the lock and the
//! history of its own that a script reaches for.

use crate::message;
use migrate_runtime::postgres::{Blocking, Connector};
use migrate_runtime::{ErrorKind, Event, Migrator, Postgres, Registry, Transactions, Version};
use migrate_servers::{Database, Server};

fn migrator(sql: &str) -> Migrator<Version, Postgres> {
    let registry: Registry = *migrate_tests::registry(&[("001_first.sql", sql)]);
    Migrator::new(Box::leak(Box::new(registry.on_engine())))
}

fn open(database: &Database) -> Blocking {
    Blocking::connect(&Connector::parse(database.url()).unwrap()).unwrap()
}

#[test]
fn a_transaction_of_the_caller_is_left_alone() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut db = open(&database);
    let first = migrator("CREATE TABLE a(x int)");
    let registry: Registry = *migrate_tests::registry(&[
        ("001_first.sql", "CREATE TABLE a(x int)"),
        ("002_second.sql", "CREATE TABLE b(x int)"),
    ]);
    let both = Migrator::<Version, Postgres>::new(Box::leak(Box::new(registry.on_engine())));
    db.run(async |client| {
        first.up(client).await.unwrap();
        let begin = "BEGIN; CREATE TABLE mine(x int)";
        client.batch_execute(begin).await.unwrap();
        let error = both.up(client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionInUse);
        insta::assert_snapshot!(message(&error), @"the connection is inside of a transaction; end it first: every migration has a transaction of its own");
        // With nothing pending nothing is begun and nothing is ended.
        assert!(first.up(client).await.unwrap().is_empty());
        client.batch_execute("SELECT 1 / 0").await.unwrap_err();
        let error = both.up(client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionInUse);
        client.batch_execute("ROLLBACK").await.unwrap();
        assert_eq!(both.up(client).await.unwrap().applied().len(), 1);
    });
    assert_eq!(database.psql("SELECT to_regclass('mine') IS NULL"), "t");
}

#[test]
fn a_script_that_lets_go_of_the_lock_is_rolled_back() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut db = open(&database);
    let migrator = migrator("CREATE TABLE a(x int); SELECT pg_advisory_unlock_all()");
    let error = db.run(async |client| migrator.up(client).await.unwrap_err());
    insta::assert_snapshot!(message(&error), @"the lock that keeps other runs out was released, by a migration or by other code in this session; nothing was applied, remove its `pg_advisory_unlock_all` or `DISCARD`, or call `behind_pooler` if there is a pooler");
    assert_eq!(database.psql("SELECT to_regclass('a') IS NULL"), "t");
}

#[test]
fn a_script_does_not_write_to_the_history() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut db = open(&database);
    let migrator = migrator(
        "CREATE TABLE a(x int);\nINSERT INTO _migrations SELECT 7, 'x', 'y', 'applied', '', 0",
    );
    let error = db.run(async |client| migrator.up(client).await.unwrap_err());
    insta::assert_snapshot!(migrate_tests::chain(&error), @"migration `001_first` was refused at 001_first.sql:2:1 and rolled back: the table `_migrations` belongs to the runner, which alone writes to it");
    assert_eq!(database.psql("SELECT to_regclass('a') IS NULL"), "t");
}

/// In a migration after the first, whose table is known by then.
#[test]
fn a_later_script_does_not_change_the_history() {
    let Some(server) = Server::shared() else {
        return;
    };
    for statement in [
        "INSERT INTO _migrations SELECT 7, 'x', 'y', 'applied', '', 0",
        "UPDATE _migrations SET note = 'x'",
        "DELETE FROM _migrations",
        "TRUNCATE _migrations",
        "DROP TABLE _migrations",
        "ALTER TABLE _migrations RENAME TO other",
        "CREATE SCHEMA other;\nALTER TABLE _migrations SET SCHEMA other",
        "ALTER SCHEMA public RENAME TO other",
        "DO $$ BEGIN EXECUTE 'DELETE FROM _mi' || 'grations'; END $$",
    ] {
        for transactions in [Transactions::Each, Transactions::All] {
            let database = server.database();
            let mut db = open(&database);
            let bad = format!("CREATE TABLE c(x int);\n{statement};\n");
            let migrator = migrate_tests::postgres::migrator(&[
                ("001_a.sql", "CREATE TABLE a(x int);\n"),
                ("002_b.sql", "CREATE TABLE b(x int);\n"),
                ("003_c.sql", &bad),
            ])
            .transactions(transactions);
            let error = db.run(async |client| migrator.up(client).await.unwrap_err());
            let text = migrate_tests::chain(&error);
            assert!(
                text.contains("belongs to the runner"),
                "{statement}: {text}"
            );
            let applied = match transactions {
                Transactions::Each => "2",
                _ => "0",
            };
            let count = "SELECT count(*) FROM pg_tables WHERE tablename IN ('a', 'b', 'c')";
            assert_eq!(database.psql(count), applied, "{statement}");
        }
    }
}

/// The history is not read again for each migration, but looked at.
#[test]
fn what_others_write_to_the_history_between_two_migrations_is_seen() {
    let Some(server) = Server::shared() else {
        return;
    };
    for statement in [
        "UPDATE _migrations SET name = 'other' WHERE version = 2",
        "DELETE FROM _migrations WHERE version = 2",
        "DELETE FROM _migrations WHERE version = 1; \
         UPDATE _migrations SET version = 1 WHERE version = 2",
        "ALTER TABLE _migrations RENAME TO other",
    ] {
        let database = server.database();
        let mut db = open(&database);
        let other = std::sync::Mutex::new(database.connect());
        let migrator = migrate_tests::postgres::migrator(&[
            ("001_a.sql", "CREATE TABLE a(x int);\n"),
            ("002_b.sql", "CREATE TABLE b(x int);\n"),
            ("003_c.sql", "CREATE TABLE c(x int);\n"),
        ])
        .observer(move |event: &Event<'_>| {
            if let Event::MigrationEnded { label: "002_b", .. } = event {
                other.lock().unwrap().query(statement).unwrap();
            }
        });
        db.run(async |client| migrator.up(client).await.unwrap_err());
        assert_eq!(
            database.psql("SELECT to_regclass('c') IS NULL"),
            "t",
            "{statement}"
        );
    }
}
