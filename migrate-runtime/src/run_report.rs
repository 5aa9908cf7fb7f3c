//! The output of a run: the events of its start and end, the report, and the
//! report in an error.

use crate::error::Error;
use crate::listeners::Listeners;
use crate::migrator::Settings;
use crate::planned_step::{EngineRules, PlannedStep};
use crate::{Applied, Direction, Engine, Event, Report, Timings, Undone};
use migrate_model::history::Row;
use migrate_model::{Migration, Version};
use std::borrow::Cow;
use std::time::{Duration, Instant};

/// The listeners of a run, and the report so far.
pub(crate) struct RunReport<'s> {
    listeners: Listeners<'s>,
    direction: Direction,
    pub(crate) started: Instant,
    pub(crate) report: Report,
    has_begun: bool,
}

impl<'s> RunReport<'s> {
    pub(crate) fn new<E: Engine>(
        settings: &'s Settings<E>,
        direction: Direction,
        started: Instant,
    ) -> RunReport<'s> {
        let report = Report {
            is_down: direction == Direction::Down,
            ..Report::default()
        };
        RunReport {
            listeners: settings.listeners(),
            direction,
            started,
            report,
            has_begun: false,
        }
    }

    /// Reports the start of the run, once.
    pub(crate) fn begin(&mut self, count: usize) {
        if !self.has_begun {
            self.has_begun = true;
            let direction = self.direction;
            self.listeners.emit(&Event::RunStarted { direction, count });
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.report.applied.len() + self.report.undone.len()
    }

    /// Reports the end of the run, if its start was reported.
    pub(crate) fn end(mut self, result: Result<(), Error>) -> Result<Report, Error> {
        let (direction, count) = (self.direction, self.count());
        let duration = self.started.elapsed();
        self.report.elapsed = duration;
        let report = self.report;
        let result = match result {
            Ok(()) => Ok(report),
            Err(error) => Err(error.on_the_way(direction).with_report(report)),
        };
        if self.has_begun {
            self.listeners.emit(&Event::RunEnded {
                direction,
                count,
                duration,
                error: result.as_ref().err(),
            });
        }
        result
    }
}

/// The migrations that a transaction of a run has performed.
#[derive(Clone, Default)]
pub(crate) struct Done(Vec<DoneStep>);

#[derive(Clone)]
struct DoneStep {
    version: Version,
    label: Cow<'static, str>,
    direction: Direction,
    recorded: Option<&'static Migration>,
    row: Option<Row>,
    timings: Timings,
}

impl Done {
    pub(crate) fn of<E: EngineRules>(step: &PlannedStep<'_, E>, timings: Timings) -> Done {
        let mut done = Done::default();
        done.add(step, timings);
        done
    }

    /// The label of the last migration, which errors of the commit name.
    pub(crate) fn label(&self) -> &str {
        self.0.last().map_or("", |last| &last.label)
    }

    pub(crate) fn add<E: EngineRules>(&mut self, step: &PlannedStep<'_, E>, timings: Timings) {
        self.0.push(DoneStep {
            version: step.version,
            label: step.label.clone(),
            direction: step.direction,
            recorded: step.recorded,
            row: step.row.clone(),
            timings,
        });
    }

    /// Adds how long the commit took to the last migration.
    pub(crate) fn add_commit(&mut self, duration: Duration) {
        if let Some(last) = self.0.last_mut() {
            last.timings.commit += duration;
        }
    }

    /// Whether a history shows that the transaction was committed.
    pub(crate) fn is_in(&self, history: &[Row]) -> bool {
        self.0.iter().enumerate().all(|(at, done)| {
            let mut later = self.0.iter().skip(at + 1);
            if later.any(|later| later.version == done.version) {
                return true;
            }
            let row = history.iter().find(|row| row.version == done.version);
            match (done.recorded, row) {
                // The row from before a redo differs only in its times.
                (Some(migration), Some(row)) => {
                    migration.checksum.matches(row.checksum.as_bytes())
                        && self.0.iter().all(|done| done.row.as_ref() != Some(row))
                }
                (None, None) => true,
                _ => false,
            }
        })
    }

    /// Adds the direction to an error of the commit.
    pub(crate) fn on_the_way(&self, error: Error) -> Error {
        match self.0.last() {
            Some(last) => error.on_the_way(last.direction),
            None => error,
        }
    }

    /// Reports the end of the last migration, which depends on the commit. The
    /// ends of the others were reported earlier.
    pub(crate) fn emit_end(&self, listeners: Listeners<'_>, error: Option<&Error>) {
        if let Some(last) = self.0.last() {
            listeners.emit(&Event::MigrationEnded {
                version: last.version,
                label: &last.label,
                direction: last.direction,
                duration: last.timings.total(),
                timings: last.timings,
                error,
            });
        }
    }

    /// Adds the migrations to the report of the run.
    pub(crate) fn report(self, report: &mut Report) {
        for done in self.0 {
            let (version, timings) = (done.version, done.timings);
            let duration = timings.total();
            match done.recorded {
                Some(migration) => report.applied.push(Applied {
                    version,
                    label: migration.label,
                    duration,
                    timings,
                }),
                None => report.undone.push(Undone {
                    version,
                    label: done.label.into_owned(),
                    duration,
                    timings,
                }),
            }
        }
    }
}
