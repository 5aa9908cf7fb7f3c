//! Tokens of a PostgreSQL script.

use crate::{Token, TokenKind};

/// Splits a text into tokens by PostgreSQL's rules. See
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html>, and
/// `src/backend/parser/scan.l` for the details. Backslashes are escapes only in `E'…'`, as
/// with `standard_conforming_strings` on.
///
/// ```
/// use migrate_scan::TokenKind;
/// use migrate_scan::postgres::Tokens;
///
/// let kinds: Vec<_> = Tokens::new("a$1;$a$b;$a$").map(|token| token.kind).collect();
/// assert_eq!(kinds, [TokenKind::Word, TokenKind::Semicolon, TokenKind::Quoted]);
/// ```
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    /// Starts at the beginning of `text`.
    pub fn new(text: &'a str) -> Tokens<'a> {
        Tokens::starting_at(text, 0)
    }

    /// Starts at the byte `at`; ranges still count from the start of `text`.
    pub(super) fn starting_at(text: &'a str, at: usize) -> Tokens<'a> {
        Tokens {
            bytes: text.as_bytes(),
            at,
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let start = self.at;
        let rest = self.bytes.get(start..)?;
        let (kind, length) = token(rest)?;
        self.at = start + length;
        Some(Token {
            kind,
            range: start..self.at,
        })
    }
}

fn token(rest: &[u8]) -> Option<(TokenKind, usize)> {
    let next = rest.get(1).copied();
    Some(match *rest.first()? {
        byte if is_space(byte) => (TokenKind::Space, run(rest, is_space)),
        b'-' if next == Some(b'-') => {
            (TokenKind::LineComment, run(rest, |byte| !is_line_end(byte)))
        }
        b'/' if next == Some(b'*') => block_comment(rest),
        b';' => (TokenKind::Semicolon, 1),
        b'\'' => quoted(rest, 0, b'\''),
        b'"' => quoted(rest, 0, b'"'),
        b'e' | b'E' if next == Some(b'\'') => escaped(rest),
        b'b' | b'B' | b'x' | b'X' | b'n' | b'N' if next == Some(b'\'') => quoted(rest, 1, b'\''),
        b'u' | b'U' if rest[1..].starts_with(b"&'") => quoted(rest, 2, b'\''),
        b'u' | b'U' if rest[1..].starts_with(b"&\"") => quoted(rest, 2, b'"'),
        b'$' => dollar(rest),
        byte if is_identifier_start(byte) => (TokenKind::Word, run(rest, is_identifier)),
        // Unlike a name, a number cannot contain `$`: `1$1` is two tokens.
        byte if byte.is_ascii_digit() => (
            TokenKind::Word,
            run(rest, |byte| is_identifier(byte) && byte != b'$'),
        ),
        b':' if matches!(next, Some(b':' | b'=')) => (TokenKind::Other, 2),
        byte if is_operator(byte) => (TokenKind::Other, operator(rest)),
        _ => (TokenKind::Other, 1),
    })
}

/// A block comment; in PostgreSQL they nest.
fn block_comment(rest: &[u8]) -> (TokenKind, usize) {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(&byte) = rest.get(at) {
        match (byte, rest.get(at + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
            }
            _ => at += 1,
        }
        if depth == 0 {
            return (TokenKind::BlockComment, at);
        }
    }
    (TokenKind::Unterminated, rest.len())
}

/// A quoted token whose opening quote is at `before`. A doubled quote inside is a literal
/// quote.
fn quoted(rest: &[u8], before: usize, quote: u8) -> (TokenKind, usize) {
    let mut at = before + 1;
    loop {
        at += run(&rest[at..], |byte| byte != quote);
        if at == rest.len() {
            return (TokenKind::Unterminated, at);
        }
        at += 1;
        if rest.get(at) != Some(&quote) {
            return (TokenKind::Quoted, at);
        }
        at += 1;
    }
}

/// `E'…'`, in which a backslash escapes the next character. A string constant that
/// continues it on another line is part of the same token, and backslashes are escapes there
/// too.
fn escaped(rest: &[u8]) -> (TokenKind, usize) {
    let mut at = 2;
    loop {
        at += run(&rest[at..], |byte| byte != b'\'' && byte != b'\\');
        match (rest.get(at), rest.get(at + 1)) {
            (None, _) | (Some(b'\\'), None) => return (TokenKind::Unterminated, rest.len()),
            (Some(b'\\'), Some(_)) | (Some(_), Some(b'\'')) => at += 2,
            (Some(_), _) => match continuation(&rest[at + 1..]) {
                Some(gap) => at += 1 + gap + 1,
                None => return (TokenKind::Quoted, at + 1),
            },
        }
    }
}

/// The length of the gap before the next part of a string constant: white space and line
/// comments that include a line end.
fn continuation(rest: &[u8]) -> Option<usize> {
    let (mut at, mut has_line_end) = (0, false);
    loop {
        match rest.get(at)? {
            b'\'' if has_line_end => return Some(at),
            &byte if is_space(byte) => {
                has_line_end |= is_line_end(byte);
                at += 1;
            }
            b'-' if rest.get(at + 1) == Some(&b'-') => {
                at += run(&rest[at..], |byte| !is_line_end(byte));
            }
            _ => return None,
        }
    }
}

/// `$1` and `$tag$…$tag$`.
fn dollar(rest: &[u8]) -> (TokenKind, usize) {
    let digits = run(&rest[1..], |byte| byte.is_ascii_digit());
    if digits > 0 {
        return (TokenKind::Parameter, 1 + digits);
    }
    let is_in_tag = |byte| is_identifier(byte) && byte != b'$';
    let tag = 1 + run(&rest[1..], is_in_tag);
    if rest.get(tag) != Some(&b'$') {
        return (TokenKind::Other, 1);
    }
    let (delimiter, body) = rest.split_at(tag + 1);
    match find(body, delimiter) {
        Some(at) => (TokenKind::Quoted, at + 2 * delimiter.len()),
        None => (TokenKind::Unterminated, rest.len()),
    }
}

/// The offset of `$tag$` in a text. The time is linear: a delimiter contains no `$` except at
/// its ends, so each `$` of the text is compared once.
fn find(text: &[u8], delimiter: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += run(text.get(at..)?, |byte| byte != b'$');
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        if rest.starts_with(delimiter) {
            return Some(at);
        }
        at += 1;
    }
}

/// The length of an operator, which ends where a comment begins.
fn operator(rest: &[u8]) -> usize {
    let length = run(rest, is_operator);
    let comment = rest[..length]
        .windows(2)
        .position(|pair| pair == b"--" || pair == b"/*");
    comment.unwrap_or(length)
}

fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .position(|&byte| !belongs(byte))
        .unwrap_or(bytes.len())
}

/// The vertical tab is white space since PostgreSQL 16.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_identifier_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_identifier(byte: u8) -> bool {
    is_identifier_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_operator(byte: u8) -> bool {
    b"~!@#^&|`?+-*/%<>=".contains(&byte)
}
