//! Running the statements of one script.

use super::db_error::{failed, without_sql};
use super::deadline::{BusyTimeout, Deadline};
use super::interrupt::Interrupt;
use crate::error::{Error, Kind};
use crate::listeners::Listeners;
use crate::script::Sql;
use crate::stop::stopped_at;
use migrate_scan::Statement;
use migrate_scan::sqlite::{self, Head};
use migrate_sqlite::authorizer::{Authorizer, Scope};
use migrate_sqlite::forbidden::Refusal;
use migrate_sqlite::statement::{self, StatementError};
use rusqlite::Connection;
use std::time::Instant;

/// What the statements of a script need.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) conn: &'a Connection,
    pub(super) authorizer: &'a Authorizer,
    pub(super) interrupt: &'a Interrupt,
    pub(super) deadline: Deadline<'a>,
    pub(super) listeners: Listeners<'a>,
    pub(super) label: &'a str,
}

impl Context<'_> {
    /// Runs every statement of a script to completion in the open transaction,
    /// under the authorizer.
    pub(super) fn run(&self, sql: &Sql) -> Result<(), Error> {
        let timeout = BusyTimeout::of(self.conn, &self.deadline);
        (0..sql.count()).try_for_each(|index| {
            // Short statements never reach the progress handler.
            if self.interrupt.is_wanted() {
                return Err(stopped_at(self.label));
            }
            // In rollback-journal mode, changes that outgrow the cache wait for
            // readers, and each statement would start a new wait.
            timeout.limit(&self.deadline);
            self.with_events(sql, index, || self.step(sql, index, Scope::Transaction))?;
            // The authorizer refuses everything that could end the transaction.
            // If something does nevertheless, the migration must not be
            // recorded.
            if self.conn.is_autocommit() {
                let what = "it ended the migration's transaction".to_owned();
                return Err(sql.refused(self.label, index, what).into());
            }
            Ok(())
        })
    }

    /// Runs one statement with `act`, and reports its start and end.
    pub(super) fn with_events(
        &self,
        sql: &Sql,
        index: usize,
        act: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        if index >= sql.count() {
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

    pub(super) fn step(&self, sql: &Sql, index: usize, scope: Scope) -> Result<(), Error> {
        let Some(statement) = sql.statement(index) else {
            return Ok(());
        };
        let text = sql.text(statement);
        statement::run(self.conn, self.authorizer, scope, text)
            .map_err(|error| self.failed(sql, statement, error))
    }

    /// Repeats a statement that already ran if it changes a setting of the
    /// connection, because the setting was lost with the connection.
    pub(super) fn repeat_setting(&self, text: &str) -> Result<(), Error> {
        let is_setting = Head::of(text).pragma().is_some_and(|(name, value)| {
            let is_known = matches!(&*name, "page_size" | "auto_vacuum");
            value.is_some() && (is_known || migrate_sqlite::settings::is_saved(&name))
        });
        if is_setting {
            let _entered = self.authorizer.enter(Scope::NoTransaction);
            statement::step_to_end(self.conn, text).map_err(failed("repeating a setting"))?;
        }
        Ok(())
    }

    fn failed(&self, sql: &Sql, statement: Statement, error: StatementError) -> Error {
        let label = self.label.to_owned();
        let place = |offset: usize| sql.place(statement.start as usize + offset);
        match error {
            StatementError::Refused { refusal, offset } => Kind::Refused {
                label,
                place: place(offset),
                what: refusal.to_string(),
            }
            .into(),
            StatementError::Failed { error, offset } => {
                let place = place(offset.unwrap_or(0));
                Error::with_source(Kind::Statement { label, place }, without_sql(error))
            }
        }
    }

    /// The error of a script that wrote to the history, if the statement is
    /// unknown: it points to the first statement that contains the table's
    /// name.
    pub(super) fn wrote_history(&self, sql: &Sql) -> Kind {
        let history = self.authorizer.history();
        let has_name = |text: &str| {
            sqlite::Tokens::new(text)
                .any(|token| sqlite::unquoted(&text[token.range]).eq_ignore_ascii_case(&history))
        };
        let index = sql.texts().position(has_name).unwrap_or(0);
        sql.refused(self.label, index, Refusal::of_history(&history).to_string())
    }
}
