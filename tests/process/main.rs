//! The SQLite engine, across processes: real ones, on one file, which start
//! together, are killed, hold locks, and may not write.
//!
//! `MIGRATE_TEST_ROUNDS=10` multiplies the rounds of the tests that rely on
//! chance. What they count is shown by
//! `cargo test -p migrate-tests --test process -- --nocapture`: among others
//! `400 of 400 starters succeeded`, and the number of kills.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod backup;
mod damage;
mod down;
mod kill;
mod lock;
#[cfg(unix)]
mod no_room;
mod no_transaction;
mod race;
#[cfg(unix)]
mod read_only;
mod rust;
mod seed;
mod two_histories;

mod database;
mod worker;

/// The number of rounds, times what the environment asks for.
fn rounds(count: usize) -> usize {
    let factor = std::env::var("MIGRATE_TEST_ROUNDS").ok();
    count * factor.and_then(|factor| factor.parse().ok()).unwrap_or(1)
}

/// Prints the figure to cite. A starter that failed has ended the test before.
fn conclude(succeeded: usize, all: usize) {
    println!("{succeeded} of {all} starters succeeded");
    assert_eq!(succeeded, all);
}
