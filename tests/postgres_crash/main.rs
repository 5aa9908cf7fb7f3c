//! Servers that crash in the middle of a run, and standbys that take over.

// Servers run on Unix only.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod failover;
mod restart;

#[path = "../postgres/lab.rs"]
#[expect(dead_code, reason = "the other tests use the rest of it")]
mod lab;
