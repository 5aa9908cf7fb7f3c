//! SQLite's lexical rules: tokens, and the split of a script into statements.

mod pragma;
mod scan;
mod token;

pub use pragma::{PragmaRefusal, refused_pragma};
pub use scan::{Scan, Unterminated, directive, scan};
pub use token::{Token, TokenKind, Tokens};

/// The first words of a statement, upper-case, with `EXPLAIN` and
/// `EXPLAIN QUERY PLAN` left out; at most `count`.
pub fn head(statement: &str, count: usize) -> Vec<(String, std::ops::Range<usize>)> {
    let words = Tokens::new(statement)
        .filter(|token| {
            !matches!(
                token.kind,
                TokenKind::Space | TokenKind::LineComment | TokenKind::BlockComment
            )
        })
        // SQLite takes no notice of empty statements in front.
        .skip_while(|token| token.kind == TokenKind::Semicolon)
        .map(|token| {
            (
                statement[token.range.clone()].to_ascii_uppercase(),
                token.range,
            )
        });
    let mut explained = false;
    words
        .skip_while(|(word, _)| {
            let skipped = word == "EXPLAIN" || (explained && (word == "QUERY" || word == "PLAN"));
            explained |= word == "EXPLAIN";
            skipped
        })
        .take(count)
        .collect()
}
