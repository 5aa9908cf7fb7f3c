//! What is easily overlooked: other ways to write the old history, and marks
//! that are written otherwise.

use super::{conversion, converted, directory};
use insta::assert_snapshot;
use migrate_adopt::Tool;

/// The new up of one file, and the notes.
fn one(tool: Tool, path: &str, text: &str) -> String {
    let folder = directory(&[(path, text)]);
    let conversion = conversion(tool, folder.path());
    let notes = conversion.notes.join("\n");
    format!("{}\n{notes}", conversion.files[0].text)
}

#[test]
fn a_version_that_is_recorded_behind_a_with_is_taken_out() {
    assert_snapshot!(one(Tool::Archon, "001_a.sql", "BEGIN;\nCREATE TABLE a(id INTEGER PRIMARY KEY);\nWITH now(x, y) AS (SELECT '0.1.0', (SELECT 1)), other AS (SELECT 2)\nINSERT OR IGNORE INTO archon_migrations(version) SELECT x FROM now;\nCOMMIT;\n"), @r#"
    -- migrate: adopted archon "001_a.sql"
    -- migrate: irreversible "it had no down when it was adopted from archon"
    CREATE TABLE a(id INTEGER PRIMARY KEY);
    "#);
    assert_snapshot!(one(Tool::Archon, "001_a.sql", "WITH it AS (SELECT 1 AS id) INSERT INTO a SELECT id FROM it;\n"), @r#"
    -- migrate: adopted archon "001_a.sql"
    -- migrate: irreversible "it had no down when it was adopted from archon"
    WITH it AS (SELECT 1 AS id) INSERT INTO a SELECT id FROM it;
    "#);
}

#[test]
fn a_statement_that_reads_the_old_history_is_told() {
    assert_snapshot!(one(Tool::Archon, "001_a.sql", "CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT DEFAULT 'archon_migrations');\n-- archon_migrations\n\nINSERT INTO a(id) SELECT count(*) FROM \"archon_migrations\";\n"), @r#"
    -- migrate: adopted archon "001_a.sql"
    -- migrate: irreversible "it had no down when it was adopted from archon"
    CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT DEFAULT 'archon_migrations');
    -- archon_migrations

    INSERT INTO a(id) SELECT count(*) FROM "archon_migrations";

    `001_a.sql`, line 4: a statement names `archon_migrations`, the history of archon, and was left; a new database will not have it: remove what needs it
    "#);
    // There the table is the application's own.
    assert_snapshot!(one(Tool::Metadata, "001_a.sql", "SELECT * FROM metadata;\n"), @r#"
    -- migrate: adopted metadata "1"
    -- migrate: irreversible "it had no down when it was adopted from metadata"
    SELECT * FROM metadata;
    "#);
}

#[test]
fn goose_reads_its_marks_in_any_case() {
    assert_snapshot!(converted(Tool::Goose, &[(
        "00001_a.sql",
        "--+goose up\n-- +goose statementbegin\nCREATE TABLE a(id INTEGER PRIMARY KEY)\n-- +goose statementend\n-- +goose   DOWN\nDROP TABLE a;\n",
    )]), @r#"
    00001_a.sql -> 001_a.sql, 001_a.down.sql
      a marker of goose is removed: no other tool reads it
           1 - --+goose up
           2 - -- +goose statementbegin
           4 - -- +goose statementend
           5 - -- +goose   DOWN
      a statement gets its semicolon: it was ended by a marker
           3 - CREATE TABLE a(id INTEGER PRIMARY KEY)
             + CREATE TABLE a(id INTEGER PRIMARY KEY);

    === 001_a.sql
    -- migrate: adopted goose "1"
    CREATE TABLE a(id INTEGER PRIMARY KEY);

    === 001_a.down.sql
    DROP TABLE a;
    "#);
}

#[test]
fn placeholders_of_flyway_are_told() {
    assert_snapshot!(one(Tool::Flyway, "V1__a.sql", "CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT DEFAULT '${owner}');\n"), @r#"
    -- migrate: adopted flyway "1"
    -- migrate: irreversible "it had no down when it was adopted from flyway"
    CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT DEFAULT '${owner}');

    `V1__a.sql` has variables that flyway filled in; write their values
    "#);
    assert_snapshot!(one(Tool::Flyway, "V1__a.sql", "CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT DEFAULT '$5');\n"), @r#"
    -- migrate: adopted flyway "1"
    -- migrate: irreversible "it had no down when it was adopted from flyway"
    CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT DEFAULT '$5');
    "#);
}

#[test]
fn callbacks_of_flyway_are_told() {
    let folder = directory(&[
        ("V1__a.sql", "SELECT 1;\n"),
        ("afterMigrate.sql", "SELECT 2;\n"),
        ("beforeEachMigrate__log.sql", "SELECT 3;\n"),
        ("after.sql", "SELECT 4;\n"),
    ]);
    assert_snapshot!(conversion(Tool::Flyway, folder.path()).notes.join("\n"), @"
    `after.sql` is not a migration
    `afterMigrate.sql` is a callback of flyway, which is not run here: do its work in the application, or in a migration
    `beforeEachMigrate__log.sql` is a callback of flyway, which is not run here: do its work in the application, or in a migration
    ");
}
