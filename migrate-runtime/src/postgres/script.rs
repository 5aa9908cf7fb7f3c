//! Running the statements of one script.

use super::classify::is_lost;
use super::db_error::PostgresError;
use super::position::offset;
use super::session::{SessionState, cancel};
use super::wait::STOP_INTERVAL;
use crate::error::{Error, Kind, PostgresKind};
use crate::script::Sql;
use crate::stop::stopped_at;
use futures_util::FutureExt as _;
use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tokio_postgres::{GenericClient, Transaction};

/// The number of statements in flight. The server runs them one after the
/// other. This saves only the wait for each answer, which is most of the time
/// of a script with many small statements.
const ON_THEIR_WAY: usize = 32;

type Answer = Result<(), tokio_postgres::Error>;

/// A statement that was sent.
struct Sent<'a> {
    index: usize,
    /// The answer if there is one immediately: a closed connection.
    early: Option<Answer>,
    answer: Pin<Box<dyn Future<Output = Answer> + Send + 'a>>,
}

/// Runs every statement of a script as a message of its own, in the open
/// transaction.
///
/// After a failed statement, the following ones fail too: the server then
/// accepts only the end of the transaction.
pub(super) async fn run(
    tx: &Transaction<'_>,
    state: &SessionState<'_>,
    label: &str,
    sql: &Sql,
) -> Result<(), Error> {
    let listeners = state.settings.listeners();
    let mut sent: VecDeque<Sent<'_>> = VecDeque::new();
    let mut next = 0;
    loop {
        while sent.len() < ON_THEIR_WAY
            && let Some(statement) = sql.statement(next)
        {
            let text = sql.text(statement);
            let mut answer: Pin<Box<dyn Future<Output = Answer> + Send>> =
                Box::pin(tx.batch_execute(text));
            // The first poll sends it, so they are sent in the order of the
            // script.
            let early = answer.as_mut().now_or_never();
            sent.push_back(Sent {
                index: next,
                early,
                answer,
            });
            next += 1;
        }
        let Some(first) = sent.pop_front() else {
            return Ok(());
        };
        // The server starts it now at the latest.
        sql.started(listeners, label, first.index);
        let started = Instant::now();
        let answer = match first.early {
            Some(answer) => answer,
            None => stoppable(state, label, first.answer).await?,
        };
        let result = answer.map_err(|error| failed(label, sql, first.index, error));
        let duration = started.elapsed();
        let error = result.as_ref().err();
        sql.ended(listeners, label, first.index, duration, error);
        result?;
    }
}

/// Runs one statement outside a transaction.
pub(super) async fn step(
    client: &(impl GenericClient + Sync),
    state: &SessionState<'_>,
    label: &str,
    sql: &Sql,
    index: usize,
) -> Result<(), Error> {
    let Some(statement) = sql.statement(index) else {
        return Ok(());
    };
    let listeners = state.settings.listeners();
    sql.started(listeners, label, index);
    let started = Instant::now();
    let answer = client.batch_execute(sql.text(statement)).await;
    let result = answer.map_err(|error| failed(label, sql, index, error));
    let error = result.as_ref().err();
    sql.ended(listeners, label, index, started.elapsed(), error);
    result
}

fn failed(label: &str, sql: &Sql, index: usize, error: tokio_postgres::Error) -> Error {
    if is_lost(&error) {
        return lost(label, error);
    }
    let statement = sql.statement(index);
    let place = statement.map_or(0, |statement| {
        let within = error
            .as_db_error()
            .map_or(0, |error| offset(error, sql.text(statement)));
        statement.start as usize + within
    });
    let kind = Kind::Statement {
        label: label.to_owned(),
        place: sql.place(place),
    };
    Error::with_source(kind, PostgresError(error))
}

/// The error of a migration whose connection was lost before the commit.
pub(super) fn lost(label: &str, error: tokio_postgres::Error) -> Error {
    let label = Some(label.to_owned());
    Error::with_source(PostgresKind::Lost { label }.into(), PostgresError(error))
}

/// Waits for an answer of the server, and cancels the statement if the run is
/// to stop.
pub(super) async fn stoppable<T>(
    state: &SessionState<'_>,
    label: &str,
    answer: impl Future<Output = T>,
) -> Result<T, Error> {
    let Some(stop) = &state.settings.stop else {
        return Ok(answer.await);
    };
    let mut answer = pin!(answer);
    loop {
        if stop.is_wanted() {
            // A cancellation that comes too early or too late has no effect.
            while timeout(Duration::from_secs(1), async {
                cancel(state).await;
                answer.as_mut().await;
            })
            .await
            .is_err()
            {}
            return Err(stopped_at(label));
        }
        if let Ok(answer) = timeout(STOP_INTERVAL, answer.as_mut()).await {
            return if stop.is_wanted() {
                Err(stopped_at(label))
            } else {
                Ok(answer)
            };
        }
    }
}
