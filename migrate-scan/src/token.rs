use std::ops::Range;

/// One token of a script; comments and white space are tokens
/// too, so that the tokens of a text cover it without a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes.
    pub range: Range<usize>,
}

/// The kinds that splitting and validation need; the engines know many more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// White space.
    Space,
    /// `-- …` up to the line end.
    LineComment,
    /// `/* … */`.
    BlockComment,
    /// `;`
    Semicolon,
    /// A keyword, an unquoted identifier or a number.
    Word,
    /// `'…'`, `"…"`; for SQLite also `` `…` `` and `[…]`, for PostgreSQL
    /// `$tag$…$tag$`, and all of them with what stands before the quote, as in
    /// `E'…'`.
    Quoted,
    /// `?`, `?1`, `:name`, `@name`, `$name`, `#name` for SQLite, `$1` for
    /// PostgreSQL.
    Parameter,
    /// Any other byte; for PostgreSQL also an operator.
    Other,
    /// A quote or a block comment that the text does not end.
    Unterminated,
}

impl TokenKind {
    /// Whether it is white space or a comment.
    pub fn is_blank(self) -> bool {
        matches!(
            self,
            TokenKind::Space | TokenKind::LineComment | TokenKind::BlockComment
        )
    }
}
