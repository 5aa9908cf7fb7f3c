//! Throw-away PostgreSQL servers for the tests of this workspace.
//!
//! A [`Server`] is a real one, of the binaries that are installed, in a folder
//! of its own. It dies with the process that started it, however that dies.
//!
//! ```
//! use migrate_servers::Server;
//!
//! // `None` where PostgreSQL is not installed: the test is skipped.
//! let Some(server) = Server::shared() else { return };
//! let database = server.database();
//! assert_eq!(database.psql("SELECT 1 + 1"), "2");
//! assert!(database.url().starts_with("postgres://postgres@127.0.0.1:"));
//! ```
//!
//! What goes wrong here is no fault of the code under test, so everything
//! panics instead of returning errors that each test would have to unwrap.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this crate is for tests alone, and a panic fails the test"
)]

mod binaries;
mod client;
mod database;
mod keeper;
mod options;
mod pgbouncer;
mod port;
mod proxy;
mod server;
mod standby;
mod tls;

pub use client::{Client, Refused};
pub use database::Database;
pub use options::Options;
pub use pgbouncer::{PgBouncer, PoolMode};
pub use proxy::{Proxy, sql};
pub use server::Server;
