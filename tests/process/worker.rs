//! The worker of the tests, as a process.

use std::path::Path;
use std::process::Command;

pub(crate) use migrate_tests::child::{Outcome, Worker, applied, together};

pub(crate) fn command(set: &str, database: &Path, settings: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
    command.arg(set).arg(database).args(settings);
    // Functions that panic on purpose would fill the output of the tests.
    command.env("RUST_BACKTRACE", "0");
    command
}
