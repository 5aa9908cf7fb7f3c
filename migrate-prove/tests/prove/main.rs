//! What a replay finds, and what it does not.
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod broken;
mod broken_downs;
mod broken_others;
mod careful;
mod columns;
mod connections;
mod coverage;
mod examples;
mod exists;
mod files;
mod full_text;
mod good;
mod machine;
mod random;
mod rebuild;
mod rebuild_others;
mod repeat;
#[path = "../../../tests/support/rule_page.rs"]
mod rule_page;
mod set;
mod triggers;
mod unusual;
