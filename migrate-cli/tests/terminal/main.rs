//! The command on a real terminal: questions, colors and progress.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap")]

mod colors;
mod progress;
mod prompts;
mod pty;
#[path = "../support/slow.rs"]
mod slow;
#[path = "../support/mod.rs"]
mod support;
