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
      20240105090000_index_posts.up.sql: a mark of sqlx is taken out: nobody else reads it
           1 - -- no-transaction
      20240105090000_index_posts.up.sql: it runs without a transaction: a statement of it cannot run in one; each statement commits alone
             + -- migrate: no-transaction
      20240105090000_index_posts.down.sql: a mark of sqlx is taken out: nobody else reads it
           1 - -- no-transaction
      20240105090000_index_posts.down.sql: it runs without a transaction: a statement of it cannot run in one; each statement commits alone
             + -- migrate: no-transaction
    10 files are in `migrations` now
    the old ones are in `migrations/archive`
    --- stderr
    note: the database has the history of sqlx
    note: the next step: `migrate adopt --from sqlx` on each database that sqlx has migrated
    ");
    assert_snapshot!(shop.shown(&shop.run("adopt --dry-run").fine()), @"
    exit code 0
    --- stdout
    2 migrations of sqlx, from `public._sqlx_migrations`:
      20240101090000 create users  ->  001_create_users  DATE TIME  same checksum
      20240102090000 create posts  ->  002_create_posts  DATE TIME  same checksum
    The schema was not compared.
    Pending: 003_add_published_at, 004_publish_posts, 005_index_posts
    --- stderr
    note: the database has the history of sqlx
    note: nothing was written; without `--dry-run` this is recorded
    ");
    assert_eq!(shop.psql("SELECT to_regclass('_migrations') IS NULL"), "t");
    assert_snapshot!(shop.shown(&shop.run("adopt --from sqlx --verify schema").ends_with(1)), @"
    exit code 1
    --- stderr
    error: the schema of a PostgreSQL database cannot be compared with a replay: compare the checksums with `--verify checksum`
    ");
    assert_snapshot!(shop.shown(&shop.run("adopt --from sqlx").fine()), @"
    exit code 0
    --- stdout
    2 migrations of sqlx, from `public._sqlx_migrations`:
      20240101090000 create users  ->  001_create_users  DATE TIME  same checksum
      20240102090000 create posts  ->  002_create_posts  DATE TIME  same checksum
    The schema was not compared.
    Pending: 003_add_published_at, 004_publish_posts, 005_index_posts
    --- stderr
    note: `migrate verify` compares all of it once more, and `migrate up` applies what is pending
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
    error: the database has a history of ours already, with 5 migrations: `migrate status` shows them
    ");
    let _ = shop.run("verify --exit-code").fine();
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
    error: sqlx is at work on this database: its lock was not to be had in 1s, and nothing was recorded; wait until it is done, or stop it, and do this again
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
