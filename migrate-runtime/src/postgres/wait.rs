//! Waiting for other sessions, with a deadline.

use super::connector::Backoff;
use crate::error::{Error, Kind, Stopped};
use crate::listeners::Listeners;
use crate::migrator::Settings;
use crate::stop::Stop;
use crate::{Event, Postgres};
use std::time::{Duration, Instant};
use tokio::time::sleep;

pub(super) const THE_LOCK: &str = "the migration lock";

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Longer pauses between attempts at a migration, because an attempt blocks
/// others.
const AGAIN: Duration = Duration::from_millis(250);
const LONGEST_AGAIN: Duration = Duration::from_secs(4);
/// The time between two events of a wait.
const EVENT_INTERVAL: Duration = Duration::from_secs(1);
/// The time between two checks whether to stop.
pub(super) const STOP_INTERVAL: Duration = Duration::from_millis(50);

/// One wait, which begins with its creation.
pub(super) struct Wait<'a> {
    database: &'a str,
    waiting_for: &'static str,
    timeout: Duration,
    stop: Option<&'a Stop>,
    listeners: Listeners<'a>,
    started: Instant,
    reported: Option<Instant>,
    backoff: Backoff,
}

impl<'a> Wait<'a> {
    pub(super) fn for_the_lock(settings: &'a Settings<Postgres>, database: &'a str) -> Wait<'a> {
        Wait {
            database,
            waiting_for: THE_LOCK,
            timeout: settings.lock_timeout,
            stop: settings.stop.as_ref(),
            listeners: settings.listeners(),
            started: Instant::now(),
            reported: None,
            backoff: Backoff::new(FIRST_PAUSE, LONGEST_PAUSE),
        }
    }

    /// The wait between two attempts at a migration.
    pub(super) fn for_another_attempt(
        settings: &'a Settings<Postgres>,
        database: &'a str,
    ) -> Wait<'a> {
        Wait {
            waiting_for: "another attempt at the migration",
            timeout: Duration::MAX,
            backoff: Backoff::new(AGAIN, LONGEST_AGAIN),
            ..Wait::for_the_lock(settings, database)
        }
    }

    /// Sleeps for a moment. The pauses grow, and vary between processes, so
    /// that they do not retry together.
    ///
    /// # Errors
    ///
    /// Fails if the deadline has passed or the run is to stop.
    pub(super) async fn pause(&mut self) -> Result<(), Error> {
        let waited = self.started.elapsed();
        if waited >= self.timeout {
            return Err(Kind::Locked {
                database: self.shown(),
                waited,
                waiting_for: self.waiting_for,
            }
            .into());
        }
        if self
            .reported
            .is_none_or(|reported| reported.elapsed() >= EVENT_INTERVAL)
        {
            self.reported = Some(Instant::now());
            let waiting_for = self.waiting_for;
            self.listeners.emit(&Event::Waiting {
                waiting_for,
                waited,
            });
        }
        let pause = self.backoff.delay().min(self.timeout - waited);
        self.sleep(pause).await
    }

    /// Sleeps, unless the run is to stop.
    async fn sleep(&self, pause: Duration) -> Result<(), Error> {
        let until = Instant::now() + pause;
        loop {
            if self.stop.is_some_and(Stop::is_wanted) {
                return Err(Kind::Stopped(Stopped::Waiting {
                    database: self.shown(),
                    waiting_for: self.waiting_for,
                })
                .into());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            sleep(match self.stop {
                Some(_) => left.min(STOP_INTERVAL),
                None => left,
            })
            .await;
        }
    }

    fn shown(&self) -> String {
        format!("database `{}`", self.database)
    }
}
