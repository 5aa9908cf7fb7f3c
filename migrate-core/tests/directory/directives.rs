//! `-- migrate:` comments that are wrong: M023, M024, M026.

use super::{problems, script};
use insta::assert_snapshot;

/// The problems of a directive at the head of a script that is fine.
fn directive(comment: &str) -> String {
    script(format!("{comment}\nCREATE TABLE t(x);\n"))
}

#[test]
fn unknown_ones() {
    assert_snapshot!(directive("-- migrate: ireversible \"x\""), @r#"
    M023: unknown directive `ireversible`
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: ireversible "x"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: did you mean `irreversible`?
    "#);
    assert_snapshot!(directive("-- migrate: lock"), @"
    M023: unknown directive `lock`
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: lock
      | ^^^^^^^^^^^^^^^^
      = help: known are `irreversible`, `empty`, `allow` and, between up and down, `-- migrate:down`
    ");
    assert_snapshot!(directive("-- migrate:up"), @"
    M023: unknown directive `up`
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate:up
      | ^^^^^^^^^^^^^
      = help: remove it: everything before `-- migrate:down` is the up
    ");
    assert_snapshot!(directive("-- migrate:"), @"
    M023: a directive without a word
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate:
      | ^^^^^^^^^^^
      = help: known are `irreversible`, `empty`, `allow` and, between up and down, `-- migrate:down`
    ");
    assert_snapshot!(directive("-- migrate: Irreversible \"x\""), @r#"
    M023: unknown directive `Irreversible`
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: Irreversible "x"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: did you mean `irreversible`?
    "#);
}

#[test]
fn malformed_ones() {
    assert_snapshot!(directive("-- migrate: irreversible"), @r#"
    M024: `irreversible` needs a reason in double quotes
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: irreversible
      | ^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write it as `-- migrate: irreversible "why there is no down"`
    "#);
    assert_snapshot!(directive("-- migrate: irreversible because"), @r#"
    M024: `irreversible` needs a reason in double quotes
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: irreversible because
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write it as `-- migrate: irreversible "why there is no down"`
    "#);
    assert_snapshot!(directive("-- migrate: empty \"  \""), @r#"
    M024: `empty` needs a reason in double quotes
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: empty "  "
      | ^^^^^^^^^^^^^^^^^^^^^^
      = help: write it as `-- migrate: empty "why it does nothing"`
    "#);
    assert_snapshot!(directive("-- migrate: allow \"why\""), @r#"
    M024: `allow` needs a rule, and a reason in double quotes
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: allow "why"
      | ^^^^^^^^^^^^^^^^^^^^^^^
      = help: write it as `-- migrate: allow RULE "why it is right here"`
    "#);
    assert_snapshot!(directive("-- migrate: down now"), @"
    M024: `down` takes nothing behind it
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: down now
      | ^^^^^^^^^^^^^^^^^^^^
      = help: write it as `-- migrate:down`
    ");
    assert_snapshot!(directive("-- migrate: no-transaction \"x\""), @r#"
    M024: `no-transaction` takes nothing behind it
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: no-transaction "x"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write it as `-- migrate: no-transaction`
    "#);
}

#[test]
fn misplaced_ones() {
    assert_snapshot!(script("SELECT 1;\n-- migrate: irreversible \"x\"\nSELECT 2;\n"), @r#"
    M024: a directive after the first statement
     --> migrations/001_users.sql:2:1
      |
    2 | -- migrate: irreversible "x"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: move it to the head of the script
    "#);
    assert_snapshot!(script("SELECT 1; -- migrate:down\nSELECT 2;\n"), @"
    M024: `-- migrate:down` must stand on a line of its own
     --> migrations/001_users.sql:1:11
      |
    1 | SELECT 1; -- migrate:down
      |           ^^^^^^^^^^^^^^^
      = help: move it to a new line
    ");
    assert_snapshot!(problems(&[
        ("001_a.sql", "SELECT 1;\n-- migrate:down\nSELECT 2;\n-- migrate:down\nSELECT 3;\n"),
        ("002_b.sql", "SELECT 1;\n"),
        ("002_b.down.sql", "-- migrate:down\nSELECT 1;\n"),
    ]), @"
    M024: `-- migrate:down` inside of a down
     --> migrations/001_a.sql:4:1
      |
    4 | -- migrate:down
      | ^^^^^^^^^^^^^^^
      = help: remove it: everything here is the down already

    M024: `-- migrate:down` inside of a down
     --> migrations/002_b.down.sql:1:1
      |
    1 | -- migrate:down
      | ^^^^^^^^^^^^^^^
      = help: remove it: everything here is the down already
    ");
}

#[test]
fn ones_that_do_not_hold() {
    assert_snapshot!(directive("-- migrate: empty \"nothing to do\""), @r#"
    M024: this script is declared empty, but has statements
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: empty "nothing to do"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: remove the directive, or the statements
    "#);
    assert_snapshot!(directive("-- migrate: allow drop-table \"old\""), @r#"
    M024: there is no rule `drop-table` that could be allowed
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: allow drop-table "old"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: remove the directive: the rules of this version have no exceptions
    "#);
}

#[test]
fn ones_of_a_later_version() {
    assert_snapshot!(directive("-- migrate: no-transaction"), @"
    M026: `no-transaction` is not supported by this version
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: no-transaction
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: remove the directive: every migration runs in a transaction
    ");
}

#[test]
fn a_directive_that_is_not_one() {
    for comment in [
        "-- migrated: x",
        "/* migrate: x */",
        "-- see migrate: x",
        "--",
    ] {
        assert_eq!(directive(comment), "");
    }
}

/// Taken for comments, these would let a down run right after its up.
#[test]
fn almost_directives() {
    for comment in [
        "-- migrate down",
        "-- Migrate:down",
        "-- MIGRATE: DOWN",
        "--migrate :down",
        "-- migration:down",
        "-- @migrate down",
        "-- +goose Down",
        "-- +migrate Down",
        "-- +goose StatementBegin",
        "-- +goose NO TRANSACTION",
        "-- Down",
        "-- DOWN:",
        "---- down ----",
        "-- migrate irreversible \"gone\"",
        "-- Migrate: empty \"on purpose\"",
        "-- migrate allow x \"why\"",
    ] {
        let shown = directive(comment);
        assert!(shown.starts_with("M023: "), "{comment}: {shown}");
    }
    for comment in [
        "-- migrate down the prices",
        "-- migrations",
        "-- migrate the users",
        "-- up and down",
        "-- downs stand beside",
        "-- goose",
        "-- migrate: x",
    ] {
        let shown = directive(comment);
        assert!(!shown.contains("ordinary comment"), "{comment}: {shown}");
    }
    assert_snapshot!(directive("-- +goose Down"), @"
    M023: `-- +goose Down` is an ordinary comment here, and does nothing
     --> migrations/001_users.sql:1:1
      |
    1 | -- +goose Down
      | ^^^^^^^^^^^^^^
      = help: write it as `-- migrate:down`, on a line of its own; to say something else, use other words
    ");
}
