//! Taking over what sqlx has left, of which a dump lies beside the other
//! fixtures.

use crate::Shop;
use crate::support::Folder;
use insta::assert_snapshot;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrate-adopt/tests/fixtures/postgres/sqlx")
}

/// The directory of sqlx, and the first two of its migrations in a database.
fn left() -> Option<Shop> {
    let mut files: Vec<(String, String)> = Vec::new();
    for entry in std::fs::read_dir(fixtures().join("migrations")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        files.push((
            format!("migrations/{name}"),
            std::fs::read_to_string(&path).unwrap(),
        ));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let shop = Shop::with(Folder::with(&files))?;
    shop.psql(&std::fs::read_to_string(fixtures().join("partial.sql")).unwrap());
    Some(shop)
}

#[test]
fn from_files_to_what_is_pending() {
    let Some(shop) = left() else { return };
    assert_snapshot!(shop.shown(&shop.run("adopt --files migrations").fine()), @"
    exit code 0
    --- stdout
    20240101090000_create_users.up.sql, 20240101090000_create_users.down.sql -> 001_create_users.sql, 001_create_users.down.sql
    20240102090000_create_posts.up.sql, 20240102090000_create_posts.down.sql -> 002_create_posts.sql, 002_create_posts.down.sql
    20240103090000_add_published_at.up.sql, 20240103090000_add_published_at.down.sql -> 003_add_published_at.sql, 003_add_published_at.down.sql
    20240104090000_publish_posts.up.sql, 20240104090000_publish_posts.down.sql -> 004_publish_posts.sql, 004_publish_posts.down.sql
    20240105090000_index_posts.up.sql, 20240105090000_index_posts.down.sql -> 005_index_posts.sql, 005_index_posts.down.sql
      20240105090000_index_posts.up.sql: a marker of sqlx is removed: no other tool reads it
           1 - -- no-transaction
      20240105090000_index_posts.up.sql: it runs without a transaction: one of its statements cannot run in a transaction; each statement commits alone
             + -- migrate: no-transaction
      20240105090000_index_posts.down.sql: a marker of sqlx is removed: no other tool reads it
           1 - -- no-transaction
      20240105090000_index_posts.down.sql: it runs without a transaction: one of its statements cannot run in a transaction; each statement commits alone
             + -- migrate: no-transaction
    10 files are now in `migrations`
    the old files are in `migrations/archive`
    --- stderr
    note: the database has the history of sqlx
    note: the next step: run `migrate adopt --from sqlx` on each database that sqlx has migrated
    ");
    assert_snapshot!(shop.shown(&shop.run("adopt --dry-run").fine()), @"
    exit code 0
    --- stdout
    2 migrations of sqlx, from `public._sqlx_migrations`:
      20240101090000 create users  ->  001_create_users  DATE TIME  same checksum
      20240102090000 create posts  ->  002_create_posts  DATE TIME  same checksum
    The schema is the one that these migrations produce.
    Pending: 003_add_published_at, 004_publish_posts, 005_index_posts
    --- stderr
    note: the database has the history of sqlx
    note: nothing was written; to record this, omit `--dry-run`
    ");
    assert_eq!(shop.psql("SELECT to_regclass('_migrations') IS NULL"), "t");
    assert_snapshot!(shop.shown(&shop.run("adopt --from sqlx").fine()), @"
    exit code 0
    --- stdout
    2 migrations of sqlx, from `public._sqlx_migrations`:
      20240101090000 create users  ->  001_create_users  DATE TIME  same checksum
      20240102090000 create posts  ->  002_create_posts  DATE TIME  same checksum
    The schema is the one that these migrations produce.
    Pending: 003_add_published_at, 004_publish_posts, 005_index_posts
    --- stderr
    note: `migrate verify` compares everything again, and `migrate up` applies what is pending
    ");
    assert_snapshot!(shop.shown(&shop.run("up").fine()), @"
    exit code 0
    --- stdout
    applied 003_add_published_at in N ms
    applied 004_publish_posts in N ms
    applied 005_index_posts in N ms
    ");
    assert_snapshot!(shop.shown(&shop.run("adopt --from sqlx").ends_with(1)), @"
    exit code 1
    --- stderr
    error: the database already has a history of ours, with 5 migrations: `migrate status` shows it
    ");
    let _ = shop.run("verify --exit-code").fine();
}

/// Without checksums the schema is the evidence.
#[test]
fn what_was_done_by_hand_is_seen() {
    let files = [
        (
            "migrations/001_create_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY);\n",
        ),
        (
            "migrations/002_create_posts.sql",
            "CREATE TABLE posts(id bigint PRIMARY KEY);\n",
        ),
    ];
    let Some(shop) = Shop::with(Folder::with(&files)) else {
        return;
    };
    shop.psql(
        "CREATE SCHEMA app; SET search_path = app;
         CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
         INSERT INTO __diesel_schema_migrations VALUES ('20240101000000', '2024-01-01 12:00:00');
         CREATE TABLE users(id bigint PRIMARY KEY, phone text)",
    );
    let arguments = "--schema app";
    let adopt = format!("adopt --from diesel {arguments}");
    let refused = shop.shown(&shop.run(&adopt).ends_with(1));
    assert_snapshot!(refused, @"
    exit code 1
    --- stderr
    error: nothing was recorded: the schema is not the one that the migrations up to `001_create_users` produce, although diesel has applied them:
      the column `users.phone` is not made by the migrations
    correct the database or the files, or skip the comparison with `--verify checksum` if the differences are intentional
    ");
    let schema = format!("{adopt} --verify schema");
    assert_eq!(shop.shown(&shop.run(&schema).ends_with(1)), refused);
    assert_eq!(
        shop.psql("SELECT to_regclass('app._migrations') IS NULL"),
        "t"
    );
    shop.psql("ALTER TABLE app.users DROP COLUMN phone");
    assert_snapshot!(shop.shown(&shop.run(&adopt).fine()), @"
    exit code 0
    --- stdout
    1 migration of diesel, from `app.__diesel_schema_migrations`:
      20240101000000  ->  001_create_users  DATE TIME  not compared
    The schema is the one that these migrations produce.
    Pending: 002_create_posts
    --- stderr
    note: `migrate verify` compares everything again, and `migrate up` applies what is pending
    ");
    assert_eq!(
        shop.psql("SELECT note FROM app._migrations"),
        "verified by schema"
    );
    // From now on it is compared without what diesel has left.
    let up = format!("up {arguments}");
    let _ = shop.run(&up).fine();
    let verify = format!("verify --exit-code {arguments}");
    assert_snapshot!(shop.shown(&shop.run(&verify).fine()), @"
    exit code 0
    --- stdout
    history, schema and migrations agree
    ");
}

/// While sqlx is at work it has its lock.
#[test]
fn sqlx_is_waited_for() {
    let Some(shop) = left() else { return };
    let _ = shop.run("adopt --from sqlx --files migrations").fine();
    let mut sqlx = shop.database.connect();
    // Whatever the lock of this database is: all that `adopt` asks for.
    let ran = shop.run("adopt --from sqlx --dry-run").fine();
    assert!(ran.stdout.contains("same checksum"), "{ran}");
    let key = crc32(shop.database.name()) * 0x3d32_ad9e;
    sqlx.query(&format!("SELECT pg_advisory_lock({key})"))
        .unwrap();
    let ran = shop.run("adopt --from sqlx --lock-timeout 1s").ends_with(6);
    assert_snapshot!(shop.shown(&ran), @"
    exit code 6
    --- stderr
    error: sqlx is at work on this database: its lock was not acquired in 1s, and nothing was recorded; wait until it is done, or stop it, and try again
    ");
}

fn crc32(text: &str) -> i64 {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    i64::from(!crc)
}
