//! Migrations in Rust, across processes.

use crate::database::{Database, Journal};
use crate::worker::{Outcome, applied, together};
use crate::{conclude, rounds};
use std::iter::repeat_with;

const BOTH: [Journal; 2] = [Journal::Rollback, Journal::Wal];

// docs/internals/sqlite.md, "Concurrent starts", with functions.

#[test]
fn eight_starters_call_each_function_once() {
    let rounds = rounds(5);
    let mut succeeded = 0;
    for journal in BOTH {
        for _ in 0..rounds {
            let database = Database::new(journal);
            let command = || database.command("rust:6:3", &[]);
            let outcomes = together(repeat_with(command).take(8));
            outcomes.iter().for_each(Outcome::assert_ok);
            assert_eq!(applied(&outcomes), [1, 2, 3, 4, 5, 6]);
            assert_eq!(database.check_steps(3), 6);
            succeeded += outcomes.len();
        }
    }
    conclude(succeeded, 8 * rounds * BOTH.len());
}

// A panic rolls back.

#[test]
fn after_a_panic_the_next_start_tries_again() {
    for journal in BOTH {
        let database = Database::new(journal);
        for before in [vec![1, 2, 3], Vec::new()] {
            let outcome = database.run("panics:5:3", &[]);
            outcome.assert_error("panic");
            assert_eq!(
                outcome.message,
                "\"migration `004_m` panicked in 004_m.rs and was rolled back: the function of 4 \
                 panics\""
            );
            assert_eq!(outcome.applied, before);
            assert_eq!(database.check_steps(3), 3);
        }
        // All of them fail for their own part, and none is in the way.
        let command = || database.command("panics:5:3", &[]);
        for outcome in together(repeat_with(command).take(4)) {
            outcome.assert_error("panic");
        }
        assert_eq!(database.check_steps(3), 3);
        let fixed = database.run("rust:5:3", &[]);
        fixed.assert_ok();
        assert_eq!(fixed.applied, [4, 5]);
        assert_eq!(database.check_steps(3), 5);
    }
}

// docs/internals/sqlite.md, "Crashes", at a fixed moment.

#[test]
fn an_abort_within_a_function_leaves_a_sound_file() {
    for journal in BOTH {
        let mut partial = 0;
        for calls in (0..150).step_by(10) {
            let database = Database::new(journal);
            let abort = format!("abort_after={calls}");
            let outcome = database.run("rust:8:500", &["cache_pages=5", &abort]);
            assert!(outcome.result.is_empty() || outcome.status.success());
            let done = database.copy().check_steps(500);
            partial += usize::from(0 < done && done < 8);
            database.run("rust:8:500", &[]).assert_ok();
            assert_eq!(database.check_steps(500), 8);
        }
        assert!(partial > 5, "{partial}");
    }
}
