//! `schema`, `completions` and `man`.

use crate::document::rusqlite;
use crate::{applied, folder, shows};

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
    the schema is that of `schema.sql`
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
    ");
}

#[test]
fn a_database_that_is_not_there_has_no_schema() {
    shows!(folder().run("schema -d app.db"), @"
    exit code 1
    --- stderr
    note: the database `app.db` does not exist yet
    error: there is no database `app.db`
      help: say `--replay` for the schema that the migrations make
    ");
}

#[test]
fn every_shell_has_its_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = folder().run(&format!("completions {shell}")).fine();
        assert!(ran.stdout.contains("renumber"), "{shell}");
    }
}

#[test]
fn the_manual_has_every_verb() {
    let ran = folder().run("man").fine();
    let verbs = ran.stdout.lines().filter(|line| line.starts_with(".SS "));
    assert_eq!(verbs.count(), 18);
    assert!(ran.stdout.contains("migrate down \\-\\-steps 3"));
}
