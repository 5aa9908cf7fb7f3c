//! PostgreSQL's lexical rules: tokens, and the split of a script into
//! statements; and which of them cannot run in a transaction.

mod head;
mod nesting;
mod outside;
mod scan;
mod token;

pub use head::Head;
pub use outside::outside_transaction;
pub(crate) use outside::{copies, gives_slot_up};
pub use scan::scan;
pub use token::Tokens;

pub use crate::scan::{Scan, Token, TokenKind, Unterminated, directive};
