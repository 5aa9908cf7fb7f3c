//! The proxy cuts where it was told to.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use migrate_servers::{Client, Database, Proxy, Server, sql};

fn table(server: &Server) -> (Database, Proxy, Client) {
    let database = server.database();
    database.psql("CREATE TABLE t (x int)");
    let proxy = Proxy::start(server.address());
    let client = through(&proxy, &database);
    (database, proxy, client)
}

fn through(proxy: &Proxy, database: &Database) -> Client {
    Client::connect(proxy.address(), "postgres", database.name()).unwrap()
}

/// Waits until the server has noticed that a client is gone.
fn alone(database: &Database) {
    let begin = Instant::now();
    let others = "SELECT count(*) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    while database.psql(others) != "0" {
        assert!(begin.elapsed() < Duration::from_secs(10));
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn cut_before_the_message_it_does_not_reach_the_server() {
    let Some(server) = Server::shared() else {
        return;
    };
    let (database, proxy, mut client) = table(server);
    proxy.cut_before(|message| sql(message) == Some("COMMIT"));
    client.query("BEGIN").unwrap();
    client.query("INSERT INTO t VALUES (1)").unwrap();
    assert_eq!(proxy.cuts(), 0);
    let error = client.query("COMMIT").unwrap_err();
    assert_eq!((error.code(), proxy.cuts()), ("", 1));
    alone(&database);
    assert_eq!(database.psql("SELECT count(*) FROM t"), "0");

    // It happens once.
    let mut client = through(&proxy, &database);
    client.query("BEGIN").unwrap();
    client.query("COMMIT").unwrap();
    assert_eq!((proxy.cuts(), proxy.connections()), (1, 2));
}

#[test]
fn cut_after_the_answer_it_took_effect_and_nobody_knows() {
    let Some(server) = Server::shared() else {
        return;
    };
    let (database, proxy, mut client) = table(server);
    proxy.cut_after(|message| sql(message) == Some("COMMIT"));
    client.query("BEGIN").unwrap();
    client.query("INSERT INTO t VALUES (1)").unwrap();
    let error = client.query("COMMIT").unwrap_err();
    assert_eq!((error.code(), proxy.cuts()), ("", 1));
    // Without waiting: the answer had come before the cut.
    assert_eq!(database.psql("SELECT count(*) FROM t"), "1");

    // The whole answer: this one begins to come before the row is there.
    let mut client = through(&proxy, &database);
    proxy.cut_after(|message| sql(message).is_some());
    let long = "SELECT generate_series(1, 200000); INSERT INTO t VALUES (2)";
    assert!(client.query(long).is_err());
    assert_eq!(database.psql("SELECT max(x) FROM t"), "2");
}

#[test]
fn answers_before_the_one_that_is_cut_off_arrive() {
    let Some(server) = Server::shared() else {
        return;
    };
    let (database, proxy, mut client) = table(server);
    proxy.cut_after(|message| sql(message).is_some_and(|text| text.starts_with("INSERT")));
    client.start("SELECT 1").unwrap();
    client.start("INSERT INTO t VALUES (1)").unwrap();
    assert_eq!(client.answer().unwrap(), "1");
    assert!(client.answer().is_err());
    assert_eq!(database.psql("SELECT count(*) FROM t"), "1");
}

#[test]
fn extended_queries_are_seen_and_cut_too() {
    let Some(server) = Server::shared() else {
        return;
    };
    let (database, proxy, client) = table(server);
    drop(client);
    proxy.forget();
    // pgbench asks by the extended protocol.
    let script = server.folder().join(format!("{}.sql", database.name()));
    std::fs::write(&script, "INSERT INTO t VALUES (1);\n").unwrap();
    let run = || {
        Command::new(server.binaries().join("pgbench"))
            .args([
                "--protocol=extended",
                "--no-vacuum",
                "--transactions=1",
                "-f",
            ])
            .arg(&script)
            .arg(proxy.url(database.name()))
            .output()
            .unwrap()
    };
    let output = run();
    assert!(output.status.success(), "{output:?}");
    let insert = "INSERT INTO t VALUES (1);";
    assert!(proxy.queries().iter().any(|text| text == insert));
    assert_eq!(database.psql("SELECT count(*) FROM t"), "1");
    proxy.cut_after(move |message| sql(message) == Some(insert));
    let output = run();
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(database.psql("SELECT count(*) FROM t"), "2");
    proxy.cut_before(move |message| sql(message) == Some(insert));
    let output = run();
    assert!(!output.status.success(), "{output:?}");
    alone(&database);
    assert_eq!(database.psql("SELECT count(*) FROM t"), "2");
}

#[test]
fn connections_are_cut_and_refused_at_any_time() {
    let Some(server) = Server::shared() else {
        return;
    };
    let (database, proxy, mut client) = table(server);
    let connect = || Client::connect(proxy.address(), "postgres", database.name());
    proxy.refuse(true);
    let error = connect().unwrap_err().to_string();
    assert!(error.contains("refused"), "{error}");
    client.query("SELECT 1").unwrap();
    proxy.cut_now();
    assert!(client.query("SELECT 1").is_err());
    proxy.refuse(false);
    connect().unwrap().query("SELECT 1").unwrap();
    proxy.refuse(true);
    proxy.refuse(true);
    drop(proxy);
}

#[test]
fn round_trips_and_texts_are_counted() {
    let Some(server) = Server::shared() else {
        return;
    };
    let (_database, proxy, mut client) = table(server);
    assert_eq!((proxy.round_trips(), proxy.connections()), (0, 1));
    client.query("SELECT 1; SELECT 2").unwrap();
    client.query("SELECT 3").unwrap();
    assert_eq!(proxy.queries(), ["SELECT 1; SELECT 2", "SELECT 3"]);
    assert_eq!(proxy.round_trips(), 2);
    proxy.forget();
    assert!(proxy.queries().is_empty());
    assert_eq!((proxy.round_trips(), proxy.connections()), (0, 0));
}

#[test]
fn messages_that_do_not_wait_are_one_round_trip() {
    let Some(server) = Server::shared() else {
        return;
    };
    let (_database, proxy, mut client) = table(server);
    client.start("SELECT pg_sleep(0.1)").unwrap();
    client.start("SELECT 2").unwrap();
    client.answer().unwrap();
    client.answer().unwrap();
    assert_eq!((proxy.queries().len(), proxy.round_trips()), (2, 1));
}

#[test]
fn a_client_that_asks_for_tls_first_is_understood() {
    let Some(server) = Server::shared() else {
        return;
    };
    let (database, proxy, _client) = table(server);
    proxy.forget();
    let output = Command::new(server.binaries().join("psql"))
        .args(["-XAtq", "-c", "SELECT 1"])
        .arg(proxy.url(database.name()) + "?sslmode=prefer")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(proxy.queries(), ["SELECT 1"]);
}

#[test]
fn later_connections_go_where_they_are_sent() {
    let Some(server) = Server::start() else {
        return;
    };
    let standby = server.standby();
    let proxy = Proxy::start(server.address());
    let ask = || {
        Client::connect(proxy.address(), "postgres", "postgres")
            .unwrap()
            .query("SELECT pg_is_in_recovery()")
            .unwrap()
    };
    assert_eq!(ask(), "f");
    proxy.retarget(standby.address());
    assert_eq!(ask(), "t");
}
