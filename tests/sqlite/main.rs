//! The SQLite engine, within one process: what each step of the protocol must
//! do, and what it must refuse. The protocol is in docs/internals/sqlite.md.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod database;

mod adopt;
mod attached;
mod backup;
mod caller_transaction;
mod caller_transaction_breaks;
mod commit;
mod compare;
mod damaged_history;
mod directory;
mod down;
mod drift;
mod durations;
mod foreign_history;
mod forms;
mod history_table;
mod incremental;
mod messages;
// On Windows SQLite keeps a file that it has open from being moved or removed.
#[cfg(unix)]
mod moved;
mod no_transaction;
mod no_transaction_fails;
mod no_way_back;
mod nothing_pending;
mod observer;
mod observer_acts;
mod plan_down;
mod policies;
mod proportion;
mod quotes;
mod rebuild;
mod redo;
mod references;
mod repair;
mod round_trip;
mod rust;
mod rust_down;
mod schema;
mod script;
mod settings;
mod sharing;
mod stop;
mod stop_later;
mod stored_down;
mod transaction_control;
mod verdicts;
mod waiting;
