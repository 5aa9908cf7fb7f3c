//! Proof of migrations on a real server: each up, with rows in every table, each down,
//! and each up again, in scratch databases. It needs the features `testing` and
//! `postgres`.

mod catalog;
mod compare;
mod database;
mod finding;
mod rehearsal;
mod replay;
mod sample_rows;
mod scratch;
mod shared;
mod trial;
mod verdict;

pub use compare::compare_schema;
pub use replay::{Proof, prove};
pub(super) use scratch::{Scratch, Template};
