//! SQLite's lexical rules: tokens, and the split of a script into statements.

mod head;
mod pragma;
mod scan;
mod token;

pub use head::{Head, unquoted};
pub use pragma::{PragmaRefusal, refused_pragma};
pub use scan::{Scan, Unterminated, directive, scan};
pub use token::{Token, TokenKind, Tokens};
