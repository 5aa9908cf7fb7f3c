//! Tokens of an SQLite script.

use crate::{Token, TokenKind};

/// Splits a text into tokens by SQLite's rules; see
/// <https://sqlite.org/draft/tokenreq.html>.
///
/// ```
/// use migrate_scan::TokenKind;
/// use migrate_scan::sqlite::Tokens;
///
/// let kinds: Vec<_> = Tokens::new("a;'b;'").map(|token| token.kind).collect();
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

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

fn token(rest: &[u8]) -> Option<(TokenKind, usize)> {
    let next = rest.get(1).copied();
    Some(match *rest.first()? {
        byte if is_space(byte) => (TokenKind::Space, spaces(rest)),
        // SQLite treats it as white space wherever a token may start.
        0xef if rest.starts_with(BYTE_ORDER_MARK) => (TokenKind::Space, BYTE_ORDER_MARK.len()),
        b'-' if next == Some(b'-') => (TokenKind::LineComment, run(rest, |byte| byte != b'\n')),
        b'/' if next == Some(b'*') => block_comment(rest),
        b';' => (TokenKind::Semicolon, 1),
        quote @ (b'\'' | b'"' | b'`') => quoted(rest, quote),
        b'[' => match rest.iter().position(|&byte| byte == b']') {
            Some(end) => (TokenKind::Quoted, end + 1),
            None => (TokenKind::Unterminated, rest.len()),
        },
        b'?' => (
            TokenKind::Parameter,
            1 + run(&rest[1..], |byte| byte.is_ascii_digit()),
        ),
        b':' | b'@' | b'$' | b'#' => parameter(rest),
        byte if is_identifier(byte) => (TokenKind::Word, run(rest, is_identifier)),
        _ => (TokenKind::Other, 1),
    })
}

/// The length of a run of white space. SQLite accepts a vertical tab as white space, but only
/// after other white space.
fn spaces(rest: &[u8]) -> usize {
    run(rest, |byte| is_space(byte) || byte == 0x0b)
}

fn block_comment(rest: &[u8]) -> (TokenKind, usize) {
    match rest[2..].windows(2).position(|pair| pair == b"*/") {
        Some(at) => (TokenKind::BlockComment, at + 4),
        None => (TokenKind::Unterminated, rest.len()),
    }
}

/// A quoted token. A doubled quote inside is a literal quote.
fn quoted(rest: &[u8], quote: u8) -> (TokenKind, usize) {
    let mut at = 1;
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

/// A bind parameter. `$a::b(c)` is one token: SQLite accepts Tcl variable names.
fn parameter(rest: &[u8]) -> (TokenKind, usize) {
    let mut at = 1;
    let mut has_name = false;
    while let Some(&byte) = rest.get(at) {
        if is_identifier(byte) {
            has_name = true;
            at += 1;
        } else if byte == b':' && rest.get(at + 1) == Some(&b':') {
            at += 2;
        } else if byte == b'(' && has_name {
            at += run(&rest[at..], |byte| !is_space(byte) && byte != b')');
            if rest.get(at) == Some(&b')') {
                at += 1;
            }
            break;
        } else {
            break;
        }
    }
    let kind = if has_name {
        TokenKind::Parameter
    } else {
        TokenKind::Other
    };
    (kind, at)
}

/// A loop and not an iterator: the macro runs it without optimization.
fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    let mut at = 0;
    while at < bytes.len() && belongs(bytes[at]) {
        at += 1;
    }
    at
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

fn is_identifier(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' | 0x80..)
}
