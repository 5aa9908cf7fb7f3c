//! Where the history lies, which schema is migrated, and which lock is taken.

use crate::Shop;
use crate::support::Folder;
use insta::assert_snapshot;
use migrate_servers::PgBouncer;
use migrate_servers::PoolMode;

fn shop() -> Option<Shop> {
    Shop::with(Folder::with(&[(
        "migrations/001_users.sql",
        "CREATE TABLE users (id bigint PRIMARY KEY);\n",
    )]))
}

#[test]
fn each_tenant_has_a_schema_with_a_history() {
    let Some(shop) = shop() else { return };
    for tenant in ["tenant_a", "Tenant B"] {
        let url = shop.database.url();
        let ran = shop.folder.run_with(&["up", "--schema", tenant, "-d", url]);
        let _ = ran.fine();
    }
    assert_eq!(
        shop.psql("SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|info)' ORDER BY 1, 2"),
        "Tenant B|_migrations\nTenant B|users\ntenant_a|_migrations\ntenant_a|users"
    );
    let _ = shop.run("status --exit-code --schema tenant_a").fine();
    let _ = shop
        .run("status --exit-code --schema tenant_c")
        .ends_with(3);
    let _ = shop.run("status --exit-code").ends_with(3);
}

#[test]
fn the_history_has_a_schema_and_a_name() {
    let Some(shop) = shop() else { return };
    let _ = shop.run("up --history-table audit.changes").fine();
    assert_eq!(shop.psql("SELECT name FROM audit.changes"), "users");
    assert_eq!(shop.psql("SELECT to_regclass('public.users') IS NULL"), "f");
    let _ = shop
        .run("status --exit-code --history-table audit.changes")
        .fine();
    let mut told = String::new();
    for wrong in [
        "--history-table a.b.c",
        "--history-table .b",
        "--schema a --history-table b.c",
    ] {
        told += &shop.shown(&shop.run(&format!("status {wrong}")).ends_with(2));
    }
    assert_snapshot!(told, @"
    exit code 2
    --- stderr
    error: `a.b.c` is not the name of a history table
      help: write it as `TABLE` or `SCHEMA.TABLE`, without quotes, exactly as in the catalog
    exit code 2
    --- stderr
    error: `.b` is not the name of a history table
      help: write it as `TABLE` or `SCHEMA.TABLE`, without quotes, exactly as in the catalog
    exit code 2
    --- stderr
    error: the history of `--schema a` cannot be in the schema `b`
      help: name its table without a schema: each schema has its own history
    ");
}

#[test]
fn a_pooler_needs_the_lock_of_transactions() {
    let Some(shop) = shop() else { return };
    let Some(pooler) = PgBouncer::start(shop.server, PoolMode::Transaction, 1) else {
        return;
    };
    let url = pooler.url(shop.database.name());
    let ran = shop
        .folder
        .run(&format!("up --lock transaction -d {url}"))
        .fine();
    assert!(ran.stdout.starts_with("applied 001_users in "), "{ran}");
    assert_eq!(shop.psql("SELECT name FROM _migrations"), "users");
    shop.folder.write(
        "migrations/002_outside.sql",
        "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY by_id ON users (id);\n",
    );
    let ran = shop.folder.run(&format!("up --lock transaction -d {url}"));
    assert_snapshot!(shop.shown(&ran.ends_with(1)), @"
    exit code 1
    --- stderr
    error: migration `002_outside` runs without a transaction, and then only a session-level lock keeps other runs out, which a pooler does not support; nothing was applied, connect to the server directly
    ");
}

#[test]
fn a_lock_can_be_a_row() {
    let Some(shop) = shop() else { return };
    let _ = shop.run("up --lock table").fine();
    assert_eq!(shop.psql("SELECT name FROM _migrations"), "users");
    assert_eq!(
        shop.psql("SELECT to_regclass('_migrations_lock') IS NULL"),
        "f"
    );
}
