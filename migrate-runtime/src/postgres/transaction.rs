//! Transactions of a run: they hold the lock, and are retried if they failed
//! only because of other sessions.

use super::classify::{failed, is_lost, is_transient};
use super::db_error::PostgresError;
use super::session::{Session, SessionState};
use super::session_settings::SessionSettings;
use super::wait::Wait;
use super::{advisory_lock, history, lease};
use crate::error::{Error, Kind};
use crate::history_write::HistoryWrite;
use crate::postgres::Lock;
use crate::run_report::Done;
use migrate_model::history::Row;
use tokio_postgres::{IsolationLevel, Transaction};

/// A transaction that holds the lock.
pub(super) struct LockedTransaction<'t> {
    pub(super) tx: &'t Transaction<'t>,
    pub(super) state: &'t SessionState<'t>,
    /// The settings of the connection when the transaction began.
    pub(super) before: SessionSettings,
}

/// A unit of work in a transaction that holds the lock. It may be called
/// several times.
pub(super) trait LockedUnit: Send {
    type Value: Send;

    // Neither `async fn` nor a closure: a run that is spawned needs a future
    // that is `Send`.
    fn act(
        &mut self,
        locked: &LockedTransaction<'_>,
    ) -> impl Future<Output = Result<End<Self::Value>, Error>> + Send;
}

/// How a transaction ends.
pub(super) enum End<T> {
    Commit(Commit, T),
    RollBack(T),
}

pub(super) struct Commit {
    pub(super) label: String,
    /// The migrations of a run.
    pub(super) done: Done,
}

impl Commit {
    /// A commit that changes only the history.
    pub(super) fn of_history(label: impl Into<String>) -> Commit {
        Commit {
            label: label.into(),
            done: Done::default(),
        }
    }
}

/// A commit whose outcome is unknown.
pub(super) struct CommitInDoubt {
    pub(super) label: String,
    /// The number of the transaction, if the server numbers them.
    pub(super) transaction: Option<String>,
    /// What was done if the commit took effect.
    pub(super) done: Done,
}

/// The error of a transaction, with the commit in doubt if there is one.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) doubt: Option<CommitInDoubt>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { error, doubt: None }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        failure.error
    }
}

pub(super) const BEGINNING: &str = "beginning a transaction";

/// Runs a unit in a transaction that holds the lock, and ends it. If it failed
/// only because of other sessions, it is retried from the beginning.
pub(super) async fn locked<U: LockedUnit>(
    session: &mut Session<'_>,
    unit: &mut U,
) -> Result<U::Value, Failure> {
    let Session { client, state, .. } = session;
    let state: &SessionState<'_> = state;
    let settings = state.settings;
    let mut wait = Wait::for_the_lock(settings, &state.server.database);
    let mut again = Wait::for_another_attempt(settings, &state.server.database);
    let mut attempts = 0;
    loop {
        // A higher isolation level would read a history from before the lock
        // was taken.
        let tx = client
            .build_transaction()
            .isolation_level(IsolationLevel::ReadCommitted)
            .read_only(false)
            .start()
            .await
            .map_err(failed(BEGINNING))?;
        let Some(before) = begin(&tx, state).await? else {
            tx.rollback().await.map_err(failed(BEGINNING))?;
            if let Err(error) = wait.pause().await {
                return Err(advisory_lock::with_holder(client, state.key, error)
                    .await
                    .into());
            }
            continue;
        };
        let number = number(&tx, state).await?;
        let transaction = LockedTransaction {
            tx: &tx,
            state,
            before,
        };
        let acted = unit.act(&transaction).await;
        attempts += 1;
        let error = match acted {
            Ok(End::RollBack(value)) => {
                let _ = tx.rollback().await;
                return Ok(value);
            }
            Ok(End::Commit(commit, value)) => {
                let Err(error) = tx.commit().await else {
                    commit.done.emit_end(settings.listeners(), None);
                    return Ok(value);
                };
                let is_in_doubt = is_lost(&error);
                let label = commit.label.clone();
                let kind = if is_in_doubt {
                    Kind::CommitUnknown { label }
                } else {
                    Kind::Commit { label }
                };
                let error = commit
                    .done
                    .on_the_way(Error::with_source(kind, PostgresError(error)));
                commit.done.emit_end(settings.listeners(), Some(&error));
                if is_in_doubt {
                    let doubt = Some(CommitInDoubt {
                        label: commit.label,
                        transaction: number,
                        done: commit.done,
                    });
                    return Err(Failure { error, doubt });
                }
                error
            }
            Err(error) => {
                // The result is ignored: there may be no transaction left to
                // roll back, and the next attempt reports a lost connection.
                let _ = tx.rollback().await;
                error
            }
        };
        if !is_transient(&error) || attempts >= settings.engine.attempts {
            return Err(error.into());
        }
        again.pause().await?;
    }
}

/// Takes the transaction-level lock, or checks that the session holds the lock.
/// Returns `None` if another run holds it.
async fn begin(
    tx: &Transaction<'_>,
    state: &SessionState<'_>,
) -> Result<Option<SessionSettings>, Error> {
    let own = &state.settings.engine;
    match own.lock {
        Lock::Session => advisory_lock::check(tx, state).await?,
        Lock::Transaction => {
            if !advisory_lock::try_in(tx, state.key).await? {
                return Ok(None);
            }
        }
        Lock::Table => lease::check(tx, state).await?,
    }
    SessionSettings::read(tx, state).await.map(Some)
}

/// The number of the transaction, with which the server can report its outcome
/// later.
async fn number(tx: &Transaction<'_>, state: &SessionState<'_>) -> Result<Option<String>, Error> {
    if !state.server.has_transactional_ddl() {
        return Ok(None);
    }
    let sql = "SELECT pg_catalog.pg_current_xact_id()";
    let rows = super::server::rows(tx.simple_query(sql).await, BEGINNING)?;
    Ok(rows.first().and_then(|row| row.get(0)).map(str::to_owned))
}

impl LockedTransaction<'_> {
    pub(super) async fn history(&self) -> Result<Vec<Row>, Error> {
        history::read(self.tx, &self.state.settings.engine.table).await
    }

    pub(super) async fn write(
        &self,
        change: &HistoryWrite<'_>,
        doing: &'static str,
    ) -> Result<(), Error> {
        let written = history::write(self.tx, &self.state.settings.engine.table, change).await;
        written.map_err(failed(doing))
    }
}
