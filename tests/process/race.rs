//! Many processes that start at the same moment.

use crate::database::{Database, Journal};
use crate::worker::{Outcome, applied, together};
use crate::{conclude, rounds};
use std::iter::repeat_with;

const BOTH: [Journal; 2] = [Journal::Rollback, Journal::Wal];

// docs/internals/sqlite.md, "Concurrent starts".

#[test]
fn eight_starters_apply_each_migration_once() {
    race(8, rounds(25));
}

#[test]
fn thirty_two_starters_apply_each_migration_once() {
    race(32, rounds(4));
}

fn race(starters: usize, rounds: usize) {
    let mut succeeded = 0;
    for journal in BOTH {
        let mut shared = 0;
        for _ in 0..rounds {
            let database = Database::new(journal);
            let command = || database.command("steps:6:3", &[]);
            let outcomes = together(repeat_with(command).take(starters));
            outcomes.iter().for_each(Outcome::assert_ok);
            assert_eq!(applied(&outcomes), [1, 2, 3, 4, 5, 6]);
            assert_eq!(database.check_steps(3), 6);
            succeeded += outcomes.len();
            let busy = outcomes
                .iter()
                .filter(|outcome| !outcome.applied.is_empty());
            shared += usize::from(busy.count() > 1);
        }
        println!("{journal:?}: in {shared} of {rounds} rounds several processes did the work");
    }
    conclude(succeeded, starters * rounds * BOTH.len());
}

// If only an update is pending, nothing would report that it was applied twice.

#[test]
fn a_pending_update_takes_effect_once() {
    let rounds = rounds(20);
    let mut succeeded = 0;
    for journal in BOTH {
        for _ in 0..rounds {
            let database = Database::new(journal);
            database.run("balance:1", &[]).assert_ok();
            let command = || database.command("balance:2", &[]);
            let outcomes = together(repeat_with(command).take(8));
            outcomes.iter().for_each(Outcome::assert_ok);
            let balance = "SELECT balance FROM account";
            let balance: i64 = database
                .open()
                .query_row(balance, [], |row| row.get(0))
                .unwrap();
            assert_eq!(balance, 100);
            assert_eq!(applied(&outcomes), [2]);
            succeeded += outcomes.len();
        }
    }
    conclude(succeeded, 8 * rounds * BOTH.len());
}

// docs/internals/sqlite.md, "Waiting for the write lock".

#[test]
fn sixteen_starters_switch_an_absent_file_to_wal() {
    let rounds = rounds(6);
    let succeeded = (0..rounds).map(|_| switch_to_wal(&Database::new(Journal::Rollback)));
    conclude(succeeded.sum(), 16 * rounds);
}

#[test]
fn sixteen_starters_switch_a_migrated_file_to_wal() {
    let rounds = rounds(6);
    let succeeded = (0..rounds).map(|_| {
        let database = Database::new(Journal::Rollback);
        database.run("steps:6:3", &[]).assert_ok();
        switch_to_wal(&database)
    });
    conclude(succeeded.sum(), 16 * rounds);
}

/// Says how many processes it took part with.
fn switch_to_wal(database: &Database) -> usize {
    let command = || database.command("steps:6:3", &["wal=yes"]);
    let outcomes = together(repeat_with(command).take(16));
    outcomes.iter().for_each(Outcome::assert_ok);
    let mode: String = database
        .open()
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
    assert_eq!(database.check_steps(3), 6);
    outcomes.len()
}

// An update that is rolled out: half of the processes are a release older.

#[test]
fn older_starters_do_no_harm_with_a_rollback_journal() {
    race_of_releases(Journal::Rollback, rounds(8));
}

#[test]
fn older_starters_do_no_harm_with_wal() {
    race_of_releases(Journal::Wal, rounds(8));
}

fn race_of_releases(journal: Journal, rounds: usize) {
    for _ in 0..rounds {
        let database = Database::new(journal);
        let older = |n: usize| n.is_multiple_of(2);
        let commands = (0..8).map(|n| {
            let set = if older(n) { "steps:3:3" } else { "steps:6:3" };
            database.command(set, &[])
        });
        let outcomes = together(commands);
        for (n, outcome) in outcomes.iter().enumerate() {
            match outcome.result.as_str() {
                "ahead" if older(n) => {}
                _ => outcome.assert_ok(),
            }
        }
        assert_eq!(applied(&outcomes), [1, 2, 3, 4, 5, 6]);
        assert_eq!(database.check_steps(3), 6);
        // Afterwards there is no doubt any more.
        database.run("steps:3:3", &[]).assert_error("ahead");
        database.run("steps:3:3", &["ahead=allow"]).assert_ok();
    }
}
