//! A transaction of a run: it has the lock, and is tried again if it failed only
//! because of others.

use super::classify::{failed, is_lost, is_passing};
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

/// A transaction of a run: it has the lock.
pub(super) struct LockedTransaction<'t> {
    pub(super) tx: &'t Transaction<'t>,
    pub(super) state: &'t SessionState<'t>,
    /// The settings that the connection had when it began.
    pub(super) before: SessionSettings,
}

/// What is done in a transaction that has the lock. It may be called several
/// times.
pub(super) trait LockedUnit: Send {
    type Value: Send;

    // Not `async fn`, and no closure: a run that is spawned needs a future that
    // can go to another thread.
    fn act(
        &mut self,
        locked: &LockedTransaction<'_>,
    ) -> impl Future<Output = Result<End<Self::Value>, Error>> + Send;
}

/// What becomes of a transaction.
pub(super) enum End<T> {
    /// It commits.
    Commit(Commit, T),
    /// There was nothing to do in it.
    RollBack(T),
}

/// What is committed.
pub(super) struct Commit {
    pub(super) label: String,
    /// The migrations of a run.
    pub(super) done: Done,
}

impl Commit {
    /// A change of the history alone.
    pub(super) fn of_history(label: impl Into<String>) -> Commit {
        Commit {
            label: label.into(),
            done: Done::default(),
        }
    }
}

/// A commit of which nobody knows whether it took effect.
pub(super) struct CommitInDoubt {
    pub(super) label: String,
    /// The number of the transaction, if the server numbers them.
    pub(super) transaction: Option<String>,
    /// What was done, if it did.
    pub(super) done: Done,
}

/// Why a transaction came to nothing.
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

/// Does something in a transaction that has the lock, and ends it. What failed only
/// because of others is tried again, from the beginning.
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
        // Another level would read a history from before the lock was had.
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
                    commit.done.tell_end(settings.listeners(), None);
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
                commit.done.tell_end(settings.listeners(), Some(&error));
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
                // What ended the transaction of a script has also ended that of
                // the next attempt.
                let _ = tx.rollback().await;
                error
            }
        };
        if !is_passing(&error) || attempts >= settings.engine.attempts {
            return Err(error.into());
        }
        again.pause().await?;
    }
}

/// Takes the lock, if it is one of the transaction, or sees that it is there;
/// none, if somebody else has it.
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

/// The number of the transaction, by which the server knows later what became of
/// it.
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

    /// Changes the history.
    pub(super) async fn write(
        &self,
        change: &HistoryWrite<'_>,
        doing: &'static str,
    ) -> Result<(), Error> {
        let written = history::write(self.tx, &self.state.settings.engine.table, change).await;
        written.map_err(failed(doing))
    }
}
