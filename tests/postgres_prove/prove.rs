//! A program's own migrations, with those in Rust.

use crate::{block, connector, migrator};
use insta::assert_snapshot;
use migrate_runtime::tokio_postgres::{Error, Transaction};
use migrate_runtime::{Migrator, Postgres, Version};
use migrate_servers::{Database, Server};
use migrate_tools::Check;
use migrate_tools::postgres::{prove, testing};
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

const FILES: &[(&str, &str)] = &[
    (
        "001_users.sql",
        "CREATE TABLE users (id bigint PRIMARY KEY, slug text);\n",
    ),
    (
        "002_slugs.rs",
        "pub async fn up(tx: &Transaction<'_>) -> Result<(), Error> { todo() }\n\
         pub async fn down(tx: &Transaction<'_>) -> Result<(), Error> { todo() }\n",
    ),
    ("003_more.sql", "ALTER TABLE users ADD COLUMN more text;\n"),
];

async fn slugs(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.batch_execute("CREATE TABLE slugs (id bigint); INSERT INTO slugs SELECT id FROM users")
        .await
}

fn proved(database: &Database, migrator: &Migrator<Version, Postgres>) -> Check {
    let connector = connector(database.url());
    block(prove(migrator, &connector)).unwrap()
}

#[test]
fn functions_are_called() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let without = migrator(FILES);
    assert_snapshot!(proved(&database, &without), @"
    note: the replay ends before `002_slugs`, which is in Rust; the generated test replays the rest

    3 migrations, 1 tried on rows, 0 downs; not tried: 002_slugs (in Rust), 003_more (the replay ends before it)
    ");
    let with_up = without.with_up(Version::new(2), |tx| Box::pin(slugs(tx)));
    assert_snapshot!(proved(&database, &with_up), @"
    nothing is wrong

    3 migrations, 3 tried on rows, 0 downs
    ");
    let forgetful = with_up.with_down(Version::new(2), |tx| {
        Box::pin(async move { tx.batch_execute("SELECT 1").await })
    });
    assert_snapshot!(proved(&database, &forgetful), @r#"
    error: S33: this down does not restore the schema from before its up
     --> 002_slugs.rs
      = note: the table `slugs` is left over
      = help: make it undo everything that the up does
              or allow it: `-- migrate: allow down-does-not-restore "why"`

    3 migrations, 3 tried on rows, 1 down
    "#);
    let panicking = migrator(FILES).with_up(
        Version::new(2),
        |_| -> std::pin::Pin<Box<dyn Future<Output = Result<(), Error>> + Send>> {
            Box::pin(async { panic!("no slug") })
        },
    );
    assert_snapshot!(proved(&database, &panicking), @"
    error: M037: this migration fails: migration `002_slugs` panicked in 002_slugs.rs and was rolled back: no slug
     --> 002_slugs.rs
      = help: correct the function; it runs on a fresh database too

    note: the replay ends at `002_slugs`, which fails

    3 migrations, 1 tried on rows, 0 downs; not tried: 002_slugs (it fails), 003_more (the replay ends before it)
    ");
}

/// A run that lost its connection goes on with the connector of the migrator:
/// here that must not lead to the database of the caller.
#[test]
fn a_lost_connection_leads_nowhere_else() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let there = connector(database.url());
    let is_first = AtomicBool::new(true);
    let migrator = migrator(FILES)
        .connector(there.clone())
        .with_up(Version::new(2), move |tx| {
            let sql = if is_first.swap(false, Ordering::Relaxed) {
                "SELECT pg_terminate_backend(pg_backend_pid())"
            } else {
                "SELECT 1"
            };
            Box::pin(async move { tx.batch_execute(sql).await })
        });
    assert_snapshot!(block(prove(&migrator, &there)).unwrap(), @"
    nothing is wrong

    3 migrations, 3 tried on rows, 0 downs
    ");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.psql(tables), "0");
}

/// As a test of a program calls it, with a runtime or without.
#[test]
fn a_test_of_a_program() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let check = |files: &[(&str, &str)]| testing::check(&migrator(files), database.url());
    check(&FILES[..1]);
    block(async { check(&FILES[..1]) });
    let broken = [(
        "001_users.sql",
        "CREATE TABLE users (id bigints PRIMARY KEY);\n",
    )];
    let panic = catch_unwind(AssertUnwindSafe(|| check(&broken))).unwrap_err();
    assert_snapshot!(panic.downcast_ref::<String>().unwrap(), @r#"
    the migrations are not sound

    error: M037: PostgreSQL refuses this: type "bigints" does not exist (42704)
     --> 001_users.sql:1:24
      |
    1 | CREATE TABLE users (id bigints PRIMARY KEY);
      |                        ^^^^^^^
      = help: correct the statement; it or an earlier migration must create what it needs
    "#);
}

/// Each makes a table with a foreign key, an index, and a down.
#[test]
fn a_hundred_migrations() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let files: Vec<(String, String)> = (1..=100)
        .map(|number: u32| {
            let parent = match number {
                1 => String::new(),
                _ => format!(",\n  parent bigint NOT NULL REFERENCES t{}", number - 1),
            };
            let up = match number % 4 {
                0 => format!("ALTER TABLE t1 ADD COLUMN c{number} text;\n"),
                _ => String::new(),
            };
            let down = match number % 4 {
                0 => format!("ALTER TABLE t1 DROP COLUMN c{number};\n"),
                _ => String::new(),
            };
            let text = format!(
                "CREATE TABLE t{number} (\n  id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,\n\
                 \x20 name text NOT NULL CHECK (name <> '')\
                 {parent}\n);\nCREATE INDEX t{number}_name ON t{number} (name);\n{up}\
                 -- migrate:down\nDROP TABLE t{number};\n{down}"
            );
            // The next one refers to this table, and is undone before it.
            (format!("{number:03}_t.sql"), text)
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let started = Instant::now();
    let check = proved(&database, &migrator(&files));
    let _ = writeln!(std::io::stderr(), "100 migrations: {:?}", started.elapsed());
    assert_snapshot!(check, @"
    nothing is wrong

    100 migrations, 100 tried on rows, 100 downs
    ");
}
