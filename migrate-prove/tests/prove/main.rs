//! What a replay finds, and what it does not.
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod columns;
mod examples;
mod set;
