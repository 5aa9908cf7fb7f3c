//! The example `service_postgres`, started as a user would against a real server.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

use migrate_servers::Server;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

/// The example, which `cargo test` builds before it runs this.
fn example() -> Command {
    let test = std::env::current_exe().unwrap();
    let folder: PathBuf = test.parent().unwrap().parent().unwrap().join("examples");
    let mut command = Command::new(folder.join("service_postgres"));
    command.env_remove("GIT_COMMIT");
    command
}

fn run(arguments: &[&str]) -> (bool, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = example()
        .args(arguments)
        .output()
        .expect("the example is built: `cargo build -p migrate-examples --examples`");
    let text = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    (status.success(), text)
}

#[test]
fn it_applies_on_the_first_start_alone() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let (works, planned) = run(&[database.url(), "--plan"]);
    assert!(works, "{planned}");
    assert!(planned.contains("would apply 001_accounts"), "{planned}");
    assert!(planned.contains("would apply 005_find_titles"), "{planned}");
    assert_eq!(
        database.psql("SELECT count(*) FROM pg_tables WHERE schemaname !~ '^(pg|info)'"),
        "0"
    );
    let (works, text) = run(&[database.url(), "--verify"]);
    assert!(
        !works && text.contains("migration `001_accounts` is pending"),
        "{text}"
    );

    let (works, first) = run(&[database.url()]);
    assert!(works, "{first}");
    assert!(first.contains("\napplied 001_accounts in "), "{first}");
    assert!(first.contains("\napplied 005_find_titles in "), "{first}");
    assert!(first.contains("[x] 004_slugs (applied: "), "{first}");
    assert!(
        first.contains("Total: 5 | Applied: 5 | Pending: 0"),
        "{first}"
    );
    assert!(
        first.ends_with("found: The PostgreSQL manual (www.postgresql.org)\n"),
        "{first}"
    );

    let before = database.psql("SELECT * FROM _migrations ORDER BY version");
    let (works, second) = run(&[database.url()]);
    assert!(works, "{second}");
    assert!(second.contains("\nnothing is pending\n"), "{second}");
    assert_eq!(
        database.psql("SELECT * FROM _migrations ORDER BY version"),
        before
    );
    assert_eq!(database.psql("SELECT count(*) FROM links.links"), "1");
    let (works, text) = run(&[database.url(), "--verify"]);
    assert!(
        works && text.ends_with("database and migrations agree\n"),
        "{text}"
    );

    let release = format!("migrate-examples {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        database.psql("SELECT DISTINCT release, state FROM _migrations"),
        format!("{release}|applied")
    );
    assert_eq!(
        database.psql("SELECT count(git_commit), min(execution_ms) >= 0 FROM _migrations"),
        "5|t"
    );
}

/// The server comes up after the service.
#[test]
fn it_waits_for_the_server() {
    let Some(server) = Server::start() else {
        return;
    };
    let url = server.url("postgres");
    server.stop();
    let (works, text) = run(&[&url, "--patience", "0"]);
    assert!(!works && text.starts_with("error: "), "{text}");
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(700));
            server.restart();
        });
        let (works, text) = run(&[&url, "--patience", "60"]);
        assert!(
            works && text.contains("\napplied 001_accounts in "),
            "{text}"
        );
    });
    assert!(begun.elapsed() > Duration::from_millis(700));
    // What will not pass by itself is not waited for.
    let begun = Instant::now();
    let (works, text) = run(&[&server.url("nowhere"), "--patience", "60"]);
    assert!(!works && text.contains("nowhere"), "{text}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}
