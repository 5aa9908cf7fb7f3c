//! Databases that cannot be reached, or are not what was said. No password is
//! ever shown.

use crate::support::{Folder, Ran};
use crate::{Shop, folder, scrubbed};
use insta::assert_snapshot;
use migrate_servers::Server;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

const SECRET: &str = "hush%40hush";

/// What a user reads, in which the password must not be.
#[track_caller]
fn shown(ran: &Ran, server: &str) -> String {
    let text = ran.to_string();
    assert!(!text.contains("hush"), "{text}");
    scrubbed(&text.replace(server, "[server]"))
}

#[test]
fn a_password_is_wrong_or_missing() {
    let Some(server) = Server::start() else {
        return;
    };
    server.psql("CREATE ROLE app LOGIN PASSWORD 'hush@hush'");
    server.psql("CREATE DATABASE shop OWNER app");
    let hba = server.folder().join("data/pg_hba.conf");
    let lines =
        "local all all trust\nhost all postgres all trust\nhost all all all scram-sha-256\n";
    std::fs::write(hba, lines).unwrap();
    server.restart();
    let at = server.address().to_string();
    let folder = folder();
    let run = |what: &str| folder.run(what);
    let status = |user: &str| run(&format!("status -d postgres://{user}@{at}/shop"));
    assert_snapshot!(shown(&status("app:hushhush").ends_with(1), &at), @r#"
    exit code 1
    --- stderr
    error: `[server]` refused the password of the user `app`; correct the user or the password
      because: password authentication failed for user "app" (28P01)
    "#);
    assert_snapshot!(shown(&status("app").ends_with(1), &at), @"
    exit code 1
    --- stderr
    error: `[server]` asks for the password of the user `app`, but none was given; write it into the URL, as in `postgres://USER:PASSWORD@HOST/DATABASE`
      because: invalid configuration
      because: password missing
    ");
    let good = format!("postgres://app:{SECRET}@{at}/shop");
    let json = folder.run_with(&[
        "up",
        "-v",
        "--format",
        "json",
        "--history-table",
        "audit.h",
        "-d",
        &good,
    ]);
    assert!(!json.fine().to_string().contains("hush"));
    // `pg_dump` is given it, too.
    let mut command = folder.command();
    command
        .args(["schema", "-d", &good])
        .env("PATH", server.binaries());
    let schema = folder.ran(command.output().unwrap()).fine();
    assert!(
        schema.stdout.contains("CREATE TABLE public.users"),
        "{schema}"
    );
    assert!(!schema.to_string().contains("hush"));
    // Another one in its place prints what everybody could read of it.
    let told = with_dump(&folder, &good, "echo \"$@\"\nexit 0\n").fine();
    let wanted = format!("--dbname=postgres://app@{at}/shop");
    assert!(told.stdout.contains(&wanted), "{told}");
    assert!(!told.to_string().contains("hush"), "{told}");
    let old = "echo 'pg_dump: error: aborting because of server version mismatch' >&2\n\
               echo 'pg_dump: detail: server version: 18.0' >&2\nexit 1\n";
    let told = with_dump(&folder, &good, old).ends_with(1);
    assert_snapshot!(shown(&told, &at), @"
    exit code 1
    --- stderr
    error: `pg_dump` failed
      because: pg_dump: error: aborting because of server version mismatch
      because: pg_dump: detail: server version: 18.0
      help: install a `pg_dump` that is at least as new as the server, and put it first in `PATH`
    ");
}

/// What `schema` makes of a `pg_dump` that does this.
fn with_dump(folder: &Folder, url: &str, script: &str) -> Ran {
    folder.write("bin/pg_dump", &format!("#!/bin/sh\n{script}"));
    let program = folder.at("bin/pg_dump");
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = folder.command();
    command.args(["schema", "-d", url]).env("PATH", "bin");
    folder.ran(command.output().unwrap())
}

#[test]
fn a_database_or_a_server_is_not_there() {
    let Some(shop) = Shop::new() else { return };
    let at = shop.server.address().to_string();
    let url = shop.server.url("nowhere");
    let run = |arguments: &str| shop.folder.run(arguments);
    assert_snapshot!(shown(&run(&format!("up -d {url}")).ends_with(1), &at), @r#"
    exit code 1
    --- stderr
    error: `[server]` has no database `nowhere`; create it with `CREATE DATABASE`, or correct the name
      because: database "nowhere" does not exist (3D000)
    "#);
    // A port that nothing listens at, because it was given back.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = { free }.local_addr().unwrap().to_string();
    let url = format!("postgres://app:{SECRET}@{free}/shop");
    let ran = run(&format!("status --connect-timeout 0 -d {url}"));
    assert_snapshot!(shown(&ran.ends_with(1), &free), @"
    exit code 1
    --- stderr
    error: no connection to the database `shop` in N s and 1 attempt: nothing listens at `[server]`; start the server, or correct the host and the port
      because: error connecting to server
      because: Connection refused (os error 111)
    ");
    let ran = run(&format!("status --connect-timeout 1.5s -d {url}"));
    assert_snapshot!(shown(&ran.ends_with(1), &free).lines().take(3).collect::<Vec<_>>().join("\n"), @"
    exit code 1
    --- stderr
    note: waiting for `[server]/shop`, up to N s
    ");
}

#[test]
fn up_waits_for_a_server_that_starts() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = folder();
    server.stop();
    let url = server.url("postgres");
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_secs(2));
            server.restart();
        });
        folder.run(&format!("up --wait 30s -d {url}"))
    });
    let told = shown(&ran.fine(), &server.address().to_string());
    assert!(
        told.contains("waiting for `[server]/postgres`, up to N s"),
        "{told}"
    );
    assert_eq!(server.psql("SELECT count(*) FROM _migrations"), "3");
}

#[test]
fn a_url_is_not_understood() {
    let folder = folder();
    let mut told = String::new();
    for url in [
        "postgres://",
        "postgres//app:hush@db/shop",
        "postgres://app:hush@db:port/shop",
        "postgresq://app:hush@db/shop",
        "host=db port=x password=hush",
    ] {
        let ran = folder.run_with(&["status", "--engine", "postgres", "-d", url]);
        told += &shown(&ran.ends_with(2), "[nothing]");
    }
    assert_snapshot!(told, @"
    exit code 2
    --- stderr
    error: the URL names no host; write `postgres://HOST/DATABASE`, or the folder of the server's socket as in `postgres:///DATABASE?host=/var/run/postgresql`
    exit code 2
    --- stderr
    error: the database URL cannot be parsed; write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `%40` and the like for special characters
      because: invalid connection string
      because: unexpected EOF
    exit code 2
    --- stderr
    error: the database URL cannot be parsed; write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `%40` and the like for special characters
      because: invalid connection string
      because: invalid value for option `port`
    exit code 2
    --- stderr
    error: `postgresq:` is not a known kind of database
      help: give it as `sqlite:app.db` or `postgres://USER:PASSWORD@HOST/DATABASE`
    exit code 2
    --- stderr
    error: the database URL cannot be parsed; write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `%40` and the like for special characters
      because: invalid connection string
      because: invalid value for option `port`
    ");
    assert!(
        folder
            .files()
            .iter()
            .all(|it| it.starts_with("migrations/"))
    );
}
