//! One migration in one direction, in a transaction.

use super::batch::{Answers, Batch, Failed, Sent};
use super::classify::{failed, is_lost};
use super::db_error::PostgresError;
use super::functions::Function;
use super::history::{KnownHistory, Mark};
use super::rules::PlannedStep;
use super::script::{self, stoppable};
use super::session_settings::{Custom, QUALIFIED};
use super::settings_effect::SettingsEffect;
use super::transaction::{BEGINNING, Beginning, LockedTransaction, guard};
use super::{advisory_lock, classify, history};
use crate::Timings;
use crate::error::{Error, Hook, Kind, PostgresKind};
use crate::function_error;
use crate::planned_step::Body;
use crate::stopwatch::{Part, Stopwatch};
use futures_util::FutureExt as _;
use migrate_model::history::Row;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::error::SqlState;

impl LockedTransaction<'_> {
    /// Runs a migration and writes the history: everything but the commit. For
    /// the last migration in the transaction, deferred constraints are checked
    /// too.
    pub(super) async fn perform(
        &mut self,
        step: &PlannedStep<'_>,
        is_last: bool,
    ) -> Result<Timings, Error> {
        let listeners = self.state.settings.listeners();
        step.emit_started(listeners);
        let mut stopwatch = Stopwatch::start(Timings {
            checks: std::mem::take(&mut self.beginning),
            ..Timings::default()
        });
        let result = self.try_perform(step, is_last, &mut stopwatch).await;
        let result = result.map_err(|error| error.on_the_way(step.direction));
        let timings = stopwatch.timings();
        if let Err(error) = &result {
            step.emit_ended(listeners, timings, Some(error));
        }
        result.map(|()| timings)
    }

    async fn try_perform(
        &mut self,
        step: &PlannedStep<'_>,
        is_last: bool,
        stopwatch: &mut Stopwatch,
    ) -> Result<(), Error> {
        let (tx, state) = (self.tx, self.state);
        let rows = self.before_migration().await?;
        let listeners = state.settings.listeners();
        stopwatch.without(|| listeners.ask(&step.asked(), Hook::Before))?;
        let texts = match &step.body {
            Body::Sql(sql) => Some(sql.texts()),
            Body::Rust { .. } => None,
        };
        let custom = Custom::read(tx, texts.into_iter().flatten()).await?;
        let guard = match self.guard.take() {
            Some(guard) => guard,
            None => self.set_guard(&rows).await?,
        };
        let effect = SettingsEffect::of(&step.body, self.has_event_triggers);
        let end = self.end(&guard, is_last, effect, &custom);
        let ended = end.send(tx.client());
        stopwatch.begin(Part::Script);
        let ended = match &step.body {
            Body::Sql(sql) => script::run(tx, state, &step.label, sql, ended).await?,
            Body::Rust { function, path } => {
                self.call(step, *function, path).await?;
                Sent::new(ended)
            }
        };
        stopwatch.begin(Part::Checks);
        let answers = ended.answer().await;
        let answers = answers.map_err(|failed| self.not_ended(step, failed))?;
        self.check(step, &rows, &answers).await?;
        // The next change needs no copy then.
        drop(rows);
        stopwatch.without(|| listeners.ask(&step.asked(), Hook::After))?;
        let duration = stopwatch.elapsed();
        stopwatch.begin(Part::Commit);
        self.record(step, duration).await
    }

    /// Begins a migration, unless the beginning of the transaction did.
    async fn set_guard(&mut self, rows: &Arc<Vec<Row>>) -> Result<String, Error> {
        let (tx, state) = (self.tx, self.state);
        let mut batch = Batch::new();
        batch.push(Beginning::ForScripts, &self.before.for_scripts(state));
        if state.server.has_transactional_ddl() {
            let event_triggers = "SELECT EXISTS (SELECT FROM pg_catalog.pg_event_trigger)";
            batch.push(Beginning::EventTriggers, event_triggers);
            if self.known.is_none() {
                let table = &state.settings.engine.table;
                batch.push(Beginning::History, &Mark::query(table));
            }
        }
        let guard = guard();
        batch.push(Beginning::Guard, &format!("SAVEPOINT {guard}"));
        let answers = batch.send(tx.client()).await;
        let answers = answers.map_err(|Failed { error, .. }| failed(BEGINNING)(error))?;
        self.has_event_triggers = answers.is_true(Beginning::EventTriggers, 0);
        let read = answers.rows(Beginning::History).first();
        if let Some(mark) = Mark::parse(read, 0) {
            let rows = Arc::clone(rows);
            self.known = Some(KnownHistory { rows, mark });
        }
        Ok(guard)
    }

    /// The message that ends a migration. Its first statement fails if this is
    /// not the transaction any longer in which the migration began: any
    /// `COMMIT` or `ROLLBACK` removes the savepoint.
    fn end(
        &self,
        guard: &str,
        is_last: bool,
        effect: SettingsEffect,
        custom: &Custom,
    ) -> Batch<Ending> {
        let mut batch = Batch::new();
        batch.push(Ending::Guard, &format!("RELEASE SAVEPOINT {guard}"));
        if !self.state.server.has_transactional_ddl() {
            batch.push(Ending::Settings, QUALIFIED);
            return batch;
        }
        if is_last {
            // Now, while it is known which migration violated them.
            batch.push(Ending::Constraints, "SET CONSTRAINTS ALL IMMEDIATE");
        }
        if effect == SettingsEffect::Possible {
            batch.push(Ending::Settings, &self.before.after_scripts());
        }
        batch.push(Ending::Settings, QUALIFIED);
        if effect != SettingsEffect::None {
            for statement in self.before.identity() {
                batch.push(Ending::Settings, &statement);
            }
        }
        if effect == SettingsEffect::Possible {
            batch.push(Ending::Changed, &self.before.find_changed(true));
        }
        if effect == SettingsEffect::Likely {
            batch.push(Ending::Settings, &self.before.restore());
            for statement in custom.back() {
                batch.push(Ending::Settings, &statement);
            }
            batch.push(Ending::Settings, QUALIFIED);
        }
        let known = self.known.as_ref();
        let is_changed = known.map(|known| known.mark.is_changed(self.has_written));
        let other = is_changed.as_deref().unwrap_or("false");
        batch.push(Ending::Locks, &advisory_lock::held(self.state.key, other));
        if self.has_written && known.is_some() {
            let table = &self.state.settings.engine.table;
            batch.push(Ending::History, &Mark::query(table));
        }
        batch
    }

    /// The error of a migration whose end failed.
    fn not_ended(&self, step: &PlannedStep<'_>, failed: Failed<Ending>) -> Error {
        let Failed { key, error } = failed;
        if is_lost(&error) {
            return script::lost(&step.label, error);
        }
        match key {
            Some(Ending::Guard) => lost_guard(step, error),
            Some(Ending::Constraints) => {
                let label = step.label.to_string();
                let rows = vec![PostgresError(error).to_string()];
                let advice = None;
                Kind::Violations {
                    label,
                    rows,
                    advice,
                }
                .into()
            }
            Some(Ending::Settings | Ending::Changed) => classify::failed(RESTORING)(error),
            Some(Ending::History) => self.wrote_history(step),
            _ => classify::failed(ENDING)(error),
        }
    }

    /// Checks what the end of a migration has found, and restores settings that
    /// the script has changed.
    async fn check(
        &self,
        step: &PlannedStep<'_>,
        rows: &Vec<Row>,
        answers: &Answers<Ending>,
    ) -> Result<(), Error> {
        let (tx, state) = (self.tx, self.state);
        if !answers.rows(Ending::Changed).is_empty() {
            let sql = format!("{};{QUALIFIED}", self.before.restore());
            tx.batch_execute(&sql).await.map_err(failed(RESTORING))?;
        }
        let locks = answers.rows(Ending::Locks);
        let has = |kind: &str| locks.iter().any(|row| row.get(0) == Some(kind));
        if !has("advisory") {
            // This tells why.
            advisory_lock::check(tx, state).await?;
        }
        let is_known = self.known.as_ref().is_some_and(|known| {
            let mark = Mark::parse(answers.rows(Ending::History).first(), 0);
            !has("relation") && (!self.has_written || mark.as_ref() == Some(&known.mark))
        });
        if !is_known && history::read(tx, &state.settings.engine.table).await? != *rows {
            return Err(self.wrote_history(step));
        }
        Ok(())
    }

    async fn call(
        &self,
        step: &PlannedStep<'_>,
        function: Function<'_>,
        path: &'static str,
    ) -> Result<(), Error> {
        let doing = AssertUnwindSafe(async { function(self.tx).await }).catch_unwind();
        let called = stoppable(self.state, &step.label, doing).await?;
        function_error::check(&step.label, path, called)
    }

    fn wrote_history(&self, step: &PlannedStep<'_>) -> Error {
        let name = self.state.settings.engine.table.name();
        let what = format!("the table `{name}` belongs to the runner, which alone writes to it");
        match &step.body {
            Body::Sql(sql) => {
                let index = sql.texts().position(|text| text.contains(name));
                sql.refused(&step.label, index.unwrap_or(0), what).into()
            }
            Body::Rust { path, .. } => Kind::RefusedFunction {
                label: step.label.to_string(),
                path,
                what,
            }
            .into(),
        }
    }

    async fn record(&mut self, step: &PlannedStep<'_>, duration: Duration) -> Result<(), Error> {
        let (client, settings) = (self.tx.client(), self.state.settings);
        let change = step.record(settings, duration);
        let doing = "recording the migration";
        self.has_written = true;
        let Some(mut known) = self.known.take() else {
            return self.write(&change, doing).await;
        };
        let written = known.write(client, &settings.engine.table, &change).await;
        let is_known = written.map_err(|error| {
            let gone = [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME];
            // Renaming a schema does not lock its tables.
            if error.code().is_some_and(|code| gone.contains(code)) {
                self.wrote_history(step)
            } else {
                failed(doing)(error)
            }
        })?;
        self.known = is_known.then_some(known);
        Ok(())
    }
}

/// The statements that end a migration.
#[derive(Clone, Copy, PartialEq)]
enum Ending {
    Guard,
    Constraints,
    Settings,
    Changed,
    Locks,
    History,
}

const ENDING: &str = "ending the migration";
const RESTORING: &str = "restoring the settings of the connection";

/// The error of a migration whose savepoint could not be released.
fn lost_guard(step: &PlannedStep<'_>, error: tokio_postgres::Error) -> Error {
    let has_ended = [
        SqlState::NO_ACTIVE_SQL_TRANSACTION,
        SqlState::S_E_INVALID_SPECIFICATION,
    ];
    if error.code().is_some_and(|code| has_ended.contains(code)) {
        let label = step.label.to_string();
        return PostgresKind::ScriptEnded { label }.into();
    }
    // A function that ignored an error leaves a failed transaction.
    if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION)
        && let Body::Rust { path, .. } = &step.body
    {
        return Kind::RefusedFunction {
            label: step.label.to_string(),
            path,
            what: "a statement failed, which aborts the transaction, and the function \
                   continued; return that error"
                .to_owned(),
        }
        .into();
    }
    failed(ENDING)(error)
}
