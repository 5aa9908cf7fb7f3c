//! `status` and `verify`.

use crate::document::rusqlite;
use crate::{applied, folder, shows};

#[test]
fn nothing_is_made_for_a_look() {
    let folder = folder();
    shows!(folder.run("status -d app.db"), @"
    exit code 0
    --- stdout
    migration  state  applied  took  checksum  origin
    001_users  pending  -  -  -
    002_orders  pending  -  -  -
    003_by_user  pending  -  -  -

    Total: 3 | Applied: 0 | Pending: 3
    --- stderr
    note: the database `app.db` does not exist yet
    ");
    assert!(!folder.at("app.db").exists());
    let _ = folder.run("status --exit-code -d app.db").ends_with(3);
    let _ = folder.run("verify -d app.db").fine();
    let _ = folder.run("verify --exit-code -d app.db").ends_with(3);
    let _ = folder.run("plan -d app.db").fine();
    let _ = folder.run("down --yes -d app.db").fine();
    assert!(!folder.at("app.db").exists());
}

#[test]
fn what_is_applied_is_listed() {
    let folder = applied();
    let _ = folder.run("down --yes -d app.db").fine();
    shows!(folder.run("status -d app.db"), @"
    exit code 0
    --- stdout
    migration  state  applied  took  checksum  origin
    001_users  applied  DATE TIME  N ms  ok
    002_orders  applied  DATE TIME  N ms  ok
    003_by_user  pending  -  -  -

    Total: 3 | Applied: 2 | Pending: 1
    ");
    let _ = folder.run("status --exit-code -d app.db").ends_with(3);
}

#[test]
fn every_way_to_differ_is_shown() {
    let folder = applied();
    folder.write(
        "migrations/002_orders.sql",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY);\n",
    );
    folder.remove("migrations/003_by_user.sql");
    drop(rusqlite(
        &folder,
        "INSERT INTO _migrations (version, name, checksum, state, applied_at, execution_ms, origin)
         SELECT 4, 'later', checksum, state, applied_at, execution_ms, 'baseline'
         FROM _migrations WHERE version = 1",
    ));
    shows!(folder.run("status -d app.db"), @"
    exit code 0
    --- stdout
    migration  state  applied  took  checksum  origin
    001_users  applied  DATE TIME  N ms  ok
    002_orders  modified  DATE TIME  N ms  differs
    003_by_user  unknown  DATE TIME  N ms  unknown
    004_later  unknown  DATE TIME  N ms  unknown  baseline

    Total: 4 | Applied: 4 | Pending: 0
    drift: migration `002_orders` was changed after it was applied: the history has `sha256:7c93805d5d73eb6ea3eab326c218f1034d65442f8fd9ee22422e99114c7aff66`, this binary `sha256:9e531187827caebc897099d210909070e16bf5cb83d515e9cafc0a811e9ac9c0`; restore `migrations/002_orders.sql` and make the change in a new migration, or accept a harmless change with `repair`
    drift: the database is ahead of this binary: 2 migrations, `003_by_user` to `004_later`, are applied but this binary does not contain them; start a newer release, or restore their files
    ");
    let _ = folder.run("status --exit-code -d app.db").ends_with(4);
}

#[test]
fn verify_finds_what_status_does_not() {
    let folder = applied();
    shows!(folder.run("verify -d app.db"), @"
    exit code 0
    --- stdout
    history, schema and migrations agree
    ");
    drop(rusqlite(
        &folder,
        "PRAGMA foreign_keys = OFF; DROP INDEX orders_by_user; CREATE TABLE extra (x); ALTER TABLE users ADD COLUMN age INTEGER;
         CREATE TABLE child (x REFERENCES users (id)); INSERT INTO child VALUES (7);",
    ));
    shows!(folder.run("verify -d app.db"), @"
    exit code 4
    --- stdout
    broken: row 1 of `child` refers to no row of `users`
    schema: the table `users` is `CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, age INTEGER) STRICT`, and the migrations make it `CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL) STRICT`
    schema: the index `orders_by_user` is missing
    schema: the table `child` is not made by the migrations
    schema: the table `extra` is not made by the migrations
    ");
    let _ = folder.run("verify --no-schema -d app.db").ends_with(4);
    folder.write(
        "migrations/001_users.sql",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL) STRICT;\n",
    );
    shows!(folder.run("verify --no-schema -d app.db"), @"
    exit code 4
    --- stdout
    down: the down of `001_users` has changed since it was applied
    broken: row 1 of `child` refers to no row of `users`
    ");
}

#[test]
fn an_older_release_says_that_it_is_behind() {
    let folder = applied();
    folder.remove("migrations/003_by_user.sql");
    shows!(folder.run("up -d app.db"), @"
    exit code 5
    --- stderr
    error: the database is ahead of this binary: migration `003_by_user` is applied but not contained in it; start a newer release, or restore its file
    ");
    let _ = folder.run("status --exit-code -d app.db").ends_with(5);
    let _ = folder.run("up --allow-ahead -d app.db").fine();
    // It can still undo what it never knew.
    shows!(folder.run("down --yes -d app.db"), @"
    exit code 0
    --- stdout
    undid 003_by_user in N ms
    ");
}
