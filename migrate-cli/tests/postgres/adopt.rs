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
    assert_snapshot!(shop.shown(&shop.run("adopt --files migrations").fine()), @"");
    assert_snapshot!(shop.shown(&shop.run("adopt --dry-run").fine()), @"");
    assert_eq!(shop.psql("SELECT to_regclass('_migrations') IS NULL"), "t");
    assert_snapshot!(shop.shown(&shop.run("adopt --from sqlx --verify schema").ends_with(1)), @"");
    assert_snapshot!(shop.shown(&shop.run("adopt --from sqlx").fine()), @"");
    assert_snapshot!(shop.shown(&shop.run("up").fine()), @"");
    assert_snapshot!(shop.shown(&shop.run("adopt --from sqlx").ends_with(1)), @"");
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
    assert_snapshot!(shop.shown(&ran), @"");
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
