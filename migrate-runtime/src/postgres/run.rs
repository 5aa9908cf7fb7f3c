//! One migration in one direction, and the transaction that holds it.

use super::cause::{Cause, failed, is_lost, is_passing};
use super::functions::Function;
use super::script::{self, check_stop, stoppable};
use super::session::{Hold, Session};
use super::settings::{Custom, Settings as Before};
use super::wait::Wait;
use super::{history, lease, lock};
use crate::error::{Error, Kind, PostgresKind};
use crate::observer::Hook;
use crate::postgres::Lock;
use crate::script::Sql;
use crate::stop::Stop;
use crate::{Direction, Event, Step};
use futures_util::FutureExt as _;
use migrate_core::history::Row;
use migrate_core::{Migration, Version};
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;
use tokio_postgres::{IsolationLevel, Transaction};

/// One migration, in one direction.
pub(super) struct Task<'a> {
    pub(super) version: Version,
    pub(super) label: &'a str,
    pub(super) direction: Direction,
    pub(super) body: Body<'a>,
    /// What the history will hold: this migration, or no longer that version.
    pub(super) recorded: Option<&'static Migration>,
}

/// What a migration does.
pub(super) enum Body<'a> {
    Sql(Sql<'a>),
    Rust {
        function: Function<'a>,
        path: &'static str,
    },
}

impl Task<'_> {
    /// The script, if it runs without a transaction.
    pub(super) fn outside(&self) -> Option<&Sql<'_>> {
        match &self.body {
            Body::Sql(sql) if !sql.in_transaction => Some(sql),
            _ => None,
        }
    }
}

/// A transaction of a run: it has the lock.
pub(super) struct Within<'t> {
    pub(super) tx: &'t Transaction<'t>,
    pub(super) hold: &'t Hold<'t>,
    /// The settings that the connection had when it began.
    before: Before,
}

/// What is done in a transaction that has the lock. It may be called several
/// times.
pub(super) trait Act: Sync {
    type Value: Send;

    // Not `async fn`, and no closure: whoever spawns a run needs a future that
    // can go to another thread.
    fn act(
        &self,
        within: &Within<'_>,
    ) -> impl Future<Output = Result<End<Self::Value>, Error>> + Send;
}

/// What becomes of a transaction.
pub(super) enum End<T> {
    /// It commits.
    Commit(Closing, T),
    /// There was nothing to do in it.
    RollBack(T),
}

/// What is told of a commit.
pub(super) struct Closing {
    pub(super) label: String,
    /// The migration whose end is told, if it is one.
    step: Option<(Version, Direction, Duration)>,
}

impl Closing {
    /// The end of a migration, which was the last one in its transaction.
    pub(super) fn of(task: &Task<'_>, duration: Duration) -> Closing {
        Closing {
            label: task.label.to_owned(),
            step: Some((task.version, task.direction, duration)),
        }
    }

    /// A change of the history alone.
    pub(super) fn quiet(label: impl Into<String>) -> Closing {
        Closing {
            label: label.into(),
            step: None,
        }
    }

    fn tell(&self, hold: &Hold<'_>, error: Option<&Error>) {
        if let Some((version, direction, duration)) = self.step {
            hold.settings.listeners().tell(&Event::MigrationEnded {
                version,
                label: &self.label,
                direction,
                duration,
                error,
            });
        }
    }
}

/// A commit of which nobody knows whether it took effect.
#[derive(Clone, Debug)]
pub(super) struct Unsettled<T> {
    pub(super) label: String,
    /// The number of the transaction, if the server numbers them.
    pub(super) transaction: Option<String>,
    /// What was done, if it did.
    pub(super) value: T,
}

/// Why a transaction came to nothing.
pub(super) struct Failure<T> {
    pub(super) error: Error,
    pub(super) unsettled: Option<Unsettled<T>>,
}

impl<T> From<Error> for Failure<T> {
    fn from(error: Error) -> Failure<T> {
        Failure {
            error,
            unsettled: None,
        }
    }
}

const BEGINNING: &str = "beginning a transaction";

/// Does something in a transaction that has the lock, and ends it. What failed only
/// because of others is tried again, from the beginning.
pub(super) async fn locked<A: Act>(
    session: &mut Session<'_>,
    act: &A,
) -> Result<A::Value, Failure<A::Value>> {
    let Session { client, hold, .. } = session;
    let hold: &Hold<'_> = hold;
    let mut wait = Wait::for_the_lock(hold.settings, &hold.server.database);
    let mut again = Wait::for_another_attempt(hold.settings, &hold.server.database);
    let mut attempts = 0;
    loop {
        // Another level would read a history from before the lock was had.
        let tx = client
            .build_transaction()
            .isolation_level(IsolationLevel::ReadCommitted)
            .read_only(false)
            .start()
            .await
            .map_err(failed(BEGINNING))?;
        let before = match begin(&tx, hold).await {
            Ok(Some(before)) => before,
            Ok(None) => {
                tx.rollback().await.map_err(failed(BEGINNING))?;
                if let Err(error) = wait.pause().await {
                    return Err(lock::with_holder(client, hold.key, error).await.into());
                }
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let number = number(&tx, hold).await?;
        let within = Within {
            tx: &tx,
            hold,
            before,
        };
        let acted = act.act(&within).await;
        attempts += 1;
        let error = match acted {
            Ok(End::RollBack(value)) => {
                let _ = tx.rollback().await;
                return Ok(value);
            }
            Ok(End::Commit(closing, value)) => {
                let label = closing.label.clone();
                match tx.commit().await {
                    Ok(()) => {
                        closing.tell(hold, None);
                        return Ok(value);
                    }
                    Err(error) if is_lost(&error) => {
                        let kind = Kind::CommitUnknown { label };
                        let error = Error::with_source(kind, Cause(error));
                        closing.tell(hold, Some(&error));
                        let unsettled = Unsettled {
                            label: closing.label,
                            transaction: number,
                            value,
                        };
                        return Err(Failure {
                            error,
                            unsettled: Some(unsettled),
                        });
                    }
                    Err(error) => {
                        let error = Error::with_source(Kind::Commit { label }, Cause(error));
                        closing.tell(hold, Some(&error));
                        error
                    }
                }
            }
            Err(error) => {
                // What ended the transaction of a script has also ended that of
                // the next attempt.
                let _ = tx.rollback().await;
                error
            }
        };
        if !is_passing(&error) || attempts >= hold.settings.own.attempts {
            return Err(error.into());
        }
        again.pause().await?;
    }
}

/// Takes the lock, if it is one of the transaction, or sees that it is there;
/// none, if somebody else has it.
async fn begin(tx: &Transaction<'_>, hold: &Hold<'_>) -> Result<Option<Before>, Error> {
    let own = &hold.settings.own;
    match own.lock {
        Lock::Session => lock::check(tx, hold).await?,
        Lock::Transaction => {
            if !lock::try_in(tx, hold.key).await? {
                return Ok(None);
            }
        }
        Lock::Table => lease::check(tx, hold).await?,
    }
    Before::read(tx, hold).await.map(Some)
}

/// The number of the transaction, by which the server knows later what became of
/// it.
async fn number(tx: &Transaction<'_>, hold: &Hold<'_>) -> Result<Option<String>, Error> {
    if !hold.server.has_transactional_ddl() {
        return Ok(None);
    }
    let sql = "SELECT pg_catalog.pg_current_xact_id()";
    let rows = super::server::rows(tx.simple_query(sql).await, BEGINNING)?;
    Ok(rows.first().and_then(|row| row.get(0)).map(str::to_owned))
}

impl Within<'_> {
    pub(super) async fn history(&self) -> Result<Vec<Row>, Error> {
        history::read(self.tx, &self.hold.settings.own.table).await
    }

    /// Whether another migration may begin.
    pub(super) fn may_begin(&self, label: &str) -> Result<(), Error> {
        check_stop(self.stop(), label)
    }

    fn stop(&self) -> Option<&Stop> {
        self.hold.settings.stop.as_ref()
    }

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
        let rows = history::read(tx, table).await?;
        hook(hold, task, Hook::Before)?;
        let texts = match &task.body {
            Body::Sql(sql) => Some(sql.texts()),
            Body::Rust { .. } => None,
        };
        let custom = Custom::read(tx, texts.into_iter().flatten()).await?;
        self.before.for_scripts(tx, hold).await?;
        let guard = guard();
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
        match task.recorded {
            None => history::delete(self.tx, table, task.version).await,
            Some(migration) => {
                let record = history::Record {
                    execution_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
                    ..record_of_release(self.hold)
                };
                history::insert(self.tx, table, migration, &record).await
            }
        }
        .map_err(&recording)
    }
}

/// What every row says of the application.
pub(super) fn record_of_release<'h>(hold: &Hold<'h>) -> history::Record<'h> {
    history::Record {
        release: hold.settings.release.as_deref(),
        git_commit: hold.settings.git_commit.as_deref(),
        ..history::Record::default()
    }
}

/// A name that no script can know.
fn guard() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    format!("migrate_{:016x}", RandomState::new().hash_one("guard"))
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
    hold.settings.listeners().tell(&Event::MigrationEnded {
        version: task.version,
        label: task.label,
        direction: task.direction,
        duration,
        error,
    });
}
