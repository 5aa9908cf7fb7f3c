//! The first words of a PostgreSQL statement.

use super::Tokens;
use crate::TokenKind;
use std::ops::Range;

/// The first words of a statement, in upper case, with their byte ranges.
///
/// ```
/// use migrate_scan::postgres::Head;
///
/// let head = Head::of("prepare transaction 'a';");
/// assert_eq!(head.transaction_control().as_deref(), Some("PREPARE TRANSACTION"));
/// assert_eq!(Head::of("PREPARE a AS SELECT 1").transaction_control(), None);
/// ```
#[derive(Clone, Debug)]
pub struct Head(Vec<(String, Range<usize>)>);

/// The number of words kept: enough for
/// `SET SESSION CHARACTERISTICS AS TRANSACTION`.
const COUNT: usize = 5;

impl Head {
    /// Reads the first words of a statement.
    pub fn of(statement: &str) -> Head {
        Head(words(statement).take(COUNT).collect())
    }

    /// The word at an index, or an empty string if the statement is shorter. A quoted
    /// word keeps its quotes, so it never equals a keyword.
    pub fn word(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |(word, _)| word)
    }

    /// The byte range of the first word in the statement.
    pub fn place(&self) -> Option<Range<usize>> {
        self.0.first().map(|(_, range)| range.clone())
    }

    /// The keywords of a transaction control command such as `START TRANSACTION` or
    /// `SAVEPOINT`, or `None` for any other statement.
    pub fn transaction_control(&self) -> Option<String> {
        let (first, second) = (self.word(0), self.word(1));
        match (first, second) {
            ("COMMIT" | "ROLLBACK", "PREPARED")
            | ("START" | "PREPARE", "TRANSACTION")
            | ("RELEASE", "SAVEPOINT") => Some(format!("{first} {second}")),
            ("BEGIN" | "COMMIT" | "END" | "ABORT" | "ROLLBACK" | "SAVEPOINT" | "RELEASE", _) => {
                Some(first.to_owned())
            }
            _ => None,
        }
    }
}

/// All words of a statement with their byte ranges: keywords and names in upper
/// case, quoted text unchanged.
pub fn words(statement: &str) -> impl Iterator<Item = (String, Range<usize>)> {
    Tokens::new(statement)
        .filter(|token| !token.kind.is_blank())
        // Leading empty statements, if the text was not split into statements.
        .skip_while(|token| token.kind == TokenKind::Semicolon)
        .map(|token| {
            let text = &statement[token.range.clone()];
            let word = match token.kind {
                TokenKind::Word => text.to_ascii_uppercase(),
                _ => text.to_owned(),
            };
            (word, token.range)
        })
}
