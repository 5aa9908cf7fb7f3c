//! Taking over databases on real PostgreSQL servers: dumps of what the tools have
//! made, and tables that are made with their own statements.

// Servers run on Unix only.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod damaged;
mod directories;
mod locks;
mod old_server;
mod places;
mod real;
mod recommended;
mod schema;
mod support;
