//! Events for `tracing`: one span for each run, and what happens inside of it.

use crate::{Direction, Error, Event};
use std::fmt;

/// The span of a run.
pub(crate) fn run(direction: Direction, database: Option<&str>) -> tracing::Span {
    tracing::info_span!("migrate", %direction, database = database.unwrap_or_default())
}

/// An error with its causes: the message of the database is one of them.
struct Chain<'e>(&'e Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = std::error::Error::source(self.0);
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn event(event: &Event<'_>) {
    match event {
        Event::RunStarted { direction, count } => {
            tracing::debug!(%direction, count, "run started");
        }
        Event::RunEnded {
            count,
            duration,
            error,
            ..
        } => {
            let duration_ms = milliseconds(*duration);
            match error {
                None => tracing::info!(count, duration_ms, "run ended"),
                Some(error) => {
                    let error = Chain(error);
                    tracing::error!(count, duration_ms, %error, "run failed");
                }
            }
        }
        Event::BackedUp { path, duration } => {
            let duration_ms = milliseconds(*duration);
            tracing::info!(path = %path.display(), duration_ms, "database backed up");
        }
        Event::MigrationStarted {
            label, direction, ..
        } => tracing::debug!(migration = label, %direction, "migration started"),
        Event::MigrationEnded {
            label,
            direction,
            duration,
            error,
            ..
        } => {
            let duration_ms = milliseconds(*duration);
            match error {
                None => {
                    tracing::info!(migration = label, %direction, duration_ms, "migration ended");
                }
                Some(error) => {
                    let error = Chain(error);
                    tracing::error!(migration = label, %direction, %error, "migration failed");
                }
            }
        }
        Event::StatementStarted {
            label, number, of, ..
        } => tracing::trace!(migration = label, number, of, "statement started"),
        Event::StatementEnded {
            label,
            number,
            of,
            duration,
            error,
        } => {
            let duration_ms = milliseconds(*duration);
            match error {
                None => tracing::trace!(
                    migration = label,
                    number,
                    of,
                    duration_ms,
                    "statement ended"
                ),
                Some(error) => {
                    let error = Chain(error);
                    tracing::debug!(migration = label, number, of, %error, "statement failed");
                }
            }
        }
        Event::Waiting { doing, waited } => {
            let waited_ms = milliseconds(*waited);
            tracing::warn!(waited_ms, "waiting {doing}");
        }
        Event::Warning { message } => tracing::warn!("{message}"),
    }
}
