//! Running the statements of one script.

use super::brake::{Brake, stopped_at};
use super::guard::{Guard, Scope, belongs_to_the_runner};
use super::lock::{BusyTimeout, Deadline};
use super::without_sql;
use crate::error::{Error, Kind};
use crate::observer::Listeners;
use crate::script::Sql;
use migrate_scan::Statement;
use migrate_scan::sqlite;
use migrate_scan::sqlite::Head;
use rusqlite::{Connection, ErrorCode};
use std::time::Instant;

/// What a script runs with.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) conn: &'a Connection,
    pub(super) guard: &'a Guard,
    pub(super) brake: &'a Brake,
    pub(super) listeners: Listeners<'a>,
    pub(super) label: &'a str,
}

impl Context<'_> {
    /// Runs every statement of a script to its end, inside of the transaction
    /// that is open, under the authorizer.
    pub(super) fn run(&self, sql: &Sql<'_>, deadline: &Deadline<'_>) -> Result<(), Error> {
        let timeout = BusyTimeout::of(self.conn);
        (0..sql.statements.len()).try_for_each(|index| {
            // Short ones never come to the progress handler.
            if self.brake.is_wanted() {
                return Err(stopped_at(self.label));
            }
            // Changes that outgrow the cache of a rollback-journal database
            // wait for its readers, and each statement would begin to wait
            // anew.
            timeout.limit(deadline);
            self.telling(sql, index, || self.step(sql, index, Scope::Transaction))?;
            // The authorizer lets nothing through that could end the
            // transaction; if something does all the same, recording the
            // migration would be wrong.
            if self.conn.is_autocommit() {
                let what = "it ended the migration's transaction".to_owned();
                return Err(sql.refused(self.label, index, what).into());
            }
            Ok(())
        })
    }

    /// Tells whoever listens of one statement, which `act` runs.
    pub(super) fn telling(
        &self,
        sql: &Sql<'_>,
        index: usize,
        act: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        if index >= sql.statements.len() {
            return Ok(());
        }
        if !self.listeners.is_any() {
            return act();
        }
        sql.started(self.listeners, self.label, index);
        let started = Instant::now();
        let result = act();
        let error = result.as_ref().err();
        sql.ended(self.listeners, self.label, index, started.elapsed(), error);
        result
    }

    /// Runs one statement to its end.
    pub(super) fn step(&self, sql: &Sql<'_>, index: usize, scope: Scope) -> Result<(), Error> {
        let Some(statement) = sql.statements.get(index) else {
            return Ok(());
        };
        let text = sql.text(*statement);
        // SQLite ends the text there, and would say nothing of what follows.
        if let Some(at) = text.find('\0') {
            return Err(Kind::Refused {
                label: self.label.to_owned(),
                place: sql.place(statement.start as usize + at),
                what: "a NUL character ends the text for SQLite; remove it".to_owned(),
            }
            .into());
        }
        if let Some(what) = self.refusal_by_its_words(text) {
            return Err(sql.refused(self.label, index, what).into());
        }
        let entered = self.guard.enter(scope);
        let result = to_completion(self.conn, text);
        drop(entered);
        match result {
            Ok(0) => Ok(()),
            Ok(_) => {
                let what = "a bind parameter has no value here; write the value itself".to_owned();
                Err(sql.refused(self.label, index, what).into())
            }
            Err(error) => Err(self.failed(sql, *statement, index, error)),
        }
    }

    /// Runs a statement of a part that has run already, if it sets something of
    /// the connection alone: that went with the connection.
    pub(super) fn set_again(&self, text: &str) -> Result<(), Error> {
        let is_setting = Head::of(text).pragma().is_some_and(|(name, value)| {
            let is_known = matches!(&*name, "page_size" | "auto_vacuum");
            value.is_some() && (is_known || migrate_sqlite::settings::is_saved(&name))
        });
        if is_setting {
            let _entered = self.guard.enter(Scope::Statements);
            to_completion(self.conn, text).map_err(super::failed("repeating a setting"))?;
        }
        Ok(())
    }

    fn failed(
        &self,
        sql: &Sql<'_>,
        statement: Statement,
        index: usize,
        error: rusqlite::Error,
    ) -> Error {
        let denied = error.sqlite_error_code() == Some(ErrorCode::AuthorizationForStatementDenied);
        if let (true, Some(what)) = (denied, self.guard.take_refusal()) {
            return sql.refused(self.label, index, what).into();
        }
        let kind = Kind::Statement {
            label: self.label.to_owned(),
            place: sql.place(statement.start as usize + offset(&error)),
        };
        Error::with_source(kind, without_sql(error))
    }

    /// The error of a script that wrote to the history, where only that it did
    /// is known: it points to the first statement that has its name.
    pub(super) fn wrote_history(&self, sql: &Sql<'_>) -> Kind {
        let history = self.guard.history();
        let has_name = |text: &str| {
            sqlite::Tokens::new(text)
                .any(|token| sqlite::unquoted(&text[token.range]).eq_ignore_ascii_case(&history))
        };
        let index = sql.texts().position(has_name).unwrap_or(0);
        sql.refused(self.label, index, belongs_to_the_runner(&history))
    }

    /// In a transaction of the caller there is no authorizer: installing one
    /// needs the connection for itself.
    fn refusal_by_its_words(&self, text: &str) -> Option<String> {
        if self.guard.is_installed() {
            return None;
        }
        let head = Head::of(text);
        let word = head.word(0);
        if head.is_transaction_control() || matches!(word, "ATTACH" | "DETACH") {
            return Some(format!(
                "`{word}` is not available in a migration; remove it"
            ));
        }
        let (name, value) = head.pragma()?;
        super::guard::refused_pragma(&name, value, true)
    }
}

/// Prepares and steps until SQLite says that it is done. One step is not
/// enough: an error in a later row, or the rest of a pragma's work, would go
/// unseen. Returns the number of bind parameters; with any, nothing is run.
fn to_completion(conn: &Connection, sql: &str) -> rusqlite::Result<usize> {
    let mut statement = conn.prepare(sql)?;
    let parameters = statement.parameter_count();
    if parameters == 0 {
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
    }
    Ok(parameters)
}

/// Where in the statement SQLite found the error; not every error has a place.
fn offset(error: &rusqlite::Error) -> usize {
    match error {
        rusqlite::Error::SqlInputError { offset, .. } => usize::try_from(*offset).unwrap_or(0),
        _ => 0,
    }
}
