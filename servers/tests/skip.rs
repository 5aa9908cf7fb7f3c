//! What happens where nothing is installed.

use std::process::{Command, Output};

fn owner(require: &str) -> std::io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_migrate-servers-owner"))
        .env("MIGRATE_POSTGRES_BIN", "/nowhere")
        .env("MIGRATE_REQUIRE_SERVERS", require)
        .output()
}

#[test]
fn a_test_is_skipped_with_a_word() {
    let output = owner("0").unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "skipped: no PostgreSQL server is installed (looked for `initdb` in \
         `$MIGRATE_POSTGRES_BIN`, `pg_config --bindir` and /usr/lib/postgresql/*/bin)\n"
    );
}

#[test]
fn a_skip_is_a_failure_where_servers_are_required() {
    let output = owner("1").unwrap();
    assert!(!output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("no PostgreSQL server is installed"), "{said}");
    assert!(said.contains("`MIGRATE_REQUIRE_SERVERS` is 1"), "{said}");
}
