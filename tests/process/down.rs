//! Processes that undo migrations: older ones, several at once, and ones that
//! die meanwhile.

use crate::database::{Database, Journal};
use crate::worker::{Outcome, applied, together};
use crate::{conclude, rounds};
use std::iter::repeat_with;
use std::thread::sleep;
use std::time::Duration;

const BOTH: [Journal; 2] = [Journal::Rollback, Journal::Wal];
const NEWER: &str = "steps:6:3";
const OLDER: &str = "steps:4:3";
const ROWS: i64 = 3;

fn undone(outcomes: &[Outcome]) -> Vec<u64> {
    let mut undone: Vec<u64> = outcomes
        .iter()
        .flat_map(|outcome| outcome.undone.iter().copied())
        .collect();
    undone.sort_unstable();
    undone
}

/// A release is taken back: the older program has never seen the text of what
/// it undoes.
#[test]
fn an_older_program_undoes_what_it_does_not_know() {
    for journal in BOTH {
        let database = Database::new(journal);
        database.run(NEWER, &[]).assert_ok();
        database.run(OLDER, &[]).assert_error("ahead");
        assert_eq!(database.check_steps(ROWS), 6);
        let down = database.run(OLDER, &["down=4"]);
        down.assert_ok();
        assert_eq!(down.undone, [6, 5]);
        assert_eq!(database.check_steps(ROWS), 4);
        let up = database.run(OLDER, &[]);
        up.assert_ok();
        assert!(up.applied.is_empty());
        let again = database.run(NEWER, &[]);
        again.assert_ok();
        assert_eq!(again.applied, [5, 6]);
        assert_eq!(database.check_steps(ROWS), 6);
        // Further than its own head, too, and to nothing at all.
        let down = database.run(OLDER, &["down=0"]);
        down.assert_ok();
        assert_eq!(down.undone, [6, 5, 4, 3, 2, 1]);
        assert_eq!(database.check_steps(ROWS), 0);
        database.run(NEWER, &[]).assert_ok();
        assert_eq!(database.check_steps(ROWS), 6);
    }
}

/// What is to be undone is decided under the lock, once for each process.
#[test]
fn many_go_down_at_once_and_each_migration_is_undone_once() {
    let rounds = rounds(12);
    let (mut succeeded, mut shared) = (0, 0);
    for journal in BOTH {
        for round in 0..rounds {
            let database = Database::new(journal);
            database.run(NEWER, &[]).assert_ok();
            let target = round % 4;
            let down = format!("down={target}");
            // Half of them do not know what they undo.
            let commands = (0..8).map(|n| {
                let set = if n % 2 == 0 { NEWER } else { OLDER };
                database.command(set, &[&down])
            });
            let outcomes = together(commands);
            outcomes.iter().for_each(Outcome::assert_ok);
            let target = u64::try_from(target).unwrap();
            assert_eq!(undone(&outcomes), Vec::from_iter(target + 1..=6));
            assert_eq!(database.check_steps(ROWS), target);
            succeeded += outcomes.len();
            let busy = outcomes.iter().filter(|outcome| !outcome.undone.is_empty());
            shared += usize::from(busy.count() > 1);
        }
    }
    println!(
        "in {shared} of {} rounds several processes did the work",
        2 * rounds
    );
    conclude(succeeded, 8 * rounds * BOTH.len());
}

/// Two wills at once: whatever comes of it, every process ends, says why, and
/// leaves the history and the schema as one.
#[test]
fn ups_and_downs_at_once_leave_a_sound_file() {
    for journal in BOTH {
        for _ in 0..rounds(10) {
            let database = Database::new(journal);
            database.run(OLDER, &[]).assert_ok();
            let commands = (0..8).map(|n| {
                let down = ["down=2"];
                database.command(NEWER, if n % 2 == 0 { &[] } else { &down })
            });
            let outcomes = together(commands);
            for (n, outcome) in outcomes.iter().enumerate() {
                match outcome.result.as_str() {
                    // Somebody applied again what stood above.
                    "out_of_order" if n % 2 == 1 => {}
                    _ => outcome.assert_ok(),
                }
            }
            let left = database.check_steps(ROWS);
            assert!((2..=6).contains(&left), "{left}");
            // What was applied and not undone is what is left.
            let (up, down) = (applied(&outcomes).len(), undone(&outcomes).len());
            assert_eq!(4 + up - down, usize::try_from(left).unwrap());
            database.run(NEWER, &[]).assert_ok();
            assert_eq!(database.check_steps(ROWS), 6);
        }
    }
}

// docs/internals/sqlite.md, "Crashes", on the way down.

#[test]
fn a_kill_on_the_way_down_leaves_a_sound_file_with_a_rollback_journal() {
    kill_at_random(Journal::Rollback, rounds(30));
}

#[test]
fn a_kill_on_the_way_down_leaves_a_sound_file_with_wal() {
    kill_at_random(Journal::Wal, rounds(30));
}

const LARGE: &str = "steps:8:500";
const CACHE: &str = "cache_pages=5";

/// Kills a process that goes down and up and down again, until so many kills
/// were hits, and enough of them in the middle. The moments are drawn from the
/// time that a whole way down takes on this machine, twice; and from a longer
/// one where it got busier, so that nothing was undone before the kill.
fn kill_at_random(journal: Journal, hits: usize) {
    let database = Database::new(journal);
    database.run(LARGE, &[CACHE]).assert_ok();
    let whole = database.run(LARGE, &[CACHE, "down=0"]).elapsed;
    let mut latest = 2 * whole.clamp(Duration::from_millis(2), Duration::from_millis(40));
    let (mut kills, mut found, mut partial) = (0, 0, 0);
    let mut seen = [0; 9];
    database.run(LARGE, &[CACHE]).assert_ok();
    while found < hits || partial < hits / 2 {
        assert!(kills < 20 * hits, "no kill hits the middle: {seen:?}");
        let before = database.copy().check_steps(500);
        let mut worker = database.start(LARGE, &[CACHE, "down=0", "cycles=50"]);
        worker.release();
        sleep(latest.mul_f64(fastrand::f64()));
        let outcome = worker.kill();
        kills += 1;
        if outcome.status.success() {
            continue;
        }
        assert_eq!(outcome.status.code(), None, "{outcome:?}");
        found += 1;
        let left = database.copy().check_steps(500);
        seen[usize::try_from(left).unwrap()] += 1;
        partial += usize::from(0 < left && left < 8);
        if left == before {
            latest = latest.mul_f64(1.5).min(Duration::from_secs(2));
        }
        if left < 4 {
            // Otherwise most kills would meet the last ones.
            database.run(LARGE, &[CACHE]).assert_ok();
        }
    }
    println!("{journal:?}: {found} kills -9 on the way down and up, 0 wrong; left {seen:?}");
    database.run(LARGE, &[CACHE, "down=0"]).assert_ok();
    assert_eq!(database.check_steps(500), 0);
    database.run(LARGE, &[CACHE]).assert_ok();
    assert_eq!(database.check_steps(500), 8);
}

/// Those that find what a kill has left.
#[test]
fn twelve_go_on_where_a_kill_stopped() {
    for journal in BOTH {
        for _ in 0..rounds(4) {
            let database = Database::new(journal);
            database.run(LARGE, &[CACHE]).assert_ok();
            let mut worker = database.start(LARGE, &[CACHE, "down=0"]);
            worker.release();
            sleep(Duration::from_millis(15).mul_f64(fastrand::f64()));
            worker.kill();
            let before = database.copy().check_steps(500);
            let command = || database.command(LARGE, &[CACHE, "down=1"]);
            let outcomes = together(repeat_with(command).take(12));
            outcomes.iter().for_each(Outcome::assert_ok);
            assert_eq!(undone(&outcomes), Vec::from_iter(2..=before));
            assert_eq!(database.check_steps(500), before.min(1));
        }
    }
}
