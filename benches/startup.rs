//! Start-up with nothing pending, against what a careful program written by
//! hand would do on the same connection: one SELECT of version, checksum and
//! state of all rows, prepared beforehand, each compared with what is expected.
//!
//! `up` also compares the names, checks the connection, and finds its statement
//! in the cache of the connection.

use migrate_benches::floor::StartUp;
use migrate_benches::{sets, us};
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
    let mut conn = Connection::open(&path)?;
    if wal {
        conn.pragma_update(None, "journal_mode", "wal")?;
    }
    let migrator = migrate_benches::migrator(&sets::tables(count));
    migrator.up(&mut conn)?;
    let second = Connection::open(&path)?;
    let mut floor = StartUp::new(&second, migrator.registry())?;

    let up = || {
        let report = migrator.up(&mut conn);
        assert!(report.is_ok_and(|report| report.is_empty()));
    };
    let by_hand = || {
        let is_same = floor.is_same();
        assert!(black_box(is_same.is_ok_and(|same| same)));
    };
    let compared = migrate_benches::compare(up, by_hand);
    println!(
        "{count:>10}  {:>7}  {:>8.2}  {:>12.2}  {:>6.2}",
        if wal { "wal" } else { "delete" },
        us(compared.a),
        us(compared.b),
        compared.ratio,
    );
    Ok(())
}
