//! What is told of a run, and whom it asks.

use super::lock::Deadline;
use super::run::{Run, Task, read_only};
use super::session::Session;
use super::up::check_writable;
use crate::error::{Error, Kind};
use crate::migrator::Settings;
use crate::observer::Hook;
use crate::{Direction, Event, Report, Step};
use migrate_sqlite::authorizer::Scope;
use rusqlite::Connection;
use std::time::{Duration, Instant};

/// What is known of a run before it has the connection for itself.
pub(super) struct Start<'s> {
    pub(super) settings: &'s Settings,
    pub(super) direction: Direction,
    /// How many migrations it is about.
    pub(super) count: usize,
    pub(super) started: Instant,
    pub(super) first: Deadline<'s>,
}

impl Start<'_> {
    /// Sets the connection up, and runs.
    pub(super) fn run(
        self,
        conn: &mut Connection,
        act: impl FnOnce(&Run<'_>, &mut Report) -> Result<(), Error>,
    ) -> Result<Report, Error> {
        let Start {
            settings,
            direction,
            count,
            started,
            first,
        } = self;
        check_writable(conn, count)?;
        let session = Session::start(conn, settings, count, first)?;
        let run = Run::new(&session, settings);
        observed(&run, direction, count, started, |report| act(&run, report))
    }
}

/// Tells of a run what can be told of each: that it began, what it did, and
/// how it ended.
pub(super) fn observed(
    run: &Run<'_>,
    direction: Direction,
    count: usize,
    started: Instant,
    act: impl FnOnce(&mut Report) -> Result<(), Error>,
) -> Result<Report, Error> {
    let listeners = run.settings.listeners();
    #[cfg(feature = "tracing")]
    let _span = crate::trace::run(direction, run.conn.path()).entered();
    listeners.tell(&Event::RunStarted { direction, count });
    let mut report = Report::default();
    let result = act(&mut report);
    report.backup = run.backup.take();
    report.elapsed = started.elapsed();
    let done = report.applied.len() + report.undone.len();
    let result = match result {
        Ok(()) => Ok(report),
        Err(error) => Err(read_only(error, count.saturating_sub(done))
            .on_the_way(direction)
            .with_report(report)),
    };
    listeners.tell(&Event::RunEnded {
        direction,
        count: done,
        duration: started.elapsed(),
        error: result.as_ref().err(),
    });
    result
}

impl Run<'_> {
    /// Asks the observer, who may use the connection but not the transaction.
    pub(super) fn hook(&self, task: &Task<'_>, hook: Hook) -> Result<(), Error> {
        let Some(observer) = self.settings.observer() else {
            return Ok(());
        };
        let step = Step {
            version: task.version,
            label: task.label,
            direction: task.direction,
            connection: Some(self.conn),
        };
        let entered = self.authorizer.enter(Scope::Transaction);
        let answer = match hook {
            Hook::Before => observer.before(&step),
            Hook::After => observer.after(&step),
        };
        drop(entered);
        answer.map_err(|error| {
            let label = task.label.to_owned();
            Error::with_source(Kind::Vetoed { label, hook }, error)
        })
    }

    pub(super) fn tell_started(&self, task: &Task<'_>) {
        self.settings.listeners().tell(&Event::MigrationStarted {
            version: task.version,
            label: task.label,
            direction: task.direction,
        });
    }

    pub(super) fn tell_ended(&self, task: &Task<'_>, duration: Duration, error: Option<&Error>) {
        self.settings.listeners().tell(&Event::MigrationEnded {
            version: task.version,
            label: task.label,
            direction: task.direction,
            duration,
            error,
        });
    }
}
