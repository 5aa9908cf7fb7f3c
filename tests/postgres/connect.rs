//! Servers that are not there yet.

use crate::{block, connect, message, value};
use migrate_runtime::ErrorKind;
use migrate_runtime::postgres::Connector;
use migrate_servers::{Options, Server};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use std::{fs, thread};

const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(300);

/// A port at which something else happens to each connection.
fn somebody(does: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || listener.incoming().flatten().for_each(does));
    port
}

/// A port that takes connections and says nothing.
pub(crate) fn silence() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A port at which nothing listens.
pub(crate) fn nobody() -> u16 {
    silence().1
}

#[test]
fn a_server_that_comes_up_is_waited_for() {
    let Some(server) = Server::start() else {
        return;
    };
    let url = server.url("postgres");
    server.stop();
    assert!(connect(&url, Duration::ZERO).unwrap_err().is_unreachable());
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(700));
            server.restart();
        });
        connect(&url, LONG).unwrap();
    });
    assert!(begun.elapsed() >= Duration::from_millis(700));
}

#[test]
fn nobody_listens() {
    let url = format!("postgres://app:secret@127.0.0.1:{}/orders", nobody());
    let begun = Instant::now();
    let error = connect(&url, SHORT).unwrap_err();
    assert!(error.is_unreachable() && error.kind() != ErrorKind::PermissionDenied);
    assert!((SHORT..SHORT * 5).contains(&begun.elapsed()));
    insta::assert_snapshot!(message(&error), @"no connection to the database `orders` in TIME s and SOME attempts: nothing listens at `127.0.0.1:PORT`; start the server, or correct the host and the port: error connecting to server: Connection refused (os error 111)");

    let folder = tempfile::tempdir().unwrap();
    let url = format!("host={} user=app dbname=orders", folder.path().display());
    let error = connect(&url, SHORT).unwrap_err();
    let text = message(&error).replace(&folder.path().display().to_string(), "FOLDER");
    insta::assert_snapshot!(text, @"no connection to the database `orders` in TIME s and SOME attempts: there is no socket `FOLDER/.s.PGSQL.PORT`; start the server, or correct the folder of its socket and the port: error connecting to server: No such file or directory (os error 2)");
}

#[test]
fn a_budget_of_nothing_is_one_attempt() {
    let url = format!("postgres://app@127.0.0.1:{}/orders", nobody());
    let error = connect(&url, Duration::ZERO).unwrap_err();
    insta::assert_snapshot!(message(&error), @"no connection to the database `orders` in TIME s and 1 attempt: nothing listens at `127.0.0.1:PORT`; start the server, or correct the host and the port: error connecting to server: Connection refused (os error 111)");
}

#[test]
fn a_server_that_says_nothing_is_left() {
    let (_listener, port) = silence();
    let url = format!("postgres://app@127.0.0.1:{port}/orders?connect_timeout=1");
    let begun = Instant::now();
    let error = connect(&url, Duration::ZERO).unwrap_err();
    assert!((Duration::from_secs(1)..Duration::from_secs(3)).contains(&begun.elapsed()));
    insta::assert_snapshot!(message(&error), @"no connection to the database `orders` in TIME s and 1 attempt: `127.0.0.1:PORT` does not answer; check the network and its firewalls, or give a longer `connect_timeout`: no answer in TIME s");
}

#[test]
fn a_silent_server_does_not_hold_up_longer_than_the_budget() {
    let (_listener, port) = silence();
    let url = format!("postgres://app@127.0.0.1:{port}/orders");
    let begun = Instant::now();
    assert!(connect(&url, SHORT).unwrap_err().is_unreachable());
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn an_unknown_host() {
    let error = connect("postgres://app@nowhere.invalid/orders", SHORT).unwrap_err();
    assert!(error.is_unreachable());
    // What the system says of it differs between machines.
    let text = message(&error);
    let (ours, _) = text.split_once(": failed to lookup").unwrap();
    insta::assert_snapshot!(ours, @"no connection to the database `orders` in TIME s and SOME attempts: the address of `nowhere.invalid:PORT` cannot be found; correct the name of the host, or check the name service");
}

#[test]
fn a_connection_that_is_cut_is_tried_again() {
    // What was not read would make the system say that it was reset.
    let port = somebody(|mut stream| {
        let _ = stream.read(&mut [0; 100]);
    });
    let url = format!("postgres://app@127.0.0.1:{port}/orders");
    insta::assert_snapshot!(message(&connect(&url, SHORT).unwrap_err()), @"no connection to the database `orders` in TIME s and SOME attempts: `127.0.0.1:PORT` accepts connections and closes them; check its log, and whether it is a PostgreSQL server: error communicating with the server: early eof");
}

#[test]
fn somebody_else_answers() {
    let answers = |text: &'static [u8]| {
        somebody(move |mut stream| {
            let _ = stream.read(&mut [0; 100]);
            let _ = stream.write_all(text);
        })
    };
    let url = |port: u16| format!("postgres://app@127.0.0.1:{port}/orders");
    // The length of a message that PostgreSQL never sends.
    let error = connect(&url(answers(b"N\0\0\0\0\0\0\0\0")), LONG).unwrap_err();
    assert!(!error.is_unreachable());
    insta::assert_snapshot!(message(&error), @"`127.0.0.1:PORT` does not speak the PostgreSQL protocol; correct the host and the port: error communicating with the server: invalid message length: header length < 4");
    // This looks like the beginning of a long one.
    let error = connect(&url(answers(b"HTTP/1.1 400 Bad Request\r\n\r\n")), SHORT).unwrap_err();
    assert!(error.is_unreachable());
    insta::assert_snapshot!(message(&error), @"no connection to the database `orders` in TIME s and SOME attempts: `127.0.0.1:PORT` accepts connections and closes them; check its log, and whether it is a PostgreSQL server: error communicating with the server: bytes remaining on stream");
}

#[test]
fn a_server_that_starts_up_is_waited_for() {
    let slow = Options::new().setting("restore_command", "sleep 1; false");
    let Some(server) = Server::start_with(&slow) else {
        return;
    };
    let url = server.url("postgres");
    server.stop();
    // The next start asks the archive for logs, which takes its time.
    fs::write(server.folder().join("data/recovery.signal"), "").unwrap();
    thread::scope(|scope| {
        scope.spawn(|| server.restart());
        // It refuses connections at first; then it is there, and starting up.
        let text = loop {
            match connect(&url, Duration::ZERO) {
                Ok(()) => break "it came up too soon".to_owned(),
                Err(error) => match message(&error) {
                    text if text.contains("nothing listens") => {}
                    text => break text,
                },
            }
        };
        insta::assert_snapshot!(text, @"no connection to the database `postgres` in TIME s and 1 attempt: `127.0.0.1:PORT` is not ready for connections; wait until it has started, or check its log: db error: FATAL: the database system is starting up");
        connect(&url, LONG).unwrap();
    });
}

#[test]
fn a_server_that_is_full_is_waited_for() {
    let small = Options::new()
        .setting("max_connections", "2")
        .setting("superuser_reserved_connections", "0")
        .setting("max_wal_senders", "0");
    let Some(server) = Server::start_with(&small) else {
        return;
    };
    let url = server.url("postgres");
    let sessions = [server.connect("postgres"), server.connect("postgres")];
    insta::assert_snapshot!(message(&connect(&url, SHORT).unwrap_err()), @"no connection to the database `postgres` in TIME s and SOME attempts: `127.0.0.1:PORT` has no connection left; close some, or raise `max_connections`: db error: FATAL: sorry, too many clients already");
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(SHORT);
            drop(sessions);
        });
        connect(&url, LONG).unwrap();
    });
}

#[test]
fn several_threads_may_share_it() {
    fn can_move<T: Send>(_: &T) {}
    fn can_be_shared<T: Send + Sync>(_: &T) {}
    let connector = Connector::parse("postgres://app@db/orders").unwrap();
    can_be_shared(&connector);
    can_move(&connector.connect());
}

#[test]
fn a_statement_is_cancelled() {
    let Some(server) = Server::shared() else {
        return;
    };
    let connector = Connector::parse(&server.url("postgres")).unwrap();
    block(async {
        let client = connector.connect().await.unwrap();
        let sleeping = client.batch_execute("SELECT pg_sleep(60)");
        let cancelling = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            connector.cancel(client.cancel_token()).await.unwrap();
            std::future::pending::<()>().await;
        };
        let error = tokio::select! {
            error = sleeping => error.unwrap_err(),
            () = cancelling => unreachable!(),
        };
        assert_eq!(error.code().unwrap().code(), "57014");
        assert_eq!(value(&client, "SELECT 'usable'").await, "usable");
    });
}

#[test]
fn a_request_to_cancel_that_does_not_arrive() {
    let Some(server) = Server::start() else {
        return;
    };
    let connector = Connector::parse(&server.url("postgres")).unwrap();
    block(async {
        let client = connector.connect().await.unwrap();
        server.stop();
        let error = connector.cancel(client.cancel_token()).await.unwrap_err();
        insta::assert_snapshot!(message(&error), @"the request to cancel did not reach the server; the statement may still be running: error connecting to server: Connection refused (os error 111)");
    });
}
