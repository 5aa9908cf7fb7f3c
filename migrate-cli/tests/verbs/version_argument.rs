//! Versions and names, as people type them.

use crate::support::Folder;
use crate::{applied, folder, shows};

#[test]
fn a_wrong_name_gets_a_guess() {
    let folder = folder();
    shows!(folder.run("up --to odrers -d app.db"), @"
    exit code 2
    --- stderr
    error: there is no migration `odrers`
      help: did you mean `002_orders`?
    ");
    shows!(folder.run("up --to 002_ordres -d app.db"), @"
    exit code 2
    --- stderr
    error: there is no migration `002_ordres`
      help: did you mean `002_orders`?
    ");
    shows!(folder.run("up --to 12 -d app.db"), @"
    exit code 2
    --- stderr
    error: there is no migration `12`
      help: the migrations go from `001_users` to `003_by_user`
    ");
    shows!(folder.run("up --stesp 1 -d app.db"), @"
    exit code 2
    --- stderr
    error: unexpected argument '--stesp' found

      tip: a similar argument exists: '--steps'

    Usage: migrate up --steps <N>

    For more information, try '--help'.
    ");
    shows!(folder.run("statsu"), @"
    exit code 2
    --- stderr
    error: unrecognized subcommand 'statsu'

      tip: a similar subcommand exists: 'status'

    Usage: migrate [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    shows!(folder.run("adopt --from sqlxx -d app.db"), @"
    exit code 2
    --- stderr
    error: invalid value 'sqlxx' for '--from <TOOL>'
      [possible values: refinery, sqlx, diesel, rusqlite_migration, sea-orm, golang-migrate, goose, dbmate, flyway, names, metadata, archon, numbered]

      tip: a similar value exists: 'sqlx'

    For more information, try '--help'.
    ");
}

/// One number is never a misspelling of another.
#[test]
fn a_number_gets_no_guess() {
    let folder = Folder::with(&[
        ("migrations/20260101120000_a.sql", "CREATE TABLE a (x);"),
        ("migrations/20260102120000_b.sql", "CREATE TABLE b (x);"),
    ]);
    shows!(folder.run("up --to 20260102120001 -d app.db"), @"
    exit code 2
    --- stderr
    error: there is no migration `20260102120001`
      help: the migrations go from `20260101120000_a` to `20260102120000_b`
    ");
    shows!(folder.run("up --to 7 -d app.db"), @"
    exit code 2
    --- stderr
    error: there is no migration `7`
      help: the migrations go from `20260101120000_a` to `20260102120000_b`
    ");
}

#[test]
fn every_form_of_a_name_is_understood() {
    for name in [
        "2",
        "002",
        "orders",
        "002_orders",
        "002-orders",
        "002_orders.sql",
        "migrations/002_orders.sql",
    ] {
        let folder = folder();
        let ran = folder.run(&format!("up --to {name} -d app.db")).fine();
        assert_eq!(ran.stdout.lines().count(), 2, "{name}");
    }
}

#[test]
fn one_name_of_two_migrations_is_not_enough() {
    let folder = applied();
    folder.write(
        "migrations/004_users.sql",
        "CREATE INDEX by_email ON users (email);\n",
    );
    shows!(folder.run("up --to users -d app.db"), @"
    exit code 2
    --- stderr
    error: `users` is the name of several migrations: `001_users`, `004_users`
      help: give its number instead
    ");
}

/// Such as a variable of a script that was never set: nothing is not 0, which
/// undoes all.
#[test]
fn nothing_is_no_version() {
    let folder = applied();
    for call in [
        &["down", "--to", "", "--yes"][..],
        &["down", "", "--yes"],
        &["up", "--to", ""],
        &["baseline", ""],
    ] {
        let _ = folder
            .run_with(&[call, &["-d", "app.db"]].concat())
            .ends_with(2);
    }
    let status = folder.run("status -d app.db").fine();
    assert!(status.stdout.contains("Applied: 3"), "{status}");
    let _ = folder.run("down --to 000 --yes -d app.db").fine();
    let status = folder.run("status -d app.db").fine();
    assert!(status.stdout.contains("Applied: 0"), "{status}");
}
