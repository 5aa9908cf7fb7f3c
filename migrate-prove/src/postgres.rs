//! PostgreSQL's statements, by the parser of the crate `squawk-syntax`: no
//! server is asked.

mod syntax;

mod lint;

mod action;
mod column;
mod finding;
mod known;
mod name;
mod parse;
mod rules;

pub use lint::lint;
pub use syntax::SyntaxChecker;
