//! One migration in one direction, within a transaction.

use super::cause::{Cause, failed, is_lost};
use super::chance::nonce;
use super::functions::Function;
use super::script::{self, stoppable};
use super::session::Hold;
use super::settings::Custom;
use super::transaction::{BEGINNING, Closing, Within};
use super::{history, lock};
use crate::error::{Error, Kind, PostgresKind};
use crate::observer::Hook;
use crate::task::Body;
use crate::{Event, Step};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;

/// One migration, in one direction.
pub(super) type Task<'a> = crate::task::Task<'a, Function<'a>>;

impl Within<'_> {
    /// Runs a migration and writes the history; everything but the commit. Of the
    /// last one in the transaction that is checked, too, which a commit would.
    pub(super) async fn perform(&self, task: &Task<'_>, is_last: bool) -> Result<Duration, Error> {
        let started = Instant::now();
        tell_started(self.hold, task);
        let result = self.try_perform(task, is_last).await;
        let result = result.map_err(|error| error.on_the_way(task.direction));
        if let Err(error) = &result {
            tell_ended(self.hold, task, started.elapsed(), Some(error));
        }
        result
    }

    async fn try_perform(&self, task: &Task<'_>, is_last: bool) -> Result<Duration, Error> {
        let (tx, hold) = (self.tx, self.hold);
        let table = &hold.settings.own.table;
        // A script may read the history, as that of any later migration may.
        history::create(tx, table).await?;
        let rows = history::read_existing(tx, table).await?;
        hook(hold, task, Hook::Before)?;
        let texts = match &task.body {
            Body::Sql(sql) => Some(sql.texts()),
            Body::Rust { .. } => None,
        };
        let custom = Custom::read(tx, texts.into_iter().flatten()).await?;
        self.before.for_scripts(tx, hold).await?;
        // A name that no script can know.
        let guard = format!("migrate_{}", nonce());
        let sql = format!("SAVEPOINT {guard}");
        tx.batch_execute(&sql).await.map_err(failed(BEGINNING))?;
        let started = Instant::now();
        match &task.body {
            Body::Sql(sql) => script::run(tx, hold, task.label, sql).await?,
            Body::Rust { function, path } => self.call(task, *function, path).await?,
        }
        let duration = started.elapsed();
        self.check_guard(task, &guard).await?;
        if is_last {
            self.settle_constraints(task).await?;
        }
        self.before.restore(tx, hold, &custom).await?;
        lock::check(tx, hold).await?;
        if history::read(tx, table).await? != rows {
            return Err(self.wrote_history(task));
        }
        hook(hold, task, Hook::After)?;
        self.record(task, duration).await?;
        Ok(duration)
    }

    /// Whether the transaction is still the one that the migration was begun
    /// in: any `COMMIT` or `ROLLBACK` takes the savepoint with it.
    async fn check_guard(&self, task: &Task<'_>, guard: &str) -> Result<(), Error> {
        let sql = format!("RELEASE SAVEPOINT {guard}");
        let Err(error) = self.tx.batch_execute(&sql).await else {
            return Ok(());
        };
        let has_ended = [
            SqlState::NO_ACTIVE_SQL_TRANSACTION,
            SqlState::S_E_INVALID_SPECIFICATION,
        ];
        if error.code().is_some_and(|code| has_ended.contains(code)) {
            let label = task.label.to_owned();
            return Err(PostgresKind::ScriptEnded { label }.into());
        }
        if is_lost(&error) {
            return Err(script::lost(task.label, error));
        }
        // A function that met an error and went on leaves a transaction in which
        // nothing works any more.
        if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION)
            && let Body::Rust { path, .. } = &task.body
        {
            return Err(Kind::RefusedFunction {
                label: task.label.to_owned(),
                path,
                what: "a statement failed, which ends a transaction, and the function went on; \
                       return that error"
                    .to_owned(),
            }
            .into());
        }
        Err(failed("ending the migration")(error))
    }

    /// What is to be checked at the commit is checked now, while it is known
    /// whose work it is.
    async fn settle_constraints(&self, task: &Task<'_>) -> Result<(), Error> {
        if !self.hold.server.has_transactional_ddl() {
            return Ok(());
        }
        let checked = self.tx.batch_execute("SET CONSTRAINTS ALL IMMEDIATE").await;
        let Err(error) = checked else {
            return Ok(());
        };
        if is_lost(&error) {
            return Err(script::lost(task.label, error));
        }
        let label = task.label.to_owned();
        let rows = vec![Cause(error).to_string()];
        Err(Kind::Violations { label, rows }.into())
    }

    async fn call(
        &self,
        task: &Task<'_>,
        function: Function<'_>,
        path: &'static str,
    ) -> Result<(), Error> {
        let label = || task.label.to_owned();
        let doing = AssertUnwindSafe(async { function.start(self.tx).await }).catch_unwind();
        match stoppable(self.hold, task.label, doing).await? {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Error::with_source(
                Kind::Function {
                    label: label(),
                    path,
                },
                error,
            )),
            Err(panic) => Err(Error::with_source(
                Kind::Panicked {
                    label: label(),
                    path,
                },
                crate::panic::message(&*panic),
            )),
        }
    }

    fn wrote_history(&self, task: &Task<'_>) -> Error {
        let name = self.hold.settings.own.table.name();
        let what = format!("the table `{name}` belongs to the runner, which alone writes to it");
        match &task.body {
            Body::Sql(sql) => {
                let index = sql.texts().position(|text| text.contains(name));
                sql.refused(task.label, index.unwrap_or(0), what).into()
            }
            Body::Rust { path, .. } => Kind::RefusedFunction {
                label: task.label.to_owned(),
                path,
                what,
            }
            .into(),
        }
    }

    async fn record(&self, task: &Task<'_>, duration: Duration) -> Result<(), Error> {
        let settings = self.hold.settings;
        let table = &settings.own.table;
        // Names of functions mean the server's own.
        let sql = "SET LOCAL search_path = pg_catalog";
        let recording = failed("recording the migration");
        self.tx.batch_execute(sql).await.map_err(&recording)?;
        let change = task.record(settings, duration);
        let recorded = history::write(self.tx, table, &change).await;
        recorded.map_err(&recording)
    }
}

/// Asks the observer.
pub(super) fn hook(hold: &Hold<'_>, task: &Task<'_>, hook: Hook) -> Result<(), Error> {
    let Some(observer) = hold.settings.observer() else {
        return Ok(());
    };
    let step = Step::without_connection(task.version, task.label, task.direction);
    let answer = match hook {
        Hook::Before => observer.before(&step),
        Hook::After => observer.after(&step),
    };
    answer.map_err(|error| {
        let label = task.label.to_owned();
        Error::with_source(Kind::Vetoed { label, hook }, error)
    })
}

pub(super) fn tell_started(hold: &Hold<'_>, task: &Task<'_>) {
    hold.settings.listeners().tell(&Event::MigrationStarted {
        version: task.version,
        label: task.label,
        direction: task.direction,
    });
}

pub(super) fn tell_ended(
    hold: &Hold<'_>,
    task: &Task<'_>,
    duration: Duration,
    error: Option<&Error>,
) {
    Closing::of(task, duration).tell(hold, error);
}
