//! Taking over the histories of other tools, whose tables are made with their
//! own statements.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod flyway;
mod forms;
mod histories;
mod mapping;
mod misled;
mod real;
mod recommended;
mod renaming;
mod startup;
mod support;
mod tools;
mod verifying;
