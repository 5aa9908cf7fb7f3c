//! What waiting does not fix is reported at once.

use crate::{authenticate, connect, message};
use migrate_runtime::postgres::Connector;
use migrate_runtime::tokio_postgres::error::SqlState;
use migrate_runtime::{Error, ErrorKind};
use migrate_servers::Server;
use std::time::{Duration, Instant};

/// Connects with all the time in the world, of which nothing may be taken.
fn at_once(url: &str) -> Error {
    let begun = Instant::now();
    let error = connect(url, Duration::from_secs(60)).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(5), "{error}");
    assert!(!error.is_unreachable());
    error
}

#[test]
fn passwords_and_rights() {
    let Some(server) = Server::start() else {
        return;
    };
    server.psql("CREATE ROLE app LOGIN PASSWORD 'right'");
    server.psql("CREATE ROLE banned LOGIN");
    server.psql("CREATE DATABASE secret");
    server.psql("REVOKE CONNECT ON DATABASE secret FROM PUBLIC");
    authenticate(&server, "host all app 127.0.0.1/32 scram-sha-256");
    let at = server.address();

    connect(
        &format!("postgres://app:right@{at}/postgres"),
        Duration::ZERO,
    )
    .unwrap();
    let error = at_once(&format!("postgres://app:wrong@{at}/postgres"));
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    insta::assert_snapshot!(message(&error), @r#"`127.0.0.1:PORT` refused the password of the user `app`; correct the user or the password: db error: FATAL: password authentication failed for user "app""#);
    let cause: &migrate_runtime::tokio_postgres::Error = std::error::Error::source(&error)
        .unwrap()
        .downcast_ref()
        .unwrap();
    assert_eq!(cause.code(), Some(&SqlState::INVALID_PASSWORD));
    assert!(!format!("{error:?}").contains("wrong\""));

    let error = at_once(&format!("postgres://app@{at}/postgres"));
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    insta::assert_snapshot!(message(&error), @"`127.0.0.1:PORT` asks for the password of the user `app`, but none was given; write it into the URL, as in `postgres://USER:PASSWORD@HOST/DATABASE`: invalid configuration: password missing");

    let error = at_once(&format!("postgres://app:right@{at}/secret"));
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    insta::assert_snapshot!(message(&error), @r#"
    the user `app` may not connect to the database `secret` at `127.0.0.1:PORT`; allow it with `GRANT CONNECT ON DATABASE`: db error: FATAL: permission denied for database "secret"
    DETAIL: User does not have CONNECT privilege.
    "#);

    let error = at_once(&format!("postgres://banned@{at}/postgres"));
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    insta::assert_snapshot!(message(&error), @r#"`127.0.0.1:PORT` does not accept the user `banned`; create the role, or allow it this connection in `pg_hba.conf`: db error: FATAL: no pg_hba.conf entry for host "127.0.0.1", user "banned", database "postgres", no encryption"#);

    let error = at_once(&format!(
        "postgres://app:right@{at}/postgres?channel_binding=require"
    ));
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    insta::assert_snapshot!(message(&error), @"the user `app` could not be authenticated at `127.0.0.1:PORT`; check the method in its `pg_hba.conf`, and `channel_binding`: authentication error: server did not use channel binding");
}

#[test]
fn a_database_that_does_not_exist() {
    let Some(server) = Server::shared() else {
        return;
    };
    let error = at_once(&server.url("nothing"));
    assert_ne!(error.kind(), ErrorKind::PermissionDenied);
    insta::assert_snapshot!(message(&error), @r#"`127.0.0.1:PORT` has no database `nothing`; create it with `CREATE DATABASE`, or correct the name: db error: FATAL: database "nothing" does not exist"#);
    let error = at_once(&format!("postgres://nobody@{}/postgres", server.address()));
    insta::assert_snapshot!(message(&error), @r#"`127.0.0.1:PORT` does not accept the user `nobody`; create the role, or allow it this connection in `pg_hba.conf`: db error: FATAL: role "nobody" does not exist"#);
}

#[test]
fn what_is_final_goes_before_what_may_pass() {
    let Some(server) = Server::shared() else {
        return;
    };
    let dead = crate::connect::nobody();
    let url = format!(
        "postgres://postgres@{},127.0.0.1:{dead}/nothing",
        server.address()
    );
    insta::assert_snapshot!(message(&at_once(&url)), @r#"`127.0.0.1:PORT` has no database `nothing`; create it with `CREATE DATABASE`, or correct the name: db error: FATAL: database "nothing" does not exist"#);
}

#[test]
fn urls_that_cannot_be_used() {
    let mut text = String::new();
    for url in [
        "",
        "mysql://host/orders",
        "postgres:///orders",
        "postgres://host:port/orders",
        "postgres://host/orders?color=red",
        "postgres://host/orders?sslmode=strict",
        "postgres://host/orders?sslmode=require&sslrootcert=system",
        "postgres://host/orders?sslrootcert=%FF",
        "host=a,b port=1,2,3",
        "host=a,b hostaddr=127.0.0.1",
        "user='app",
    ] {
        let error = Connector::parse(url).unwrap_err();
        text += &format!("{url}\n  {}\n", migrate_tests::chain(&error));
    }
    insta::assert_snapshot!(text, @"

      the URL names no host; write `postgres://HOST/DATABASE`, or the folder of the server's socket as in `postgres:///DATABASE?host=/var/run/postgresql`
    mysql://host/orders
      the database URL cannot be parsed; write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `%40` and the like for special characters: invalid connection string: unexpected EOF
    postgres:///orders
      the URL names no host; write `postgres://HOST/DATABASE`, or the folder of the server's socket as in `postgres:///DATABASE?host=/var/run/postgresql`
    postgres://host:port/orders
      the database URL cannot be parsed; write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `%40` and the like for special characters: invalid connection string: invalid value for option `port`
    postgres://host/orders?color=red
      the database URL cannot be parsed; write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `%40` and the like for special characters: invalid connection string: unknown option `color`
    postgres://host/orders?sslmode=strict
      `sslmode=strict` is not one of `disable`, `allow`, `prefer`, `require`, `verify-ca` and `verify-full`; use one of them
    postgres://host/orders?sslmode=require&sslrootcert=system
      `sslrootcert=system` needs `sslmode=verify-full`, because anyone can get a certificate from a public authority; use that mode, or name a file
    postgres://host/orders?sslrootcert=%FF
      the value of `sslrootcert` in the URL is not valid UTF-8; write characters other than letters and digits as `%20`
    host=a,b port=1,2,3
      the URL has different numbers of ports and hosts; give a port for each host, or one for all
    host=a,b hostaddr=127.0.0.1
      the URL has different numbers of values in `host` and `hostaddr`; give an address for each host, or none
    user='app
      the database URL cannot be parsed; write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `%40` and the like for special characters: invalid connection string: unterminated quoted connection parameter value
    ");
}

#[test]
fn the_password_is_not_shown() {
    for url in [
        "postgres://app:hidden@db1,db2:5433/orders?sslmode=verify-full",
        "user=app password=hidden host=db1,db2 port=5432,5433 dbname=orders sslmode = 'verify-full'",
    ] {
        let connector = Connector::parse(url).unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(format!("{connector:?}"), @r#"Connector { at: "db1:5432,db2:5433/orders", user: Some("app"), ssl: Ssl { mode: VerifyFull, roots: System }, connect_timeout: 60s }"#);
        }
        assert_eq!(connector.shown(), "db1:5432,db2:5433/orders");
    }
}
