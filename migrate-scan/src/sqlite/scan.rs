//! Splitting an SQLite script into statements.

use super::token::Tokens;
use crate::scan::{LineCounter, place, rest_of_line};
use crate::{Scan, Token, TokenKind, Unterminated};

/// Splits a script into statements the way SQLite does.
///
/// A semicolon ends a statement unless it is inside a trigger body, which only `; END ;`
/// closes: the `END` of a `CASE` does not. The states are those of `sqlite3_complete`:
/// <https://sqlite.org/c3ref/complete.html>. The time taken is linear in the length of the
/// text.
///
/// ```
/// let scan = migrate_scan::sqlite::scan("-- one\nSELECT ';';\n\nSELECT 2");
/// let lines: Vec<_> = scan.statements.iter().map(|statement| statement.line).collect();
/// assert_eq!(lines, [2, 4]);
/// ```
pub fn scan(text: &str) -> Scan {
    let mut scan = Scan::default();
    let mut state = State::Start;
    let mut statement: Option<(usize, u32)> = None;
    let mut end = 0;
    let mut lines = LineCounter::new(text);
    let mut tokens = Tokens::new(text);
    while let Some(Token { kind, range }) = tokens.next() {
        match kind {
            TokenKind::Space => continue,
            TokenKind::LineComment | TokenKind::BlockComment => {
                scan.note_comment(&text[range.clone()], range, statement.is_none());
                continue;
            }
            TokenKind::Unterminated if text[range.clone()].starts_with("/*") => {
                scan.unterminated = Some((Unterminated::Comment, range));
                continue;
            }
            TokenKind::Unterminated => {
                scan.unterminated = Some((Unterminated::Quote, range.clone()));
            }
            TokenKind::Parameter => scan.parameters.push(range.clone()),
            TokenKind::Other if statement.is_none() && is_shell_command(text, range.start) => {
                let line = rest_of_line(text, range.start);
                tokens = Tokens::starting_at(text, line.end);
                scan.shell_commands.push(line);
                continue;
            }
            _ => {}
        }
        if kind == TokenKind::Semicolon && statement.is_none() {
            // An empty statement; SQLite skips it too.
            continue;
        }
        let start = *statement.get_or_insert_with(|| (range.start, lines.line_at(range.start)));
        end = range.end;
        state = state.after(kind, &text[range]);
        if state == State::Start {
            scan.statements.push(place(start, end));
            statement = None;
        }
    }
    if let Some(start) = statement {
        scan.statements.push(place(start, end));
        if matches!(state, State::Trigger | State::TriggerSemicolon) && scan.unterminated.is_none()
        {
            let head = start.0..(start.0 + "CREATE".len()).min(end);
            scan.unterminated = Some((Unterminated::Trigger, head));
        }
    }
    scan
}

/// Whether a shell command such as `.read x` or `\i x` starts here, at the start of a line.
/// `.5` is a number.
fn is_shell_command(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let at_line_start = at == 0 || bytes.get(at - 1) == Some(&b'\n');
    at_line_start
        && match bytes.get(at) {
            Some(b'\\') => true,
            Some(b'.') => bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic),
            _ => false,
        }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Explain,
    Create,
    Other,
    Trigger,
    TriggerSemicolon,
    TriggerEnd,
}

impl State {
    fn after(self, kind: TokenKind, text: &str) -> State {
        let is = |word: &str| kind == TokenKind::Word && text.eq_ignore_ascii_case(word);
        match self {
            State::Trigger | State::TriggerSemicolon | State::TriggerEnd => {
                match (self, kind == TokenKind::Semicolon) {
                    (State::TriggerEnd, true) => State::Start,
                    (_, true) => State::TriggerSemicolon,
                    (State::TriggerSemicolon, _) if is("END") => State::TriggerEnd,
                    _ => State::Trigger,
                }
            }
            _ if kind == TokenKind::Semicolon => State::Start,
            State::Start if is("EXPLAIN") => State::Explain,
            State::Explain if is("QUERY") || is("PLAN") => State::Explain,
            State::Start | State::Explain if is("CREATE") => State::Create,
            State::Create if is("TEMP") || is("TEMPORARY") => State::Create,
            State::Create if is("TRIGGER") => State::Trigger,
            _ => State::Other,
        }
    }
}
