//! Syntax errors of PostgreSQL's statements.
//!
//! The parser knows the newest PostgreSQL. It accepts a few things that the server refuses, and
//! refuses some that the server accepts. The latter must not be refused here, so statements that
//! are known to be affected are left to the server.

use super::parse::guarded;
use crate::syntax_problem::{INCOMPLETE, InsertBudget, near};
use migrate_source::SyntaxProblem;
use squawk_syntax::syntax_error::SyntaxError;
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};
use std::ops::Range;

/// How many bytes of `INSERT` are parsed for a directory: an unoptimized parser reads less than
/// 1 MB per second.
const INSERT_BYTES: usize = 256 * 1024;

/// Looks for syntax errors in the statements of one directory. Only the beginning of large seed
/// data is parsed, so each directory needs its own.
///
/// ```
/// use migrate_prove::postgres::SyntaxChecker;
///
/// let problem = SyntaxChecker::default().check("CREATE TABEL a(x int)");
/// assert_eq!(problem.unwrap().message, "syntax error near `TABEL`");
/// ```
#[derive(Debug, Default)]
pub struct SyntaxChecker {
    inserts: InsertBudget<INSERT_BYTES>,
}

impl SyntaxChecker {
    /// The first syntax error of one statement.
    pub fn check(&self, statement: &str) -> Option<SyntaxProblem> {
        let words: Vec<&str> = words(statement).take(3).collect();
        if is_in_doubt(&words) {
            return None;
        }
        if words.first().is_some_and(|word| is(word, "INSERT")) {
            self.inserts.spend(statement)?;
        }
        guarded(statement, || {
            let parsed = SourceFile::parse(statement);
            let errors = parsed.errors();
            problem(statement, &parsed.syntax_node(), &errors)
        })?
    }
}

/// Whether the parser may refuse a statement of this kind that PostgreSQL accepts.
fn is_in_doubt(words: &[&str]) -> bool {
    let [first, second, third, ..] = words else {
        return false;
    };
    let verb = ["CREATE", "ALTER", "DROP"].iter().any(|it| is(first, it));
    verb && (is(second, "EVENT") && is(third, "TRIGGER")
        || is(second, "USER") && is(third, "MAPPING")
        || is(second, "STATISTICS")
        || is(second, "LANGUAGE")
        || is(third, "LANGUAGE"))
        || is(first, "SET") && (is(second, "ROLE") || is(third, "ROLE"))
}

/// The words of a statement that are not in comments.
fn words(statement: &str) -> impl Iterator<Item = &str> {
    let mut rest = statement;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|it: char| it.is_whitespace() || it == ';');
            if let Some(comment) = rest.strip_prefix("--") {
                rest = comment.split_once('\n').map_or("", |(_, after)| after);
            } else if rest.starts_with("/*") {
                rest = rest.get(comment_length(rest)..).unwrap_or_default();
            } else {
                let end = rest.find(|it: char| !it.is_alphanumeric() && it != '_');
                let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
                rest = after;
                return (!word.is_empty()).then_some(word);
            }
        }
    })
}

/// The length of the comment at the start of a text. Block comments nest.
fn comment_length(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(pair) = text.as_bytes().get(at..at + 2) {
        match pair {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn is(word: &str, keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword)
}

fn problem(statement: &str, root: &SyntaxNode, errors: &[SyntaxError]) -> Option<SyntaxProblem> {
    let tokens = code(root);
    let [error, others @ ..] = errors else {
        return None;
    };
    let start = usize::from(error.range().start());
    let next = tokens.iter().position(|range| range.end > start);
    let mut wrong = next.and_then(|at| tokens.get(at).cloned());
    let is_no_command = |error: &SyntaxError| error.message().starts_with("expected command");
    if is_no_command(error) && others.first().is_some_and(is_no_command) && next == Some(0) {
        // `CREATE TABEL`: the second word is wrong.
        let begins = statement.get(tokens.first()?.clone()).unwrap_or_default();
        if COMMANDS.iter().any(|it| is(begins, it)) {
            wrong = tokens.get(1).cloned();
        }
    }
    let message = error.message();
    let is_plain = ["expected", "unexpected", "missing"]
        .iter()
        .any(|it| message.to_ascii_lowercase().starts_with(it));
    // The body of a function is one token, and an error in it lies within.
    let is_within = |range: &Range<usize>| range.start < start;
    let (message, range) = match wrong {
        _ if !is_plain => {
            let reported = start..usize::from(error.range().end());
            let range = if reported.is_empty() {
                wrong?
            } else {
                reported
            };
            (lower(message), range)
        }
        Some(range) if is_within(&range) => near(statement, word_at(statement, start, range.end)),
        Some(range) if statement.get(range.clone()) != Some(";") => near(statement, range),
        _ => {
            let last = tokens
                .iter()
                .rfind(|range| statement.get((*range).clone()) != Some(";"));
            (INCOMPLETE.to_owned(), last.cloned().unwrap_or(0..0))
        }
    };
    Some(SyntaxProblem {
        offset: range.start,
        length: range.len(),
        message,
    })
}

/// Words that start more than one kind of statement.
const COMMANDS: [&str; 8] = [
    "ALTER", "COMMENT", "CREATE", "DROP", "GRANT", "REVOKE", "SECURITY", "SET",
];

/// The ranges of all tokens except white space and comments.
fn code(root: &SyntaxNode) -> Vec<Range<usize>> {
    let tokens = root
        .descendants_with_tokens()
        .filter_map(|element| element.into_token());
    tokens
        .filter(|token| !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
        .map(|token| token.text_range().into())
        .collect()
}

/// The word at an offset, or after the white space there.
fn word_at(statement: &str, start: usize, end: usize) -> Range<usize> {
    let text = statement.get(start..end).unwrap_or_default();
    let start = start + (text.len() - text.trim_start().len());
    let text = text.trim_start();
    let length = text.find(|it: char| !it.is_alphanumeric() && it != '_');
    let first = text.chars().next().map_or(0, char::len_utf8);
    start..start + length.unwrap_or(text.len()).max(first)
}

/// The message in lower case and without the final stop.
fn lower(message: &str) -> String {
    let message = message.trim_end_matches('.');
    let mut rest = message.chars();
    let first = rest.next();
    if rest.clone().next().is_some_and(char::is_uppercase) {
        return message.to_owned();
    }
    first
        .into_iter()
        .flat_map(char::to_lowercase)
        .chain(rest)
        .collect()
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
        let mut found = String::new();
        for statement in [
            "CREATE\n  TABEL x(ä int);",
            "/* CREATE */ SELEC 1",
            "SELECT 'ä',\n 'ö', , 1;",
            "SELECT (1;",
            "CREATE INDEX ON t",
            "SELECT 1a;",
            "CREATE TABLE t(a int,);",
            "CREATE TABLE t(a text NOT NUL);",
            "CREATE TABLE t(id int PRIMARY KEY AUTOINCREMENT);",
            "CREATE TABLE t(a int) ENGINE=InnoDB;",
            "INSERT OR REPLACE INTO t VALUES (1);",
            "UPDATE t SET a = 1 WERE b = 2;",
            "ALTER TABLE t ALTER COLUMN a TYP int;",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELEC 1 $$;",
            "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1' RETURN 1;",
        ] {
            found += &format!("{statement}\n    {}\n", check(statement));
        }
        insta::assert_snapshot!(found, @"
        CREATE
          TABEL x(ä int);
            syntax error near `TABEL` | TABEL
        /* CREATE */ SELEC 1
            syntax error near `SELEC` | SELEC
        SELECT 'ä',
         'ö', , 1;
            syntax error near `,` | ,
        SELECT (1;
            syntax error: the statement ends too early | 1
        CREATE INDEX ON t
            syntax error: the statement ends too early | t
        SELECT 1a;
            trailing junk after numeric literal | a
        CREATE TABLE t(a int,);
            syntax error near `,` | ,
        CREATE TABLE t(a text NOT NUL);
            syntax error near `NUL` | NUL
        CREATE TABLE t(id int PRIMARY KEY AUTOINCREMENT);
            syntax error near `AUTOINCREMENT` | AUTOINCREMENT
        CREATE TABLE t(a int) ENGINE=InnoDB;
            syntax error near `ENGINE` | ENGINE
        INSERT OR REPLACE INTO t VALUES (1);
            syntax error near `OR` | OR
        UPDATE t SET a = 1 WERE b = 2;
            syntax error near `WERE` | WERE
        ALTER TABLE t ALTER COLUMN a TYP int;
            syntax error near `TYP` | TYP
        CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELEC 1 $$;
            syntax error near `SELEC` | SELEC
        CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;
            syntax error near `BEGIN` | BEGIN
        CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1' RETURN 1;
            duplicate function body | RETURN 1
        ");
    }

    #[test]
    fn what_the_parser_does_not_know_is_left_to_the_server() {
        for statement in [
            "DROP EVENT TRIGGER a, b;",
            "CREATE TRUSTED LANGUAGE l HANDLER h;",
            "ALTER USER MAPPING FOR USER SERVER s OPTIONS (SET a 'b');",
            "-- a\nALTER /* b /* c */ */ STATISTICS IF EXISTS s SET STATISTICS 0;",
            "SET ROLE TO DEFAULT;",
            "SET LOCAL ROLE TO DEFAULT;",
        ] {
            assert!(!SourceFile::parse(statement).errors().is_empty());
            assert_eq!(check(statement), "fine", "{statement}");
        }
    }

    #[test]
    fn of_large_seed_data_only_the_start_is_parsed() {
        let checker = SyntaxChecker::default();
        let wrong = "INSERT INTO t VALUES 1;";
        assert!(checker.check(wrong).is_some());
        let large = format!("INSERT INTO t VALUES '{}';", "x".repeat(INSERT_BYTES / 2));
        assert!(checker.check(&large).is_some());
        assert!(checker.check(&large).is_none());
        assert!(checker.check(wrong).is_some());
        assert!(checker.check("CREATE TABEL x(a);").is_some());
    }
}
