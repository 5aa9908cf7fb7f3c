//! `plan` and `up`.

use crate::document::rusqlite;
use crate::support::Folder;
use crate::{folder, shows};

#[test]
fn a_plan_shows_the_sql() {
    let folder = folder();
    shows!(folder.run("plan --steps 1 -d app.db"), @"
    exit code 0
    --- stdout
    would apply 001_users (migrations/001_users.sql)
        CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL) STRICT;
    --- stderr
    note: the database `app.db` does not exist yet
    ");
    assert_eq!(
        folder.run("plan -d app.db"),
        folder.run("up --dry-run -d app.db")
    );
    folder.write(
        "migrations/004_many.sql",
        &"INSERT INTO users (email) VALUES ('x');\n".repeat(70),
    );
    let plan = folder.run("plan -d app.db").fine();
    assert!(
        plan.stdout
            .contains("... 10 more lines; --verbose shows them")
    );
    let all = folder.run("plan --verbose -d app.db").fine();
    assert!(!all.stdout.contains("more lines"));
    assert!(!folder.at("app.db").exists());
}

#[test]
fn verbose_shows_the_parts_of_durations() {
    let folder = folder();
    shows!(folder.run("up -v --to 2 -d app.db"), @"
    exit code 0
    --- stdout
      statement 1 of 1 in N ms
    applied 001_users in N ms (script N ms, checks N ms, commit N ms)
      statement 1 of 1 in N ms
    applied 002_orders in N ms (script N ms, checks N ms, commit N ms)
    ");
    shows!(folder.run("redo -v --yes -d app.db"), @"
    exit code 0
    --- stdout
      statement 1 of 1 in N ms
      statement 1 of 1 in N ms
    undid 002_orders in N ms (script N ms, checks N ms, commit N ms)
    applied 002_orders in N ms (script N ms, checks N ms, commit N ms)
    ");
    shows!(folder.run("up -v --all-or-nothing -d app.db"), @"
    exit code 0
    --- stdout
      statement 1 of 1 in N ms
    applied 003_by_user in N ms (script N ms, checks N ms, commit N ms)
    ");
}

#[test]
fn up_applies_what_is_pending() {
    let folder = folder();
    shows!(folder.run("up --steps 1 -d app.db"), @"
    exit code 0
    --- stdout
    applied 001_users in N ms
    ");
    shows!(folder.run("up --to orders -d app.db"), @"
    exit code 0
    --- stdout
    applied 002_orders in N ms
    ");
    shows!(folder.run("up --backup copies/ -d app.db"), @"
    exit code 0
    --- stdout
    applied 003_by_user in N ms
    backed up to copies/app-before-003_by_user-TIME.db
    ");
    shows!(folder.run("up --backup copies/ -d app.db"), @"
    exit code 0
    --- stdout
    nothing is pending
    ");
    shows!(folder.run("-q up -d app.db"), @"exit code 0");
}

#[test]
fn all_or_nothing_is_one_transaction() {
    let folder = folder();
    folder.write(
        "migrations/004_wrong.sql",
        "INSERT INTO nowhere VALUES (1);\n",
    );
    shows!(folder.run("up --all-or-nothing -d app.db"), @"
    exit code 1
    --- stderr
    error: migration `004_wrong` failed at migrations/004_wrong.sql:1:1 and was rolled back; all migrations of this run share one transaction, so none took effect
      because: no such table: nowhere
     --> migrations/004_wrong.sql:1:1
      |
    1 | INSERT INTO nowhere VALUES (1);
      | ^^^^^^
    ");
    folder.remove("migrations/004_wrong.sql");
    shows!(folder.run("up --all-or-nothing -d app.db"), @"
    exit code 0
    --- stdout
    applied 001_users in N ms
    applied 002_orders in N ms
    applied 003_by_user in N ms
    ");
}

#[test]
fn what_fails_says_where() {
    let folder = folder();
    folder.write(
        "migrations/003_by_user.sql",
        "CREATE INDEX orders_by_user ON orders (user_id);\nINSERT INTO users (email)\nVALUES (NULL);\n",
    );
    shows!(folder.run("up -d app.db"), @"
    exit code 1
    --- stdout
    applied 001_users in N ms
    applied 002_orders in N ms
    --- stderr
    error: migration `003_by_user` failed at migrations/003_by_user.sql:2:1 and was rolled back
      because: NOT NULL constraint failed: users.email
     --> migrations/003_by_user.sql:2:1
      |
    2 | INSERT INTO users (email)
      | ^^^^^^
    ");
    shows!(folder.run("up -d app.db --format json --color always"), @r#"
    exit code 1
    --- stdout
    {
      "command": "up",
      "error": {
        "applied": [],
        "causes": [
          "NOT NULL constraint failed: users.email",
          "Error code 1299: constraint failed"
        ],
        "drift": [],
        "help": null,
        "location": {
          "column": 1,
          "line": 2,
          "path": "migrations/003_by_user.sql"
        },
        "message": "migration `003_by_user` failed at migrations/003_by_user.sql:2:1 and was rolled back",
        "undone": []
      },
      "exit_code": 1,
      "format": 1
    }
    "#);
}

#[test]
fn a_migration_in_rust_stops_it_before_anything_runs() {
    let folder = folder();
    folder.write(
        "migrations/004_totals.rs",
        "pub fn up(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> { Ok(()) }\n",
    );
    shows!(folder.run("up -d app.db"), @"
    exit code 1
    --- stderr
    error: `migrations/004_totals.rs` is written in Rust, and `migrate` reads only SQL; nothing was changed
      help: run it from the program that embeds it: give it this command line with `migrate_cli::Program::embedded(Migration::migrator())`, then run `myapp migrate up`
    ");
    assert!(!folder.at("app.db").exists());
    // What lies before it can run, and be looked at.
    let _ = folder.run("up --to 3 -d app.db").fine();
    shows!(folder.run("plan -d app.db"), @"
    exit code 0
    --- stdout
    would apply 004_totals (migrations/004_totals.rs)
        (a function in Rust)
    ");
    shows!(folder.run("verify -d app.db"), @"
    exit code 0
    --- stdout
    pending: `004_totals`
    --- stderr
    note: the schema was not compared: some of the migrations are written in Rust; run this from the program that embeds them
    ");
}

#[test]
fn the_history_of_another_tool_names_the_way_out() {
    let folder = folder();
    drop(rusqlite(
        &folder,
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
         checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
         INSERT INTO _sqlx_migrations VALUES (1, 'users', 'x', 1, x'00', 1)",
    ));
    shows!(folder.run("up -d app.db"), @"
    exit code 1
    --- stderr
    error: the database has a foreign history, created by sqlx: table `_sqlx_migrations` with 1 row; nothing was written: adopt it with `migrate adopt --from sqlx`, or call `allow_foreign_history` (on the command line `--allow-foreign-history`) if both tools are meant to use this database
    ");
    let _ = folder.run("up --allow-foreign-history -d app.db").fine();
}

#[test]
fn the_release_and_the_commit_are_recorded() {
    let folder = folder();
    let _ = folder
        .run("up --release shop-1.4 --git-commit 0123abc -d app.db")
        .fine();
    let conn = rusqlite(&folder, "");
    let recorded: (String, String) = conn
        .query_row(
            "SELECT release, git_commit FROM _migrations WHERE version = 3",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(recorded, ("shop-1.4".to_owned(), "0123abc".to_owned()));
}

#[test]
fn the_environment_names_the_database() {
    let folder: Folder = folder();
    let mut command = folder.command();
    command
        .arg("up")
        .env("DATABASE_URL", "sqlite://from env.db?mode=rwc");
    let ran = folder.ran(command.output().unwrap());
    shows!(ran, @"
    exit code 0
    --- stdout
    applied 001_users in N ms
    applied 002_orders in N ms
    applied 003_by_user in N ms
    ");
    assert!(folder.at("from env.db").exists());
    shows!(folder.run("up"), @"
    exit code 2
    --- stderr
    error: no database is given
      help: use `--database sqlite:app.db`, or set `DATABASE_URL`
    ");
    shows!(folder.run("up -d no/such/folder/app.db"), @"
    exit code 1
    --- stderr
    error: the database `no/such/folder/app.db` cannot be opened: its folder does not exist
      help: create the folder, or correct the path
    ");
}

#[test]
fn a_directory_has_its_numbering() {
    let folder = Folder::with(&[(
        "migrations/20240101120000_users.sql",
        "CREATE TABLE users (id INTEGER PRIMARY KEY);\n",
    )]);
    shows!(folder.run("up -d app.db"), @"
    exit code 0
    --- stdout
    applied 20240101120000_users in N ms
    ");
    let later = Folder::with(&[(
        "db/migrations/010_users.sql",
        "CREATE TABLE users (id INTEGER PRIMARY KEY);\n",
    )]);
    let _ = later.run("up --dir db/migrations -d app.db").ends_with(1);
    shows!(later.run("up --dir db/migrations --first 10 -d app.db"), @"
    exit code 0
    --- stdout
    applied 010_users in N ms
    ");
}

/// The user who wrote it there relies on it.
#[test]
fn a_url_that_says_read_only_is_not_written_to() {
    let folder = folder();
    let _ = folder.run("up --steps 1 -d app.db").fine();
    let before = std::fs::read(folder.at("app.db")).unwrap();
    shows!(folder.run("up -d sqlite:app.db?mode=ro"), @"
    exit code 1
    --- stderr
    error: the database `app.db` cannot be written to: its URL says that it is read-only
      help: remove `mode=ro` or `immutable=1` from the URL to write to it
    ");
    shows!(folder.run("adopt --from sqlx -d sqlite:app.db?cache=private&mode=ro"), @"
    exit code 1
    --- stderr
    error: the database `app.db` cannot be written to: its URL says that it is read-only
      help: remove `mode=ro` or `immutable=1` from the URL to write to it
    ");
    shows!(folder.run("plan -d sqlite:app.db?mode=ro"), @"
    exit code 0
    --- stdout
    would apply 002_orders (migrations/002_orders.sql)
        CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL) STRICT;

    would apply 003_by_user (migrations/003_by_user.sql)
        CREATE INDEX orders_by_user ON orders (user_id);
    ");
    assert_eq!(std::fs::read(folder.at("app.db")).unwrap(), before);
}
