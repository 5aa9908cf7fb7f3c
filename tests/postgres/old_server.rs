//! Servers that are older than what is supported: every verb is refused with one
//! error. `.ci/postgres-versions` runs this on a real one; otherwise a function
//! gives the version.

use crate::lab::{block, client, locks};
use migrate_runtime::postgres::Connector;
use migrate_runtime::tokio_postgres::Client;
use migrate_runtime::{Down, ErrorKind, Migrator, Postgres, Repair, Version};
use migrate_servers::{Database, Proxy, Server};
use migrate_tests::chain;
use migrate_tools::Error;
use migrate_tools::postgres::{compare_schema, prove};

const FILES: &[(&str, &str)] = &[
    (
        "001_a.sql",
        "CREATE TABLE public.a (x int);\n-- migrate:down\nDROP TABLE public.a;\n",
    ),
    (
        "002_b.sql",
        "CREATE TABLE public.b (x int);\n-- migrate:down\nDROP TABLE public.b;\n",
    ),
];

/// What a server of 12.22 says.
const OLD: &str = "PostgreSQL 12.22 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit";

fn migrator(count: usize) -> Migrator<Version, Postgres> {
    migrate_tests::postgres::migrator(&FILES[..count])
}

/// Whether nobody has to pretend.
fn is_old(server: &Server) -> bool {
    server.major() < 13
}

/// A database of an old server, with the first migration applied if that can be.
fn old(server: &Server) -> Database {
    let database = server.database();
    if !is_old(server) {
        block(async {
            let mut client = client(database.url()).await;
            migrator(1).up(&mut client).await.unwrap();
        });
        database.pretend(OLD);
    }
    database
}

/// The errors of all verbs.
async fn refused(client: &mut Client, connector: &Connector) -> Vec<(&'static str, Error)> {
    let migrator = migrator(2);
    let version = Version::new(1);
    let again = Repair::Resume;
    let restamp = Repair::Restamp("a test");
    macro_rules! errors {
        ($($verb:expr => $run:expr,)*) => {
            vec![$(($verb, Error::from($run.await.map(drop).unwrap_err()))),*]
        };
    }
    errors![
        "up" => migrator.up(client),
        "down" => migrator.down(client, Down::All),
        "redo" => migrator.redo(client),
        "reset" => migrator.reset(client),
        "plan" => migrator.plan(client),
        "plan_down" => migrator.plan_down(client, Down::Steps(1)),
        "status" => migrator.status(client),
        "verify" => migrator.verify(client),
        "baseline" => migrator.baseline(client, version),
        "repair" => migrator.repair(client, version, again),
        "repair" => migrator.repair(client, version, restamp),
        "adopt" => migrator.adopt(client, |_| Box::pin(async { Ok(Vec::new()) })),
        "compare_schema" => compare_schema(&migrator, client, connector, None, &[]),
        "compare_schema" => compare_schema(&migrator, client, connector, Some(version), &[]),
        "prove" => prove(&migrator, connector),
    ]
}

#[test]
fn every_verb_is_refused_with_one_error() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = old(server);
    let databases = || server.psql("SELECT datname FROM pg_database WHERE datname LIKE 'migr%'");
    let dump = || migrate_tests::postgres::dump(|sql| database.psql(sql));
    let before = dump();
    let errors = block(async {
        let mut client = client(database.url()).await;
        let connector = Connector::parse(database.url()).unwrap();
        refused(&mut client, &connector).await
    });
    let number = if is_old(server) {
        server.psql("SHOW server_version")
    } else {
        "12.22".to_owned()
    };
    for (verb, error) in errors {
        let is_too_old = error
            .runtime()
            .is_some_and(|error| error.kind() == ErrorKind::TooOld);
        assert!(is_too_old, "{verb}: {error:?}");
        let text = chain(&error).replace(&number, "12.22");
        assert_eq!(
            text,
            "PostgreSQL 13 or newer is needed, this is 12.22; nothing was changed, upgrade the \
             server",
            "{verb}"
        );
    }
    assert_eq!(dump(), before);
    assert_eq!(locks(&database), "0");
    assert_eq!(databases(), "");
}

/// The one query of a start that has nothing to do does not ask.
#[test]
fn with_nothing_pending_a_service_still_starts() {
    let Some(server) = Server::shared() else {
        return;
    };
    if is_old(server) {
        // Nothing can be applied there.
        return;
    }
    let database = old(server);
    let proxy = Proxy::start(server.address());
    block(async {
        let connector = Connector::parse(&proxy.url(database.name())).unwrap();
        let mut client = connector.connect().await.unwrap();
        proxy.forget();
        assert!(migrator(1).up(&mut client).await.unwrap().is_empty());
    });
    assert_eq!(proxy.round_trips(), 1);
}
