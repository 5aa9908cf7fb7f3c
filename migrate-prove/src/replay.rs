//! The replay on an SQLite in memory.

mod catalogue;
mod closure;
mod compare;
mod finding;
mod memory;
mod proof;
mod repeat;
mod rows;
mod rules;
mod run;
mod scratch;
mod snapshot;
mod subject;
mod table;
mod trial;

pub use compare::schema_differences;
pub use memory::stand_in;
pub use proof::{Options, Proof, Rust, Setup, prove};
pub use subject::{Part, Subject};
