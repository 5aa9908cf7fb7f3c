//! Which server is used, and how it ends.

use crate::{GENERATED, again, outcome};
use migrate_runtime::postgres::testing;
use migrate_servers::Server;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

#[test]
fn without_a_server_one_line_says_so() {
    let mut test = again(GENERATED);
    test.env("MIGRATE_POSTGRES_BIN", "/nowhere");
    let (succeeded, text) = outcome(test);
    assert!(succeeded, "{text}");
    let line = text.lines().find(|line| line.contains("SKIPPED: "));
    insta::assert_snapshot!(line.unwrap_or(&text), @"SKIPPED: tests that need PostgreSQL did not run, because no PostgreSQL server was found: `TEST_DATABASE_URL` is not set, and `initdb` and `postgres` are not in the folder `MIGRATE_POSTGRES_BIN` nor, if that is not set, in `PATH`, `pg_config --bindir`, /usr/lib/postgresql/*/bin, /usr/pgsql-*/bin, /opt/homebrew/opt/postgresql@*/bin, /usr/local/opt/postgresql@*/bin and /Applications/Postgres.app; install one with `apt install postgresql`, `dnf install postgresql-server` or `brew install postgresql`, or set `TEST_DATABASE_URL`");
    assert_eq!(text.matches("SKIPPED").count(), 1, "{text}");
}

#[test]
fn a_server_that_is_required_must_be_found() {
    let mut test = again(GENERATED);
    test.env("MIGRATE_POSTGRES_BIN", "/nowhere");
    test.env("MIGRATE_REQUIRE_SERVERS", "1");
    let (succeeded, text) = outcome(test);
    assert!(!succeeded, "{text}");
    assert!(
        text.contains("`MIGRATE_REQUIRE_SERVERS` is 1, and no PostgreSQL server was found"),
        "{text}"
    );
}

#[test]
fn programs_that_fail_are_reported_with_their_log() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["initdb", "postgres"] {
        let path = folder.path().join(name);
        std::fs::write(&path, "#!/bin/sh\necho no space left\nexit 1\n").unwrap();
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, mode.clone()).unwrap();
        std::fs::set_permissions(folder.path(), mode).unwrap();
    }
    let mut test = again(GENERATED);
    test.env("MIGRATE_POSTGRES_BIN", folder.path());
    let (succeeded, text) = outcome(test);
    assert!(!succeeded, "{text}");
    assert!(text.contains("does not start from"), "{text}");
    assert!(text.contains("no space left"), "{text}");
}

/// The programs that the server needs are looked for in the usual folders too.
#[test]
fn an_empty_path_is_enough() {
    if testing::server().is_none() {
        return;
    }
    let mut test = again(GENERATED);
    test.env("PATH", "");
    let (succeeded, text) = outcome(test);
    assert!(succeeded, "{text}");
}

#[test]
fn a_server_that_is_not_there_is_not_waited_for_long() {
    let mut test = again(GENERATED);
    test.env("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:1/x");
    let begun = Instant::now();
    let (succeeded, text) = outcome(test);
    assert!(!succeeded);
    assert!(begun.elapsed() < Duration::from_secs(20), "{text}");
    assert!(text.contains("nothing listens at `127.0.0.1:1`"), "{text}");
}

/// A service container, for example.
#[test]
fn a_url_names_the_server() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut test = again(GENERATED);
    test.env("TEST_DATABASE_URL", server.url("postgres"));
    // With a URL no program is needed.
    test.env("MIGRATE_POSTGRES_BIN", "/nowhere");
    let (succeeded, text) = outcome(test);
    assert!(succeeded, "{text}");
    assert!(!text.contains("SKIPPED"), "{text}");
    let left = "SELECT count(*) FROM pg_database WHERE datname LIKE 'migrate%'";
    assert_eq!(server.psql(left), "0");
}

/// Prints where the server is, and waits to be killed.
#[test]
#[ignore = "a part of `no_server_outlives_its_process`"]
fn wait_with_a_server() {
    let Some(server) = testing::server() else {
        return;
    };
    let mut stderr = std::io::stderr();
    writeln!(stderr, "at {}", server.url()).unwrap();
    sleep(Duration::from_secs(100));
}

#[test]
fn no_server_outlives_its_process() {
    if testing::server().is_none() {
        return;
    }
    let mut test = again("servers::wait_with_a_server");
    test.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = test.spawn().unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let mut lines = stderr.lines().map(Result::unwrap);
    let line = lines.find(|it| it.starts_with("at ")).unwrap();
    // at postgres://postgres@%2Ftmp%2Fpg-…:5432/postgres
    let (_, rest) = line.split_once('@').unwrap();
    let folder = rest.split(':').next().unwrap().replace("%2F", "/");
    let folder = Path::new(&folder);
    let pid = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    let pid = pid.lines().next().unwrap().to_owned();
    let is_running = || Path::new("/proc").join(&pid).exists() || folder.exists();
    assert!(is_running());
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    let deadline = Instant::now() + Duration::from_secs(20);
    while is_running() {
        assert!(Instant::now() < deadline, "{line}");
        sleep(Duration::from_millis(20));
    }
}
