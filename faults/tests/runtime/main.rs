//! The runtime on disks that fail, and on disks that lose power:
//! docs/internals/sqlite.md, "Crashes".
//!
//! By default a sample of the calls is tried. `MIGRATE_TEST_ALL_FAULTS=1` tries
//! every call of every operation, and ten times as many power losses.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod commit;
mod every_fault;
mod no_transaction;
mod power;
mod swallowed;
mod ways;

mod workload;

/// Whether to take the time to try everything.
fn is_thorough() -> bool {
    std::env::var_os("MIGRATE_TEST_ALL_FAULTS").is_some_and(|value| value != "0")
}
