//! Power loss at any moment, with any part of the unsynced writes:
//! docs/internals/sqlite.md, "Settings of the connection".

use crate::is_thorough;
use crate::workload::{COUNT, Database, on, open, up_to};
use migrate_faults::{Faults, Log, Loss, Syncs, Unlinks};
use std::collections::BTreeMap;

/// What many losses of power did.
#[derive(Debug, Default)]
struct Tally {
    images: usize,
    /// SQLite had to recover.
    journals: usize,
    /// How often so many migrations were in the file.
    applied: BTreeMap<usize, usize>,
    /// The file is damaged, or neither in the old nor in the new state, or the
    /// next run does not finish.
    bad: usize,
    /// A migration that was reported as applied is not in the file.
    lost: usize,
    /// One of the bad.
    example: Option<String>,
}

/// Applies one migration after the other, from a file that does not exist or
/// that is empty with write-ahead logging, and closes it.
fn log(disk: Faults, wal: bool) -> Log {
    let database = if wal {
        Database::new(true)
    } else {
        Database::empty()
    };
    disk.start_log(&database.path()).unwrap();
    let mut conn = open(disk, &database.path());
    for version in 1..=COUNT {
        up_to(&mut conn, version);
        disk.acknowledge();
    }
    drop(conn);
    disk.take_log()
}

fn lose(disk: Faults, log: &Log, syncs: Syncs, unlinks: Unlinks) -> Tally {
    let mut tally = Tally::default();
    let loss = Loss {
        images: if is_thorough() { 3000 } else { 300 },
        seed: 6,
        syncs,
        unlinks,
    };
    log.images(&loss, |image| {
        let database = Database::empty();
        image.write(&database.path()).unwrap();
        tally.images += 1;
        tally.journals += usize::from(image.has_journal());
        let found = database.check().and_then(|applied| {
            let run = on(disk).up(&mut open(disk, &database.path()));
            run.map_err(|error| error.to_string())?;
            match database.check()? {
                COUNT => Ok(applied),
                _ => Err("the next run does not finish".to_owned()),
            }
        });
        match found {
            Ok(applied) => {
                tally.lost += usize::from(applied < image.acknowledged);
                *tally.applied.entry(applied).or_default() += 1;
            }
            Err(problem) => {
                tally.bad += 1;
                tally.example = Some(format!("at {} of {}: {problem}", image.at, log.len()));
            }
        }
    });
    assert!(tally.journals > tally.images / 2, "{tally:?}");
    tally
}

#[track_caller]
fn assert_sound(tally: &Tally) {
    println!("{tally:?}");
    assert_eq!((tally.bad, tally.lost), (0, 0), "{tally:?}");
    let seen: Vec<usize> = tally.applied.keys().copied().collect();
    assert_eq!(seen, Vec::from_iter(0..=COUNT), "{tally:?}");
}

/// A disk that says it has synced, and has not, must be seen to do damage, or
/// the images would prove nothing.
#[track_caller]
fn assert_control_fails(disk: Faults, log: &Log) {
    let control = lose(disk, log, Syncs::Ignored, Unlinks::AtOnce);
    let Tally { bad, lost, .. } = control;
    println!("without syncs: {bad} bad, {lost} lost");
    assert!(bad > control.images / 20 && lost > 0, "{control:?}");
}

/// What `up` has returned from survives a loss of power, and no moment of it
/// leaves anything between two migrations, though the application itself has
/// set `synchronous` to NORMAL.
#[test]
fn a_loss_of_power_loses_nothing_with_wal() {
    let disk = Faults::register("power-wal");
    let log = log(disk, true);
    assert_sound(&lose(disk, &log, Syncs::Kept, Unlinks::WithTheFolder));
    assert_control_fails(disk, &log);
}

/// A deleted journal comes back unless the folder has been synced as well, and
/// undoes the last commit: <https://sqlite.org/pragma.html#pragma_synchronous>
/// says so of FULL. A run has EXTRA.
#[test]
fn a_loss_of_power_loses_nothing_with_a_rollback_journal() {
    let disk = Faults::register("power-rollback");
    let log = log(disk, false);
    assert_sound(&lose(disk, &log, Syncs::Kept, Unlinks::WithTheFolder));
    assert_control_fails(disk, &log);
}
