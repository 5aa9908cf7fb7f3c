//! The PostgreSQL engine.

mod options;

pub(crate) use options::Own;
