//! The first words of an SQLite statement, and quoted names.

use super::Tokens;
use crate::TokenKind;
use std::borrow::Cow;
use std::ops::Range;

/// The first words of a statement, in upper case, with their byte ranges. A leading
/// `EXPLAIN` or `EXPLAIN QUERY PLAN` is skipped.
///
/// ```
/// use migrate_scan::sqlite::Head;
///
/// let head = Head::of("PRAGMA main.\"User_Version\" = 7;");
/// assert_eq!(head.word(0), "PRAGMA");
/// assert_eq!(head.pragma(), Some(("user_version".to_owned(), Some("7"))));
/// assert!(Head::of("explain /* x */ commit").is_transaction_control());
/// ```
#[derive(Clone, Debug)]
pub struct Head(Vec<(String, Range<usize>)>);

/// The number of words kept: enough for the longest pragma,
/// `PRAGMA main . name = value`.
const COUNT: usize = 6;

impl Head {
    /// Reads the first words of a statement.
    pub fn of(statement: &str) -> Head {
        let words = Tokens::new(statement)
            .filter(|token| !token.kind.is_blank())
            // SQLite ignores leading empty statements.
            .skip_while(|token| token.kind == TokenKind::Semicolon)
            .map(|token| {
                (
                    statement[token.range.clone()].to_ascii_uppercase(),
                    token.range,
                )
            });
        let mut explained = false;
        let words = words.skip_while(|(word, _)| {
            let skipped = word == "EXPLAIN" || (explained && (word == "QUERY" || word == "PLAN"));
            explained |= word == "EXPLAIN";
            skipped
        });
        Head(words.take(COUNT).collect())
    }

    /// The word at an index without its quotes, or an empty string if the statement is
    /// shorter.
    pub fn word(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |(word, _)| unquoted(word))
    }

    /// The byte range of the first word in the statement.
    pub fn place(&self) -> Option<Range<usize>> {
        self.0.first().map(|(_, range)| range.clone())
    }

    /// Whether this is a transaction control statement: `BEGIN`, `COMMIT`, `SAVEPOINT` and
    /// the like.
    pub fn is_transaction_control(&self) -> bool {
        matches!(
            self.word(0),
            "BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "SAVEPOINT" | "RELEASE"
        )
    }

    /// The name of a pragma, in lower case, and its value.
    pub fn pragma(&self) -> Option<(String, Option<&str>)> {
        let at = if self.word(2) == "." { 3 } else { 1 };
        let value = matches!(self.word(at + 1), "=" | "(").then(|| self.word(at + 2));
        (self.word(0) == "PRAGMA").then(|| (self.word(at).to_ascii_lowercase(), value))
    }
}

/// A name or a string without its quotes.
pub fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '`', '\'', '[', ']'])
}

/// A name as a quoted SQL identifier; double quotes in it are doubled.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The name that a token denotes: without the quotes around it, and with doubled quotes
/// inside it reduced to one.
///
/// ```
/// use migrate_scan::sqlite::name_of;
///
/// assert_eq!(name_of("\"a \"\"b\"\"\""), "a \"b\"");
/// assert_eq!(name_of("[order]"), "order");
/// assert_eq!(name_of("users"), "users");
/// ```
pub fn name_of(token: &str) -> Cow<'_, str> {
    let end = match token.chars().next() {
        Some('[') => ']',
        Some(quote @ ('"' | '`' | '\'')) => quote,
        _ => return Cow::Borrowed(token),
    };
    let inner = token[1..].strip_suffix(end).unwrap_or(&token[1..]);
    if end != ']' && inner.contains(end) {
        Cow::Owned(inner.replace(&format!("{end}{end}"), &end.to_string()))
    } else {
        Cow::Borrowed(inner)
    }
}
