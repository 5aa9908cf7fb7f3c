//! The SQLite engine, within one process: what each step of the protocol must
//! do, and what it must refuse. The numbers in comments are those of the list
//! of tests in PROTOCOLS.md.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod database;

mod damaged_history;
mod drift;
mod history_table;
mod messages;
mod nothing_pending;
mod quotes;
mod rebuild;
mod references;
mod script;
mod settings;
mod sharing;
mod transaction_control;
