use super::Tokens;
use crate::TokenKind;
use std::ops::Range;

/// The first words of a statement, upper-case, with their places in it.
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

/// As many as `SET SESSION CHARACTERISTICS AS TRANSACTION` needs.
const COUNT: usize = 5;

impl Head {
    /// Reads the first words of a statement.
    pub fn of(statement: &str) -> Head {
        Head(words(statement).take(COUNT).collect())
    }

    /// A word; empty where the statement has none. What stands in quotes keeps
    /// them, and is no keyword.
    pub fn word(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |(word, _)| word)
    }

    /// The place of the first word in the statement.
    pub fn place(&self) -> Option<Range<usize>> {
        self.0.first().map(|(_, range)| range.clone())
    }

    /// The words by which it begins, ends or divides a transaction, if it does.
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

/// All words of a statement with their places: keywords and names in upper case,
/// what stands in quotes as it is.
pub fn words(statement: &str) -> impl Iterator<Item = (String, Range<usize>)> {
    Tokens::new(statement)
        .filter(|token| !token.kind.is_blank())
        // Empty statements in front, of a statement that was not cut out.
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
