//! `down`, `reset` and `redo`.

use crate::{applied, folder, shows};

#[test]
fn down_asks_or_is_told() {
    let folder = applied();
    shows!(folder.run("down -d app.db"), @"
    exit code 2
    --- stderr
    error: on `app.db`, this undoes `003_by_user`; the data in what it drops is lost (`--backup PATH` keeps a copy); nothing was changed
      help: give `--yes` to confirm: there is no terminal to ask on
    ");
    shows!(folder.run("down --dry-run --steps 2 -d app.db"), @"
    exit code 0
    --- stdout
    would undo 003_by_user (migrations/003_by_user.sql)
        DROP INDEX orders_by_user;

    would undo 002_orders (migrations/002_orders.sql)
        DROP TABLE orders;
    ");
    shows!(folder.run("down 001_users.sql --yes -d app.db"), @"
    exit code 1
    --- stderr
    error: migration `001_users` cannot be undone on its own, because later migrations are applied: `002_orders`, `003_by_user`; undo those first, or go down to the version before it
    ");
    shows!(folder.run("down 003_by_user.sql --yes -d app.db"), @"
    exit code 0
    --- stdout
    undid 003_by_user in N ms
    ");
    shows!(folder.run("down --to 0 --yes --backup copies/ -d app.db"), @"
    exit code 0
    --- stdout
    undid 002_orders in N ms
    undid 001_users in N ms
    backed up to copies/app-before-002_orders-TIME.db
    ");
    shows!(folder.run("down --yes -d app.db"), @"
    exit code 0
    --- stdout
    there is nothing to undo
    ");
}

#[test]
fn reset_and_redo_are_one_word() {
    let folder = applied();
    shows!(folder.run("redo --yes -d app.db"), @"
    exit code 0
    --- stdout
    undid 003_by_user in N ms
    applied 003_by_user in N ms
    ");
    shows!(folder.run("reset -d app.db"), @"
    exit code 2
    --- stderr
    error: on `app.db`, this undoes all migrations: `003_by_user`, `002_orders`, `001_users`; the data in what they drop is lost (`--backup PATH` keeps a copy); nothing was changed
      help: give `--yes` to confirm: there is no terminal to ask on
    ");
    shows!(folder.run("reset --yes -d app.db"), @"
    exit code 0
    --- stdout
    undid 003_by_user in N ms
    undid 002_orders in N ms
    undid 001_users in N ms
    ");
    shows!(folder.run("redo --yes -d app.db"), @"
    exit code 0
    --- stdout
    there is nothing to undo
    ");
}

#[test]
fn without_a_way_back_nothing_is_undone() {
    let folder = folder();
    folder.write(
        "migrations/002_orders.sql",
        "-- migrate: irreversible \"orders are kept for ten years\"\nCREATE TABLE orders (id, user_id);\n",
    );
    let _ = folder.run("up -d app.db").fine();
    shows!(folder.run("reset --yes -d app.db"), @"
    exit code 1
    --- stderr
    error: not all of these migrations can be undone: `002_orders` is irreversible (orders are kept for ten years); nothing was undone; add the missing downs or restore a backup
    ");
    let status = folder.run("status -d app.db").stdout;
    assert!(status.ends_with("Applied: 3 | Pending: 0\n"), "{status}");
}

/// What is applied may be all below the migration that was named.
#[test]
fn down_to_the_newest_has_nothing_to_do() {
    let folder = applied();
    for call in ["down --to 3", "down --to 3 --dry-run"] {
        let ran = folder.run(&format!("{call} -d app.db")).fine();
        assert_eq!(ran.stdout, "there is nothing to undo\n");
    }
}
