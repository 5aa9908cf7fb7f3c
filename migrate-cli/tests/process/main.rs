//! Real processes: several on one file, killed ones, stopped ones, and all the
//! places where a database or a directory may lie.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap")]

mod codes;
mod kills;
mod locks;
mod output;
mod places;
mod privileges;
mod program;
mod running;
mod serving;
mod signals;
#[path = "../support/slow.rs"]
mod slow;
#[path = "../support/mod.rs"]
mod support;
mod waiting;
