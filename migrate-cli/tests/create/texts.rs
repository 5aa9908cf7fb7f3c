//! What is written and printed.

use super::{directory, made, refused};
use crate::support::Folder;

#[test]
fn the_first_one_shows_what_there_is() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run_with(&["create", "Add Users"]), @"
    exit code 0
    --- stdout
    created `migrations/001_add_users.sql`
    next: write its SQL in `migrations/001_add_users.sql`, up and down; the build fails until it is there (M016)
    --- stderr
    note: created `migrations`
    ");
    insta::assert_snapshot!(folder.read("migrations/001_add_users.sql"), @r#"
    -- 001_add_users: say here what it does, and why.
    --
    -- It runs in a transaction, together with its row in the history: no BEGIN, no
    -- COMMIT. The build fails until there is a statement here, such as:
    --
    --     CREATE TABLE examples (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
    --
    -- Comments that begin with `migrate:` mark what is intentional: `empty "why"`,
    -- `irreversible "why"`, `no-transaction`, `allow RULE "why"`.

    -- migrate:down
    -- This undoes it. If that is impossible, remove this section and declare the
    -- migration `irreversible` above, with the reason.
    --
    --     DROP TABLE examples;
    "#);
    // Nothing but what is not written yet is wrong with it.
    insta::assert_snapshot!(folder.run("check"), @r#"
    exit code 1
    --- stdout
    2 errors, 0 warnings
    --- stderr
    error: M016: this migration has comments, but no statement
     --> migrations/001_add_users.sql:1:1
      |
    1 | -- 001_add_users: say here what it does, and why.
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`

    error: M016: this down has comments, but no statement
      --> migrations/001_add_users.sql:12:1
       |
    12 | -- This undoes it. If that is impossible, remove this section and declare the
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    note: the migrations are replayed once these errors are fixed
    "#);
}

#[test]
fn a_down_may_have_its_own_file() {
    let folder = directory(&["001_one.sql", "001_one.down.sql"]);
    insta::assert_snapshot!(folder.run("create two"), @"
    exit code 0
    --- stdout
    created `migrations/002_two.sql`
    created `migrations/002_two.down.sql`
    next: write its SQL in both files; the build fails until it is there (M016)
    ");
    insta::assert_snapshot!(folder.read("migrations/002_two.sql"), @r#"
    -- 002_two: say here what it does, and why.
    --
    -- It runs in a transaction, together with its row in the history: no BEGIN, no
    -- COMMIT. The build fails until there is a statement here, such as:
    --
    --     CREATE TABLE examples (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
    --
    -- Comments that begin with `migrate:` mark what is intentional: `empty "why"`,
    -- `irreversible "why"`, `no-transaction`, `allow RULE "why"`.
    "#);
    insta::assert_snapshot!(folder.read("migrations/002_two.down.sql"), @"
    -- This undoes 002_two. If that is impossible, remove this file and declare
    -- the migration `irreversible` in the other file, with the reason.
    --
    --     DROP TABLE examples;
    ");
    insta::assert_snapshot!(folder.run("check").stderr, @r#"
    error: M016: this down has comments, but no statement
     --> migrations/002_two.down.sql:1:1
      |
    1 | -- This undoes 002_two. If that is impossible, remove this file and declare
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`

    error: M016: this migration has comments, but no statement
     --> migrations/002_two.sql:1:1
      |
    1 | -- 002_two: say here what it does, and why.
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write a statement; if the script intentionally does nothing, declare it on the first line: `-- migrate: empty "why"`
    note: the migrations are replayed once these errors are fixed
    "#);
}

#[test]
fn without_a_down_there_is_no_section() {
    let folder = directory(&["001_one.sql"]);
    insta::assert_snapshot!(folder.run("create two"), @"
    exit code 0
    --- stdout
    created `migrations/002_two.sql`
    next: write its SQL in `migrations/002_two.sql`; the build fails until it is there (M016)
    ");
    assert!(
        !folder
            .read("migrations/002_two.sql")
            .contains("migrate:down")
    );
    let _ = folder.run("create three --down").fine();
    assert!(
        folder
            .read("migrations/003_three.sql")
            .contains("\n-- migrate:down\n")
    );
}

/// The template without the lines that keep it from compiling.
#[allow(unused_variables, unreachable_pub, reason = "it is a template")]
#[path = "../templates/backfill.rs"]
mod backfill;

#[test]
fn one_in_rust_has_the_right_signature() {
    let folder = directory(&["001_one.sql"]);
    insta::assert_snapshot!(folder.run("create backfill --rust --down"), @"
    exit code 0
    --- stdout
    created `migrations/002_backfill.rs`
    next: write it in `migrations/002_backfill.rs`, in place of `compile_error!`; the crate does not build until then
    ");
    let text = folder.read("migrations/002_backfill.rs");
    insta::assert_snapshot!(text, @r#"
    // 002_backfill: say here what it does, and why.
    //
    // It runs in a transaction, together with its row in the history; an error or a
    // panic rolls all of it back. `super` is the module of `embed_migrations!`.

    use migrate_runtime::rusqlite::{Result, Transaction};

    pub fn up(tx: &Transaction<'_>) -> Result<()> {
        compile_error!("write the migration 002_backfill here");
        // tx.execute("UPDATE examples SET name = trim(name)", [])?;
        Ok(())
    }

    /// If it cannot be undone, remove this function.
    pub fn down(tx: &Transaction<'_>) -> Result<()> {
        compile_error!("write what undoes 002_backfill here");
        // tx.execute_batch("…")?;
        Ok(())
    }
    "#);
    let lines = text.lines().filter(|line| !line.contains("compile_error!"));
    let compiled: String = lines.map(|line| format!("{line}\n")).collect();
    assert_eq!(compiled, include_str!("../templates/backfill.rs"));

    let mut db = migrate_runtime::rusqlite::Connection::open_in_memory().unwrap();
    let tx = db.transaction().unwrap();
    backfill::up(&tx).unwrap();
    backfill::down(&tx).unwrap();
}

#[test]
fn without_a_down_the_word_is_not_there_either() {
    let folder = directory(&["001_one.sql"]);
    let _ = folder.run("create backfill --rust").fine();
    // The runtime looks for the words and not for a function.
    assert!(
        !folder
            .read("migrations/002_backfill.rs")
            .contains("fn down")
    );
}

#[test]
fn names_are_made_good() {
    for (name, file) in [
        ("AddUsers", "001_add_users.sql"),
        ("add users", "001_add_users.sql"),
        ("add-users", "001_add_users.sql"),
        ("  Add: Users! ", "001_add_users.sql"),
        ("add_users.sql", "001_add_users.sql"),
        ("001_add_users", "001_add_users.sql"),
        ("2fa", "001_2fa.sql"),
        ("Überblick", "001_berblick.sql"),
    ] {
        let folder = Folder::new();
        let _ = folder.run_with(&["create", name]).fine();
        assert_eq!(folder.files(), [format!("migrations/{file}")], "{name}");
    }
    for name in ["", "...", "日本", "_"] {
        let folder = Folder::new();
        let _ = folder.run_with(&["create", name]).ends_with(2);
        assert!(!folder.at("migrations").exists(), "{name}");
    }
    insta::assert_snapshot!(refused(&Folder::new(), "create 日本"), @"
    exit code 2
    --- stderr
    error: no part of `日本` can be used in the name of a migration
      help: a name consists of the letters a to z, digits, `_` and `-`, such as `add_users`
    ");
}

#[test]
fn a_machine_is_told_the_same() {
    let folder = directory(&["001-one.sql", "001-one.down.sql"]);
    insta::assert_snapshot!(folder.run("create two --format json"), @r#"
    exit code 0
    --- stdout
    {
      "command": "create",
      "exit_code": 0,
      "files": [
        "migrations/002-two.sql",
        "migrations/002-two.down.sql"
      ],
      "format": 1,
      "label": "002_two",
      "version": 2
    }
    "#);
    let quiet = folder.run("create three --quiet").fine();
    assert_eq!((quiet.stdout, quiet.stderr), (String::new(), String::new()));
}

#[test]
fn the_directory_is_made_but_not_what_is_above_it() {
    let folder = Folder::new();
    assert_eq!(
        made(&folder, "create one --dir migratoins"),
        "migratoins/001_one.sql"
    );
    insta::assert_snapshot!(refused(&folder, "create one --dir db/migrations"), @"
    exit code 1
    --- stderr
    error: the migrations directory `db/migrations` cannot be created: `db` does not exist
      help: correct `--dir`, which is relative to the current directory, or create that folder
    ");
    folder.write("file", "");
    insta::assert_snapshot!(refused(&folder, "create one --dir file"), @"
    exit code 1
    --- stderr
    error: `file` is not a folder
      help: name the migrations directory with `--dir`
    ");
}

#[test]
fn what_is_in_the_way_is_not_overwritten() {
    let folder = directory(&["001_one.sql"]);
    std::fs::create_dir(folder.at("migrations/002_two.sql")).unwrap();
    let said = refused(&folder, "create two");
    assert!(
        said.contains("error: `migrations/002_two.sql` cannot be written: "),
        "{said}"
    );
}
