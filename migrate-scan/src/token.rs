//! The tokens of a script, for both engines.

use std::ops::Range;

/// One token of a script. Comments and white space are tokens too: the tokens of a text cover
/// it without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its kind.
    pub kind: TokenKind,
    /// Its byte range.
    pub range: Range<usize>,
}

/// The kinds of tokens that splitting and validation need; the engines distinguish many more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// White space.
    Space,
    /// `-- …` up to the end of the line.
    LineComment,
    /// `/* … */`.
    BlockComment,
    /// `;`
    Semicolon,
    /// A keyword, an unquoted identifier or a number.
    Word,
    /// `'…'`, `"…"`; for SQLite also `` `…` `` and `[…]`, for PostgreSQL
    /// `$tag$…$tag$`. The token includes a prefix, as in `E'…'`.
    Quoted,
    /// `?`, `?1`, `:name`, `@name`, `$name`, `#name` for SQLite, `$1` for
    /// PostgreSQL.
    Parameter,
    /// Any other byte; for PostgreSQL also an operator.
    Other,
    /// A quote or a block comment that is still open at the end of the text.
    Unterminated,
}

impl TokenKind {
    /// Whether this is white space or a comment.
    pub fn is_blank(self) -> bool {
        matches!(
            self,
            TokenKind::Space | TokenKind::LineComment | TokenKind::BlockComment
        )
    }
}
