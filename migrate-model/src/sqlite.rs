//! SQLite's lexical rules: tokens, and the split of a script into statements;
//! and what a sound schema is.

mod head;
pub mod integrity;
mod pragma;
mod scan;
mod token;

pub use head::{Head, name_of, quote, unquoted};
pub use pragma::{PragmaRefusal, SETTINGS, refused_pragma};
pub use scan::scan;
pub use token::Tokens;

pub use crate::scan::{Scan, Token, TokenKind, Unterminated, directive};
