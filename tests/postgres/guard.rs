//! Scripts that end the transaction they run in, in registries that did not come
//! from the macro: docs/internals/postgres.md, "Scripts and transactions".

use crate::lab::{block, client, locks};
use migrate_runtime::{Checksum, Migration, Migrator, Postgres, Registry, Script, Version};
use migrate_servers::Server;
use migrate_tests::chain;

/// The whole text is one message to the server.
fn migrator(text: &'static str) -> Migrator<Version, Postgres> {
    let migrations = Box::leak(Box::new([Migration::new(
        Version::new(1),
        "001_m",
        Checksum::of(text),
        Script::single("001_m.sql", text),
    )]));
    Migrator::new(Box::leak(Box::new(
        Registry::new(migrations).on_engine::<Postgres>(),
    )))
}

#[test]
fn a_script_that_ends_its_transaction_is_not_recorded() {
    let Some(server) = Server::shared() else {
        return;
    };
    for text in [
        "CREATE TABLE a (); COMMIT",
        "CREATE TABLE a (); END; CREATE TABLE b ()",
        "CREATE TABLE a (); COMMIT AND CHAIN; CREATE TABLE b ()",
        "CREATE TABLE a (); ROLLBACK; CREATE TABLE b ()",
        "CREATE TABLE a (); ROLLBACK AND CHAIN",
        "CREATE TABLE a (); COMMIT; BEGIN; CREATE TABLE b ()",
        "CREATE TABLE a (); ROLLBACK; BEGIN; CREATE TABLE b ()",
        "CREATE TABLE a (); PREPARE TRANSACTION 'one'",
        "CREATE TABLE a (); PREPARE TRANSACTION 'one'; BEGIN",
        // The savepoint of the same name is another one, if anybody knew it.
        "COMMIT; BEGIN; SAVEPOINT migrate",
    ] {
        let database = server.database();
        let error = block(async {
            let mut client = client(database.url()).await;
            let error = migrator(text).up(&mut client).await.unwrap_err();
            // Nothing is left open, and the client can be used again.
            let sql = "SELECT pg_current_xact_id_if_assigned() IS NULL";
            client.query_one(sql, &[]).await.unwrap();
            error
        });
        insta::allow_duplicates! {
            insta::assert_snapshot!(chain(&error), @"migration `001_m` ended its transaction; it is not recorded, and its changes up to that point may be committed: check what it left, and remove the `COMMIT` or `ROLLBACK`");
        }
        let history = "SELECT to_regclass('_migrations') IS NULL";
        if database.psql(history) != "t" {
            let rows = database.psql("SELECT count(*) FROM _migrations");
            assert_eq!(rows, "0", "{text}");
        }
        let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' \
                    AND datname = current_database()";
        assert_eq!(database.psql(open), "0", "{text}");
        assert_eq!(locks(&database), "0", "{text}");
    }
}

/// A `BEGIN` in a transaction is a warning, and ends nothing.
#[test]
fn a_script_that_only_begins_is_applied() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    block(async {
        let mut client = client(database.url()).await;
        let migrator = migrator("BEGIN; CREATE TABLE a ()");
        migrator.up(&mut client).await.unwrap();
    });
    assert_eq!(database.psql("SELECT count(*) FROM _migrations"), "1");
    assert_eq!(database.psql("SELECT to_regclass('a') IS NOT NULL"), "t");
}
