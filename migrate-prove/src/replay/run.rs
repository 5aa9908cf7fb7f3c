//! Running one script as the runtime does, each statement to its end.

use crate::replay::finding::{find_name, first_word};
use crate::replay::memory::Memory;
use crate::replay::subject::Part;
use crate::{Options, Subject};
use migrate_model::history::Direction;
use migrate_scan::sqlite::{Head, Tokens};
use migrate_sqlite::authorizer::Scope;
use migrate_sqlite::settings::SavedSettings;
use migrate_sqlite::statement::{self, StatementError};
use rusqlite::ErrorCode;
use std::ops::Range;

/// The reason why a script failed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// The statement, by its index.
    pub(crate) statement: usize,
    /// The place in the text of the script.
    pub(crate) range: Range<usize>,
    /// The message of SQLite, the authorizer or a function.
    pub(crate) message: String,
    pub(crate) kind: FailureKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// SQLite reports an error in the statement.
    Sql,
    /// A migration may not do this; holds the help.
    Refused(&'static str),
    /// The statement violates a constraint.
    Constraint,
    /// A conflict clause ended the transaction.
    Ended,
    /// The step budget is used up.
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

/// Runs a script, and calls `after` with the index of each completed statement. A script that fails
/// is rolled back.
pub(crate) fn run(
    memory: &Memory,
    task: Task<'_, '_>,
    options: &Options<'_>,
    after: &mut dyn FnMut(usize) -> rusqlite::Result<()>,
) -> rusqlite::Result<Result<(), Failure>> {
    memory.reset_budget();
    let mut heads = task.part.words().iter().filter_map(|words| words.first());
    let may_set = task.part.is_rust || heads.any(|head| head == "pragma");
    let saved = may_set
        .then(|| SavedSettings::read(&memory.conn))
        .transpose()?;
    let result = if task.part.is_rust {
        function(memory, task, options)
    } else {
        script(memory, task.part, after)
    };
    // The next migration starts with the settings of a run of its own.
    memory.reset_budget();
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
    let scope = if part.in_transaction {
        Scope::Transaction
    } else {
        Scope::NoTransaction
    };
    for index in 0..part.statements.len() {
        let text = part.statement(index);
        // There is nothing to compact in memory, and SQLite would attach a file.
        let is_vacuum = !part.in_transaction && Head::of(text).word(0) == "VACUUM";
        if !is_vacuum
            && let Err(error) = statement::run(&memory.conn, &memory.authorizer, scope, text)
        {
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

fn function(
    memory: &Memory,
    task: Task<'_, '_>,
    options: &Options<'_>,
) -> rusqlite::Result<Result<(), Failure>> {
    let Some(call) = options.rust else {
        // Without functions, the replay stops before the first migration in Rust.
        return Ok(Ok(()));
    };
    let tx = memory.conn.unchecked_transaction()?;
    let entered = memory.authorizer.enter(Scope::Transaction);
    let called = call(task.subject.version, task.direction, &tx);
    drop(entered);
    let Err(message) = called else {
        return tx.commit().map(Ok);
    };
    drop(tx);
    let (message, kind) = match memory.authorizer.take_refusal() {
        Some(refusal) => (refusal.reason, FailureKind::Refused(refusal.help)),
        None => (message, FailureKind::Function),
    };
    Ok(Err(Failure {
        statement: 0,
        range: 0..0,
        message,
        kind,
    }))
}

/// Converts the error of a statement, with the best place that is known.
fn failure(memory: &Memory, part: &Part<'_>, index: usize, error: StatementError) -> Failure {
    let text = part.statement(index);
    let (kind, message, at) = match error {
        StatementError::Refused { refusal, offset } => (
            FailureKind::Refused(refusal.help),
            refusal.reason,
            Some(offset),
        ),
        StatementError::Failed { error, offset } => {
            let kind = match error.sqlite_error_code() {
                Some(ErrorCode::OperationInterrupted) => FailureKind::TooLong,
                // An interrupt ends the transaction too.
                _ if part.in_transaction && memory.conn.is_autocommit() => FailureKind::Ended,
                Some(ErrorCode::ConstraintViolation) => FailureKind::Constraint,
                _ => FailureKind::Sql,
            };
            let message = message(error);
            let at = offset
                .filter(|at| *at > 0)
                .or_else(|| named(text, &message));
            (kind, message, at)
        }
    };
    let word = match at {
        Some(at) if at > 0 => word_at(text, at),
        _ => first_word(text),
    };
    Failure {
        statement: index,
        range: part.place(index, word),
        message,
        kind,
    }
}

fn message(error: rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg,
        rusqlite::Error::SqliteFailure(error, message) => {
            message.unwrap_or_else(|| error.to_string())
        }
        other => other.to_string(),
    }
}

/// The offset of the name at the end of a message such as `no such table: main.usres`.
fn named(text: &str, message: &str) -> Option<usize> {
    let (_, name) = message.rsplit_once(": ")?;
    let name = name.rsplit('.').next()?;
    find_name(text, name).map(|place| place.start)
}

fn word_at(text: &str, at: usize) -> Range<usize> {
    let token = Tokens::new(text).find(|token| token.range.contains(&at));
    token.map_or_else(|| first_word(text), |token| token.range)
}
