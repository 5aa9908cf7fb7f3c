//! Whether a change in a migrations directory reaches the binary, tried with
//! the real Cargo on packages that depend on this workspace's runtime.
//!
//! The packages are made below Cargo's folder for the files of tests and stay
//! there, so that one that failed can be looked at. They share a target
//! directory: SQLite is compiled once for all of them, and Cargo's own lock has
//! the tests wait for each other.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod freshness;
mod watched;

mod fixed;
mod lint;
mod proved;
mod release;
mod rust;
mod sound;

mod cli;
mod guide;
mod places;
mod postgres;
mod readme;
mod targets;
mod tree;

mod frozen;
mod merged;

mod git;
mod package;
