//! The SQLite engine: the verbs, and the protocol that makes them safe
//! (docs/internals/sqlite.md).
//!
//! The order of the steps matters more than anything else here. A run reads the
//! history without a lock. If something is pending, it takes the write lock
//! (`BEGIN IMMEDIATE`), reads the history *again*, and only then applies one
//! migration, writes its row, and commits both. A process that lost the race
//! finds under the lock that nothing is left to do.

mod adopt;
mod backup;
mod builder;
mod call_function;
mod caller_transaction;
mod commit;
#[cfg(feature = "testing")]
mod compare_schema;
mod connection;
mod db_error;
mod deadline;
mod exclusive;
mod foreign_history;
pub(crate) mod functions;
mod history;
mod in_transaction;
mod interrupt;
mod migrating_file;
mod missing_tables;
mod no_transaction;
mod options;
mod repair;
mod rules;
mod run;
mod run_state;
mod script;
mod session;
pub(crate) mod setup;
mod table;
mod verbs;
mod wal;

#[cfg(feature = "testing")]
pub(crate) use db_error::failed;
pub(crate) use options::SqliteOptions;
