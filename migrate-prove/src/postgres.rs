//! PostgreSQL's statements, by the parser of the crate `squawk-syntax`: no
//! server is asked.

mod parse;
mod syntax;

pub use syntax::SyntaxChecker;
