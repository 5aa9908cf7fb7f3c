//! Connections for programs without a runtime.

use crate::{block, message};
use migrate_runtime::postgres::{Blocking, Connector};
use migrate_servers::Server;
use std::thread;
use std::time::{Duration, Instant};

fn open(server: &Server) -> Blocking {
    Blocking::connect(&Connector::parse(&server.url("postgres")).unwrap()).unwrap()
}

#[test]
fn work_is_run_to_its_end() {
    let Some(server) = Server::shared() else {
        return;
    };
    let mut db = open(server);
    let rows = db.run(async |client| {
        let tx = client.transaction().await?;
        tx.batch_execute("CREATE TEMP TABLE t(n int4); INSERT INTO t VALUES (1), (2)")
            .await?;
        tx.commit().await?;
        client.query("SELECT n FROM t", &[]).await
    });
    assert_eq!(rows.unwrap().len(), 2);
    // The session is the same in the next call.
    let row = db.run(async |client| client.query_one("SELECT sum(n) FROM t", &[]).await);
    assert_eq!(row.unwrap().get::<_, i64>(0), 3);
    let shown = format!("127.0.0.1:{}/postgres", server.port());
    assert_eq!(db.connector().shown(), shown);
}

#[test]
fn the_end_is_told_to_the_server() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut db = open(&server);
    let row = db.run(async |client| client.query_one("SELECT pg_backend_pid()", &[]).await);
    let process: i32 = row.unwrap().get(0);
    db.run(async |client| client.batch_execute("BEGIN").await)
        .unwrap();
    drop(db);
    let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {process}");
    let begun = Instant::now();
    while server.psql(&sql) != "0" {
        assert!(begun.elapsed() < Duration::from_secs(10));
        thread::sleep(Duration::from_millis(5));
    }
    let log = server.log();
    assert!(!log.contains("unexpected EOF"), "{log}");
}

#[test]
fn a_connection_that_breaks_between_two_calls() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut db = open(&server);
    server.stop_immediately();
    let error = db
        .run(async |client| client.batch_execute("SELECT 1").await)
        .unwrap_err();
    assert!(error.is_closed() || error.code().is_some(), "{error:?}");
}

#[test]
fn inside_of_a_runtime() {
    let connector = Connector::parse("postgres://app@db/orders").unwrap();
    let error = block(async { Blocking::connect(&connector).unwrap_err() });
    insta::assert_snapshot!(message(&error), @"a blocking connection cannot be used in an asynchronous function, because it would block the runtime; use `Connector::connect` there, and await it");

    let Some(server) = Server::shared() else {
        return;
    };
    // It may end up there all the same, and end there.
    let db = open(server);
    block(async { drop(db) });
}

#[test]
fn nobody_is_there() {
    let url = format!(
        "postgres://app@127.0.0.1:{}/orders",
        crate::connect::nobody()
    );
    let connector = Connector::parse(&url)
        .unwrap()
        .connect_timeout(Duration::ZERO);
    assert!(Blocking::connect(&connector).unwrap_err().is_unreachable());
}
