//! Start-up with nothing pending, against what a careful program written by
//! hand would do on the same connection: one SELECT of version, checksum and
//! state of all rows, prepared beforehand, each compared with what is expected.
//!
//! `up` also compares the names, checks the connection, and finds its statement
//! in the cache of the connection.

use migrate_runtime::{Migrator, Version};
use rusqlite::Connection;
use std::error::Error;
use std::hint::black_box;

fn main() -> Result<(), Box<dyn Error>> {
    println!("migrations  journal    up, us   by hand, us   ratio");
    for wal in [false, true] {
        for count in [10, 100, 1000] {
            measure(count, wal)?;
        }
    }
    Ok(())
}

fn measure(count: usize, wal: bool) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("app.db");
    let mut conn = migrate_tests::open(&path, wal)?;
    let files: Vec<(String, String)> = (1..=count)
        .map(|n| {
            (
                format!("{n:04}_table_{n}.sql"),
                format!("CREATE TABLE table_{n}(a);"),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let registry = migrate_tests::registry(&files);
    let migrator = Migrator::<Version>::new(registry);
    migrator.up(&mut conn)?;

    let expected: Vec<(i64, String)> = registry
        .migrations()
        .iter()
        .map(|migration| {
            let version = migration.version.get().cast_signed();
            (version, migration.checksum.to_string())
        })
        .collect();
    let second = Connection::open(&path)?;
    let mut select =
        second.prepare("SELECT version, checksum, state FROM _migrations ORDER BY version")?;

    let up = || {
        let report = migrator.up(&mut conn);
        assert!(report.is_ok_and(|report| report.is_empty()));
    };
    let by_hand = || {
        let is_same = same(&mut select, &expected);
        assert!(black_box(is_same.is_ok_and(|same| same)));
    };
    let (up, by_hand, ratio) = migrate_benches::compare(up, by_hand);
    println!(
        "{count:>10}  {:>7}  {:>8.2}  {:>12.2}  {ratio:>6.2}",
        if wal { "wal" } else { "delete" },
        up.as_secs_f64() * 1e6,
        by_hand.as_secs_f64() * 1e6,
    );
    Ok(())
}

fn same(
    select: &mut rusqlite::Statement<'_>,
    expected: &[(i64, String)],
) -> rusqlite::Result<bool> {
    let mut rows = select.query([])?;
    let mut expected = expected.iter();
    while let Some(row) = rows.next()? {
        let Some((version, checksum)) = expected.next() else {
            return Ok(false);
        };
        let is_same = row.get_ref(0)?.as_i64()? == *version
            && row.get_ref(1)?.as_str()? == checksum
            && row.get_ref(2)?.as_str()? == "applied";
        if !is_same {
            return Ok(false);
        }
    }
    Ok(expected.next().is_none())
}
