//! What is allowed, and what is not looked at.

use super::{all, brief, directory, nothing, shown, up};
use insta::assert_snapshot;
use migrate_source::diagnostic::Code;
use migrate_source::lint::Level;

#[test]
fn in_the_header_and_on_the_statement() {
    nothing(&[
        "-- migrate: allow destructive-drop \"empty\"\nDROP TABLE a;\nDROP TABLE b;",
        "-- migrate: allow S16 \"empty\"\n\n-- a\nDROP TABLE a;",
        "CREATE TABLE t(x);\n-- migrate: allow destructive-drop \"empty\"\nDROP TABLE a;",
        "CREATE TABLE t(x);\nDROP -- migrate: allow destructive-drop \"empty\"\nTABLE a;",
    ]);
    assert_eq!(
        up(
            "CREATE TABLE t(x);\nDROP TABLE a;\n-- migrate: allow S16 \"empty\"\nDROP TABLE b;\n\
             DROP TABLE c;\n-- migrate: allow returns-rows \"no\"\nDROP TABLE d;"
        ),
        "S16 2:1 DROP TABLE\nS16 5:1 DROP TABLE\nS16 7:1 DROP TABLE"
    );
}

/// Behind a statement on its line, it is not for the next one.
#[test]
fn behind_a_statement() {
    let sql = "CREATE TABLE t(x);\nDROP TABLE a; DROP TABLE b; -- migrate: allow S16 \"é\"\n\
               DROP TABLE c;";
    assert_eq!(up(sql), "S16 2:1 DROP TABLE\nS16 3:1 DROP TABLE");
}

#[test]
fn of_each_script_for_itself() {
    let sql = "-- migrate: allow returns-rows \"it sets something\"\nSELECT f();\n\
               -- migrate:down\nSELECT g();\n";
    assert_eq!(brief(&[("001_a.sql", sql)]), "S32 001_a.sql:4:1 SELECT");
    let sql = "-- migrate: allow returns-rows \"up\"\nSELECT f();\n\
               -- migrate:down\n-- migrate: allow returns-rows \"down\"\nSELECT g();\n";
    assert_eq!(brief(&[("001_a.sql", sql)]), "");
}

#[test]
fn a_name_that_is_misspelt() {
    let sql = "-- migrate: allow destructive-drops \"empty\"\nDROP TABLE a;\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    M024: there is no rule `destructive-drops` that can be allowed
     --> 001_a.sql:1:1
      |
    1 | -- migrate: allow destructive-drops "empty"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: did you mean `destructive-drop`?
    "#);
}

#[test]
fn errors_and_warnings_are_kept_apart() {
    let sql = "DROP TABLE a;\nDELETE FROM b;\nSELECT 1;\n";
    let found = directory(&[("001_a.sql", sql)]);
    let codes = |found: &[migrate_source::diagnostic::Diagnostic]| -> Vec<Code> {
        found.iter().map(|it| it.code).collect()
    };
    assert_eq!(
        codes(&found.diagnostics),
        [Code::DestructiveDrop, Code::ReturnsRows]
    );
    assert_eq!(codes(&found.warnings), [Code::UnboundedChange]);
    assert_eq!(Code::UnboundedChange.level(), Level::Warning);
}

/// Remarks on the content would bury those on the order.
#[test]
fn only_a_directory_without_other_problems() {
    let files = [
        ("001_a.sql", "DROP TABLE a;"),
        ("003_c.sql", "DELETE FROM c;"),
    ];
    assert_eq!(brief(&files), "M009 003_c.sql");
}

/// A hopeless script is not shown without end.
#[test]
fn at_most_twenty_of_a_kind() {
    let found = all(directory(&[("001_a.sql", "DROP TABLE a;\n".repeat(50))]));
    assert_eq!(found.len(), 20);
    // What is allowed does not count.
    let allowed = "CREATE TABLE t(x);\n".to_owned()
        + &"-- migrate: allow S16 \"empty\"\nDROP TABLE a;\n".repeat(30)
        + "DROP TABLE b;\n";
    assert_eq!(up(&allowed), "S16 62:1 DROP TABLE");
}
