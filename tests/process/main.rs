//! The SQLite engine, across processes: real ones, on one file, which start
//! together, are killed, hold locks, and may not write.
//!
//! `MIGRATE_TEST_ROUNDS=10` multiplies the rounds of the tests that rely on
//! chance.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod damage;
mod kill;
mod lock;
mod race;
#[cfg(unix)]
mod read_only;
mod seed;

mod database;
mod worker;

/// The number of rounds, times what the environment asks for.
fn rounds(count: usize) -> usize {
    let factor = std::env::var("MIGRATE_TEST_ROUNDS").ok();
    count * factor.and_then(|factor| factor.parse().ok()).unwrap_or(1)
}
