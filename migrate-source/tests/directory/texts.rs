//! Bytes, quotes and emptiness: M014 to M017, and M027.

use super::{SQL, problems, script};
use insta::assert_snapshot;

#[test]
fn a_nul_byte() {
    assert_snapshot!(script("CREATE TABLE a(x);\nCREATE \0TABLE b(x);\n"), @r"
    M015: a NUL byte: SQLite would silently ignore everything after it
     --> migrations/001_users.sql:2:8
      |
    2 | CREATE \u{0}TABLE b(x);
      |        ^^^^^
      = help: remove the byte; if the file is UTF-16, save it as UTF-8
    ");
}

#[test]
fn utf_16() {
    let little: Vec<u8> = "\u{feff}SELECT 1;"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_snapshot!(script(little), @"
    M014: this file is not UTF-8, but seems to be UTF-16
     --> migrations/001_users.sql
      = help: save the file as UTF-8
    ");
}

#[test]
fn a_damaged_file_is_not_reported_as_missing_too() {
    let files: [(&str, &[u8]); 4] = [
        ("001_a.sql", b"SELECT '\xF6';"),
        ("001_a.down.sql", b"SELECT 1;"),
        ("002_b.sql", b"SELECT \0;"),
        ("003_c.sql", b"SELECT 1;"),
    ];
    assert_snapshot!(problems(&files), @r"
    M014: this file is not UTF-8: the byte 0xF6 is invalid here
     --> migrations/001_a.sql:1:9
      |
    1 | SELECT '�';
      |         ^
      = help: save the file as UTF-8

    M015: a NUL byte: SQLite would silently ignore everything after it
     --> migrations/002_b.sql:1:8
      |
    1 | SELECT \u{0};
      |        ^^^^^
      = help: remove the byte; if the file is UTF-16, save it as UTF-8
    ");
}

#[test]
fn a_byte_that_is_not_utf_8() {
    assert_snapshot!(script(b"SELECT 1;\nINSERT INTO t VALUES ('Gr\xF6\xDFe');\n"), @"
    M014: this file is not UTF-8: the byte 0xF6 is invalid here
     --> migrations/001_users.sql:2:26
      |
    2 | INSERT INTO t VALUES ('Gr��e');
      |                          ^
      = help: save the file as UTF-8
    ");
}

#[test]
fn the_place_counts_behind_a_mark_and_every_line_end() {
    assert_snapshot!(script(b"\xEF\xBB\xBFa\r\nb\rc\n\xC3\xA4\xFF"), @"
    M014: this file is not UTF-8: the byte 0xFF is invalid here
     --> migrations/001_users.sql:4:2
      |
    4 | ä�
      |  ^
      = help: save the file as UTF-8
    ");
    assert_snapshot!(script(b"\xEF\xBB\xBF\xFF"), @"
    M014: this file is not UTF-8: the byte 0xFF is invalid here
     --> migrations/001_users.sql:1:1
      |
    1 | �
      | ^
      = help: save the file as UTF-8
    ");
}

#[test]
fn a_replacement_character_is_a_character() {
    assert_snapshot!(script(b"SELECT '\xEF\xBF\xBD';\nSELECT '\xFF';\n"), @"
    M014: this file is not UTF-8: the byte 0xFF is invalid here
     --> migrations/001_users.sql:2:9
      |
    2 | SELECT '�';
      |         ^
      = help: save the file as UTF-8
    ");
}

#[test]
fn a_character_that_is_cut_off() {
    assert_snapshot!(script(b"SELECT '\xE8\xA1"), @"
    M014: this file is not UTF-8: the byte 0xE8 is invalid here
     --> migrations/001_users.sql:1:9
      |
    1 | SELECT '�
      |         ^
      = help: save the file as UTF-8
    ");
}

#[test]
fn an_empty_script() {
    assert_snapshot!(script(""), @r#"
    M016: this migration is empty
     --> migrations/001_users.sql
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    "#);
    assert_snapshot!(script(" \n\t\n"), @r#"
    M016: this migration is empty
     --> migrations/001_users.sql
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    "#);
    assert_snapshot!(script(" ;;\n;"), @r#"
    M016: this migration is empty
     --> migrations/001_users.sql
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    "#);
}

#[test]
fn comments_alone() {
    assert_snapshot!(script("-- TODO: the index\n/* CREATE INDEX i ON t(x); */\n"), @r#"
    M016: this migration has comments, but no statement
     --> migrations/001_users.sql:1:1
      |
    1 | -- TODO: the index
      | ^^^^^^^^^^^^^^^^^^
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    "#);
}

#[test]
fn an_empty_down() {
    assert_snapshot!(script("CREATE TABLE t(x);\n-- migrate:down\n"), @r#"
    M016: this down is empty
     --> migrations/001_users.sql:2:1
      |
    2 | -- migrate:down
      | ^^^^^^^^^^^^^^^
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    "#);
    assert_snapshot!(script("CREATE TABLE t(x);\n\n-- migrate:down\n-- none\n"), @r#"
    M016: this down has comments, but no statement
     --> migrations/001_users.sql:4:1
      |
    4 | -- none
      | ^^^^^^^
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    "#);
    assert_snapshot!(problems(&[("001_a.sql", SQL), ("001_a.down.sql", "")]), @r#"
    M016: this down is empty
     --> migrations/001_a.down.sql
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    "#);
}

#[test]
fn an_empty_up_above_the_marker() {
    assert_snapshot!(script("-- migrate:down\nDROP TABLE t;\n"), @r#"
    M016: this migration is empty
     --> migrations/001_users.sql:1:1
      |
    1 | -- migrate:down
      | ^^^^^^^^^^^^^^^
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    "#);
}

#[test]
fn a_quote_without_its_end() {
    assert_snapshot!(script("SELECT 1;\nSELECT 'it''s;\nSELECT 2;\n"), @"
    M017: this quote is never closed
     --> migrations/001_users.sql:2:8
      |
    2 | SELECT 'it''s;
      |        ^
      = help: add the closing quote; a quote in the text is written twice
    ");
    assert_snapshot!(script("SELECT \"a;"), @r#"
    M017: this quote is never closed
     --> migrations/001_users.sql:1:8
      |
    1 | SELECT "a;
      |        ^
      = help: add the closing quote; a quote in the text is written twice
    "#);
    assert_snapshot!(script("SELECT `a;"), @"
    M017: this quote is never closed
     --> migrations/001_users.sql:1:8
      |
    1 | SELECT `a;
      |        ^
      = help: add the closing quote; a quote in the text is written twice
    ");
    assert_snapshot!(script("SELECT [a;"), @"
    M017: this bracket is never closed
     --> migrations/001_users.sql:1:8
      |
    1 | SELECT [a;
      |        ^
      = help: add the closing `]`
    ");
}

#[test]
fn a_comment_without_its_end() {
    assert_snapshot!(script("SELECT 1;\n/* SELECT 2;\n"), @"
    M017: this comment is never closed
     --> migrations/001_users.sql:2:1
      |
    2 | /* SELECT 2;
      | ^^
      = help: add `*/`
    ");
    assert_snapshot!(script("SELECT 1 /* it's;"), @"
    M017: this comment is never closed
     --> migrations/001_users.sql:1:10
      |
    1 | SELECT 1 /* it's;
      |          ^^
      = help: add `*/`
    ");
}

#[test]
fn a_trigger_without_its_end() {
    let sql = "SELECT 1;\n  CREATE TRIGGER a AFTER INSERT ON t BEGIN\n    SELECT CASE 1 WHEN 1 THEN 2 END;\n\
        SELECT 3;\n";
    assert_snapshot!(script(sql), @"
    M017: the body of this trigger is never closed
     --> migrations/001_users.sql:2:3
      |
    2 |   CREATE TRIGGER a AFTER INSERT ON t BEGIN
      |   ^^^^^^
      = help: end it with `END;` on a line of its own; the statement before it needs its semicolon
    ");
    assert_snapshot!(script("CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1 END;\n"), @"
    M017: the body of this trigger is never closed
     --> migrations/001_users.sql:1:1
      |
    1 | CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1 END;
      | ^^^^^^
      = help: end it with `END;` on a line of its own; the statement before it needs its semicolon
    ");
}

#[test]
fn an_invisible_character() {
    assert_snapshot!(script("CREATE TABLE t(\n  a\u{a0}TEXT,\u{200b}b\u{a0}TEXT\n);\n"), @r"
    M027: the invisible character U+00A0 is part of a word here
     --> migrations/001_users.sql:2:4
      |
    2 |   a\u{a0}TEXT,\u{200b}b\u{a0}TEXT
      |    ^^^^^^
      = note: 2 words of this script contain one
      = help: replace it with a space; it often comes from text copied from a web page
    ");
}

#[test]
fn invisible_characters_in_quotes_and_comments_stay() {
    assert_eq!(script("INSERT INTO t VALUES ('a\u{a0}b') -- \u{a0}\n"), "");
}

#[test]
fn a_long_line_and_a_wide_one() {
    let long = format!("SELECT '{}', ?;", "x".repeat(200));
    assert_snapshot!(script(long), @"
    M018: `?` is a bind parameter: a migration has no value for it
     --> migrations/001_users.sql:1:212
      |
    1 | …xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', ?;
      |                                                              ^
      = help: write the value itself; put text in single quotes
    ");
    assert_snapshot!(script("\tSELECT '表\u{1f600}', ?;"), @"
    M018: `?` is a bind parameter: a migration has no value for it
     --> migrations/001_users.sql:1:15
      |
    1 |     SELECT '表😀', ?;
      |                    ^
      = help: write the value itself; put text in single quotes
    ");
}

#[test]
fn two_problems_at_once() {
    assert_snapshot!(problems(&[
        ("001_a.sql", "SELECT ?;\n\nCOMMIT;\n"),
        ("003_c.sql", ""),
    ]), @r#"
    M009: version 002 is missing
     --> migrations/003_c.sql
      = note: the migration before it is `migrations/001_a.sql`
      = help: restore what is missing, or renumber this migration to 002

    M018: `?` is a bind parameter: a migration has no value for it
     --> migrations/001_a.sql:1:8
      |
    1 | SELECT ?;
      |        ^
      = help: write the value itself; put text in single quotes

    M019: `COMMIT` would break the transaction of the migration
     --> migrations/001_a.sql:3:1
      |
    3 | COMMIT;
      | ^^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history

    M016: this migration is empty
     --> migrations/003_c.sql
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    "#);
}

#[test]
fn typographic_quotes() {
    assert_snapshot!(script("CREATE TABLE t(x TEXT DEFAULT ‘new’);\n"), @r#"
    M027: SQLite treats the typographic quote `‘` as a letter
     --> migrations/001_users.sql:1:31
      |
    1 | CREATE TABLE t(x TEXT DEFAULT ‘new’);
      |                               ^
      = help: write `'` around a text, and `"` around a name; it often comes from text copied from a web page
    "#);
    assert_eq!(script("INSERT INTO t VALUES ('“it’s”'); -- ‘x’\n"), "");
}
