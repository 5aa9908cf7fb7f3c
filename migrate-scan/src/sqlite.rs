//! SQLite's lexical rules: tokens, names, and splitting a script into statements.

mod head;
mod scan;
mod token;

pub use head::{Head, name_of, quote, unquoted};
pub use scan::scan;
pub use token::Tokens;
