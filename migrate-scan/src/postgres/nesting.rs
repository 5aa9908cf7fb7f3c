//! Nesting in a PostgreSQL statement: parentheses and routine bodies.

use crate::{Token, TokenKind, Unterminated};
use std::ops::Range;

/// The scanner's position in a statement: a semicolon inside parentheses or a routine
/// body does not end it.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    /// The offset of each open parenthesis, and whether it is an argument list such as
    /// `json_object(key: value)`, where a colon is SQL.
    parentheses: Vec<(usize, bool)>,
    brackets: usize,
    /// The offset of each `BEGIN ATOMIC` that has no `END` yet.
    bodies: Vec<usize>,
    head: Head,
    previous: Previous,
    is_copy: bool,
}

/// The kind of the statement, as far as its first words show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Head {
    #[default]
    Start,
    Create,
    CreateOr,
    CreateOrReplace,
    Routine,
    Prepare,
    Copy,
    Other,
}

/// The previous token, as far as it matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Previous {
    #[default]
    Other,
    /// `BEGIN`, with its offset.
    Begin(usize),
    /// `ATOMIC`, or the semicolon of a statement in the body. An `END` directly after
    /// one of these closes the body; any other `END` belongs to a `CASE` or is a name.
    BodyStatement,
    From,
    JsonObject,
}

impl Nesting {
    /// Processes a token that is neither blank nor unterminated. Returns whether it ends
    /// the statement.
    pub(super) fn take(&mut self, token: &Token, text: &str) -> bool {
        let previous = std::mem::take(&mut self.previous);
        let text = &text[token.range.clone()];
        let at = token.range.start;
        match (token.kind, text) {
            (TokenKind::Semicolon, _) => return self.semicolon(),
            (TokenKind::Other, "(") => {
                self.parentheses
                    .push((at, previous == Previous::JsonObject));
            }
            (TokenKind::Other, ")") => drop(self.parentheses.pop()),
            (TokenKind::Other, "[") => self.brackets += 1,
            (TokenKind::Other, "]") => self.brackets = self.brackets.saturating_sub(1),
            (TokenKind::Word, _) => {
                self.word(text, at, previous);
                return false;
            }
            _ => {}
        }
        self.head = self.head.after("");
        false
    }

    fn semicolon(&mut self) -> bool {
        if !self.parentheses.is_empty() {
            return false;
        }
        self.brackets = 0;
        self.head = Head::Start;
        self.previous = Previous::BodyStatement;
        self.bodies.is_empty()
    }

    fn word(&mut self, word: &str, at: usize, previous: Previous) {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        let is_outside = self.parentheses.is_empty();
        match previous {
            Previous::BodyStatement if is("END") && !self.bodies.is_empty() => {
                self.bodies.pop();
                self.head = Head::Other;
                return;
            }
            Previous::Begin(begin) if is("ATOMIC") && is_outside && self.head == Head::Routine => {
                self.bodies.push(begin);
                self.head = Head::Start;
                self.previous = Previous::BodyStatement;
                return;
            }
            Previous::From if is_outside && (is("STDIN") || is("STDOUT")) => {
                self.is_copy |= self.head == Head::Copy;
            }
            _ => {}
        }
        self.head = self.head.after(word);
        self.previous = if is("BEGIN") {
            Previous::Begin(at)
        } else if is("FROM") {
            Previous::From
        } else if is("JSON_OBJECT") || is("JSON_OBJECTAGG") {
            Previous::JsonObject
        } else {
            Previous::Other
        };
    }

    /// Whether psql reads rows, which are not SQL, after the statement.
    pub(super) fn is_copy_from_client(&self) -> bool {
        self.is_copy
    }

    /// Whether `$1` is a parameter of a routine or of `PREPARE` here.
    pub(super) fn has_arguments(&self) -> bool {
        let is_outermost = matches!(self.head, Head::Routine | Head::Prepare);
        is_outermost || !self.bodies.is_empty()
    }

    /// Whether `:name` could be SQL here: in `a[1:n]` and `json_object(a:b)`.
    pub(super) fn may_have_colon(&self) -> bool {
        self.brackets > 0 || self.parentheses.last().is_some_and(|(_, is_json)| *is_json)
    }

    /// The construct that is still open at the end of the text.
    pub(super) fn unterminated(&self) -> Option<(Unterminated, Range<usize>)> {
        let parenthesis = self.parentheses.first().map(|(at, _)| *at);
        let body = self.bodies.first().copied();
        match (body, parenthesis) {
            (_, Some(at)) => Some((Unterminated::Parenthesis, at..at + 1)),
            (Some(at), None) => Some((Unterminated::Routine, at..at + "BEGIN".len())),
            (None, None) => None,
        }
    }
}

impl Head {
    fn after(self, word: &str) -> Head {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        match self {
            Head::Start if is("CREATE") => Head::Create,
            Head::Start if is("PREPARE") => Head::Prepare,
            Head::Start if is("COPY") => Head::Copy,
            Head::Create if is("OR") => Head::CreateOr,
            Head::CreateOr if is("REPLACE") => Head::CreateOrReplace,
            Head::Create | Head::CreateOrReplace if is("FUNCTION") || is("PROCEDURE") => {
                Head::Routine
            }
            Head::Routine | Head::Prepare | Head::Copy => self,
            _ => Head::Other,
        }
    }
}
