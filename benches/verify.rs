//! `migrate verify` by its parts: reading the directory, comparing history and
//! schema objects, and comparing the schema with a replay.
//!
//! `MIGRATE_BENCH_MIGRATIONS=1000,10000` sets the numbers; the default is
//! 100,1000.

use migrate_benches::{alternate, floor, ms, once, sets};
use migrate_runtime::{Migrator, Numbering, Version};
use rusqlite::Connection;
use std::cell::Cell;
use std::error::Error;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    println!(
        "migrations   directory, ms   verify, ms   compare, ms   in all, ms   by hand, ms   ratio"
    );
    for count in migrate_benches::sizes("MIGRATE_BENCH_MIGRATIONS", &[100, 1000]) {
        measure(count)?;
    }
    Ok(())
}

fn measure(count: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for (name, text) in sets::tables(count) {
        std::fs::write(folder.path().join(name), text)?;
    }
    let mut conn = Connection::open_in_memory()?;
    let read = || migrate_tools::read_directory(folder.path(), Numbering::DEFAULT);
    let migrator = Migrator::<Version>::new(read()?);
    migrator
        .clone()
        .transactions(migrate_runtime::Transactions::All)
        .up(&mut conn)?;

    let parts = Cell::new([Duration::ZERO; 3]);
    let ours = || {
        let directory = once(|| assert!(read().is_ok()));
        let verify = once(|| assert!(migrator.verify(&conn).is_ok_and(|found| found.is_clean())));
        let compare = once(|| {
            let differences = migrator.compare_schema(&conn, None, &[]);
            assert!(differences.is_ok_and(|found| found.is_empty()));
        });
        parts.set([directory, verify, compare]);
        directory + verify + compare
    };
    // The same by hand: a second database with all migrations, and a comparison
    // of the texts.
    let by_hand = || {
        once(|| {
            let schemas = Connection::open_in_memory().and_then(|mut other| {
                floor::apply(&mut other, migrator.registry(), true)?;
                Ok((schema(&other)?, schema(&conn)?))
            });
            assert!(schemas.is_ok_and(|(a, b)| a == b));
        })
    };
    let rounds = if count < 1000 { 5 } else { 1 };
    let compared = alternate(rounds, ours, by_hand);
    let [directory, verify, compare] = parts.get().map(ms);
    println!(
        "{count:>10}  {directory:>14.1}  {verify:>11.1}  {compare:>12.1}  {:>11.1}  {:>12.1}  {:>6.2}",
        ms(compared.a),
        ms(compared.b),
        compared.ratio,
    );
    Ok(())
}

fn schema(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    conn.prepare("SELECT sql FROM sqlite_schema WHERE name LIKE 'table%' ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect()
}
