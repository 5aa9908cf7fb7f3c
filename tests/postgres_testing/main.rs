//! The servers and databases for the tests of a program, and the test that the macro
//! generates for PostgreSQL. The server is the one that the runtime starts itself.

// Servers run on Unix only.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod databases;
mod limits;
mod servers;

use migrate_runtime::embed_migrations;
use std::process::Command;

embed_migrations!(
    "postgres_testing/migrations",
    engine = "postgres",
    watch = false
);

// The same test for a registry that is built in another way.
migrate_runtime::test_migrations!(Migration);

/// The generated test, as its harness names it.
const GENERATED: &str = "__migration_tests::embedded_migrations_are_sound";

/// Runs one test of this binary in a process of its own, without the variables that
/// decide which server is used.
fn again(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--include-ignored", "--test-threads=1"]);
    for name in [
        "TEST_DATABASE_URL",
        "MIGRATE_POSTGRES_BIN",
        "MIGRATE_REQUIRE_SERVERS",
    ] {
        command.env_remove(name);
    }
    command
}

/// Whether it succeeded, and what it wrote.
fn outcome(mut command: Command) -> (bool, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}
