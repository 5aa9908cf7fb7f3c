use super::token::{Token, TokenKind, Tokens};
use crate::Statement;
use crate::directive::Directive;
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
    /// Lines that start with `.` or `\` where a statement should: commands of
    /// a database shell. The range is the whole line.
    pub shell_commands: Vec<Range<usize>>,
    /// What the end of the text cuts off, with the place at which it starts.
    pub unterminated: Option<(Unterminated, Range<usize>)>,
}

/// What the end of a script can cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unterminated {
    /// `'…`, `"…`, `` `… `` or `[…`.
    Quote,
    /// `/* …`.
    Comment,
    /// `CREATE TRIGGER … BEGIN …` without the closing `END`.
    Trigger,
}

/// Splits a script into statements as SQLite does.
///
/// A semicolon ends a statement, but not inside a trigger body: that one is
/// ended by `; END ;` only, so that the `END` of a `CASE` does not. The states
/// are those of `sqlite3_complete`: <https://sqlite.org/c3ref/complete.html>.
/// The time taken is linear in the length of the text.
///
/// ```
/// let scan = migrate_core::sqlite::scan("-- one\nSELECT ';';\n\nSELECT 2");
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
                let comment = &text[range.clone()];
                if directive(comment).is_some() || resembles_directive(comment) {
                    scan.directives.push(range);
                } else if statement.is_none() && is_foreign_down(comment) {
                    scan.foreign_downs.push(range);
                }
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
                let line = shell_line(text, range.start);
                tokens = Tokens::starting_at(text, line.end);
                scan.shell_commands.push(line);
                continue;
            }
            _ => {}
        }
        if kind == TokenKind::Semicolon && statement.is_none() {
            // An empty statement; SQLite passes over it too.
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

impl Scan {
    /// The well-formed directives of the text that was scanned, with their
    /// places.
    pub fn directives_in(&self, text: &str) -> impl Iterator<Item = (Directive, Range<usize>)> {
        self.directives.iter().filter_map(move |range| {
            let words = directive(text.get(range.clone())?)?;
            let directive = crate::directive::parse(words).ok()?;
            Some((directive, range.clone()))
        })
    }

    /// Whether the text that was scanned is declared to run outside of a
    /// transaction.
    pub fn is_without_transaction(&self, text: &str) -> bool {
        self.directives_in(text)
            .any(|(directive, _)| directive == Directive::NoTransaction)
    }
}

/// The words of a `-- migrate: …` comment, or `None` for another comment.
pub fn directive(comment: &str) -> Option<&str> {
    let text = comment.strip_prefix("--")?.trim_start();
    text.strip_prefix("migrate:").map(str::trim)
}

/// `-- Migrate:down`, `-- migrate : empty "x"` and `-- migrate irreversible "x"`
/// are no directives, but are meant to be.
fn resembles_directive(comment: &str) -> bool {
    const WORD: &str = "migrate";
    let Some(text) = comment.strip_prefix("--") else {
        return false;
    };
    let text = text.trim_start();
    let is_word = |word: &str| word.eq_ignore_ascii_case(WORD);
    if !text.get(..WORD.len()).is_some_and(is_word) {
        return false;
    }
    let rest = &text[WORD.len()..];
    let words = rest.trim_start();
    if words.starts_with(':') {
        return true;
    }
    let (word, behind) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let has_reason = behind.contains('"');
    words.len() < rest.len()
        && match word {
            "no-transaction" => behind.is_empty(),
            "irreversible" | "empty" | "allow" | "adopted" => has_reason,
            _ => false,
        }
}

/// `-- +goose Down`, `-- +migrate Down`, `-- Down Migration`, `-- Down`, and
/// `-- Migrate:down` or `/* migrate:down */`, which are no directives.
fn is_foreign_down(comment: &str) -> bool {
    const LONGEST: usize = 64;
    if comment.len() > LONGEST {
        return false;
    }
    let comment = comment.to_ascii_lowercase();
    let words: Vec<&str> = comment
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    matches!(
        words[..],
        ["down" | "downs"]
            | ["down", "migration"]
            | [
                "goose" | "migrate" | "micrate" | "migration" | "migrations" | "dbmate" | "rambler",
                "down"
            ]
    )
}

fn place((start, line): (usize, u32), end: usize) -> Statement {
    // The directory reader refuses files of 4 GiB and more.
    Statement {
        start: u32::try_from(start).unwrap_or(u32::MAX),
        end: u32::try_from(end).unwrap_or(u32::MAX),
        line,
    }
}

/// `.read x` and `\i x` at the start of a line; `.5` is a number.
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

fn shell_line(text: &str, at: usize) -> Range<usize> {
    let end = text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline);
    at..end
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

/// Counts lines on the way, so that a script is not counted from its start for
/// each of its statements.
struct LineCounter<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> LineCounter<'a> {
    fn new(text: &'a str) -> LineCounter<'a> {
        LineCounter {
            bytes: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    fn line_at(&mut self, offset: usize) -> u32 {
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
