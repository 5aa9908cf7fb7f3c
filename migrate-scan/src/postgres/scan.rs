//! Splitting a PostgreSQL script into statements.

use super::nesting::Nesting;
use super::token::Tokens;
use crate::scan::{LineCounter, place, rest_of_line};
use crate::{Scan, Token, TokenKind, Unterminated};
use std::ops::Range;

/// Splits a script into statements the way psql and the server do.
///
/// A semicolon ends a statement unless it is inside parentheses, as in `CREATE RULE … DO
/// (…; …)`, or inside a routine body written as `BEGIN ATOMIC …; END`. The time taken is
/// linear in the length of the text.
///
/// ```
/// let scan = migrate_scan::postgres::scan("-- one\nSELECT $a$;$a$;\n\nSELECT 2");
/// let lines: Vec<_> = scan.statements.iter().map(|statement| statement.line).collect();
/// assert_eq!(lines, [2, 4]);
/// ```
pub fn scan(text: &str) -> Scan {
    let mut scan = Scan::default();
    let mut nesting = Nesting::default();
    let mut statement: Option<(usize, u32)> = None;
    let mut end = 0;
    let mut lines = LineCounter::new(text);
    let mut tokens = Tokens::new(text);
    let mut terminators = Terminators {
        text,
        from: Some(0),
    };
    while let Some(token) = tokens.next() {
        let Token { kind, range } = token.clone();
        match kind {
            TokenKind::Space => continue,
            TokenKind::LineComment | TokenKind::BlockComment => {
                scan.note_comment(&text[range.clone()], range, statement.is_none());
                continue;
            }
            TokenKind::Unterminated => {
                let what = unterminated(&text[range.clone()]);
                scan.unterminated = Some((what, range.clone()));
                if what == Unterminated::Comment {
                    continue;
                }
            }
            TokenKind::Other if text[range.clone()].starts_with('\\') => {
                // Only psql understands a backslash command; most of them end the
                // current statement.
                let line = rest_of_line(text, range.start);
                let mut next = line.end;
                if reads_rows(&text[line.clone()])
                    && let Some(rows_end) = terminators.after(next)
                {
                    scan.copied_rows.push(next..rows_end);
                    next = rows_end;
                }
                tokens = Tokens::starting_at(text, next);
                scan.shell_commands.push(line);
                if let Some(start) = statement.take() {
                    scan.statements.push(place(start, end));
                }
                nesting = Nesting::default();
                continue;
            }
            TokenKind::Semicolon if statement.is_none() => continue,
            _ => {}
        }
        let start = *statement.get_or_insert_with(|| (range.start, lines.line_at(range.start)));
        end = range.end;
        let ends = nesting.take(&token, text);
        if let Some(parameter) = parameter(&token, text, &nesting) {
            scan.parameters.push(parameter);
        }
        if ends {
            scan.statements.push(place(start, end));
            statement = None;
            let state = std::mem::take(&mut nesting);
            if let Some(rows_end) = state
                .is_copy_from_client()
                .then(|| terminators.after(end))
                .flatten()
            {
                scan.copied_rows.push(end..rows_end);
                tokens = Tokens::starting_at(text, rows_end);
            }
        }
    }
    if let Some(start) = statement {
        scan.statements.push(place(start, end));
        scan.unterminated = scan.unterminated.or_else(|| nesting.unterminated());
    }
    scan
}

/// Whether a psql command is `\copy … from stdin`, which is followed by rows too.
fn reads_rows(command: &str) -> bool {
    let mut words = command.split_whitespace();
    let is = |word: &str, known: &str| word.eq_ignore_ascii_case(known);
    words.next() == Some("\\copy") && {
        let words: Vec<&str> = words.collect();
        words
            .windows(2)
            .any(|pair| is(pair[0], "from") && is(pair[1], "stdin"))
    }
}

fn unterminated(text: &str) -> Unterminated {
    match text.as_bytes() {
        [b'/', ..] => Unterminated::Comment,
        [b'$', ..] => Unterminated::DollarQuote,
        _ => Unterminated::Quote,
    }
}

/// The range of a bind parameter: `$1`, or `:name` and `:'name'` as psql and other tools
/// use them.
fn parameter(token: &Token, text: &str, nesting: &Nesting) -> Option<Range<usize>> {
    let range = token.range.clone();
    if token.kind == TokenKind::Parameter {
        return (!nesting.has_arguments()).then_some(range);
    }
    let is_colon = token.kind == TokenKind::Other && &text[range.clone()] == ":";
    let before = text[..range.start].chars().next_back();
    let may_begin = |c: char| c.is_whitespace() || matches!(c, '(' | ',' | '=' | '<' | '>');
    if !is_colon || nesting.may_have_colon() || !before.is_none_or(may_begin) {
        return None;
    }
    let name = Tokens::starting_at(text, range.end).next()?;
    let is_name = matches!(name.kind, TokenKind::Word | TokenKind::Quoted);
    let first = text[name.range.clone()].chars().next()?;
    (is_name && !first.is_ascii_digit() && first != '$').then_some(range.start..name.range.end)
}

/// Finds the `\.` lines of a text, from start to end.
struct Terminators<'a> {
    text: &'a str,
    /// Where to continue; `None` if there are no more.
    from: Option<usize>,
}

impl Terminators<'_> {
    /// The end of the first such line after `at`.
    fn after(&mut self, at: usize) -> Option<usize> {
        const LINE: &str = "\n\\.";
        let mut from = at.max(self.from?);
        loop {
            let Some(found) = self.text[from..].find(LINE) else {
                self.from = None;
                return None;
            };
            from += found + LINE.len();
            if matches!(self.text.as_bytes().get(from), None | Some(b'\n')) {
                self.from = Some(from);
                return Some(from);
            }
        }
    }
}
