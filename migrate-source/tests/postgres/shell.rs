//! What only psql understands: M022.

use super::script;
use insta::assert_snapshot;

#[test]
fn commands() {
    for (command, about) in [
        ("\\set a 1", "value"),
        ("\\restrict x", "pg_dump"),
        ("\\connect a", "connection"),
        ("\\i a.sql", "SQL of that file"),
        ("\\copy t FROM 'a'", "INSERT"),
        ("\\if :a", "DO $$"),
        ("SELECT 1 \\gexec", "EXECUTE"),
        ("SELECT 1 \\g", "semicolon"),
        ("\\echo it's", "remove it"),
    ] {
        let problems = script(&format!("SELECT 1;\n{command}\nSELECT 2;\n"));
        assert!(problems.starts_with("M022: `\\"), "{problems}");
        assert_eq!(problems.matches("M0").count(), 1, "{problems}");
        assert!(problems.contains(about), "{problems}");
    }
    assert_snapshot!(script("\\restrict abc\nSELECT 1 \\gset\n"), @r"
    M022: `\restrict` is a command of psql, not SQL
     --> migrations/001_users.sql:1:1
      |
    1 | \restrict abc
      | ^^^^^^^^^
      = help: remove it: pg_dump writes it only for psql

    M022: `\gset` is a command of psql, not SQL
     --> migrations/001_users.sql:2:10
      |
    2 | SELECT 1 \gset
      |          ^^^^^
      = help: remove it, and write the value in place of the variable; in a block `DO $$ … $$`, `SELECT … INTO` stores a value
    ");
}

#[test]
fn rows_of_a_dump() {
    let rows = "1\tit's\t$$\n2\t(\t\\N\n".repeat(50);
    let sql =
        format!("CREATE TABLE t(a int);\nCOPY t (a, b) FROM stdin;\n{rows}\\.\n\nSELECT 1;\n");
    assert_snapshot!(script(&sql), @"
    M022: `COPY … FROM STDIN` reads rows from psql, and the runner sends none
     --> migrations/001_users.sql:2:1
      |
    2 | COPY t (a, b) FROM stdin;
      | ^^^^
      = help: write the rows as `INSERT` statements, as `pg_dump --rows-per-insert=100` does, or load them with `copy_in` in a Rust migration
    ");
    assert_snapshot!(script("COPY (SELECT 1) TO STDOUT;\n"), @"
    M022: `COPY … TO STDOUT` writes rows to psql, and the runner reads none
     --> migrations/001_users.sql:1:1
      |
    1 | COPY (SELECT 1) TO STDOUT;
      | ^^^^
      = help: remove it; it does not change the database
    ");
}

#[test]
fn the_server_reads_its_own_files() {
    for sql in [
        "COPY t FROM '/a.csv' (FORMAT csv)",
        "COPY t (a) FROM PROGRAM 'a' WHERE a > 1",
        "COPY (SELECT a FROM stdout) TO '/a'",
    ] {
        assert_eq!(script(sql), "");
    }
}

#[test]
fn an_end_without_its_rows() {
    assert_snapshot!(script("SELECT 1;\n\\.\n"), @r"
    M022: `\.` is a command of psql, not SQL
     --> migrations/001_users.sql:2:1
      |
    2 | \.
      | ^^
      = help: replace it and the rows before it with `INSERT` statements
    ");
}
