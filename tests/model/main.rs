//! Random sequences of adding, editing and deleting migrations, of applying and
//! undoing them, of crashes and of processes that start together, compared with a
//! model of a few lines (docs/internals/README.md, "Property tests and fuzzing").
//! After each step the files, the history, the tables and the list of all scripts
//! that took effect must be those of the model.
//!
//! `MIGRATE_TEST_ROUNDS=10` multiplies the number of cases. A failing case is
//! shrunk and printed as the list of its operations.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod case;
mod model;
mod operation;
#[cfg(unix)]
mod postgres;
mod system;

#[path = "../process/worker.rs"]
#[allow(dead_code, reason = "the tests of races need more of it")]
mod worker;

use crate::case::{Case, System, Tally};
use crate::operation::operations;
#[cfg(unix)]
use crate::postgres::Postgres;
use crate::system::Sqlite;
#[cfg(unix)]
use migrate_servers::Server;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;

#[test]
fn whatever_happens_is_what_the_model_says_with_a_rollback_journal() {
    compare(150, ALL, |has_timestamps| {
        Sqlite::new(false, has_timestamps)
    });
}

#[test]
fn whatever_happens_is_what_the_model_says_with_wal() {
    compare(150, ALL, |has_timestamps| Sqlite::new(true, has_timestamps));
}

/// Each operation asks a server over and over, so that there are fewer cases.
#[cfg(unix)]
#[test]
fn whatever_happens_is_what_the_model_says_on_postgres() {
    if Server::shared().is_some() {
        compare(8, &ALL[..6], Postgres::new);
    }
}

/// What some case has to meet: a model that is never asked anything is always
/// right. The last ones are rare.
const ALL: &[&str] = &[
    "up",
    "failed",
    "directory",
    "down",
    "crash",
    "together",
    "ahead",
    "no down",
    "gap",
    "missing",
    "modified",
    "renamed",
    "replaced",
    "crash in half",
    "crash on the way down",
];

fn compare<S: System>(cases: u32, wanted: &[&str], system: impl Fn(bool) -> S) {
    let factor = std::env::var("MIGRATE_TEST_ROUNDS").ok();
    let factor: u32 = factor.and_then(|factor| factor.parse().ok()).unwrap_or(1);
    let config = Config {
        cases: cases * factor,
        failure_persistence: None,
        // Each step of the way to a smaller case runs processes.
        max_shrink_iters: 400,
        ..Config::default()
    };
    let tally = RefCell::new(Tally::default());
    let is_met = |what: &str| tally.borrow().0.contains_key(what);
    // A few cases may not meet everything by chance.
    for _ in 0..5 {
        check(config.clone(), &system, &tally);
        if wanted.iter().all(|what| is_met(what)) {
            break;
        }
    }
    println!("{:?}", tally.borrow());
    let missing: Vec<_> = wanted.iter().filter(|what| !is_met(what)).collect();
    assert!(missing.is_empty(), "no case met {missing:?}");
}

fn check<S: System>(config: Config, system: &impl Fn(bool) -> S, tally: &RefCell<Tally>) {
    let result = TestRunner::new(config).run(
        &(any::<bool>(), operations()),
        |(has_timestamps, operations)| {
            let mut case = Case::new(system(has_timestamps), has_timestamps, tally);
            for (at, operation) in operations.iter().enumerate() {
                let checked = case.step(operation);
                checked.map_err(|error| {
                    TestCaseError::fail(format!("at {at}, {operation:?}: {error}"))
                })?;
            }
            Ok(())
        },
    );
    if let Err(failure) = result {
        panic!("{failure}");
    }
}
