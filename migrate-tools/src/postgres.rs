//! Proof of migrations on a PostgreSQL server. It needs the feature `postgres`.

mod catalog;
mod compare;
mod prove;
mod scratch;
mod shared;
pub mod testing;

pub use compare::compare_schema;
pub use prove::{prove, prove_directory};
