//! The replay on an SQLite in memory.

mod catalogue;
mod change;
mod closure;
mod compare;
mod finding;
mod full_text;
mod memory;
mod options;
mod proof;
mod repeat;
mod round_trip;
mod rows;
mod rules;
mod run;
mod schema_check;
mod scratch;
mod snapshot;
mod subject;
mod table;
mod temporary;
mod trial;

pub use compare::schema_differences;
pub use memory::stand_in;
pub use options::{Options, Rust, Setup};
pub use proof::{Proof, prove};
pub use subject::{Part, Subject};
