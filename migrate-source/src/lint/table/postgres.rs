//! The rules of PostgreSQL. What they find is found by `migrate-prove`, which
//! has the parser.

pub(super) mod data;
pub(super) mod locks;
