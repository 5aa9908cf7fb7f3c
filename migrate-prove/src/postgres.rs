//! Checks of PostgreSQL's statements with the parser of the crate `squawk-syntax`, without a
//! server.

mod syntax;

mod lint;

mod action;
mod alter_table;
mod column;
mod do_block;
mod finding;
mod known;
mod maintenance;
mod name;
mod parse;
mod rules;

pub use lint::lint;
pub use syntax::SyntaxChecker;
