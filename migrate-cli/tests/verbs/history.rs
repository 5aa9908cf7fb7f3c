//! `baseline` and `repair`.

use crate::document::rusqlite;
use crate::{applied, folder, shows};

#[test]
fn a_baseline_records_what_is_there() {
    let folder = folder();
    shows!(folder.run("baseline 2 -d app.db"), @"
    exit code 1
    --- stderr
    error: there is no database `app.db`
      help: correct the path; `migrate up` creates a new database
    ");
    drop(rusqlite(
        &folder,
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL) STRICT;
         CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL) STRICT;",
    ));
    shows!(folder.run("baseline orders -d app.db"), @"
    exit code 0
    --- stdout
    recorded 001_users as applied
    recorded 002_orders as applied
    ");
    shows!(folder.run("baseline 2 -d app.db"), @"
    exit code 1
    --- stderr
    error: a baseline is for a database without a history, but this one has 2 migrations, up to `002_orders`; nothing was changed
    ");
    shows!(folder.run("up -d app.db"), @"
    exit code 0
    --- stdout
    applied 003_by_user in N ms
    ");
    shows!(folder.run("status -d app.db"), @"
    exit code 0
    --- stdout
    migration  state  applied  took  checksum  origin
    001_users  applied  DATE TIME  N ms  ok  baseline
    002_orders  applied  DATE TIME  N ms  ok  baseline
    003_by_user  applied  DATE TIME  N ms  ok

    Total: 3 | Applied: 3 | Pending: 0
    ");
    shows!(folder.run("verify -d app.db"), @"
    exit code 0
    --- stdout
    history, schema and migrations agree
    ");
}

#[test]
fn a_restamp_needs_a_reason_and_a_yes() {
    let folder = applied();
    let script = folder.read("migrations/003_by_user.sql");
    folder.write(
        "migrations/003_by_user.sql",
        &format!("-- for the list\n{script}"),
    );
    shows!(folder.run("up -d app.db"), @"
    exit code 4
    --- stderr
    error: migration `003_by_user` was changed after it was applied: the history has `sha256:7ef9f36e7c5adc6b927644baaec33ef276a923a59149ee6568d98781373ddc3e`, this binary `sha256:9549c2c4a6c7af928562be91d45836941a5ce444193bf649bcaa09db7f1b6167`; restore `migrations/003_by_user.sql` and make the change in a new migration, or accept a harmless change with `repair`
    ");
    shows!(folder.run("repair 3 -d app.db"), @r#"
    exit code 2
    --- stderr
    error: this repair needs a reason, which is recorded in the history
      help: use `--reason "why it is right"`
    "#);
    shows!(folder.run_with(&["repair", "3", "--reason", "a comment", "-d", "app.db"]), @"
    exit code 2
    --- stderr
    error: on `app.db`, this gives a new checksum and name to migration `003_by_user`; nothing was changed
      help: give `--yes` to confirm: there is no terminal to ask on
    ");
    shows!(folder.run_with(&["repair", "3", "--reason", "a comment", "--yes", "-d", "app.db"]), @"
    exit code 0
    --- stdout
    restamped 003_by_user: sha256:7ef9f36e7c5adc6b927644baaec33ef276a923a59149ee6568d98781373ddc3e became sha256:9549c2c4a6c7af928562be91d45836941a5ce444193bf649bcaa09db7f1b6167
    ");
    let _ = folder.run("up -d app.db").fine();
    shows!(folder.run_with(&["repair", "3", "--reason", "again", "--yes", "-d", "app.db"]), @"
    exit code 1
    --- stderr
    error: this repair does not apply to migration `003_by_user` as it is; nothing was changed: a restamp is for a migration that was changed or renamed after it was applied, the other repairs are for one that was started and has not finished
    ");
    shows!(folder.run("repair 3 --resume --pending -d app.db"), @"
    exit code 2
    --- stderr
    error: the argument '--resume' cannot be used with '--pending'

    Usage: migrate repair --resume --database <URL> <VERSION>

    For more information, try '--help'.
    ");
}

#[test]
fn the_table_can_have_another_name() {
    let folder = folder();
    let _ = folder.run("up --history-table changes -d app.db").fine();
    let _ = folder
        .run("status --exit-code --history-table changes -d app.db")
        .fine();
    let mut command = folder.command();
    command.args(["status", "--exit-code", "-d", "app.db"]);
    command.env("MIGRATE_HISTORY_TABLE", "changes");
    let _ = folder.ran(command.output().unwrap()).fine();
    let _ = folder.run("status --exit-code -d app.db").ends_with(3);
}

/// The variable of an environment is often set to nothing, and SQLite makes
/// tables without a name.
#[test]
fn a_history_table_has_a_name() {
    let folder = folder();
    let mut command = folder.command();
    command.env("MIGRATE_HISTORY_TABLE", "");
    let ran = folder.ran(command.args(["up", "-d", "app.db"]).output().unwrap());
    shows!(ran, @"
    exit code 2
    --- stderr
    error: the name of the history table is empty
      help: name it with `--history-table`, or unset `MIGRATE_HISTORY_TABLE`
    ");
    assert!(!folder.at("app.db").exists());
}
