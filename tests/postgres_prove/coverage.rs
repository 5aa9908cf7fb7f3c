//! How much of a directory a proof tries.

use crate::check;

fn coverage(files: &[(&str, &str)]) -> Option<String> {
    let server = migrate_servers::Server::shared()?;
    let check = check(server.database().url(), files).unwrap();
    Some(check.coverage.unwrap().to_string())
}

const USERS: &str = "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n";

macro_rules! assert_coverage {
    ($second:expr, @$snapshot:literal) => {
        let files = [("001_users.sql", USERS), ("002_b.sql", $second), ("003_c.sql", "SELECT 1;\n")];
        if let Some(text) = coverage(&files) {
            insta::assert_snapshot!(text, @$snapshot);
        }
    };
}

#[test]
fn each_migration_is_counted() {
    let note = "ALTER TABLE users ADD COLUMN note text;\n\
                -- migrate:down\nALTER TABLE users DROP COLUMN note;\n";
    assert_coverage!(note, @"3 migrations, 3 tried on rows, 1 down");
}

/// What comes after a statement that fails is tried with fewer rows.
#[test]
fn a_failing_statement_is_no_gap() {
    let narrower = "ALTER TABLE users ADD CHECK (name = '');\nUPDATE users SET name = '';\n";
    assert_coverage!(narrower, @"3 migrations, 3 tried on rows, 0 downs");
}

#[test]
fn what_was_not_tried_has_a_reason() {
    assert_coverage!("CREATE ROLE app;\n", @"3 migrations, 1 tried on rows, 0 downs; not tried: 002_b (`CREATE ROLE` affects other databases), 003_c (the replay ends before it)");
    assert_coverage!("UPDATE users SET nam = name;\n", @"3 migrations, 1 tried on rows, 0 downs; not tried: 002_b (it fails), 003_c (the replay ends before it)");
    let head = "-- migrate: no-transaction\n";
    let halfway = "ALTER TABLE users ADD CHECK (name = '');\nUPDATE users SET name = '';\n";
    assert_coverage!(&format!("{head}{halfway}"), @r#"3 migrations, 2 tried on rows, 0 downs; not tried: 002_b (check constraint "users_name_check" of relation "users" is violated by some row (23514))"#);
    let empty = "CREATE TABLE odd (id bigint CHECK (md5(id::text) = 'unknown'));\n";
    assert_coverage!(empty, @"3 migrations, 3 tried on rows, 0 downs");
    let files = [
        ("001_odd.sql", empty),
        ("002_odd.sql", "ALTER TABLE odd ADD COLUMN note text;\n"),
    ];
    if let Some(text) = coverage(&files) {
        insta::assert_snapshot!(text, @"2 migrations, 1 tried on rows, 0 downs; not tried: 002_odd (`odd` stays empty)");
    }
}
