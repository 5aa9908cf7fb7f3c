//! One `CREATE TABLE` on databases of two sizes, whose rows refer to each other:
//! against the same by hand, and the larger one against the smaller.
//!
//! `MIGRATE_BENCH_MEGABYTES=10,300` sets the sizes; the default is 10,50.

use migrate_benches::{Compared, Files, alternate, floor, ms, once};
use rusqlite::Connection;
use std::error::Error;
use std::path::Path;

/// About as many bytes are a row of `child` with its entry in the index.
const BYTES: usize = 48;

fn main() -> Result<(), Box<dyn Error>> {
    println!("      size, MB   references    up, ms   by hand, ms   ratio");
    let mut measured = Vec::new();
    for megabytes in migrate_benches::sizes("MIGRATE_BENCH_MEGABYTES", &[10, 50]) {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("app.db");
        let rows = i64::try_from(megabytes * 1_000_000 / BYTES)?;
        fill(&path, rows)?;
        let size = std::fs::metadata(&path)?.len() as f64 / 1e6;
        let compared = measure(&path)?;
        println!(
            "{size:>14.1}  {rows:>11}  {:>8.2}  {:>12.2}  {:>6.2}",
            ms(compared.a),
            ms(compared.b),
            compared.ratio,
        );
        measured.push(compared);
    }
    if let [small, .., large] = &measured[..] {
        let ours = ms(large.a) / ms(small.a);
        let by_hand = ms(large.b) / ms(small.b);
        println!("largest / smallest       {ours:>8.2}  {by_hand:>12.2}");
    }
    Ok(())
}

/// The first migration alone, or both.
fn files(count: usize) -> Files {
    let texts = [
        "CREATE TABLE parent(id INTEGER PRIMARY KEY, name TEXT);\n\
         CREATE TABLE child(id INTEGER PRIMARY KEY, \
         parent INTEGER NOT NULL REFERENCES parent(id), name TEXT);\n\
         CREATE INDEX child_parent ON child(parent);\n",
        "CREATE TABLE added(id INTEGER PRIMARY KEY, name TEXT);\n",
    ];
    let names = ["001_first.sql", "002_add.sql"];
    std::iter::zip(names, texts)
        .take(count)
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}

/// Applies the first migration, for both runners, and inserts rows.
fn fill(path: &Path, rows: i64) -> Result<(), Box<dyn Error>> {
    let mut conn = Connection::open(path)?;
    conn.pragma_update(None, "synchronous", "off")?;
    let migrator = migrate_benches::migrator(&files(1));
    migrator.up(&mut conn)?;
    floor::baseline(&conn, migrator.registry())?;
    conn.execute(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1000)
         INSERT INTO parent SELECT n, 'parent ' || n FROM n",
        [],
    )?;
    conn.execute(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
         INSERT INTO child SELECT n, 1 + n % 1000, 'the name of child ' || n FROM n",
        [rows],
    )?;
    Ok(())
}

fn measure(path: &Path) -> Result<Compared, Box<dyn Error>> {
    let migrator = migrate_benches::migrator(&files(2));
    let registry = migrator.registry();
    // A connection each time, as a program that starts has it.
    let up = || {
        let conn = reset(path);
        once(|| {
            let report = conn.map(|mut conn| migrator.up(&mut conn));
            assert!(report.is_ok_and(|it| it.is_ok_and(|it| it.applied().len() == 1)));
        })
    };
    let by_hand = || {
        let conn = reset(path);
        once(|| {
            let applied = conn.and_then(|mut conn| floor::apply(&mut conn, registry, false));
            assert_eq!(applied, Ok(1));
        })
    };
    Ok(alternate(15, up, by_hand))
}

/// Makes the second migration pending again, for both runners, and opens the
/// database.
fn reset(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.execute_batch(
        "DROP TABLE IF EXISTS added;
         DELETE FROM _migrations WHERE version = 2;
         DELETE FROM history WHERE version = 2",
    )?;
    drop(conn);
    let conn = Connection::open(path)?;
    // A run always waits for the disk, so the program by hand does too.
    conn.pragma_update(None, "synchronous", "extra")?;
    Ok(conn)
}
