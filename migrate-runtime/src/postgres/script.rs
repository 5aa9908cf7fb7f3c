//! Running the statements of one script.

use super::batch::Sent;
use super::classify::is_lost;
use super::db_error::PostgresError;
use super::position::offset;
use super::session::{SessionState, cancel};
use super::wait::STOP_INTERVAL;
use crate::error::{Error, Kind, PostgresKind};
use crate::script::Sql;
use crate::stop::stopped_at;
use std::collections::VecDeque;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tokio_postgres::{GenericClient, Transaction};

/// The number of statements in flight. The server runs them one after the
/// other. This saves only the wait for each answer, which is most of the time
/// of a script with many small statements.
const ON_THEIR_WAY: usize = 32;

type Answer = Result<(), tokio_postgres::Error>;

/// Runs every statement of a script as a message of its own, in the open
/// transaction. Behind the last statement, without waiting for its answer, it
/// sends the request that ends the script, and returns it.
///
/// After a failed statement, the following ones fail too, and so does that
/// request: the server then accepts only the end of the transaction.
pub(super) async fn run<'a, T>(
    tx: &'a Transaction<'_>,
    state: &SessionState<'_>,
    label: &str,
    sql: &'a Sql,
    end: impl Future<Output = T> + Send + 'a,
) -> Result<Sent<'a, T>, Error> {
    let mut sent: VecDeque<(usize, Sent<'_, Answer>)> = VecDeque::new();
    for index in 0..sql.count() {
        if sent.len() == ON_THEIR_WAY
            && let Some((index, first)) = sent.pop_front()
        {
            answered(state, label, sql, index, first).await?;
        }
        if let Some(statement) = sql.statement(index) {
            let request = tx.batch_execute(sql.text(statement));
            sent.push_back((index, Sent::new(request)));
        }
    }
    let end = Sent::new(end);
    for (index, sent) in sent {
        answered(state, label, sql, index, sent).await?;
    }
    Ok(end)
}

/// Waits for the answer to a statement.
async fn answered(
    state: &SessionState<'_>,
    label: &str,
    sql: &Sql,
    index: usize,
    sent: Sent<'_, Answer>,
) -> Result<(), Error> {
    let listeners = state.settings.listeners();
    // The server starts it now at the latest.
    sql.started(listeners, label, index);
    let started = Instant::now();
    let answer = stoppable(state, label, sent.answer()).await?;
    let result = answer.map_err(|error| failed(label, sql, index, error));
    let error = result.as_ref().err();
    sql.ended(listeners, label, index, started.elapsed(), error);
    result
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
