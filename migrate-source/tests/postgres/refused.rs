//! Emptiness, what is cut off, bytes and parameters: M015 to M018, and M027.

use super::{options, problems, script};
use insta::assert_snapshot;
use migrate_source::SyntaxProblem;

#[test]
fn nothing_to_do() {
    assert_snapshot!(script("/* /* */ ; */\n"), @r#"
    M016: this migration has comments, but no statement
     --> migrations/001_users.sql:1:1
      |
    1 | /* /* */ ; */
      | ^^^^^^^^^^^^^
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    "#);
    assert_eq!(script("-- migrate: empty \"a test\"\n"), "");
}

#[test]
fn cut_off() {
    assert_snapshot!(script("SELECT 'it\\'s';\n"), @r"
    M017: this quote is never closed
     --> migrations/001_users.sql:1:14
      |
    1 | SELECT 'it\'s';
      |              ^
      = help: add the closing quote; a quote in the text is written twice, and a backslash escapes it only in `E'…'`
    ");
    assert_snapshot!(script("/* a /* b */\nSELECT 1;\n"), @"
    M017: this comment is never closed
     --> migrations/001_users.sql:1:1
      |
    1 | /* a /* b */
      | ^^
      = help: add `*/`
    ");
    assert_snapshot!(script("DO $body$\nBEGIN\n  PERFORM 1;\nEND $Body$;\n"), @"
    M017: this `$body$` is never closed
     --> migrations/001_users.sql:1:4
      |
    1 | DO $body$
      |    ^^^^^^
      = help: write `$body$` after the text, in the same letters
    ");
    assert_snapshot!(script("CREATE FUNCTION f() RETURNS int\nBEGIN ATOMIC\n  SELECT 1;\n"), @"
    M017: the body of this routine is never closed
     --> migrations/001_users.sql:2:1
      |
    2 | BEGIN ATOMIC
      | ^^^^^
      = help: end it with `END;`; the statement before it needs its semicolon
    ");
    assert_snapshot!(script("CREATE TABLE t (\n  a numeric(10, 2,\n  b int\n);\nSELECT 1;\n"), @"
    M017: this parenthesis is never closed
     --> migrations/001_users.sql:1:16
      |
    1 | CREATE TABLE t (
      |                ^
      = help: add the closing `)`
    ");
}

#[test]
fn parameters() {
    assert_snapshot!(script("INSERT INTO t VALUES ($1, :name, 'a');\n"), @"
    M018: `$1` is a bind parameter: a migration has no value for it
     --> migrations/001_users.sql:1:23
      |
    1 | INSERT INTO t VALUES ($1, :name, 'a');
      |                       ^^
      = note: the script has 2 bind parameters in all
      = help: write the value itself; put text in single quotes
    ");
    assert_snapshot!(script("CREATE ROLE a PASSWORD :'secret';\n"), @"
    M018: `:'secret'` is a variable of psql or a bind parameter: a migration has no value for it
     --> migrations/001_users.sql:1:24
      |
    1 | CREATE ROLE a PASSWORD :'secret';
      |                        ^^^^^^^^^
      = help: write the value itself; put text in single quotes
    ");
}

#[test]
fn bytes() {
    assert_snapshot!(script("SELECT \0 1;\n"), @r"
    M015: a NUL byte, which cannot be sent to PostgreSQL
     --> migrations/001_users.sql:1:8
      |
    1 | SELECT \u{0} 1;
      |        ^^^^^
      = help: remove the byte; if the file is UTF-16, save it as UTF-8
    ");
    assert_snapshot!(script("SELECT\u{a0}1;\n"), @r"
    M027: the invisible character U+00A0 is part of a word here
     --> migrations/001_users.sql:1:7
      |
    1 | SELECT\u{a0}1;
      |       ^^^^^^
      = help: replace it with a space; it often comes from text copied from a web page
    ");
    assert_snapshot!(script("SELECT ‘a’;\n"), @r#"
    M027: PostgreSQL treats the typographic quote `‘` as a letter
     --> migrations/001_users.sql:1:8
      |
    1 | SELECT ‘a’;
      |        ^
      = help: write `'` around a text, and `"` around a name; it often comes from text copied from a web page
    "#);
}

#[test]
fn what_a_parser_says() {
    let parse = |_: &str| {
        Some(SyntaxProblem {
            offset: 0,
            length: 6,
            message: "syntax error".to_owned(),
        })
    };
    let mut options = options();
    options.syntax = Some(&parse);
    assert_snapshot!(problems(&[("001_a.sql", "SELECT;\n")], &options), @"
    M025: syntax error
     --> migrations/001_a.sql:1:1
      |
    1 | SELECT;
      | ^^^^^^
      = help: correct the statement; if PostgreSQL accepts it and only this check does not, add `syntax = false` to the call
    ");
}

/// They are of SQLite alone, as are the rules that can be allowed.
#[test]
fn pragmas_and_other_rules() {
    for sql in [
        "PRAGMA foreign_keys = OFF",
        "ATTACH 'a' AS b",
        "CREATE TABLE t(id INT PRIMARY KEY, b FANCY)",
        "DROP TABLE t",
        "UPDATE t SET a = now()",
        "SELECT 1",
    ] {
        assert_eq!(script(sql), "");
    }
}

#[test]
fn a_down_behind_a_dollar_quote() {
    let sql = "DO $$ it's -- migrate:down\n $$;\n-- migrate:down\nSELECT 1;\n";
    let directory = super::directory(&[("001_a.sql", sql)], &options());
    assert_eq!(directory.diagnostics, []);
    let down = directory.migrations[0].down.as_ref().unwrap();
    assert_eq!(down.text, "SELECT 1;\n");

    let mut options = options();
    options.downs_required = true;
    let without = [("001_a.sql", "SELECT 1;\n")];
    assert!(problems(&without, &options).starts_with("S33"));
}
