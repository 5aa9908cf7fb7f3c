//! `adopt`, and hints about it.

use crate::document::rusqlite;
use crate::{folder, shows};

#[test]
fn a_schema_that_somebody_else_has_made_names_the_way_out() {
    let folder = folder();
    drop(rusqlite(&folder, "CREATE TABLE users(id INTEGER)"));
    shows!(folder.run("up -d app.db"), @"
    exit code 1
    --- stderr
    error: migration `001_users` failed at migrations/001_users.sql:1:14 and was rolled back
      because: table users already exists
     --> migrations/001_users.sql:1:14
      |
    1 | CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL) STRICT;
      |              ^^^^^
      help: the database had a schema but no history of ours: take over the history of the tool that created it with `migrate adopt`, or record what is already applied with `migrate baseline`
    ");
    drop(rusqlite(&folder, "PRAGMA user_version = 1"));
    shows!(folder.run("up -d app.db"), @"
    exit code 1
    --- stderr
    error: migration `001_users` failed at migrations/001_users.sql:1:14 and was rolled back
      because: table users already exists
     --> migrations/001_users.sql:1:14
      |
    1 | CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL) STRICT;
      |              ^^^^^
      help: the database had a schema but no history of ours, and its `PRAGMA user_version` is 1: if rusqlite_migration created it, adopt it with `migrate adopt --from rusqlite_migration`; otherwise, record what is already applied with `migrate baseline`
    ");
    shows!(folder.run("adopt -d app.db"), @"
    exit code 1
    --- stderr
    error: the database has no history of a known tool
      help: name the tool with `--from`; rusqlite_migration has no table and must always be named; `migrate status` shows what was adopted before
    ");
}

#[test]
fn the_new_files_are_not_the_originals() {
    let folder = folder();
    drop(rusqlite(
        &folder,
        "CREATE TABLE schema_migrations(version varchar(128) primary key);
         INSERT INTO schema_migrations VALUES ('1')",
    ));
    folder.write(
        "old/1_a.sql",
        "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n",
    );
    let _ = folder
        .run("adopt --from dbmate --files old --dir new")
        .fine();
    shows!(folder.run("adopt --from dbmate --dir new --originals new -d app.db"), @"
    exit code 1
    --- stderr
    error: `new` contains the new files, not those of dbmate
      help: name the directory with the old files; those in `archive/`, next to the new files, are found without `--originals`
    ");
}

#[test]
fn what_is_left_to_be_mended_comes_before_the_next_step() {
    let folder = folder();
    folder.write(
        "old/1_a.sql",
        "BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;\n",
    );
    shows!(folder.run("adopt --from sqlx --files old --dir new"), @r#"
    exit code 0
    --- stdout
    1_a.sql -> 001_a.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from sqlx"
    note: `1_a.sql`, line 1: `BEGIN` was left, because only a transaction around the whole script is removed
    note: `1_a.sql`, line 3: `COMMIT` was left, because only a transaction around the whole script is removed
    note: `1_a.sql`, line 4: `BEGIN` was left, because only a transaction around the whole script is removed
    note: `1_a.sql`, line 6: `COMMIT` was left, because only a transaction around the whole script is removed
    to fix in the new files:

    M019: this script is wrapped in `BEGIN; … COMMIT;`
     --> new/001_a.sql:3:1
      |
    3 | BEGIN;
      | ^^^^^
      = note: the `COMMIT` is on line 8
      = help: remove both: the runner already runs each migration in a transaction, together with its row in the history

    M019: `COMMIT` would break the transaction of the migration
     --> new/001_a.sql:5:1
      |
    5 | COMMIT;
      | ^^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history

    M019: `BEGIN` would break the transaction of the migration
     --> new/001_a.sql:6:1
      |
    6 | BEGIN;
      | ^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history
    1 file is now in `new`
    --- stderr
    note: the next step: fix the problems above until `migrate check` finds none; then run `migrate adopt --from sqlx --originals old` on each database that sqlx has migrated
    "#);
}

#[test]
fn a_table_without_a_name_is_none() {
    let folder = folder();
    for option in ["--table", "--rename-old"] {
        let ran = folder.run_with(&["adopt", "--from", "names", "-d", "app.db", option, ""]);
        assert_eq!(ran.code, Some(2), "{ran}");
    }
}

/// As a shell takes it.
#[test]
fn the_next_step_can_be_pasted() {
    let folder = folder();
    folder.write("it's old/1_a.sql", "SELECT 1;\n");
    let ran = folder.run_with(&[
        "adopt", "--from", "sqlx", "--files", "it's old", "--dir", "new",
    ]);
    let next = if cfg!(windows) {
        r#"`migrate adopt --from sqlx --originals "it's old"`"#
    } else {
        r"`migrate adopt --from sqlx --originals 'it'\''s old'`"
    };
    assert!(ran.to_string().contains(next), "{ran}");
}

/// As after a power cut: the new files are staged, and some of the old ones gone.
#[test]
fn a_directory_amid_its_conversion_is_not_run() {
    let folder = folder();
    folder.write("old/1_a.sql", "SELECT 1;\n");
    folder.write("old/2_b.sql", "SELECT 2;\n");
    let _ = folder.run("adopt --from sqlx --files old --dir new").fine();
    std::fs::rename(folder.at("new"), folder.at("old/.adopting")).unwrap();
    folder.write("old/.adopting/originals", "1_a.sql\n2_b.sql\n");
    folder.write("old/archive/1_a.sql", "SELECT 1;\n");
    std::fs::remove_file(folder.at("old/1_a.sql")).unwrap();
    shows!(folder.run("up --dir old -d app.db"), @"
    exit code 1
    --- stderr
    error: the conversion of `old` was interrupted
      help: run `migrate adopt --from TOOL --files old` with the same tool to complete it
    ");
    let _ = folder.run("adopt --from sqlx --files old --dir old").fine();
    shows!(folder.run("up --dir old -d app.db"), @"
    exit code 0
    --- stdout
    applied 001_a in N ms
    applied 002_b in N ms
    ");
}
