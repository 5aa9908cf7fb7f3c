//! Proof of migrations on a PostgreSQL server. It needs the feature `postgres`.

mod compare;
mod prove;
pub mod testing;

pub use compare::compare_schema;
pub use prove::{prove, prove_directory};
