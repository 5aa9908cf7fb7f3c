//! Statements that a migration cannot have: M018, M020, M022, M025.

use super::{headlines, options, problems_with, script};
use insta::assert_snapshot;
use migrate_source::SyntaxProblem;

#[test]
fn bind_parameters() {
    assert_snapshot!(script("INSERT INTO t VALUES (:name);\n"), @"
    M018: `:name` is a bind parameter: a migration has no value for it
     --> migrations/001_users.sql:1:23
      |
    1 | INSERT INTO t VALUES (:name);
      |                       ^^^^^
      = help: write the value itself; put text in single quotes
    ");
    assert_snapshot!(script("SELECT 1;\nINSERT INTO t VALUES (?, ?2, @a, $b::c(d));\n"), @"
    M018: `?` is a bind parameter: a migration has no value for it
     --> migrations/001_users.sql:2:23
      |
    2 | INSERT INTO t VALUES (?, ?2, @a, $b::c(d));
      |                       ^
      = note: the script has 4 bind parameters in all
      = help: write the value itself; put text in single quotes
    ");
    let sql = "INSERT INTO t SELECT a->'$.b', '?', \":a\", [@b], a$b -- ?\n";
    assert_eq!(script(sql), "");
}

#[test]
fn statements_that_cannot_run_in_a_transaction() {
    assert_snapshot!(script("VACUUM;\n"), @"
    M020: `VACUUM` cannot run in a transaction, and this migration does
     --> migrations/001_users.sql:1:1
      |
    1 | VACUUM;
      | ^^^^^^
      = help: move it into a migration of its own with `-- migrate: no-transaction` on its first line
    ");
    assert_snapshot!(script("attach /* the other */ 'b.db' AS b;\n"), @"
    M020: a migration cannot attach or detach another database
     --> migrations/001_users.sql:1:1
      |
    1 | attach /* the other */ 'b.db' AS b;
      | ^^^^^^
      = help: remove it; open that database on a separate connection
    ");
    assert_snapshot!(headlines(&["vacuum", "VACUUM INTO 'x'", "DETACH b", "EXPLAIN VACUUM"]), @"
    vacuum                                   1 M020: `VACUUM` cannot run in a transaction, and this migration does
    VACUUM INTO 'x'                          1 M020: `VACUUM` cannot run in a transaction, and this migration does
    DETACH b                                 1 M020: a migration cannot attach or detach another database
    EXPLAIN VACUUM                           1 M020: `VACUUM` cannot run in a transaction, and this migration does
    ");
}

#[test]
fn shell_commands() {
    assert_snapshot!(script(".mode csv\n.import 'it''s.csv' t\n\\i other.sql\nSELECT 1;\n"), @r"
    M022: `.mode` is a command of a database shell, not SQL
     --> migrations/001_users.sql:1:1
      |
    1 | .mode csv
      | ^^^^^
      = help: remove it, or write the equivalent SQL

    M022: `.import` is a command of a database shell, not SQL
     --> migrations/001_users.sql:2:1
      |
    2 | .import 'it''s.csv' t
      | ^^^^^^^
      = help: remove it, or write the equivalent SQL

    M022: `\i` is a command of a database shell, not SQL
     --> migrations/001_users.sql:3:1
      |
    3 | \i other.sql
      | ^^
      = help: remove it, or write the equivalent SQL
    ");
    assert_eq!(script("INSERT INTO t VALUES (\n.5,\n1);\n"), "");
}

#[test]
fn a_syntax_error_is_shown_in_its_place() {
    let check = |statement: &str| {
        statement.find("TABEL").map(|offset| SyntaxProblem {
            offset,
            length: 5,
            message: "near `TABEL`: syntax error".to_owned(),
        })
    };
    let mut options = options();
    options.syntax = Some(&check);
    let sql = "CREATE TABLE a(x);\n\n-- migrate:down\n-- Back.\n/* to */ DROP TABEL a;\n";
    assert_snapshot!(problems_with(&[("001_a.sql", sql)], &options), @"
    M025: near `TABEL`: syntax error
     --> migrations/001_a.sql:5:15
      |
    5 | /* to */ DROP TABEL a;
      |               ^^^^^
      = help: correct the statement; if SQLite accepts it and only this check does not, add `syntax = false` to the call
    ");
}

#[test]
fn a_long_word_is_not_repeated() {
    let long = "x".repeat(10_000);
    for sql in [
        format!("SELECT ${long};"),
        format!(".{long}"),
        format!("-- migrate: {long}\nSELECT 1;"),
        format!("-- migrate: allow {long} \"why\"\nSELECT 1;"),
        format!("PRAGMA {long} = 1; VACUUM;"),
    ] {
        let problems = script(sql);
        assert!((1..1000).contains(&problems.len()), "{}", problems.len());
    }
}

#[test]
fn a_hopeless_file_is_not_reported_for_ever() {
    let count = |sql: &str| script(sql.repeat(1000)).matches(" = help: ").count();
    assert_eq!(count("VACUUM;\n"), 20);
    assert_eq!(count("SELECT ?;\n"), 1);
    assert_eq!(count(".read x\n"), 20);
    assert_eq!(count("-- migrate: x\n"), 21);
}
