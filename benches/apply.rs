//! Applying migrations to an empty database, against a hand-written runner. The
//! same in instructions, which no neighbour disturbs: `instructions/main.rs`.

use migrate_benches::{alternate, floor, migrator, ms, once, sets};
use migrate_runtime::{Migrator, Transactions, Version};
use rusqlite::Connection;
use std::error::Error;
use tempfile::TempDir;

fn main() -> Result<(), Box<dyn Error>> {
    println!("migrations  database  transactions    up, ms   by hand, ms   ratio");
    for (count, rounds) in [(10, 31), (100, 11), (1000, 3)] {
        let migrator = migrator(&sets::realistic(count));
        for on_disk in [false, true] {
            for in_one in [false, true] {
                measure(&migrator, rounds, on_disk, in_one)?;
            }
        }
    }
    Ok(())
}

fn measure(
    migrator: &Migrator<Version>,
    rounds: usize,
    on_disk: bool,
    in_one: bool,
) -> Result<(), Box<dyn Error>> {
    let registry = migrator.registry();
    let count = registry.migrations().len();
    let migrator = if in_one {
        migrator.clone().transactions(Transactions::All)
    } else {
        migrator.clone()
    };
    // The first folder that cannot be made is an error; later ones can.
    let folder = tempfile::tempdir()?;
    let open = || open(on_disk.then_some(&folder));
    open()?;
    let up = || {
        let conn = open();
        once(|| {
            let report = conn.map(|mut conn| migrator.up(&mut conn));
            assert!(report.is_ok_and(|it| it.is_ok_and(|it| it.applied().len() == count)));
        })
    };
    let by_hand = || {
        let conn = open();
        once(|| {
            let applied = conn.and_then(|mut conn| floor::apply(&mut conn, registry, in_one));
            assert_eq!(applied, Ok(count));
        })
    };
    let compared = alternate(rounds, up, by_hand);
    println!(
        "{count:>10}  {:>8}  {:>12}  {:>8.1}  {:>12.1}  {:>6.2}",
        if on_disk { "file" } else { "memory" },
        if in_one { "all" } else { "each" },
        ms(compared.a),
        ms(compared.b),
        compared.ratio,
    );
    Ok(())
}

/// An empty database, in memory or in this folder.
fn open(folder: Option<&TempDir>) -> rusqlite::Result<Connection> {
    let Some(folder) = folder else {
        return Connection::open_in_memory();
    };
    let path = folder.path().join("app.db");
    // It is there from the second time on.
    let _ = std::fs::remove_file(&path);
    Connection::open(path)
}
