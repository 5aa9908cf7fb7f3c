//! A server, its databases, and its end.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use migrate_servers::{Options, Server};

#[test]
fn a_query_works_in_a_database_of_its_own() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    assert_eq!(
        database.psql("SELECT 1, NULL, 'a' UNION ALL SELECT 2, 3, 'b'"),
        "1||a\n2|3|b"
    );
    let other = server.database();
    database.psql("CREATE TABLE t (x int)");
    let error = other.try_psql("SELECT * FROM t").unwrap_err();
    assert_eq!(error.code(), "42P01");
}

#[test]
fn a_database_goes_with_its_sessions_and_prepared_transactions() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let name = database.name().to_owned();
    let mut session = database.connect();
    session.query("BEGIN; CREATE TABLE t (x int)").unwrap();
    let mut prepared = database.connect();
    prepared.query("BEGIN").unwrap();
    prepared.query("CREATE TABLE u (x int)").unwrap();
    prepared.query("PREPARE TRANSACTION 'it''s'").unwrap();
    drop(database);
    let left = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(server.psql(&left), "0");
    assert!(session.query("COMMIT").is_err());
}

#[test]
fn both_addresses_are_understood_by_others() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    for url in [database.url(), database.socket_url()] {
        let output = Command::new(server.binaries().join("psql"))
            .args(["-XAtq", "-c", "SELECT current_database()", url])
            .output()
            .unwrap();
        let name = String::from_utf8_lossy(&output.stdout);
        assert_eq!(name.trim(), database.name(), "{url}: {output:?}");
    }
}

#[test]
fn settings_are_those_that_were_asked_for() {
    let options = Options::new()
        .durable()
        .setting("default_transaction_isolation", "serializable");
    let Some(server) = Server::start_with(&options) else {
        return;
    };
    assert_eq!(server.psql("SHOW transaction_isolation"), "serializable");
    assert_eq!(server.psql("SHOW fsync"), "on");
    let shared = Server::shared().unwrap();
    assert_eq!(shared.psql("SHOW transaction_isolation"), "read committed");
    assert_eq!(shared.psql("SHOW fsync"), "off");
    assert_eq!(shared.psql("SHOW max_prepared_transactions"), "10");
}

#[test]
fn what_was_committed_survives_a_stop_and_a_kill() {
    let Some(server) = Server::start() else {
        return;
    };
    let database = server.database();
    database.psql("CREATE TABLE t (x int)");
    let port = server.port();
    for (round, end) in [Server::stop, Server::stop_immediately, Server::kill]
        .into_iter()
        .enumerate()
    {
        database.psql("INSERT INTO t VALUES (1)");
        let mut open = database.connect();
        open.query("BEGIN").unwrap();
        open.query("INSERT INTO t VALUES (2)").unwrap();
        let process = open.process();
        assert!(exists(process));
        end(&server);
        assert!(!server.is_running());
        assert!(!exists(process), "round {round}: the session lives on");
        assert!(open.query("COMMIT").is_err());
        server.restart();
        assert!(server.is_running());
        assert_eq!(server.port(), port);
        assert_eq!(
            database.psql("SELECT count(*), max(x) FROM t"),
            format!("{}|1", round + 1)
        );
    }
}

#[test]
fn it_is_gone_after_a_drop() {
    let Some(server) = Server::start() else {
        return;
    };
    let (process, folder) = (postmaster(server.folder()), server.folder().to_owned());
    assert!(exists(process) && folder.exists());
    drop(server);
    assert!(!exists(process));
    assert!(!folder.exists());
}

#[test]
fn it_is_gone_after_its_owner_was_killed() {
    if Server::shared().is_none() {
        return;
    }
    let mut owner = Command::new(env!("CARGO_BIN_EXE_migrate-servers-owner"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: Vec<String> = BufReader::new(owner.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .take_while(|line| line != "ready")
        .collect();
    let [process, folder, port, pooler] = lines.try_into().unwrap();
    let process: i32 = process.parse().unwrap();
    assert!(exists(process) && Path::new(&folder).exists());
    let ports = [port, pooler].map(|port| port.parse().unwrap());
    // It is 0 without PgBouncer.
    let ports = ports.into_iter().filter(|port| *port != 0);
    assert!(ports.clone().all(listens));
    // SIGKILL.
    owner.kill().unwrap();
    owner.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while exists(process) || Path::new(&folder).exists() || ports.clone().any(listens) {
        assert!(Instant::now() < deadline, "{process} or {folder} is left");
        thread::sleep(Duration::from_millis(10));
    }
}

fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn postmaster(folder: &Path) -> i32 {
    let text = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

/// Zombies do not count: who adopts orphans in a container may be slow.
fn exists(process: i32) -> bool {
    let state = if Path::new("/proc/self").exists() {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        stat.rsplit(") ").next().unwrap_or_default().to_owned()
    } else {
        let output = Command::new("ps")
            .args(["-o", "stat=", "-p", &process.to_string()])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    !state.is_empty() && !state.starts_with('Z')
}
