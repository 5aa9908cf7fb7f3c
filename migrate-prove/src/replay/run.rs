//! Running one script, as the runtime does: each statement to its end.

use crate::replay::memory::Memory;
use crate::replay::subject::Part;
use crate::{Options, Subject};
use migrate_model::history::Direction;
use migrate_scan::TokenKind;
use migrate_scan::sqlite::{Head, Tokens, name_of};
use migrate_sqlite::settings::SavedSettings;
use rusqlite::ErrorCode;
use std::ops::Range;

/// Why a script did not run to its end.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// The statement, by its index.
    pub(crate) statement: usize,
    /// The place in the text of the script.
    pub(crate) range: Range<usize>,
    /// What SQLite, the authorizer or a function said.
    pub(crate) message: String,
    pub(crate) kind: FailureKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// SQLite refuses the statement.
    Sql,
    /// The statement violates a constraint.
    Constraint,
    /// A conflict clause ended the transaction.
    Ended,
    /// The budget is spent.
    TooLong,
    /// A function in Rust failed.
    Function,
}

/// Which script of a migration.
#[derive(Clone, Copy)]
pub(crate) struct Task<'s, 'a> {
    pub(crate) subject: &'s Subject<'a>,
    pub(crate) part: &'s Part<'a>,
    pub(crate) direction: Direction,
}

impl<'s, 'a> Task<'s, 'a> {
    pub(crate) fn up(subject: &'s Subject<'a>) -> Task<'s, 'a> {
        Task {
            subject,
            part: &subject.up,
            direction: Direction::Up,
        }
    }

    pub(crate) fn down(subject: &'s Subject<'a>) -> Option<Task<'s, 'a>> {
        let part = subject.down.as_ref()?;
        Some(Task {
            subject,
            part,
            direction: Direction::Down,
        })
    }
}

/// Runs a script; `after` is told of each statement that has run. A script that
/// fails is rolled back.
pub(crate) fn run(
    memory: &Memory,
    task: Task<'_, '_>,
    options: &Options<'_>,
    after: &mut dyn FnMut(usize) -> rusqlite::Result<()>,
) -> rusqlite::Result<Result<(), Failure>> {
    memory.start_anew();
    let mut heads = task.part.words().iter().filter_map(|words| words.first());
    let may_set = task.part.is_rust || heads.any(|head| head == "pragma");
    let saved = may_set
        .then(|| SavedSettings::read(&memory.conn))
        .transpose()?;
    let result = match task.part.is_rust {
        true => function(memory, task, options),
        false => script(memory, task.part, after),
    };
    // The next migration finds what it would find in a run of its own.
    memory.start_anew();
    if let Some(saved) = saved {
        saved.restore(&memory.conn, |_| false)?;
    }
    result
}

fn script(
    memory: &Memory,
    part: &Part<'_>,
    after: &mut dyn FnMut(usize) -> rusqlite::Result<()>,
) -> rusqlite::Result<Result<(), Failure>> {
    if part.in_transaction {
        memory.conn.execute_batch("BEGIN IMMEDIATE")?;
    }
    let result = statements(memory, part, after)?;
    if part.in_transaction && !memory.conn.is_autocommit() {
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        memory.conn.execute_batch(end)?;
    }
    Ok(result)
}

fn statements(
    memory: &Memory,
    part: &Part<'_>,
    after: &mut dyn FnMut(usize) -> rusqlite::Result<()>,
) -> rusqlite::Result<Result<(), Failure>> {
    for index in 0..part.statements.len() {
        let text = part.statement(index);
        // In memory there is nothing to compact, and SQLite would attach a
        // file for it.
        if !part.in_transaction && Head::of(text).word(0) == "VACUUM" {
            continue;
        }
        let result = memory.as_script(part.in_transaction, || to_completion(memory, text));
        if let Err(error) = result {
            return Ok(Err(failure(memory, part, index, error)));
        }
        if part.in_transaction && memory.conn.is_autocommit() {
            return Ok(Err(Failure {
                statement: index,
                range: part.range(index),
                message: "this statement ended the transaction of the migration".to_owned(),
                kind: FailureKind::Ended,
            }));
        }
        after(index)?;
    }
    Ok(Ok(()))
}

fn to_completion(memory: &Memory, sql: &str) -> rusqlite::Result<()> {
    let mut statement = memory.conn.prepare(sql)?;
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(())
}

fn function(
    memory: &Memory,
    task: Task<'_, '_>,
    options: &Options<'_>,
) -> rusqlite::Result<Result<(), Failure>> {
    let Some(call) = options.rust else {
        // Who has no functions stops before the first migration in Rust.
        return Ok(Ok(()));
    };
    let tx = memory.conn.unchecked_transaction()?;
    let called = memory.as_script(true, || call(task.subject.version, task.direction, &tx));
    match called {
        Ok(()) => tx.commit().map(Ok),
        Err(message) => {
            drop(tx);
            Ok(Err(Failure {
                statement: 0,
                range: 0..0,
                message: memory.take_refusal().unwrap_or(message),
                kind: FailureKind::Function,
            }))
        }
    }
}

/// The error of a statement, with the best place that it gives.
fn failure(memory: &Memory, part: &Part<'_>, index: usize, error: rusqlite::Error) -> Failure {
    let whole = part.range(index);
    let code = error.sqlite_error_code();
    let (message, at) = match error {
        rusqlite::Error::SqlInputError { msg, offset, .. } => (msg, usize::try_from(offset).ok()),
        rusqlite::Error::SqliteFailure(error, message) => {
            (message.unwrap_or_else(|| error.to_string()), None)
        }
        other => (other.to_string(), None),
    };
    let (kind, message) = match code {
        Some(ErrorCode::AuthorizationForStatementDenied) => {
            (FailureKind::Sql, memory.take_refusal().unwrap_or(message))
        }
        Some(ErrorCode::ConstraintViolation) => (FailureKind::Constraint, message),
        Some(ErrorCode::OperationInterrupted) => (FailureKind::TooLong, message),
        _ => (FailureKind::Sql, message),
    };
    // An interrupt ends the transaction too.
    let has_ended = part.in_transaction && memory.conn.is_autocommit();
    let kind = match kind {
        FailureKind::TooLong => kind,
        _ if has_ended => FailureKind::Ended,
        _ => kind,
    };
    let text = part.statement(index);
    let at = at.filter(|at| *at > 0).or_else(|| named(text, &message));
    let range = match at {
        Some(at) => word_at(text, at),
        None => first_word(text),
    };
    Failure {
        statement: index,
        range: whole.start + range.start..whole.start + range.end,
        message,
        kind,
    }
}

/// Where the statement has the name that ends a message such as
/// `no such table: main.usres`.
fn named(text: &str, message: &str) -> Option<usize> {
    let (_, name) = message.rsplit_once(": ")?;
    let name = name.rsplit('.').next()?;
    let mut tokens = Tokens::new(text).filter(|token| !token.kind.is_blank());
    tokens
        .find(|token| name_of(&text[token.range.clone()]).eq_ignore_ascii_case(name))
        .map(|token| token.range.start)
}

fn word_at(text: &str, at: usize) -> Range<usize> {
    let token = Tokens::new(text).find(|token| token.range.contains(&at));
    token.map_or_else(|| first_word(text), |token| token.range)
}

/// The first word, which is where a statement begins.
pub(crate) fn first_word(text: &str) -> Range<usize> {
    let token = Tokens::new(text).find(|token| token.kind == TokenKind::Word);
    token.map_or(0..0, |token| token.range)
}
