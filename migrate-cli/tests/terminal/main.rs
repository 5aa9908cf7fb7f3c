//! The command on a real terminal: questions, colors and progress.

#![cfg(unix)]

mod colors;
mod progress;
mod prompts;
mod pty;
#[path = "../support/slow.rs"]
mod slow;
#[path = "../support/mod.rs"]
mod support;
