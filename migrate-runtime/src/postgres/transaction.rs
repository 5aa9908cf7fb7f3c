//! Transactions of a run: they hold the lock, and are retried if they failed
//! only because of other sessions.

use super::batch::{Batch, Failed};
use super::classify::{failed, is_lost, is_transient};
use super::db_error::PostgresError;
use super::history::{KnownHistory, Mark};
use super::random::nonce;
use super::server::rows;
use super::session::{Session, SessionState, Verified};
use super::session_settings::SessionSettings;
use super::wait::Wait;
use super::{advisory_lock, history, lease};
use crate::error::{Error, Kind};
use crate::history_write::HistoryWrite;
use crate::postgres::Lock;
use crate::run_report::Done;
use migrate_model::history::Row;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_postgres::{IsolationLevel, Transaction};

/// A transaction that holds the lock.
pub(super) struct LockedTransaction<'t> {
    pub(super) tx: &'t Transaction<'t>,
    pub(super) state: &'t SessionState<'t>,
    /// The settings of the connection when the transaction began.
    pub(super) before: Arc<SessionSettings>,
    /// What the history contains, if it is known without another look.
    pub(super) known: Option<KnownHistory>,
    /// Whether the table of the history was found or created.
    has_table: bool,
    /// What the history contains, until the first migration takes it.
    read: Option<Arc<Vec<Row>>>,
    /// Whether this transaction has written to the history.
    pub(super) has_written: bool,
    /// The savepoint for the first migration, if there is one already.
    pub(super) guard: Option<String>,
    /// Whether code of the database runs with each change of the schema.
    pub(super) has_event_triggers: bool,
    /// How long the beginning took, which is a part of the first migration.
    pub(super) beginning: Duration,
    /// The number of the transaction, with which the server can report its
    /// outcome later.
    number: Option<String>,
}

/// A unit of work in a transaction that holds the lock. It may be called
/// several times.
pub(super) trait LockedUnit: Send {
    type Value: Send;

    // Neither `async fn` nor a closure: a run that is spawned needs a future
    // that is `Send`.
    fn act(
        &mut self,
        locked: &mut LockedTransaction<'_>,
    ) -> impl Future<Output = Result<End<Self::Value>, Error>> + Send;

    /// Adds the duration of the commit to what the unit reports.
    fn add_commit(_value: &mut Self::Value, _duration: Duration) {}
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
    let (settings, database) = (state.settings, state.server.database.clone());
    let mut wait = Wait::for_the_lock(settings, &database);
    let mut again = Wait::for_another_attempt(settings, &database);
    let mut attempts = 0;
    loop {
        let verified = state.verified.take();
        let started = Instant::now();
        // A higher isolation level would read a history from before the lock
        // was taken.
        let tx = client
            .build_transaction()
            .isolation_level(IsolationLevel::ReadCommitted)
            .read_only(false)
            .start()
            .await
            .map_err(failed(BEGINNING))?;
        let begun = match verified {
            Some(verified) => begin_verified(&tx, state, verified, started).await?,
            None => begin(&tx, state, started).await?,
        };
        let mut transaction = match begun {
            Begun::Locked(transaction) => transaction,
            Begun::Outdated => {
                tx.rollback().await.map_err(failed(BEGINNING))?;
                continue;
            }
            Begun::Busy => {
                tx.rollback().await.map_err(failed(BEGINNING))?;
                if let Err(error) = wait.pause().await {
                    let error = advisory_lock::with_holder(client, state.key, error).await;
                    return Err(error.into());
                }
                continue;
            }
        };
        let acted = unit.act(&mut transaction).await;
        attempts += 1;
        let LockedTransaction {
            before,
            known,
            number,
            ..
        } = transaction;
        let error = match acted {
            Ok(End::RollBack(value)) => {
                let _ = tx.rollback().await;
                return Ok(value);
            }
            Ok(End::Commit(mut commit, mut value)) => {
                let committing = Instant::now();
                let committed = tx.commit().await;
                let duration = committing.elapsed();
                commit.done.add_commit(duration);
                U::add_commit(&mut value, duration);
                let Err(error) = committed else {
                    commit.done.emit_end(settings.listeners(), None);
                    state.verified = known.map(|history| Verified { before, history });
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

/// How a transaction began.
enum Begun<'t> {
    Locked(LockedTransaction<'t>),
    /// Another run holds the lock.
    Busy,
    /// What the last transaction has verified is not so any longer.
    Outdated,
}

/// Takes the transaction-level lock, or checks that the session holds the lock.
async fn begin<'t>(
    tx: &'t Transaction<'t>,
    state: &'t SessionState<'t>,
    started: Instant,
) -> Result<Begun<'t>, Error> {
    match state.settings.engine.lock {
        Lock::Session => advisory_lock::check(tx, state).await?,
        Lock::Transaction => {
            let answer = tx.simple_query(&advisory_lock::try_in(state.key)).await;
            let rows = rows(answer, BEGINNING)?;
            if rows.first().and_then(|row| row.get(0)) != Some("t") {
                return Ok(Begun::Busy);
            }
        }
        Lock::Table => lease::check(tx, state).await?,
    }
    let before = SessionSettings::read(tx, state).await?;
    let number = if state.server.has_transactional_ddl() {
        let rows = rows(tx.simple_query(NUMBER).await, BEGINNING)?;
        rows.first().and_then(|row| row.get(0)).map(str::to_owned)
    } else {
        None
    };
    Ok(Begun::Locked(LockedTransaction {
        tx,
        state,
        before: Arc::new(before),
        known: None,
        has_table: false,
        read: None,
        has_written: false,
        guard: None,
        has_event_triggers: true,
        beginning: started.elapsed(),
        number,
    }))
}

const NUMBER: &str = "SELECT pg_catalog.pg_current_xact_id()";

/// The statements that a transaction begins with after another one.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Beginning {
    Settings,
    ForScripts,
    Lock,
    Facts,
    EventTriggers,
    History,
    Guard,
}

/// The same in one message, if the last transaction of the session has verified
/// the settings, the lock and the history, and nothing but its commit has run
/// since. Any error means that something is not as expected: then `begin`
/// reports what it is.
async fn begin_verified<'t>(
    tx: &'t Transaction<'t>,
    state: &'t SessionState<'t>,
    verified: Verified,
    started: Instant,
) -> Result<Begun<'t>, Error> {
    let own = &state.settings.engine;
    let Verified { before, history } = verified;
    let mut batch = Batch::new();
    if own.lock != Lock::Session {
        // A pooler may have given this transaction another session.
        batch.push(Beginning::Settings, &before.find_changed(false));
    }
    batch.push(Beginning::ForScripts, &before.for_scripts(state));
    match own.lock {
        // It had the lock before the last commit, if it is the same session.
        Lock::Session => {}
        Lock::Transaction => batch.push(Beginning::Lock, &advisory_lock::try_in(state.key)),
        Lock::Table => batch.push(Beginning::Lock, &lease::renewal(state).unwrap_or_default()),
    }
    let facts = format!(
        "SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_current_xact_id(), \
         EXISTS (SELECT FROM pg_catalog.pg_event_trigger), {} FROM {}",
        Mark::values(&own.table),
        own.table.sql()
    );
    batch.push(Beginning::Facts, &facts);
    let guard = guard();
    batch.push(Beginning::Guard, &format!("SAVEPOINT {guard}"));
    let answers = match batch.send(tx.client()).await {
        Ok(answers) => answers,
        Err(Failed { error, .. }) if is_lost(&error) => return Err(failed(BEGINNING)(error)),
        Err(_) => return Ok(Begun::Outdated),
    };
    match own.lock {
        Lock::Session => advisory_lock::judge_backend(state, answers.text(Beginning::Facts, 0))?,
        Lock::Transaction if !answers.is_true(Beginning::Lock, 0) => return Ok(Begun::Busy),
        Lock::Transaction => {}
        Lock::Table => lease::judge(state, answers.rows(Beginning::Lock))?,
    }
    if !answers.rows(Beginning::Settings).is_empty() {
        return Ok(Begun::Outdated);
    }
    let number = answers.text(Beginning::Facts, 1);
    let has_event_triggers = answers.is_true(Beginning::Facts, 2);
    let mark = Mark::parse(answers.rows(Beginning::Facts).first(), 3);
    let is_same = mark.as_ref() == Some(&history.mark);
    Ok(Begun::Locked(LockedTransaction {
        tx,
        state,
        before,
        known: is_same.then_some(history),
        has_table: false,
        read: None,
        has_written: false,
        guard: Some(guard),
        has_event_triggers,
        beginning: started.elapsed(),
        number: (!number.is_empty()).then(|| number.to_owned()),
    }))
}

/// A name for a savepoint that is unknown to every script.
pub(super) fn guard() -> String {
    format!("migrate_{}", nonce())
}

impl LockedTransaction<'_> {
    pub(super) async fn history(&mut self) -> Result<Arc<Vec<Row>>, Error> {
        if let Some(known) = &self.known {
            return Ok(Arc::clone(&known.rows));
        }
        let found = history::find(self.tx, &self.state.settings.engine.table).await?;
        self.has_table = found.is_some();
        let rows = Arc::new(found.unwrap_or_default());
        self.read = Some(Arc::clone(&rows));
        Ok(rows)
    }

    /// The history before a migration runs. A script may read it, so the table
    /// is created if `history` did not find it.
    pub(super) async fn before_migration(&mut self) -> Result<Arc<Vec<Row>>, Error> {
        if let Some(known) = &self.known {
            return Ok(Arc::clone(&known.rows));
        }
        let table = &self.state.settings.engine.table;
        if !self.has_table {
            history::create_missing(self.tx, table).await?;
            self.has_table = true;
        }
        match self.read.take() {
            Some(rows) => Ok(rows),
            None => history::read(self.tx, table).await.map(Arc::new),
        }
    }

    pub(super) async fn write(
        &mut self,
        change: &HistoryWrite<'_>,
        doing: &'static str,
    ) -> Result<(), Error> {
        self.known = None;
        let written = history::write(self.tx, &self.state.settings.engine.table, change).await;
        written.map_err(failed(doing))
    }
}
