//! Concurrent index builds that do not finish: docs/internals/postgres.md,
//! "Migrations without a transaction".

use crate::lab::{Files, block, client, locks, running, within};
use migrate_runtime::{Error, Migrator, Postgres, Repair, Version};
use migrate_servers::{Database, Server};
use migrate_tests::chain;
use migrate_tests::child::Worker;
use std::time::Duration;

const TABLE: (&str, &str) = (
    "001_users.sql",
    "CREATE TABLE users (mail text);\nINSERT INTO users VALUES ('a'), ('a'), ('b');\n",
);

const INDEX: &str = "-- migrate: no-transaction\n\
    CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_mail ON users (mail);\n";

fn migrator() -> Migrator<Version, Postgres> {
    migrate_tests::postgres::migrator(&[TABLE, ("002_index.sql", INDEX)])
}

fn up(database: &Database) -> Result<(), Error> {
    block(async {
        let mut client = client(database.url()).await;
        migrator().up(&mut client).await.map(drop)
    })
}

fn repair(database: &Database, repair: Repair<'_>) -> Result<(), Error> {
    block(async {
        let mut client = client(database.url()).await;
        let version = Version::new(2);
        migrator()
            .repair(&mut client, version, repair)
            .await
            .map(drop)
    })
}

fn index(database: &Database) -> String {
    database.psql("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('users_mail')")
}

#[test]
fn an_index_that_failed_is_named_and_not_called_good() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let error = up(&database).unwrap_err();
    assert_eq!(error.report().applied().len(), 1);
    insta::assert_snapshot!(chain(&error), @r#"migration `002_index` failed at 002_index.sql:2:1; it runs without a transaction, so 0 of its 1 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied; the index `public.users_mail` is INVALID: drop it first, because `IF NOT EXISTS` would skip it: could not create unique index "users_mail" (23505); detail: Key (mail)=(a) is duplicated"#);
    assert_eq!(index(&database), "f");
    // Whoever comes next does not try.
    let error = up(&database).unwrap_err();
    assert!(error.is_dirty());
    insta::assert_snapshot!(chain(&error), @"the up of migration `002_index` was started outside a transaction and has not finished: 0 of 1 statements finished, and statement 1 may have been partly executed (002_index.sql:2:1); check what it left behind, then use `repair` to resume it or to record its outcome");
    // `IF NOT EXISTS` finds the index and does nothing.
    let error = repair(&database, Repair::Resume).unwrap_err();
    insta::assert_snapshot!(chain(&error), @"migration `002_index` found that the index `public.users_mail` is INVALID: queries do not use such an index, and `IF NOT EXISTS` skips it; drop what is INVALID first; it runs without a transaction, so 0 of its 1 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied");
    assert_eq!(index(&database), "f");
    assert!(up(&database).unwrap_err().is_dirty());
    // As the error says.
    database.psql("DROP INDEX users_mail; DELETE FROM users");
    repair(&database, Repair::Resume).unwrap();
    assert_eq!(index(&database), "t");
    up(&database).unwrap();
    assert_eq!(locks(&database), "0");
}

#[test]
fn an_index_whose_process_was_killed_is_named() {
    let Some(server) = Server::shared() else {
        return;
    };
    let (database, files) = (
        server.database(),
        Files::new(&[TABLE, ("002_index.sql", INDEX)]),
    );
    block(async {
        let mut client = client(database.url()).await;
        let first = migrator().to(Version::new(1));
        first.up(&mut client).await.unwrap();
    });
    // An older transaction that has the table, for which the index waits.
    let mut old = database.connect();
    old.query("BEGIN; LOCK TABLE users IN ROW EXCLUSIVE MODE")
        .unwrap();
    let mut worker = Worker::start(files.worker(database.url(), &[]));
    worker.release();
    let backend = running(&database, "CREATE UNIQUE INDEX CONCURRENTLY%");
    worker.kill();
    // The session ends a moment after its locks are free.
    let gone = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {backend}");
    within(Duration::from_secs(8), "the session is gone", || {
        locks(&database) == "0" && database.psql(&gone) == "0"
    });
    assert_eq!(index(&database), "f");
    let error = up(&database).unwrap_err();
    assert!(error.is_dirty(), "{error}");
    insta::assert_snapshot!(chain(&error), @"the up of migration `002_index` was started outside a transaction and has not finished: 0 of 1 statements finished, and statement 1 may have been partly executed (002_index.sql:2:1); check what it left behind, then use `repair` to resume it or to record its outcome");
    old.query("ROLLBACK").unwrap();
    database.psql("DROP INDEX users_mail; DELETE FROM users");
    repair(&database, Repair::Resume).unwrap();
    assert_eq!(index(&database), "t");
    up(&database).unwrap();
}

/// The lock ends with each transaction there, so nothing would keep others out.
#[test]
fn one_is_not_resumed_with_a_lock_for_each_transaction() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    up(&database).unwrap_err();
    database.psql("DROP INDEX users_mail; DELETE FROM users");
    let error = block(async {
        let mut client = client(database.url()).await;
        let pooled = migrator().behind_pooler();
        pooled
            .repair(&mut client, Version::new(2), Repair::Resume)
            .await
            .unwrap_err()
    });
    insta::assert_snapshot!(chain(&error), @"migration `002_index` runs without a transaction, and then only a session-level lock keeps other runs out, which a pooler does not support; nothing was applied, connect to the server directly");
    repair(&database, Repair::Resume).unwrap();
    assert_eq!(index(&database), "t");
}
