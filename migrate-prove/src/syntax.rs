//! Checks of SQLite's statements with the parser of the crate `sqlite3-parser`.
//!
//! The parser is a port of SQLite's own, but not always of its newest version, and it checks a
//! few things that SQLite does not. A statement that SQLite accepts must not be refused here, so
//! a check beyond the grammar counts only if SQLite makes it too.

use crate::syntax_problem::{self, INCOMPLETE, InsertBudget, short};
use bumpalo::Bump;
use fallible_iterator::FallibleIterator;
use migrate_scan::sqlite::{Tokens, unquoted};
use migrate_scan::{Token, TokenKind};
use migrate_source::SyntaxProblem;
use sqlite3_parser::lexer::sql::{Error, Parser, ParserError};
use std::cell::RefCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How many bytes of `INSERT` are parsed for a directory: an unoptimized parser reads about 4 MB
/// per second.
const INSERT_BYTES: usize = 1 << 20;

/// Looks for syntax errors in the statements of one directory. Only the beginning of large seed
/// data is parsed, so each directory needs its own.
///
/// ```
/// use migrate_prove::SyntaxChecker;
///
/// let problem = SyntaxChecker::default().check("CREATE TABEL a(x)");
/// assert_eq!(problem.unwrap().message, "syntax error near `TABEL`");
/// ```
#[derive(Debug, Default)]
pub struct SyntaxChecker {
    memory: RefCell<Bump>,
    inserts: InsertBudget<INSERT_BYTES>,
}

impl SyntaxChecker {
    /// The first syntax error of one statement.
    pub fn check(&self, statement: &str) -> Option<SyntaxProblem> {
        // SQLite treats it as white space, the parser does not.
        if statement.contains('\u{b}') {
            return None;
        }
        if is_insert(statement) {
            self.inserts.spend(statement)?;
        }
        let mut memory = self.memory.try_borrow_mut().ok()?;
        // A bug of the parser must not fail a build.
        let parsed = catch_unwind(AssertUnwindSafe(|| parse(&memory, statement)));
        memory.reset();
        problem(statement, parsed.ok()?.err()?)
    }
}

fn is_insert(statement: &str) -> bool {
    let word = statement
        .split(|character: char| !character.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    word.eq_ignore_ascii_case("INSERT") || word.eq_ignore_ascii_case("REPLACE")
}

fn parse(memory: &Bump, statement: &str) -> Result<(), Error> {
    let mut parser = Parser::new(memory, statement.as_bytes());
    while parser.next()?.is_some() {}
    Ok(())
}

fn problem(statement: &str, error: Error) -> Option<SyntaxProblem> {
    let (what, at) = match error {
        Error::ParserError(what, Some(at)) => (Some(what), at),
        Error::UnrecognizedToken(Some(at))
        | Error::BadVariableName(Some(at))
        | Error::BadNumber(Some(at))
        | Error::ExpectedEqualsSign(Some(at))
        | Error::MalformedBlobLiteral(Some(at))
        | Error::MalformedHexInteger(Some(at)) => (None, at),
        // The scanner reports unterminated quotes and comments.
        _ => return None,
    };
    let at = offset(statement, at.line, at.column);
    let (message, range) = match what {
        Some(ParserError::SyntaxError(_)) => near(statement, at),
        Some(ParserError::UnexpectedEof) => incomplete(statement),
        Some(ParserError::Custom(message)) => custom(statement, &message, at)?,
        None => {
            let range = word_or_blob(statement, at);
            let text = statement.get(range.clone()).unwrap_or_default();
            (format!("unrecognized token `{}`", short(text)), range)
        }
    };
    Some(SyntaxProblem {
        offset: range.start,
        length: range.len(),
        message,
    })
}

fn near(statement: &str, at: usize) -> (String, Range<usize>) {
    let range = token(statement, at);
    let text = statement.get(range.clone()).unwrap_or_default();
    let is_end = statement
        .get(range.end..)
        .is_none_or(|rest| rest.trim().is_empty());
    if text.is_empty() || (text == ";" && is_end) {
        return incomplete(statement);
    }
    syntax_problem::near(statement, range)
}

/// Marks the last token, because nothing follows it.
fn incomplete(statement: &str) -> (String, Range<usize>) {
    let tokens = Tokens::new(statement).filter(|token| is_code(token.kind));
    let last = tokens.last().map_or(0..0, |token| token.range);
    (INCOMPLETE.to_owned(), last)
}

/// A check beyond the grammar, if SQLite makes it too.
fn custom(statement: &str, message: &str, at: usize) -> Option<(String, Range<usize>)> {
    // The parser reports the error one token too late.
    let before = || code_before(statement, at).last();
    for known in [
        "duplicate column name: ",
        "unknown join type: ",
        "unknown table option: ",
    ] {
        if let Some(name) = message.strip_prefix(known) {
            let bare = unquoted(name).trim_end();
            let place = code_before(statement, at)
                .filter(|token| {
                    let text = statement.get(token.range.clone()).unwrap_or_default();
                    unquoted(text).eq_ignore_ascii_case(bare)
                })
                .last()
                .or_else(before)?;
            let known = known.trim_end_matches([':', ' ']);
            return Some((format!("{known} `{bare}`"), place.range));
        }
    }
    let is_known = [
        "a JOIN clause is required before ON",
        "a NATURAL join may not have an ON or USING clause",
        "cannot use RETURNING in a trigger",
        "the INDEXED BY clause is not allowed on",
        "the NOT INDEXED clause is not allowed on",
    ]
    .iter()
    .any(|known| message.starts_with(known));
    is_known.then(|| {
        (
            message.trim().to_owned(),
            before().map_or(at..at, |token| token.range),
        )
    })
}

fn code_before(statement: &str, at: usize) -> impl Iterator<Item = Token> {
    Tokens::new(statement)
        .take_while(move |token| token.range.start < at)
        .filter(|token| is_code(token.kind))
}

fn is_code(kind: TokenKind) -> bool {
    !kind.is_blank() && kind != TokenKind::Semicolon
}

/// The token at an offset, as the scanner sees it.
fn token(statement: &str, at: usize) -> Range<usize> {
    let rest = statement.get(at..).unwrap_or_default();
    let length = Tokens::new(rest)
        .next()
        .map_or(0, |token| token.range.len());
    at..at + length
}

/// The word at an offset. `x'0'` is one token for SQLite, and two for the scanner.
fn word_or_blob(statement: &str, at: usize) -> Range<usize> {
    let word = token(statement, at);
    match statement.get(word.clone()) {
        Some("x" | "X") => at..token(statement, word.end).end,
        _ => word,
    }
}

/// The offset of a line and a column, both counted from 1 by the parser.
fn offset(statement: &str, line: usize, column: usize) -> usize {
    let start = statement
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    (start + column.saturating_sub(1)).min(statement.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(statement: &str) -> String {
        match SyntaxChecker::default().check(statement) {
            Some(SyntaxProblem {
                offset,
                length,
                message,
            }) => format!("{message} | {}", &statement[offset..offset + length]),
            None => "fine".to_owned(),
        }
    }

    #[test]
    fn errors_name_and_mark_the_wrong_token() {
        assert_eq!(
            check("CREATE\n  TABEL x(ä);"),
            "syntax error near `TABEL` | TABEL"
        );
        assert_eq!(
            check("SELECT 'ä',\n 'ö', , 1;"),
            "syntax error near `,` | ,"
        );
        assert_eq!(
            check("SELECT (1;"),
            "syntax error: the statement ends too early | 1"
        );
        assert_eq!(
            check("DROP TABLE"),
            "syntax error: the statement ends too early | TABLE"
        );
        assert_eq!(check("SELECT x'0';"), "unrecognized token `x'0'` | x'0'");
        assert_eq!(check("SELECT 1a;"), "unrecognized token `1a` | 1a");
        assert_eq!(
            check("CREATE TABLE x(a, b, \"A\", c);"),
            "duplicate column name `A` | \"A\""
        );
        assert_eq!(
            check("CREATE TABLE x(a) STRIKT;"),
            "unknown table option `STRIKT` | STRIKT"
        );
        assert_eq!(
            check("SELECT * FROM a LEFT INNER JOIN b;"),
            "unknown join type `LEFT INNER` | JOIN"
        );
    }

    #[test]
    fn what_only_the_parser_refuses_is_accepted() {
        // SQLite 3.54 prepares all of these.
        for statement in [
            "INSERT INTO t(a, a) VALUES (1, 2);",
            "CREATE TRIGGER r AFTER UPDATE OF b, b ON t BEGIN SELECT 1; END;",
            "SELECT * FROM t JOIN u USING (a, a);",
            "SELECT \u{b}1;",
            "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) ON CONFLICT ABORT;",
            "ALTER TABLE t ADD CHECK (a > 0);",
            "ALTER TABLE t DROP CONSTRAINT k;",
            "ALTER TABLE t ALTER COLUMN a SET NOT NULL ON CONFLICT ABORT;",
            "ALTER TABLE t ALTER a DROP NOT NULL;",
        ] {
            assert_eq!(check(statement), "fine", "{statement}");
        }
    }

    #[test]
    fn deep_nesting_is_no_deep_recursion() {
        let deep = format!("SELECT {}1{};", "(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(check(&deep), "fine");
    }

    #[test]
    fn of_large_seed_data_only_the_start_is_parsed() {
        let checker = SyntaxChecker::default();
        let wrong = "INSERT INTO t VALUES 1;";
        assert!(checker.check(wrong).is_some());
        let large = format!("INSERT INTO t VALUES ('{}');", "x".repeat(INSERT_BYTES));
        assert!(checker.check(&large).is_none());
        assert!(checker.check(wrong).is_some());
        let half = format!("insert INTO t VALUES '{}';", "x".repeat(INSERT_BYTES / 2));
        assert!(checker.check(&half).is_some());
        assert!(checker.check(&half).is_none());
        assert!(checker.check("CREATE TABEL x(a);").is_some());
    }
}
