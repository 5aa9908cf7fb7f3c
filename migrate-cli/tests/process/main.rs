//! Real processes: several on one file, killed ones, stopped ones, and all the
//! places where a database or a directory may lie.

#![cfg(unix)]

mod codes;
mod kills;
mod locks;
mod output;
mod places;
mod privileges;
mod running;
mod signals;
#[path = "../support/slow.rs"]
mod slow;
#[path = "../support/mod.rs"]
mod support;
mod waiting;
