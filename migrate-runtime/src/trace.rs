//! Events for `tracing`: one span for each run, with its events.

#[cfg(feature = "sqlite")]
use crate::Direction;
use crate::Event;

#[cfg(feature = "sqlite")]
pub(crate) fn run(direction: Direction, database: Option<&str>) -> tracing::Span {
    tracing::info_span!("migrate", %direction, database = database.unwrap_or_default())
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
                    tracing::error!(count, duration_ms, error = %format_args!("{error:#}"), "run failed");
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
            timings,
            error,
            ..
        } => {
            let duration_ms = milliseconds(*duration);
            match error {
                None => tracing::info!(
                    migration = label,
                    %direction,
                    duration_ms,
                    script_ms = milliseconds(timings.script),
                    checks_ms = milliseconds(timings.checks),
                    commit_ms = milliseconds(timings.commit),
                    "migration ended"
                ),
                Some(error) => {
                    tracing::error!(migration = label, %direction, error = %format_args!("{error:#}"), "migration failed");
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
                    tracing::debug!(migration = label, number, of, error = %format_args!("{error:#}"), "statement failed");
                }
            }
        }
        Event::Waiting {
            waiting_for,
            waited,
        } => {
            let waited_ms = milliseconds(*waited);
            tracing::warn!(waited_ms, "waiting for {waiting_for}");
        }
        Event::Warning { message } => tracing::warn!("{message}"),
    }
}
