//! What a pass over a script finds, whatever the engine.

use crate::comment::{directive, is_foreign_down, resembles_directive};
use std::ops::Range;

/// What one pass over a script finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Each statement, from its first token to its semicolon; the last one may
    /// have none. Comments between statements belong to none.
    pub statements: Vec<Statement>,
    /// Line comments that start with `migrate:`, as `-- migrate: empty`, and
    /// those that seem to be meant so.
    pub directives: Vec<Range<usize>>,
    /// Comments between statements with which another tool, or a slip of the
    /// pen, begins a down.
    pub foreign_downs: Vec<Range<usize>>,
    /// Bind parameters, which a migration cannot have.
    pub parameters: Vec<Range<usize>>,
    /// Commands of a database shell, up to the end of the line: what starts with
    /// `.` or `\` where a statement should, for PostgreSQL what starts with `\`
    /// anywhere outside of quotes.
    pub shell_commands: Vec<Range<usize>>,
    /// The rows behind `COPY … FROM STDIN`, which psql reads, up to the line `\.`
    /// that ends them. There are none for SQLite.
    pub copied_rows: Vec<Range<usize>>,
    /// What the end of the text cuts off, with the place at which it starts.
    pub unterminated: Option<(Unterminated, Range<usize>)>,
}

/// The place of one statement in its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Offset of its first byte.
    pub start: u32,
    /// Offset after its last byte; the semicolon is inside.
    pub end: u32,
    /// Line of the file on which it starts, from 1.
    pub line: u32,
}

/// What the end of a script can cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unterminated {
    /// `'…`, `"…`, `` `… `` or `[…`.
    Quote,
    /// `/* …`.
    Comment,
    /// `CREATE TRIGGER … BEGIN …` without the closing `END`.
    Trigger,
    /// `$tag$ …` without the second `$tag$`.
    DollarQuote,
    /// `BEGIN ATOMIC …` without the closing `END`.
    Routine,
    /// `( …`, in which a semicolon ends no statement of PostgreSQL.
    Parenthesis,
}

impl Scan {
    /// Notes a comment if it says something; `is_between` is whether it stands
    /// between statements.
    pub(crate) fn note_comment(&mut self, comment: &str, range: Range<usize>, is_between: bool) {
        if directive(comment).is_some() || resembles_directive(comment) {
            self.directives.push(range);
        } else if is_between && is_foreign_down(comment) {
            self.foreign_downs.push(range);
        }
    }

    /// Whether the text that was scanned is declared to run outside of a
    /// transaction.
    pub fn is_without_transaction(&self, text: &str) -> bool {
        let comments = self
            .directives
            .iter()
            .filter_map(|range| text.get(range.clone()));
        comments
            .filter_map(directive)
            .any(|words| words == "no-transaction")
    }
}

pub(crate) fn place((start, line): (usize, u32), end: usize) -> Statement {
    // The directory reader refuses files of 4 GiB and more.
    Statement {
        start: u32::try_from(start).unwrap_or(u32::MAX),
        end: u32::try_from(end).unwrap_or(u32::MAX),
        line,
    }
}

/// From a place to the end of its line.
pub(crate) fn rest_of_line(text: &str, at: usize) -> Range<usize> {
    let end = text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline);
    at..end
}

/// Counts lines on the way, so that a script is not counted from its start for
/// each of its statements.
pub(crate) struct LineCounter<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> LineCounter<'a> {
    pub(crate) fn new(text: &'a str) -> LineCounter<'a> {
        LineCounter {
            bytes: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    pub(crate) fn line_at(&mut self, offset: usize) -> u32 {
        let newlines = self.bytes[self.at..offset]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count();
        self.at = offset;
        self.line = self
            .line
            .saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
        self.line
    }
}
