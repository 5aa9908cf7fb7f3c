//! Several statements in one message, which is one round trip, and messages
//! that are sent before earlier ones were answered.

use futures_util::{FutureExt as _, StreamExt as _};
use std::pin::{Pin, pin};
use tokio_postgres::{Client, Error, SimpleQueryMessage, SimpleQueryRow};

/// Statements of a message, each with a key for its answer. After one that
/// fails, the server ignores the rest of the message.
pub(super) struct Batch<K> {
    keys: Vec<K>,
    sql: String,
}

/// The rows of each statement of a batch.
pub(super) struct Answers<K>(Vec<(K, Vec<SimpleQueryRow>)>);

/// The error of a batch: the statement that failed, and why.
pub(super) struct Failed<K> {
    /// `None` if every statement was answered, and the connection was lost
    /// after that.
    pub(super) key: Option<K>,
    pub(super) error: Error,
}

impl<K: Copy + PartialEq> Batch<K> {
    pub(super) fn new() -> Batch<K> {
        Batch {
            keys: Vec::new(),
            sql: String::new(),
        }
    }

    /// Adds exactly one statement.
    pub(super) fn push(&mut self, key: K, statement: &str) {
        self.keys.push(key);
        self.sql += statement.trim_end_matches(';');
        self.sql.push(';');
    }

    pub(super) async fn send(&self, client: &Client) -> Result<Answers<K>, Failed<K>> {
        let mut answers: Vec<(K, Vec<SimpleQueryRow>)> = Vec::new();
        let mut rows = Vec::new();
        let failed = |at: usize, error| Failed {
            key: self.keys.get(at).copied(),
            error,
        };
        let stream = client.simple_query_raw(&self.sql).await;
        let mut stream = pin!(stream.map_err(|error| failed(0, error))?);
        while let Some(message) = stream.next().await {
            match message.map_err(|error| failed(answers.len(), error))? {
                SimpleQueryMessage::Row(row) => rows.push(row),
                SimpleQueryMessage::CommandComplete(_) => {
                    if let Some(key) = self.keys.get(answers.len()) {
                        answers.push((*key, std::mem::take(&mut rows)));
                    }
                }
                _ => {}
            }
        }
        Ok(Answers(answers))
    }
}

impl<K: Copy + PartialEq> Answers<K> {
    pub(super) fn rows(&self, key: K) -> &[SimpleQueryRow] {
        let found = self.0.iter().find(|(known, _)| *known == key);
        found.map_or(&[], |(_, rows)| rows.as_slice())
    }

    /// A value of the first row; empty if there is none or it is `NULL`.
    pub(super) fn text(&self, key: K, column: usize) -> &str {
        let row = self.rows(key).first();
        row.and_then(|row| row.get(column)).unwrap_or_default()
    }

    pub(super) fn is_true(&self, key: K, column: usize) -> bool {
        self.text(key, column) == "t"
    }
}

/// A request that was sent and not waited for yet.
pub(super) struct Sent<'a, T> {
    /// The answer if there was one immediately: a closed connection.
    early: Option<T>,
    answer: Pin<Box<dyn Future<Output = T> + Send + 'a>>,
}

impl<'a, T> Sent<'a, T> {
    /// Sends a request of tokio-postgres, which the first poll does.
    pub(super) fn new(request: impl Future<Output = T> + Send + 'a) -> Sent<'a, T> {
        let mut answer: Pin<Box<dyn Future<Output = T> + Send + 'a>> = Box::pin(request);
        let early = answer.as_mut().now_or_never();
        Sent { early, answer }
    }

    pub(super) async fn answer(self) -> T {
        match self.early {
            Some(answer) => answer,
            None => self.answer.await,
        }
    }
}
