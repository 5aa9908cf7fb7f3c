//! PostgreSQL's lexical rules: tokens, and splitting a script into statements.

mod head;
mod nesting;
mod scan;
mod token;

pub use head::{Head, words};
pub use scan::scan;
pub use token::Tokens;
