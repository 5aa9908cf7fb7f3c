//! S31, S33 and S34.

use super::{all, brief, directory, nothing, shown};
use crate::memory::Memory;
use insta::assert_snapshot;
use migrate_scan::Engine;
use migrate_source::Options;
use migrate_source::directory::read;
use migrate_source::render::render;
use migrate_source::rust_file::RustFile;

#[test]
fn characters_that_turn_the_text() {
    let sql =
        "CREATE TABLE t(x); -- \u{202e} drawkcab\nINSERT INTO t\nVALUES ('\u{2066}a\u{2069}');\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S31: the control character U+202E reorders the text around it: what a reader sees is not what SQLite reads
     --> 001_a.sql:1:23
      |
    1 | CREATE TABLE t(x); -- \u{202e} drawkcab
      |                       ^^^^^^^^
      = help: remove it, or write it in a string with `char(…)`
              or allow it: `-- migrate: allow bad-bytes "why"`

    S31: the control character U+2066 reorders the text around it: what a reader sees is not what SQLite reads
     --> 001_a.sql:3:10
      |
    3 | VALUES ('\u{2066}a\u{2069}');
      |          ^^^^^^^^
      = help: remove it, or write it in a string with `char(…)`
              or allow it: `-- migrate: allow bad-bytes "why"`

    S31: the control character U+2069 reorders the text around it: what a reader sees is not what SQLite reads
     --> 001_a.sql:3:12
      |
    3 | VALUES ('\u{2066}a\u{2069}');
      |                   ^^^^^^^^
      = help: remove it, or write it in a string with `char(…)`
              or allow it: `-- migrate: allow bad-bytes "why"`
    "#);
    for character in ['\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{2069}'] {
        let sql = format!("INSERT INTO t VALUES ('{character}');");
        assert!(brief(&[("001_a.sql", &sql)]).starts_with("S31 001_a.sql:1:24"));
    }
    nothing(&["INSERT INTO t VALUES ('\u{5e9}\u{5dc}\u{5d5}\u{5dd}, \u{2065}\u{200d}');"]);
}

#[test]
fn a_mark_inside_of_the_text() {
    let sql = "\u{feff}CREATE TABLE t(x);\n\u{feff}CREATE TABLE u(x);\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S31: a byte order mark inside the text
     --> 001_a.sql:2:1
      |
    2 | \u{feff}CREATE TABLE u(x);
      | ^^^^^^^^
      = help: remove it
              or allow it: `-- migrate: allow bad-bytes "why"`
    "#);
    nothing(&["\u{feff}CREATE TABLE t(x);"]);
}

#[test]
fn line_ends_of_two_kinds() {
    let sql = "CREATE TABLE t(\r\n  x\r\n);\n-- migrate:down\nDROP TABLE t;\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S31: this line ends in LF, and those before it in CRLF
     --> 001_a.sql:3:3
      |
    3 | );
      |   ^
      = help: save the file with one kind of line ending
              or allow it: `-- migrate: allow bad-bytes "why"`
    "#);
    let lines = |sql: &str| brief(&[("001_a.sql", sql)]);
    assert_eq!(
        lines("CREATE TABLE t(x);\nCREATE TABLE u(x);\r"),
        "S31 001_a.sql:2:19 "
    );
    // A down that was appended on another system.
    let sql = "CREATE TABLE t(x);\n-- migrate:down\r\nDROP TABLE t;\r\n";
    assert_eq!(lines(sql), "S31 001_a.sql:2:16 ");
    let files = [
        ("001_a.sql", "CREATE TABLE t(x);\r\n"),
        ("001_a.down.sql", "-- a\nDROP TABLE t;\r\n"),
    ];
    assert_eq!(brief(&files), "S31 001_a.down.sql:2:14 ");
    nothing(&[
        "CREATE TABLE t(x);\r\nCREATE TABLE u(x);\r\n",
        "CREATE TABLE t(x);\rCREATE TABLE u(x);\r",
        "-- migrate: allow bad-bytes \"as received\"\r\nCREATE TABLE t(x);\n",
    ]);
}

#[test]
fn a_down_that_must_be_there() {
    let files = [
        ("001_a.sql", "CREATE TABLE a(x);\n"),
        (
            "002_b.sql",
            "CREATE TABLE b(x);\n-- migrate:down\nDROP TABLE b;\n",
        ),
        (
            "003_c.sql",
            "-- migrate: irreversible \"rows are gone\"\nDELETE FROM a WHERE x;\n",
        ),
        ("004_d.sql", "-- migrate: empty \"merged into 3\"\n"),
        (
            "005_e.sql",
            "-- migrate: allow S33 \"before the rule\"\nCREATE TABLE e(x);\n",
        ),
        ("006_f.rs", "pub fn up() {}"),
        ("007_g.rs", "pub fn up() {} pub fn down() {}"),
    ];
    let rust = |text: &str, _: Engine| {
        Ok(RustFile {
            has_down: text.contains("down"),
        })
    };
    let mut options = Options::default();
    options.rust = Some(&rust);
    assert!(all(read(&mut Memory::new(files), &options)).is_empty());
    options.downs_required = true;
    let found: Vec<String> = all(read(&mut Memory::new(files), &options))
        .iter()
        .map(render)
        .collect();
    assert_snapshot!(found.join("\n\n"), @r#"
    S33: this migration has no down
     --> 001_a.sql
      = help: write it after a line `-- migrate:down`, or declare on the first line that there is none: `-- migrate: irreversible "why"`
              or allow it: `-- migrate: allow down-does-not-restore "why"`

    S33: this migration has no down
     --> 006_f.rs
      = help: write a `pub fn down`, or the SQL in `006_f.down.sql`
    "#);
}

#[test]
fn folders_that_differ_by_case() {
    let table = "CREATE TABLE t(x);";
    assert_snapshot!(shown(&[
        ("Schema/001_a.sql", table),
        ("Schema/old/002_b.sql", table),
        ("schema/003_c.sql", table),
        ("schema/Old/004_d.sql", table),
        ("seed/005_e.sql", table),
    ]), @r#"
    S34: `schema` and `Schema` differ only by case: on some systems they are the same
     --> schema/003_c.sql
      = help: rename one of them
              or allow it: `-- migrate: allow case-colliding-names "why"`

    S34: `schema` and `Schema` differ only by case: on some systems they are the same
     --> schema/Old/004_d.sql
      = help: rename one of them
              or allow it: `-- migrate: allow case-colliding-names "why"`
    "#);
    let allowed = "-- migrate: allow case-colliding-names \"Linux only\"\nCREATE TABLE t(x);";
    let files = [("Schema/001_a.sql", table), ("schema/002_b.sql", allowed)];
    assert!(all(directory(&files)).is_empty());
}
