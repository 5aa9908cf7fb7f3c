//! Behavior that all engines share: each case runs on SQLite and on a real
//! PostgreSQL server, with one snapshot for both. Behavior of one engine alone is
//! tested in `tests/sqlite` and `tests/postgres`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

#[macro_use]
mod database;
#[cfg(unix)]
mod postgres;
mod sqlite;

mod adopt;
mod ahead;
mod attached;
mod baseline;
mod decisions;
mod directory;
mod down;
mod drift;
mod history_table;
mod no_transaction;
mod observer;
mod recorded;
mod redo;
mod repair;
mod resumed;
mod rust;
mod status;
mod stop;
mod stored_down;
mod target;
mod transactions;
mod veto;
