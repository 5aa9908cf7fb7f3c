//! Standbys, and roles with few rights: docs/internals/postgres.md, "Rights and
//! read-only servers".

use crate::lab::{block, check_steps, client, steps, texts};
use migrate_runtime::{Error, Migrator, Postgres, Version};
use migrate_servers::{Database, Server};
use migrate_tests::chain;

fn migrator(count: usize) -> Migrator<Version, Postgres> {
    migrate_tests::postgres::migrator(&texts(&steps(count, "")))
}

fn up(url: &str, count: usize) -> Result<usize, Error> {
    block(async {
        let mut client = client(url).await;
        let report = migrator(count).up(&mut client).await?;
        Ok(report.applied().len())
    })
}

/// The address of a database for another role, which needs no password.
fn url_of(database: &Database, role: &str) -> String {
    database.url().replace("postgres@", &format!("{role}@"))
}

fn message(error: &Error, database: &Database) -> String {
    chain(error).replace(database.name(), "DATABASE")
}

#[test]
fn a_standby_is_named_and_starts_with_nothing_pending() {
    let Some(server) = Server::start() else {
        return;
    };
    let url = server.url("postgres");
    assert_eq!(up(&url, 2).unwrap(), 2);
    let standby = server.standby();
    standby.wait_for_replay();
    let there = standby.url("postgres");
    assert_eq!(up(&there, 2).unwrap(), 0);
    let error = up(&there, 3).unwrap_err();
    assert!(error.is_read_only());
    insta::assert_snapshot!(chain(&error), @"the database is read-only, and 1 migration is pending; open it for writing: the server is a standby; connect to the primary");
    // Without any history it is no different.
    server.psql("CREATE DATABASE empty");
    standby.wait_for_replay();
    assert!(up(&standby.url("empty"), 1).unwrap_err().is_read_only());
    assert_eq!(up(&url, 3).unwrap(), 1);
    standby.wait_for_replay();
    assert_eq!(up(&there, 3).unwrap(), 0);
    assert_eq!(check_steps(|sql| standby.psql(sql)), 3);
}

#[test]
fn a_role_that_may_only_read() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    server.psql("CREATE ROLE reader LOGIN");
    let reader = url_of(&database, "reader");
    // Nothing is there, and nothing can be made.
    let error = up(&reader, 1).unwrap_err();
    insta::assert_snapshot!(message(&error, &database), @"the role of this connection lacks a privilege for creating the history table; nothing was applied, grant it, or connect with another role: permission denied for schema public (42501)");
    assert_eq!(up(database.url(), 2).unwrap(), 2);
    let error = up(&reader, 2).unwrap_err();
    insta::assert_snapshot!(message(&error, &database), @"the role of this connection lacks a privilege for reading the history; nothing was applied, grant it, or connect with another role: permission denied for table _migrations (42501)");
    database.psql("GRANT SELECT ON _migrations TO reader");
    assert_eq!(up(&reader, 2).unwrap(), 0);
    let error = up(&reader, 3).unwrap_err();
    insta::assert_snapshot!(message(&error, &database), @"migration `003_m` failed at 003_m.sql:1:14 and was rolled back: permission denied for schema public (42501)");
    database.psql(&format!(
        "ALTER ROLE reader IN DATABASE {} SET default_transaction_read_only = on",
        database.name()
    ));
    assert_eq!(up(&reader, 2).unwrap(), 0);
    let error = up(&reader, 3).unwrap_err();
    assert!(error.is_read_only());
    insta::assert_snapshot!(message(&error, &database), @"the database is read-only, and 1 migration is pending; open it for writing: transactions of this role or database are read-only: see `default_transaction_read_only`");
    assert_eq!(check_steps(|sql| database.psql(sql)), 2);
}

#[test]
fn rights_that_are_missing_are_named() {
    let Some(server) = Server::shared() else {
        return;
    };
    server.psql("CREATE ROLE maker LOGIN");
    let database = server.database();
    let maker = url_of(&database, "maker");
    let as_maker = |set: &dyn Fn(Migrator<Version, Postgres>) -> Migrator<Version, Postgres>| {
        block(async {
            let mut client = client(&maker).await;
            set(migrator(1)).up(&mut client).await.unwrap_err()
        })
    };
    // No schema can be made.
    let error = as_maker(&|migrator| migrator.in_schema("tenant"));
    insta::assert_snapshot!(message(&error, &database), @"the role of this connection lacks a privilege for creating the history table; nothing was applied, grant it, or connect with another role: permission denied for database DATABASE (42501)");
    // There is one, of which the role knows nothing.
    database.psql("CREATE SCHEMA tenant");
    let error = as_maker(&|migrator| migrator.in_schema("tenant"));
    insta::assert_snapshot!(message(&error, &database), @"the role of this connection lacks a privilege for looking for the history; nothing was applied, grant it, or connect with another role: permission denied for schema tenant (42501)");
    // It may look, and make nothing.
    database.psql("GRANT USAGE ON SCHEMA tenant TO maker");
    let error = as_maker(&|migrator| migrator.in_schema("tenant"));
    insta::assert_snapshot!(message(&error, &database), @"the role of this connection lacks a privilege for creating the history table; nothing was applied, grant it, or connect with another role: permission denied for schema tenant (42501)");
    // Its own history, and tables of somebody else.
    database.psql("CREATE SCHEMA own AUTHORIZATION maker; CREATE TABLE public.users (id int)");
    let files = [("001_m.sql", "ALTER TABLE public.users ADD name text;\n")];
    let migrator = migrate_tests::postgres::migrator(&files).in_schema("own");
    let error = block(async {
        let mut client = client(&maker).await;
        migrator.up(&mut client).await.unwrap_err()
    });
    insta::assert_snapshot!(message(&error, &database), @"migration `001_m` failed at 001_m.sql:1:1 and was rolled back: must be owner of table users (42501)");
    // A history that it cannot write.
    database.psql("GRANT CREATE ON SCHEMA public TO maker");
    assert_eq!(up(database.url(), 1).unwrap(), 1);
    database.psql("GRANT SELECT ON _migrations TO maker; GRANT ALL ON ledger TO maker");
    let error = up(&maker, 2).unwrap_err();
    insta::assert_snapshot!(message(&error, &database), @"the role of this connection lacks a privilege for recording the migration; nothing was applied, grant it, or connect with another role: permission denied for table _migrations (42501)");
    assert_eq!(check_steps(|sql| database.psql(sql)), 1);
}
