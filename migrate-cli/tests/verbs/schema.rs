//! `schema`, `completions` and `man`.

use crate::document::{document, rusqlite};
use crate::support::Folder;
use crate::{applied, folder, shows};
use migrate_runtime::rusqlite::Connection;

#[test]
fn a_schema_does_not_tell_how_it_came_about() {
    let folder = applied();
    shows!(folder.run("schema -d app.db"), @"
    exit code 0
    --- stdout
    CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL) STRICT;

    CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL) STRICT;

    CREATE INDEX orders_by_user ON orders (user_id);
    ");
    let replayed = folder.run("schema --replay").fine();
    assert_eq!(folder.run("schema -d app.db").fine(), replayed);
    folder.write("schema.sql", &replayed.stdout.replace('\n', "\r\n"));
    shows!(folder.run("schema --check schema.sql -d app.db"), @"
    exit code 0
    --- stdout
    the schema matches `schema.sql`
    ");
    drop(rusqlite(
        &folder,
        "DROP INDEX orders_by_user; CREATE VIRTUAL TABLE found USING fts5 (email);",
    ));
    shows!(folder.run("schema --check schema.sql -d app.db"), @"
    exit code 4
    --- stdout
    +CREATE VIRTUAL TABLE found USING fts5 (email);
    +
    -CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL) STRICT;
    -
    -CREATE INDEX orders_by_user ON orders (user_id);
    +CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL) STRICT;
    --- stderr
    note: `-` is only in `schema.sql`, `+` only in the schema; `migrate schema > schema.sql` accepts it
    ");
    shows!(folder.run("schema --check nothing.sql -d app.db"), @"
    exit code 1
    --- stderr
    error: `nothing.sql` cannot be read: No such file or directory (os error 2)
      help: `migrate schema > nothing.sql` creates it
    ");
}

#[test]
fn a_database_that_is_not_there_has_no_schema() {
    shows!(folder().run("schema -d app.db"), @"
    exit code 1
    --- stderr
    error: there is no database `app.db`
      help: use `--replay` for the schema that the migrations produce
    ");
}

/// SQLite keeps a comment at the end of a view, and treats the rest of the line
/// as part of it.
#[test]
fn what_is_printed_makes_the_same_schema() {
    let folder = Folder::with(&[(
        "migrations/001_views.sql",
        "CREATE TABLE \"an \"\"odd name\" (\"a b\" TEXT, [c;d] INT AS (1)) -- table\n;\n\
         CREATE VIEW b AS SELECT 1 AS x -- a comment\n;\n\
         CREATE VIEW c AS SELECT x FROM b /* another */;\n\
         CREATE TRIGGER t INSTEAD OF INSERT ON c BEGIN SELECT 1; -- within\nEND;\n",
    )]);
    let _ = folder.run("up -d app.db").fine();
    let printed = folder.run("schema -d app.db").fine().stdout;
    let again = Connection::open(folder.at("again.db")).unwrap();
    again.execute_batch(&printed).unwrap();
    drop(again);
    assert_eq!(folder.run("schema -d again.db").fine().stdout, printed);
}

#[test]
fn an_empty_database_has_an_empty_schema() {
    let folder = folder();
    folder.write("app.db", "");
    assert_eq!(folder.run("schema -d app.db").fine().stdout, "");
}

#[test]
fn every_shell_has_its_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = folder().run(&format!("completions {shell}")).fine();
        assert!(ran.stdout.contains("renumber"), "{shell}");
    }
}

#[test]
fn completions_and_manual_are_documents_too() {
    for arguments in ["completions fish", "man"] {
        let printed = folder().run(arguments).fine().stdout;
        assert_eq!(document(&folder(), arguments)["text"], printed);
    }
}

#[test]
fn the_manual_has_every_verb() {
    let ran = folder().run("man").fine();
    let verbs = ran.stdout.lines().filter(|line| line.starts_with(".SS "));
    assert_eq!(verbs.count(), 18);
    assert!(ran.stdout.contains("migrate down \\-\\-steps 3"));
}
