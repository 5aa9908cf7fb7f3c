//! Several hosts in one URL.

use crate::connect::{nobody, silence};
use crate::{block, connect, message, value};
use migrate_runtime::postgres::Connector;
use migrate_servers::Server;
use std::thread;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(30);

fn both(first: u16, second: u16, query: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{first},127.0.0.1:{second}/postgres?{query}")
}

#[test]
fn the_second_is_found_where_the_first_is_dead_or_silent() {
    let Some(server) = Server::shared() else {
        return;
    };
    connect(&both(nobody(), server.port(), ""), Duration::ZERO).unwrap();
    let (_listener, port) = silence();
    let begun = Instant::now();
    let url = both(port, server.port(), "connect_timeout=1");
    connect(&url, Duration::ZERO).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn each_is_named_where_none_answers() {
    let (_listener, port) = silence();
    let error = connect(&both(nobody(), port, ""), SHORT).unwrap_err();
    insta::assert_snapshot!(message(&error), @"no connection to the database `postgres` in TIME s and 1 attempt: nothing listens at `127.0.0.1:PORT`, and `127.0.0.1:PORT` does not answer; start the server, or correct the host and the port; check the network and its firewalls, or give a longer `connect_timeout`: no answer in TIME s");
}

#[test]
fn an_order_by_chance_finds_both() {
    let Some(server) = Server::shared() else {
        return;
    };
    let socket = server.folder().display().to_string();
    let connector = Connector::parse(&format!(
        "host=127.0.0.1,{socket} port={} user=postgres load_balance_hosts=random",
        server.port()
    ))
    .unwrap();
    let mut seen = [false, false];
    for _ in 0..200 {
        let sql = "SELECT (inet_client_addr() IS NULL)::text";
        let local = block(async { value(&connector.connect().await.unwrap(), sql).await });
        seen[usize::from(local == "true")] = true;
        if seen == [true, true] {
            return;
        }
    }
    panic!("always the same host: {seen:?}");
}

#[test]
fn the_one_that_can_be_written_to_is_found() {
    let Some(primary) = Server::start() else {
        return;
    };
    let standby = primary.standby();
    let url = both(
        standby.port(),
        primary.port(),
        "target_session_attrs=read-write",
    );
    let connector = Connector::parse(&url).unwrap();
    block(async {
        let client = connector.connect().await.unwrap();
        let port = value(&client, "SELECT current_setting('port')").await;
        assert_eq!(port, primary.port().to_string());
    });

    // The primary fails; the standby is there and read-only, until it is promoted.
    primary.stop();
    insta::assert_snapshot!(message(&connect(&url, SHORT).unwrap_err()), @"no connection to the database `postgres` in TIME s and SOME attempts: `127.0.0.1:PORT` is read-only, and nothing listens at `127.0.0.1:PORT`; promote a standby, or name the primary; start the server, or correct the host and the port: error connecting to server: Connection refused (os error 111)");
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(SHORT);
            standby.promote();
        });
        connect(&url, LONG).unwrap();
    });
}
