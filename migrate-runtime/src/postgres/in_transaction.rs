//! One migration in one direction, in a transaction.

use super::classify::{failed, is_lost};
use super::db_error::PostgresError;
use super::functions::Function;
use super::random::nonce;
use super::rules::PlannedStep;
use super::script::{self, stoppable};
use super::session_settings::Custom;
use super::transaction::{BEGINNING, LockedTransaction};
use super::{advisory_lock, history};
use crate::error::{Error, Hook, Kind, PostgresKind};
use crate::function_error;
use crate::planned_step::Body;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;

impl LockedTransaction<'_> {
    /// Runs a migration and writes the history: everything but the commit. For
    /// the last migration in the transaction, deferred constraints are checked
    /// too.
    pub(super) async fn perform(
        &self,
        step: &PlannedStep<'_>,
        is_last: bool,
    ) -> Result<Duration, Error> {
        let started = Instant::now();
        let listeners = self.state.settings.listeners();
        step.emit_started(listeners);
        let result = self.try_perform(step, is_last).await;
        let result = result.map_err(|error| error.on_the_way(step.direction));
        if let Err(error) = &result {
            step.emit_ended(listeners, started.elapsed(), Some(error));
        }
        result
    }

    async fn try_perform(&self, step: &PlannedStep<'_>, is_last: bool) -> Result<Duration, Error> {
        let (tx, state) = (self.tx, self.state);
        let table = &state.settings.engine.table;
        // A script may read the history, so the first one must find it too.
        history::create(tx, table).await?;
        let rows = history::read_existing(tx, table).await?;
        let listeners = state.settings.listeners();
        listeners.ask(&step.asked(), Hook::Before)?;
        let texts = match &step.body {
            Body::Sql(sql) => Some(sql.texts()),
            Body::Rust { .. } => None,
        };
        let custom = Custom::read(tx, texts.into_iter().flatten()).await?;
        self.before.for_scripts(tx, state).await?;
        // The name is unknown to every script.
        let guard = format!("migrate_{}", nonce());
        let sql = format!("SAVEPOINT {guard}");
        tx.batch_execute(&sql).await.map_err(failed(BEGINNING))?;
        let started = Instant::now();
        match &step.body {
            Body::Sql(sql) => script::run(tx, state, &step.label, sql).await?,
            Body::Rust { function, path } => self.call(step, *function, path).await?,
        }
        let duration = started.elapsed();
        self.check_guard(step, &guard).await?;
        if is_last {
            self.settle_constraints(step).await?;
        }
        self.before.restore(tx, state, &custom).await?;
        advisory_lock::check(tx, state).await?;
        if history::read(tx, table).await? != rows {
            return Err(self.wrote_history(step));
        }
        listeners.ask(&step.asked(), Hook::After)?;
        self.record(step, duration).await?;
        Ok(duration)
    }

    /// Checks that this is still the transaction in which the migration began:
    /// any `COMMIT` or `ROLLBACK` removes the savepoint.
    async fn check_guard(&self, step: &PlannedStep<'_>, guard: &str) -> Result<(), Error> {
        let sql = format!("RELEASE SAVEPOINT {guard}");
        let Err(error) = self.tx.batch_execute(&sql).await else {
            return Ok(());
        };
        let has_ended = [
            SqlState::NO_ACTIVE_SQL_TRANSACTION,
            SqlState::S_E_INVALID_SPECIFICATION,
        ];
        if error.code().is_some_and(|code| has_ended.contains(code)) {
            let label = step.label.to_string();
            return Err(PostgresKind::ScriptEnded { label }.into());
        }
        if is_lost(&error) {
            return Err(script::lost(&step.label, error));
        }
        // A function that ignored an error leaves a failed transaction.
        if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION)
            && let Body::Rust { path, .. } = &step.body
        {
            return Err(Kind::RefusedFunction {
                label: step.label.to_string(),
                path,
                what: "a statement failed, which aborts the transaction, and the function \
                       continued; return that error"
                    .to_owned(),
            }
            .into());
        }
        Err(failed("ending the migration")(error))
    }

    /// Checks deferred constraints now, while it is known which migration
    /// violated them.
    async fn settle_constraints(&self, step: &PlannedStep<'_>) -> Result<(), Error> {
        if !self.state.server.has_transactional_ddl() {
            return Ok(());
        }
        let checked = self.tx.batch_execute("SET CONSTRAINTS ALL IMMEDIATE").await;
        let Err(error) = checked else {
            return Ok(());
        };
        if is_lost(&error) {
            return Err(script::lost(&step.label, error));
        }
        let label = step.label.to_string();
        let rows = vec![PostgresError(error).to_string()];
        Err(Kind::Violations { label, rows }.into())
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

    async fn record(&self, step: &PlannedStep<'_>, duration: Duration) -> Result<(), Error> {
        // Makes function names refer to the server's own functions.
        let sql = "SET LOCAL search_path = pg_catalog";
        let doing = "recording the migration";
        self.tx.batch_execute(sql).await.map_err(failed(doing))?;
        let change = step.record(self.state.settings, duration);
        self.write(&change, doing).await
    }
}
