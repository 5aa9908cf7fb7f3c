//! Processes that die in the middle of a run.

use crate::database::{Database, Journal};
use crate::worker::{Outcome, Worker, applied, together};
use crate::{conclude, rounds};
use std::iter::repeat_with;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Enough work that a kill hits it, with a cache so small that changes reach
/// the file long before the commit.
const SET: &str = "steps:8:500";
const ROWS: i64 = 500;
const COUNT: u64 = 8;
const CACHE: &str = "cache_pages=5";

/// What the kills of a test met. Without figures, a test whose kills all come
/// too late would look like one that passes.
#[derive(Debug, Default)]
struct Tally {
    kills: usize,
    /// The process was still at work.
    hits: usize,
    /// Some migrations were applied, and some were not.
    partial: usize,
    /// A journal lay there, with something to undo or to take over.
    journals: usize,
}

impl Tally {
    /// Counts a kill, checks what it left, and says how many migrations are
    /// in it.
    fn count(&mut self, database: &Database, outcome: &Outcome) -> u64 {
        self.kills += 1;
        if outcome.status.success() {
            return COUNT;
        }
        assert_eq!(outcome.status.code(), None, "{outcome:?}");
        self.hits += 1;
        self.journals += usize::from(has_work(&database.journal()));
        let applied = database.copy().check_steps(ROWS);
        self.partial += usize::from(0 < applied && applied < COUNT);
        applied
    }
}

/// Whether a journal holds pages. In a rollback journal the count of those
/// that are safely in it, and may be changed in the database, stands in bytes
/// 8 to 12; a WAL file has a header of 32 bytes.
fn has_work(journal: &Path) -> bool {
    let Ok(bytes) = std::fs::read(journal) else {
        return false;
    };
    match journal.extension() {
        Some(name) if name == "db-wal" => bytes.len() > 32,
        _ => bytes.get(8..12).is_some_and(|count| count != [0; 4]),
    }
}

// docs/internals/sqlite.md, "Crashes".

#[test]
fn a_kill_at_any_moment_leaves_a_sound_file_with_a_rollback_journal() {
    kill_at_random(Journal::Rollback, rounds(100));
}

#[test]
fn a_kill_at_any_moment_leaves_a_sound_file_with_wal() {
    kill_at_random(Journal::Wal, rounds(100));
}

/// Kills until so many kills were hits. The moments are drawn from the time
/// that a whole run takes on this machine, and at most from 40 ms.
fn kill_at_random(journal: Journal, hits: usize) {
    let whole = Database::new(journal).run(SET, &[CACHE]).elapsed;
    let latest = whole.clamp(Duration::from_millis(2), Duration::from_millis(40));
    let mut tally = Tally::default();
    while tally.hits < hits {
        assert!(tally.kills < 20 * hits, "kills come too late: {tally:?}");
        let database = Database::new(journal);
        // On a slow machine no kill may leave the time to finish a migration;
        // that the file is not stuck shows afterwards in any case.
        let mut before = 0;
        for _ in 0..12 {
            let mut worker = database.start(SET, &[CACHE]);
            worker.release();
            sleep(latest.mul_f64(fastrand::f64()));
            let outcome = worker.kill();
            let applied = tally.count(&database, &outcome);
            // What one kill left in the history, the next must not undo.
            assert!(before <= applied, "{before} became {applied}");
            before = applied;
            if outcome.status.success() {
                break;
            }
        }
        database.run(SET, &[CACHE]).assert_ok();
        assert_eq!(database.check_steps(ROWS), COUNT);
    }
    println!("{journal:?}: {tally:?} within {latest:?}");
    // One that was stuck or wrong has ended the test before.
    println!(
        "{journal:?}: {} kills -9 of processes at work, 0 stuck, 0 wrong",
        tally.hits
    );
    assert!(tally.journals >= hits / 5, "{tally:?}");
}

// The same without chance: the process ends itself, at a number of calls of
// SQLite's progress handler.

#[test]
fn an_abort_within_a_statement_leaves_a_sound_file_with_a_rollback_journal() {
    abort_at_steps(Journal::Rollback);
}

#[test]
fn an_abort_within_a_statement_leaves_a_sound_file_with_wal() {
    abort_at_steps(Journal::Wal);
}

fn abort_at_steps(journal: Journal) {
    let mut tally = Tally::default();
    for calls in (0..150).step_by(10) {
        let database = Database::new(journal);
        let abort = format!("abort_after={calls}");
        let outcome = database.run(SET, &[CACHE, &abort]);
        tally.count(&database, &outcome);
        database.run(SET, &[CACHE]).assert_ok();
        assert_eq!(database.check_steps(ROWS), COUNT);
    }
    println!("{journal:?}: {tally:?}");
    assert!(tally.hits > 10, "{tally:?}");
    assert!(tally.partial > 5 && tally.journals > 5, "{tally:?}");
}

// The first process to open the file recovers it, and all of them are first.

#[test]
fn twelve_starters_recover_a_hot_journal() {
    recover_together(Journal::Rollback, rounds(6));
}

#[test]
fn twelve_starters_recover_a_leftover_wal() {
    recover_together(Journal::Wal, rounds(6));
}

fn recover_together(journal: Journal, rounds: usize) {
    let mut succeeded = 0;
    for _ in 0..rounds {
        let database = left_by_a_kill(journal);
        let before = database.copy().check_steps(ROWS);
        let command = || database.command(SET, &[CACHE]);
        let outcomes = together(repeat_with(command).take(12));
        outcomes.iter().for_each(Outcome::assert_ok);
        assert_eq!(applied(&outcomes), Vec::from_iter(before + 1..=COUNT));
        assert_eq!(database.check_steps(ROWS), COUNT);
        succeeded += outcomes.len();
    }
    conclude(succeeded, 12 * rounds);
}

/// A database whose migration was killed as soon as its journal held pages.
fn left_by_a_kill(journal: Journal) -> Database {
    for _ in 0..20 {
        let database = Database::new(journal);
        let mut worker = database.start(SET, &[CACHE]);
        worker.release();
        wait_for_work(&database, &mut worker);
        worker.kill();
        if has_work(&database.journal()) {
            return database;
        }
    }
    panic!("no kill left a journal");
}

fn wait_for_work(database: &Database, worker: &mut Worker) {
    let start = Instant::now();
    while !has_work(&database.journal()) && !worker.has_ended() {
        assert!(start.elapsed() < Duration::from_secs(30), "no work begins");
        sleep(Duration::from_micros(200));
    }
}
