//! The PostgreSQL engine: the verbs, and the protocol that makes them safe
//! (docs/internals/postgres.md). It needs the feature `postgres`.
//!
//! The order of the steps matters more than anything else here. A run reads the
//! history without a lock. If something is pending, it takes an advisory lock
//! by polling, without waiting for it inside the server, reads the history
//! *again*, and only then applies one migration, writes its row, and commits
//! both. If the outcome of a commit is unknown, the run determines it and never
//! assumes it.

mod advisory_lock;
mod assert_sound;
mod batch;
mod blocking;
mod builder;
mod classify;
mod connector;
pub(crate) mod db_error;
mod for_tools;
mod foreign_history;
mod functions;
mod history;
mod in_transaction;
mod invalid_indexes;
mod lease;
mod no_transaction;
mod options;
mod position;
#[cfg(feature = "testing")]
mod proof;
mod random;
mod rehearsal;
mod repair;
mod rules;
mod run;
mod script;
mod server;
mod session;
mod session_settings;
mod settings_effect;
mod table;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "rustls")]
mod tls;
mod transaction;
mod verbs;
mod wait;

#[doc(hidden)]
pub use assert_sound::assert_sound;
pub use blocking::Blocking;
pub use connector::Connector;
#[doc(hidden)]
pub use functions::{Functions, Plain, call};
pub use options::Lock;
pub(crate) use options::PostgresOptions;

/// For `migrate-tools`; not part of the public interface.
#[doc(hidden)]
pub mod tools {
    pub use super::advisory_lock::literal;
    pub use super::classify::failed;
    pub use super::db_error::PostgresError;
    pub use super::history::read as read_history;
    #[cfg(feature = "testing")]
    pub use super::proof::{Proof, compare_schema, prove};
    pub use super::random::nonce;
    pub use super::rehearsal::{Look, Rehearsal};
    pub use super::server::{check_version_of, rows};
    pub use super::table::Table;
    #[cfg(feature = "testing")]
    pub use super::testing::assert_sound_at;
}
