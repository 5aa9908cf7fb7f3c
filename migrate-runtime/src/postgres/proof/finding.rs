//! The findings of one migration, with their places.

use crate::error::with_causes;
use crate::{Direction, Error, Migration, Script};
use migrate_scan::postgres::{Tokens, scan};
use migrate_scan::sqlite::quote;
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_source::lint::{Allowances, or_allow};
use std::ops::Range;

/// The findings of one migration, except those that it allows.
pub(super) struct Findings {
    migration: &'static Migration,
    pub(super) found: Vec<Diagnostic>,
}

pub(super) struct Finding {
    pub(super) code: Code,
    pub(super) direction: Direction,
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: &'static str,
    pub(super) notes: Vec<String>,
}

impl Findings {
    pub(super) fn of(migration: &'static Migration) -> Findings {
        Findings {
            migration,
            found: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, finding: Finding) {
        let Some(script) = script(self.migration, finding.direction) else {
            return;
        };
        let (code, range, message) = (finding.code, finding.range, finding.message);
        if self.allows(&script, code, range.start) {
            return;
        }
        let help = or_allow(code, finding.help);
        let path = script.path();
        let mut diagnostic = if script.is_rust() {
            Diagnostic::of_path(code, path, message, help)
        } else {
            let text = (script.sql(), script.first_line());
            Diagnostic::in_part(code, path, text, range, message, help)
        };
        diagnostic.notes = finding.notes;
        // A statement may fail again with fewer rows.
        let is_same = |it: &Diagnostic| {
            it.code == code && it.path == path && it.excerpt == diagnostic.excerpt
        };
        if script.is_rust() || !self.found.iter().any(is_same) {
            self.found.push(diagnostic);
        }
    }

    /// The head of an up can also allow a finding of its down.
    pub(super) fn allows(&self, script: &Script, code: Code, at: usize) -> bool {
        if code.rule().is_none() || script.is_rust() {
            return false;
        }
        let allowed = |script: &Script| Allowances::of(script.sql(), &scan(script.sql()));
        let up = &self.migration.up;
        allowed(script).has(code, at) || !up.is_rust() && allowed(up).has_everywhere(code)
    }
}

pub(super) fn script(migration: &Migration, direction: Direction) -> Option<Script> {
    match direction {
        Direction::Up => Some(migration.up),
        Direction::Down => migration.down,
    }
}

/// Why a script failed, in words, with the place and the server's detail and hint.
pub(super) struct Failure {
    pub(super) message: String,
    pub(super) range: Range<usize>,
    pub(super) notes: Vec<String>,
}

impl Failure {
    pub(super) fn of(error: &Error, script: &Script) -> Failure {
        let location = error.location();
        let at = location.and_then(|it| {
            let line = it.line.checked_sub(script.first_line() as usize)?;
            offset(script.sql(), line, it.column.checked_sub(1)?)
        });
        let named = || in_statement(script, at?, error);
        let range = match at {
            Some(at) => named().unwrap_or_else(|| word_at(script.sql(), at)),
            None => beginning(script),
        };
        match error.postgres().and_then(|cause| cause.as_db_error()) {
            Some(cause) => Failure {
                message: format!("{} ({})", cause.message(), cause.code().code()),
                range,
                notes: [("detail", cause.detail()), ("hint", cause.hint())]
                    .into_iter()
                    .filter_map(|(what, text)| Some(format!("{what}: {}", text?)))
                    .collect(),
            },
            None => Failure {
                message: with_causes(error),
                range,
                notes: Vec::new(),
            },
        }
    }
}

/// The place of an error that the server found while it checked rows: for these it
/// gives only the name of a column or constraint.
fn in_statement(script: &Script, at: usize, error: &Error) -> Option<Range<usize>> {
    let cause = error.postgres()?.as_db_error()?;
    let mut statements = script.statements();
    let statement = statements.find(|it| it.start as usize == at)?;
    let text = script.text(statement);
    let mut names = [cause.column(), cause.constraint()].into_iter().flatten();
    let range = names.find_map(|name| last_named(text, name))?;
    Some(at + range.start..at + range.end)
}

fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let start = match line.checked_sub(1) {
        None => 0,
        Some(before) => text.match_indices('\n').nth(before)?.0 + 1,
    };
    let mut places = text.get(start..)?.char_indices().map(|(at, _)| at);
    Some(start + places.nth(column)?)
}

/// The token at a place.
fn word_at(text: &str, at: usize) -> Range<usize> {
    let token = text.get(at..).and_then(|rest| Tokens::new(rest).next());
    let length = token.map_or(0, |token| token.range.end);
    at..at + length
}

/// The first word of the first statement.
pub(super) fn beginning(script: &Script) -> Range<usize> {
    let first = script.statements().next();
    word_at(script.sql(), first.map_or(0, |it| it.start as usize))
}

/// The last place where a script names something; a qualified name by its last part.
pub(super) fn naming(script: &Script, name: &str) -> Option<Range<usize>> {
    let name = name.split('(').next().unwrap_or(name);
    let mut parts = name.rsplit('.');
    parts.find_map(|part| last_named(script.sql(), part))
}

pub(super) fn last_named(text: &str, name: &str) -> Option<Range<usize>> {
    let tokens = Tokens::new(text).filter(|token| !token.kind.is_blank());
    let named = tokens.filter(|token| {
        let written = &text[token.range.clone()];
        written.eq_ignore_ascii_case(name) || written == quote(name)
    });
    named.last().map(|token| token.range)
}

/// The words of a statement, without white space, comments and the quotes of names.
pub(super) fn words(statement: &str) -> Vec<String> {
    let tokens = Tokens::new(statement).filter(|token| !token.kind.is_blank());
    let written = tokens.map(|token| &statement[token.range]);
    written
        .map(|written| match written.strip_prefix('"') {
            Some(name) => name.trim_end_matches('"').replace("\"\"", "\""),
            None => written.to_owned(),
        })
        .collect()
}

/// Whether the first word of a statement is one of these.
pub(super) fn starts_with(statement: &str, verbs: &[&str]) -> bool {
    let mut tokens = Tokens::new(statement).filter(|token| !token.kind.is_blank());
    let first = tokens.next().map(|token| &statement[token.range]);
    first.is_some_and(|first| verbs.iter().any(|verb| verb.eq_ignore_ascii_case(first)))
}
