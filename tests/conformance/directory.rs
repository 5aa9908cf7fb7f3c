//! 26. The same files, however they were checked out.

use crate::database::{Database, On, done};
use migrate_model::files::InMemory;
use migrate_model::{Checksum, EngineType};
use migrate_source::Options;
use migrate_source::directory::read;
use std::fs;

const TEXT: &str = "CREATE TABLE t(x text);\nINSERT INTO t VALUES ('a\nb');\n";

/// The same text with other ends of lines.
fn copies() -> [String; 5] {
    let crlf = TEXT.replace('\n', "\r\n");
    [
        TEXT.to_owned(),
        crlf.clone(),
        TEXT.replace('\n', "\r"),
        format!("\u{feff}{TEXT}"),
        format!("\u{feff}{crlf}"),
    ]
}

fn migrator<D: Database>(text: &str) -> On<D> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("001_t.sql"), text).unwrap();
    D::read(folder.path()).unwrap()
}

fn ends_of_lines_do_not_matter<D: Database>(_: D) {
    for text in copies() {
        let Some(mut db) = D::new() else { return };
        assert_eq!(done(&db.up(&migrator::<D>(&text)).unwrap()), "001_t");
        // What was applied from one copy is current for all others.
        for other in copies() {
            let migrator = migrator::<D>(&other);
            assert!(db.up(&migrator).unwrap().is_empty());
            assert!(db.verify(&migrator).unwrap().is_clean());
        }
        let checksum = db.rows("SELECT checksum FROM _migrations");
        assert_eq!(checksum, Checksum::of(TEXT).to_string());
        // What is hashed is what ran.
        assert_eq!(db.rows("SELECT x FROM t"), "a\nb");
    }
}

/// 25. Both engines refuse the same, at the same place.
fn what_no_engine_takes<D: Database>(_: D) {
    let mut options = Options::default();
    options.engine = <D::Engine as EngineType>::ENGINE;
    let mut shown = String::new();
    for text in [
        "SELECT 1;\n  /* open",
        "SELECT 1;\n  'open",
        "SELECT 1;\n  \"open",
        "SELECT 1;\nSELECT $1",
        "",
        "-- nothing\n;\n",
        "SELECT 1;\n  COMMIT",
        "SELECT 1;\nBEGIN",
        "SELECT 1;\nVACUUM",
        "SELECT 1;\nSAVEPOINT s",
        "-- migrate: no-transactoin\nSELECT 1",
    ] {
        let found = read(&mut InMemory(&[("001_t.sql", text)]), &options);
        let first = found.diagnostics.first();
        let first = first.map(|first| {
            let excerpt = first.excerpt.as_ref();
            let place = excerpt.map(|at| (at.position.line, at.position.column));
            format!("{} {place:?}: {}", first.code, first.message)
        });
        shown += &format!("{}\n", first.unwrap_or_else(|| "taken".to_owned()));
    }
    insta::assert_snapshot!(shown, @"
    M017 Some((2, 3)): this comment is never closed
    M017 Some((2, 3)): this quote is never closed
    M017 Some((2, 3)): this quote is never closed
    M018 Some((2, 8)): `$1` is a bind parameter: a migration has no value for it
    M016 None: this migration is empty
    M016 Some((1, 1)): this migration has comments, but no statement
    M019 Some((2, 3)): `COMMIT` would break the transaction of the migration
    M019 Some((2, 1)): `BEGIN` would break the transaction of the migration
    M020 Some((2, 1)): `VACUUM` cannot run in a transaction, and this migration does
    M019 Some((2, 1)): `SAVEPOINT` would break the transaction of the migration
    M023 Some((1, 1)): unknown directive `no-transactoin`
    ");
}

on_both![ends_of_lines_do_not_matter, what_no_engine_takes,];
