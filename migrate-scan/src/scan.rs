//! The result of scanning a script, and helpers that both engines use.

use crate::comment::{directive, is_foreign_down, resembles_directive};
use std::ops::Range;

/// The result of scanning a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Each statement, from its first token to its semicolon; the last one may lack the
    /// semicolon. Comments between statements belong to no statement.
    pub statements: Vec<Statement>,
    /// Line comments that start with `migrate:`, such as `-- migrate: empty`, and those
    /// that look like a misspelled one.
    pub directives: Vec<Range<usize>>,
    /// Comments between statements that start a down in another tool's syntax, or in a
    /// misspelled form of ours.
    pub foreign_downs: Vec<Range<usize>>,
    /// Bind parameters, which a migration cannot have.
    pub parameters: Vec<Range<usize>>,
    /// Commands of a database shell, up to the end of the line. For SQLite, these start with
    /// `.` or `\` where a statement should start; for PostgreSQL, with `\` anywhere outside
    /// quotes.
    pub shell_commands: Vec<Range<usize>>,
    /// The rows after `COPY … FROM STDIN`, which psql reads, including the `\.` line that
    /// ends them. Always empty for SQLite.
    pub copied_rows: Vec<Range<usize>>,
    /// The construct that is still open at the end of the text, and the range where it
    /// starts.
    pub unterminated: Option<(Unterminated, Range<usize>)>,
}

/// The position of one statement in its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Offset of its first byte.
    pub start: u32,
    /// Offset after its last byte; the semicolon is included.
    pub end: u32,
    /// Line of the file on which it starts, from 1.
    pub line: u32,
}

/// A construct that is not terminated at the end of a script.
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
    /// `( …`, inside which a semicolon does not end a PostgreSQL statement.
    Parenthesis,
}

impl Scan {
    /// Records a comment if it is a directive or looks like one. `is_between` says whether
    /// the comment is between statements.
    pub(crate) fn note_comment(&mut self, comment: &str, range: Range<usize>, is_between: bool) {
        if directive(comment).is_some() || resembles_directive(comment) {
            self.directives.push(range);
        } else if is_between && is_foreign_down(comment) {
            self.foreign_downs.push(range);
        }
    }

    /// Whether the scanned text has the directive `no-transaction`.
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
    // The directory reader rejects files of 4 GiB and more.
    Statement {
        start: u32::try_from(start).unwrap_or(u32::MAX),
        end: u32::try_from(end).unwrap_or(u32::MAX),
        line,
    }
}

/// The range from `at` to the end of its line.
pub(crate) fn rest_of_line(text: &str, at: usize) -> Range<usize> {
    let end = text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline);
    at..end
}

/// Counts lines incrementally. Counting from the start of the script for each statement would
/// take quadratic time.
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
