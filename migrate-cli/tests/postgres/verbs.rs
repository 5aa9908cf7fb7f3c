//! The verbs where all is well.

use crate::support::Folder;
use crate::{Shop, folder};
use insta::assert_snapshot;

#[test]
fn it_goes_up_and_down_and_up() {
    let Some(shop) = Shop::new() else { return };
    assert_snapshot!(shop.shown(&shop.run("status --exit-code").ends_with(3)), @"
    exit code 3
    --- stdout
    migration  state  applied  took  checksum  origin
    001_users  pending  -  -  -
    002_orders  pending  -  -  -
    003_by_user  pending  -  -  -

    Total: 3 | Applied: 0 | Pending: 3
    ");
    // Nothing was created.
    assert_eq!(
        shop.psql("SELECT count(*) FROM pg_class WHERE relname = '_migrations'"),
        "0"
    );
    assert_snapshot!(shop.shown(&shop.run("plan --steps 1").fine()), @"
    exit code 0
    --- stdout
    would apply 001_users (migrations/001_users.sql)
        CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text);
        CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
    ");
    assert_snapshot!(shop.shown(&shop.run("up --to users --release 1.2 --git-commit 4f2a91c").fine()), @"
    exit code 0
    --- stdout
    applied 001_users in N ms
    ");
    assert_eq!(
        shop.psql("SELECT version, name, release, git_commit FROM _migrations"),
        "1|users|1.2|4f2a91c"
    );
    assert_snapshot!(shop.shown(&shop.run("up").fine()), @"
    exit code 0
    --- stdout
    applied 002_orders in N ms
    applied 003_by_user in N ms
    ");
    assert_eq!(
        shop.psql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_by_user'::regclass"),
        "t"
    );
    assert_snapshot!(shop.shown(&shop.run("up").fine()), @"
    exit code 0
    --- stdout
    nothing is pending
    ");
    assert_snapshot!(shop.shown(&shop.run("status --exit-code").fine()), @"
    exit code 0
    --- stdout
    migration  state  applied  took  checksum  origin
    001_users  applied  DATE TIME  N ms  ok
    002_orders  applied  DATE TIME  N ms  ok
    003_by_user  applied  DATE TIME  N ms  ok

    Total: 3 | Applied: 3 | Pending: 0
    ");
    assert_snapshot!(shop.shown(&shop.run("redo --yes").fine()), @"
    exit code 0
    --- stdout
    undid 003_by_user in N ms
    applied 003_by_user in N ms
    ");
    assert_snapshot!(shop.shown(&shop.run("down --steps 2 --yes").fine()), @"
    exit code 0
    --- stdout
    undid 003_by_user in N ms
    undid 002_orders in N ms
    ");
    assert_eq!(shop.psql("SELECT version FROM _migrations"), "1");
    assert_eq!(shop.psql("SELECT to_regclass('orders') IS NULL"), "t");
    let _ = shop.run("up").fine();
    assert_snapshot!(shop.shown(&shop.run("down --dry-run").fine()), @"
    exit code 0
    --- stdout
    would undo 003_by_user (migrations/003_by_user.sql)
        DROP INDEX orders_by_user;
    ");
}

#[test]
fn a_reset_names_the_database_and_wants_a_yes() {
    let Some(shop) = Shop::new() else { return };
    let _ = shop.run("up").fine();
    assert_snapshot!(shop.shown(&shop.run("reset").ends_with(2)), @"
    exit code 2
    --- stderr
    error: on `[server]/shop`, this undoes all migrations: `003_by_user`, `002_orders`, `001_users`; the data in what they drop is lost (`pg_dump` keeps a copy); nothing was changed
      help: give `--yes` to confirm: there is no terminal to ask on
    ");
    assert_eq!(shop.psql("SELECT count(*) FROM _migrations"), "3");
    assert_snapshot!(shop.shown(&shop.run("reset --yes").fine()), @"
    exit code 0
    --- stdout
    undid 003_by_user in N ms
    undid 002_orders in N ms
    undid 001_users in N ms
    ");
    assert_eq!(shop.psql("SELECT to_regclass('users') IS NULL"), "t");
    assert_eq!(shop.psql("SELECT count(*) FROM _migrations"), "0");
}

#[test]
fn a_database_is_compared_with_the_migrations() {
    let Some(shop) = Shop::new() else { return };
    let _ = shop.run("up").fine();
    assert_snapshot!(shop.shown(&shop.run("verify --no-schema").fine()), @"
    exit code 0
    --- stdout
    history and migrations agree
    ");
    shop.psql(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_by_user'::regclass",
    );
    let text = shop.folder.read("migrations/002_orders.sql");
    shop.folder
        .write("migrations/002_orders.sql", &format!("-- new\n{text}"));
    assert_snapshot!(shop.shown(&shop.run("verify --no-schema").ends_with(4)), @"
    exit code 4
    --- stdout
    drift: migration `002_orders` was changed after it was applied: the history has `sha256:2e7b404033c68647062fd240a1be03a88f90b3c5dd6c3a05a6561073a62d2998`, this binary `sha256:c05ceaac181bd38fa1ca189f10e11a6908506b65274f6d0c54d44ed4fea160b4`; restore `migrations/002_orders.sql` and make the change in a new migration, or accept a harmless change with `repair`
    broken: the index `public.orders_by_user` is INVALID
    ");
    assert_snapshot!(shop.shown(&shop.run("up").ends_with(4)), @"
    exit code 4
    --- stderr
    error: migration `002_orders` was changed after it was applied: the history has `sha256:2e7b404033c68647062fd240a1be03a88f90b3c5dd6c3a05a6561073a62d2998`, this binary `sha256:c05ceaac181bd38fa1ca189f10e11a6908506b65274f6d0c54d44ed4fea160b4`; restore `migrations/002_orders.sql` and make the change in a new migration, or accept a harmless change with `repair`
    ");
    assert_snapshot!(shop.shown(&shop.run("repair 2 --yes").ends_with(2)), @r#"
    exit code 2
    --- stderr
    error: this repair needs a reason, which is recorded in the history
      help: use `--reason "why it is right"`
    "#);
    let repair = [
        "repair",
        "2",
        "--yes",
        "--reason",
        "a comment",
        "-d",
        shop.database.url(),
    ];
    assert_snapshot!(shop.shown(&shop.folder.run_with(&repair).fine()), @"
    exit code 0
    --- stdout
    restamped 002_orders: sha256:2e7b404033c68647062fd240a1be03a88f90b3c5dd6c3a05a6561073a62d2998 became sha256:c05ceaac181bd38fa1ca189f10e11a6908506b65274f6d0c54d44ed4fea160b4
    ");
    let _ = shop.run("up").fine();
}

#[test]
fn the_schema_is_compared_with_a_replay() {
    let Some(shop) = Shop::new() else { return };
    let _ = shop.run("up").fine();
    assert_snapshot!(shop.shown(&shop.run("verify").fine()), @"
    exit code 0
    --- stdout
    history, schema and migrations agree
    ");
    shop.psql("ALTER TABLE orders ADD COLUMN cents bigint");
    assert_snapshot!(shop.shown(&shop.run("verify").ends_with(4)), @"
    exit code 4
    --- stdout
    schema: the column `orders.cents` is not made by the migrations
    ");
    // A role that must not create a scratch database is told so, and the rest is
    // compared.
    shop.psql("CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader");
    let url = shop.database.url().replace("postgres@", "reader@");
    assert_snapshot!(shop.shown(&shop.folder.run(&format!("verify -d {url}")).fine()), @"
    exit code 0
    --- stdout
    history and migrations agree
    --- stderr
    note: the schema was not compared: to replay the migrations in a scratch database, the role needs the privilege `CREATEDB`
    ");
    shop.psql("DROP OWNED BY reader; DROP ROLE reader");
    // What was made for it is gone.
    shop.has_no_scratch();
}

#[test]
fn a_directory_is_proved_in_scratch_databases() {
    let Some(shop) = Shop::new() else { return };
    assert_snapshot!(shop.shown(&shop.run("check").fine()), @"
    exit code 0
    --- stdout
    3 migrations, 3 tried on rows, 3 downs
    nothing is wrong
    ");
    // What only a replay can find.
    shop.folder.write(
        "migrations/004_more.sql",
        "CREATE TABLE more (x int);\nCREATE TABLE most (x int);\n\
         -- migrate:down\nDROP TABLE more;\n",
    );
    assert_snapshot!(shop.shown(&shop.run("check").ends_with(1)), @r#"
    exit code 1
    --- stdout
    4 migrations, 4 tried on rows, 4 downs
    1 error, 0 warnings
    --- stderr
    error: S33: this down does not restore the schema from before its up
     --> migrations/004_more.sql:4:1
      |
    4 | DROP TABLE more;
      | ^^^^
      = note: the table `most` is left over
      = help: make it undo everything that the up does
              or allow it: `-- migrate: allow down-does-not-restore "why"`
    "#);
    // The database that was named is not touched.
    assert_eq!(
        shop.psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"),
        "0"
    );
}

#[test]
fn what_a_database_has_already_is_recorded() {
    let Some(shop) = Shop::new() else { return };
    shop.psql("CREATE TABLE users (id bigint PRIMARY KEY)");
    assert_snapshot!(shop.shown(&shop.run("up").ends_with(1)), @r#"
    exit code 1
    --- stderr
    error: migration `001_users` failed at migrations/001_users.sql:1:1 and was rolled back
      because: relation "users" already exists (42P07)
     --> migrations/001_users.sql:1:1
      |
    1 | CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text);
      | ^^^^^^
      help: the database had a schema but no history of ours: take over the history of the tool that created it with `migrate adopt`, or record what is already applied with `migrate baseline`
    "#);
    assert_snapshot!(shop.shown(&shop.run("baseline 1").fine()), @"
    exit code 0
    --- stdout
    recorded 001_users as applied
    ");
    let _ = shop.run("up").fine();
    assert_snapshot!(shop.shown(&shop.run("status").fine()), @"
    exit code 0
    --- stdout
    migration  state  applied  took  checksum  origin
    001_users  applied  DATE TIME  N ms  ok  baseline
    002_orders  applied  DATE TIME  N ms  ok
    003_by_user  applied  DATE TIME  N ms  ok

    Total: 3 | Applied: 3 | Pending: 0
    ");
}

#[test]
fn an_error_names_its_place_and_leaves_nothing() {
    let Some(shop) = Shop::new() else { return };
    shop.folder.write(
        "migrations/004_wrong.sql",
        "CREATE TABLE more (n int);\n-- Größe\nINSERT INTO nowhere VALUES (1);\n",
    );
    assert_snapshot!(shop.shown(&shop.run("up").ends_with(1)), @r#"
    exit code 1
    --- stdout
    applied 001_users in N ms
    applied 002_orders in N ms
    applied 003_by_user in N ms
    --- stderr
    error: migration `004_wrong` failed at migrations/004_wrong.sql:3:13 and was rolled back
      because: relation "nowhere" does not exist (42P01)
     --> migrations/004_wrong.sql:3:13
      |
    3 | INSERT INTO nowhere VALUES (1);
      |             ^^^^^^^
    "#);
    assert_eq!(shop.psql("SELECT to_regclass('more') IS NULL"), "t");
    assert_eq!(shop.psql("SELECT max(version) FROM _migrations"), "3");
    let _ = shop.run("reset --yes").fine();
    // One transaction cannot hold one that runs without.
    assert_snapshot!(shop.shown(&shop.run("up --all-or-nothing").ends_with(1)), @"
    exit code 1
    --- stderr
    error: migration `003_by_user` runs without a transaction, so it cannot share one with others; nothing was applied, use one transaction for each
    ");
}

#[test]
fn a_migration_that_stopped_half_way_is_resumed() {
    let Some(shop) = Shop::with(Folder::with(&[(
        "migrations/001_a.sql",
        "-- migrate: no-transaction\nCREATE TABLE a (x int);\n\
         CREATE INDEX CONCURRENTLY a_by_x ON a (nothing);\n",
    )])) else {
        return;
    };
    assert_snapshot!(shop.shown(&shop.run("up").ends_with(7)), @r#"
    exit code 7
    --- stderr
    error: migration `001_a` failed at migrations/001_a.sql:3:1; it runs without a transaction, so 1 of its 2 statements stays in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
      because: column "nothing" does not exist (42703)
     --> migrations/001_a.sql:3:1
      |
    3 | CREATE INDEX CONCURRENTLY a_by_x ON a (nothing);
      | ^^^^^^
    "#);
    let _ = shop.run("status --exit-code").ends_with(7);
    shop.folder.write(
        "migrations/001_a.sql",
        "-- migrate: no-transaction\nCREATE TABLE a (x int);\n\
         CREATE INDEX CONCURRENTLY a_by_x ON a (x);\n",
    );
    assert_snapshot!(shop.shown(&shop.run("repair 1 --resume --yes").fine()), @"
    exit code 0
    --- stdout
    resumed and finished 001_a: sha256:1e7144baa357013abc4fe1f16c53f74092f8d2730cb9b342ba8cabd5c4a70037 became sha256:b72197aeb1bfe26df47c62528511e91d76958638693ed86ed42b8cd2ac60b824
    ");
    let _ = shop.run("status --exit-code").fine();
}

#[test]
fn a_directory_is_checked_without_a_server() {
    let folder = folder();
    assert_snapshot!(folder.run("check --engine postgres").fine(), @"
    exit code 0
    --- stdout
    nothing is wrong
    --- stderr
    note: the migrations were not replayed: use `--database` to name a PostgreSQL server where scratch databases can be created and dropped
    ");
    assert_snapshot!(folder.run("lock --engine postgres --freeze").fine(), @"
    exit code 0
    --- stdout
    `001_users` is a draft
    `002_orders` is a draft
    `003_by_user` is a draft
    `001_users` is frozen
    `002_orders` is frozen
    `003_by_user` is frozen
    ");
    folder.write("migrations/004_wrong.sql", "CREATE TABEL a (x int);\n");
    assert_snapshot!(folder.run("check --engine postgres").ends_with(1), @"
    exit code 1
    --- stdout
    2 errors, 0 warnings
    --- stderr
    error: M034: `004_wrong` is not listed in `migrations/migrations.lock`
     --> migrations/004_wrong.sql
      = help: run `migrate lock`, which adds it as a draft

    error: M025: syntax error near `TABEL`
     --> migrations/004_wrong.sql:1:8
      |
    1 | CREATE TABEL a (x int);
      |        ^^^^^
      = help: correct the statement; if PostgreSQL accepts it and only this check does not, add `syntax = false` to the call
    note: the migrations were not replayed: use `--database` to name a PostgreSQL server where scratch databases can be created and dropped
    ");
}
