//! `-- migrate:` comments that are wrong: M023, M024.

use super::{SQL, problems, script};
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
      = help: the directives are `irreversible`, `empty`, `no-transaction`, `allow`, `adopted` and, between up and down, `-- migrate:down`
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
      = help: the directives are `irreversible`, `empty`, `no-transaction`, `allow`, `adopted` and, between up and down, `-- migrate:down`
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
fn the_downs_of_other_tools() {
    let goose = "-- +goose Up\nCREATE TABLE t(x);\n\n-- +goose Down\nDROP TABLE t;\n";
    assert_snapshot!(script(goose), @"
    M023: `-- +goose Down` does not start the down, so what follows would run with the up
     --> migrations/001_users.sql:4:1
      |
    4 | -- +goose Down
      | ^^^^^^^^^^^^^^
      = help: write it as `-- migrate:down`, or reword the comment if it does not start the down
    ");
    let down = |comment: &str| script(format!("CREATE TABLE t(x);\n{comment}\nDROP TABLE t;\n"));
    let comments = [
        "-- +migrate Down",
        "-- Migrate:Down",
        "-- migrate down",
        "--- down ---",
        "-- Down Migration",
        "/* migrate:down */",
        "-- +migrate Down notransaction",
        "-- rambler down",
        "-- DOWN (rollback)",
        "-- rollback",
        "--rollback",
        "-- ROLLBACK MIGRATION",
        "--//@UNDO",
        "-- @UNDO",
        "-- //@UNDO",
        "/* undo */",
        "-- !Downs",
        "-- ==== Revert ====",
        "-- downgrade:",
    ];
    for comment in comments {
        assert!(down(comment).starts_with("M023: "), "{comment}");
    }
    // A comment among others, a down that is commented out, and the head of a
    // down are nobody's slip.
    for comment in [
        "-- tear down",
        "-- scroll down",
        "-- rollback of the earlier fix",
        "-- undo 012",
        "-- revert users",
        "-- rückgängig: undo",
        "-- the down script drops it again",
        "-- sql",
        "-- --",
    ] {
        assert_eq!(down(comment), "", "{comment}");
    }
    // Notes on how to undo it, at the top or between statements.
    for text in [
        "-- Adds t.\n--\n-- ROLLBACK\n-- --------\n-- Drop it again\nCREATE TABLE t(x);\n",
        "CREATE TABLE t(x);\n-- rollback\n-- DROP TABLE t;\n\nCREATE TABLE u(x);\n",
        "CREATE TABLE t(x);\n-- down\n/* DROP TABLE t; */\nCREATE TABLE u(x);\n",
    ] {
        assert_eq!(script(text), "", "{text}");
    }
    let heading = "-- ====\n-- ROLLBACK\n-- ====\n-- Removes it again";
    assert!(down(heading).starts_with("M023: "));
    for (heading, table) in [("undo", "undo_steps"), ("Rollbacks", "rollbacks")] {
        let text = format!("CREATE TABLE t(x);\n-- {heading}\nCREATE TABLE {table}(x);\n");
        assert_eq!(script(text), "");
    }
    assert_eq!(
        script("CREATE TABLE t(x, -- up\n y -- down\n); -- down\nCREATE TABLE u(x);\n"),
        ""
    );
    assert_eq!(
        script("CREATE TABLE t(x,\n-- down\ny);\nCREATE TABLE u(x);\n"),
        ""
    );
    assert_eq!(
        script("CREATE TABLE t(x);\n-- down:\n-- DROP TABLE t;\n"),
        ""
    );
    assert_eq!(down("-- migrate:down\n-- down"), "");
    let files = [
        ("001_a.sql", SQL),
        ("001_a.down.sql", "-- Down\nDROP TABLE t;\n"),
    ];
    assert_eq!(problems(&files), "");
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
    M024: `down` takes no argument
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: down now
      | ^^^^^^^^^^^^^^^^^^^^
      = help: write it as `-- migrate:down`
    ");
    assert_snapshot!(directive("-- migrate: no-transaction \"x\""), @r#"
    M024: `no-transaction` takes no argument
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: no-transaction "x"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write it as `-- migrate: no-transaction`
    "#);
}

#[test]
fn adopted_ones() {
    let heads = [
        "-- migrate: adopted sqlx \"20240101120000\"",
        "-- migrate: adopted sea-orm \"m1_a\"\n-- migrate: adopted sea-orm \"m2_b\"",
        "-- migrate: adopted diesel \"1\"\n-- migrate: irreversible \"gone\"",
    ];
    for head in heads {
        assert_eq!(directive(head), "", "{head}");
    }
    assert_snapshot!(directive("-- migrate: adopted sqlx"), @r#"
    M024: `adopted` needs a tool, and the version that this migration had there, in double quotes
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: adopted sqlx
      | ^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write it as `-- migrate: adopted TOOL "the version that it had there"`
    "#);
    for comment in [
        "adopted",
        "adopted \"1\"",
        "adopted sqlx \"\"",
        "adopted a b \"1\"",
    ] {
        let shown = directive(&format!("-- migrate: {comment}"));
        assert!(shown.starts_with("M024: "), "{comment}: {shown}");
    }
    let down = "SELECT 1;\n-- migrate:down\n-- migrate: adopted sqlx \"1\"\nSELECT 2;\n";
    assert_snapshot!(script(down), @r#"
    M024: `adopted` does not apply to a down
     --> migrations/001_users.sql:3:1
      |
    3 | -- migrate: adopted sqlx "1"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: move the directive to the top of the up
    "#);
    assert_snapshot!(script("SELECT 1;\n-- migrate: adopted sqlx \"1\"\nSELECT 2;\n"), @r#"
    M024: a directive after the first statement
     --> migrations/001_users.sql:2:1
      |
    2 | -- migrate: adopted sqlx "1"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: move it to the top of the script
    "#);
    assert_snapshot!(directive("-- migrate: adoptd sqlx \"1\""), @r#"
    M023: unknown directive `adoptd`
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: adoptd sqlx "1"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: did you mean `adopted`?
    "#);
    assert!(directive("-- migrate adopted sqlx \"1\"").starts_with("M023: "));
}

#[test]
fn misplaced_ones() {
    assert_snapshot!(script("SELECT 1;\n-- migrate: irreversible \"x\"\nSELECT 2;\n"), @r#"
    M024: a directive after the first statement
     --> migrations/001_users.sql:2:1
      |
    2 | -- migrate: irreversible "x"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: move it to the top of the script
    "#);
    assert_snapshot!(script("SELECT 1; -- migrate:down\nSELECT 2;\n"), @"
    M024: `-- migrate:down` must be on a line of its own
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
    M024: `-- migrate:down` inside a down
     --> migrations/001_a.sql:4:1
      |
    4 | -- migrate:down
      | ^^^^^^^^^^^^^^^
      = help: remove it: everything here is already the down

    M024: `-- migrate:down` inside a down
     --> migrations/002_b.down.sql:1:1
      |
    1 | -- migrate:down
      | ^^^^^^^^^^^^^^^
      = help: remove it: everything here is already the down
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
    M024: there is no rule `drop-table` that can be allowed
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate: allow drop-table "old"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: the documentation lists the rules and their names at `docs/rules`
    "#);
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

/// Taken for comments, these would do nothing.
#[test]
fn almost_directives() {
    for comment in [
        "-- Migrate:down",
        "-- MIGRATE: DOWN",
        "--migrate :down",
        "-- migrate irreversible \"gone\"",
        "-- Migrate: empty \"on purpose\"",
        "-- migrate allow x \"why\"",
        "-- migrate no-transaction",
    ] {
        let shown = directive(comment);
        assert!(shown.starts_with("M023: "), "{comment}: {shown}");
    }
    for comment in [
        "-- migrate down the prices",
        "-- migrations: all of them",
        "-- migrate the users",
        "-- migrated: x",
        "-- migrate empty tables too",
    ] {
        assert_eq!(directive(comment), "", "{comment}");
    }
    assert_snapshot!(directive("-- Migrate:down"), @"
    M023: `-- Migrate:down` is an ordinary comment, and has no effect
     --> migrations/001_users.sql:1:1
      |
    1 | -- Migrate:down
      | ^^^^^^^^^^^^^^^
      = help: a directive starts with `-- migrate:`, in lower case; if this is a comment, start it with another word
    ");
}
