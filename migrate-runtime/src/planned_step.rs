//! One migration in one direction: what a run of any engine executes and writes
//! to the history.

use crate::error::{Error, Kind};
use crate::history_write::{HistoryWrite, Record};
use crate::listeners::Listeners;
use crate::migrator::Settings;
use crate::repair::{find, not_known, nothing};
use crate::script::Sql;
use crate::{Direction, Engine, Event, Repaired, Step, Timings};
use migrate_model::history::{Progress, Row, State};
use migrate_model::plan::{DownScript, Undo};
use migrate_model::{Migration, Script, Version};
use migrate_scan::Scan;
use std::borrow::Cow;
use std::time::Duration;

/// The engine-specific functions that a plan needs.
pub(crate) trait EngineRules: Engine {
    type Function<'s>: Copy;

    fn function<'s>(
        settings: &'s Settings<Self>,
        version: Version,
        direction: Direction,
    ) -> Option<Self::Function<'s>>;

    fn history_table(settings: &Settings<Self>) -> &str;

    /// Splits a down that is stored in the history.
    fn scan(text: &str) -> Scan;
}

pub(crate) struct PlannedStep<'s, E: EngineRules> {
    pub(crate) version: Version,
    pub(crate) label: Cow<'static, str>,
    pub(crate) direction: Direction,
    pub(crate) body: Body<E::Function<'s>>,
    /// The migration that the history will contain; `None` if the row of the
    /// version will be gone.
    pub(crate) recorded: Option<&'static Migration>,
    /// The existing row, on the way down.
    pub(crate) row: Option<Row>,
}

pub(crate) enum Body<F> {
    Sql(Sql),
    Rust { function: F, path: &'static str },
}

impl<'s, E: EngineRules> PlannedStep<'s, E> {
    pub(crate) fn up(
        settings: &'s Settings<E>,
        migration: &'static Migration,
    ) -> Result<PlannedStep<'s, E>, Error> {
        let (version, direction) = (migration.version, Direction::Up);
        Ok(PlannedStep {
            version,
            label: Cow::Borrowed(migration.label),
            direction,
            body: if migration.up.is_rust() {
                in_rust(settings, version, migration.label, direction, &migration.up)?
            } else {
                Body::Sql(Sql::embedded(&migration.up))
            },
            recorded: Some(migration),
            row: None,
        })
    }

    pub(crate) fn down(
        settings: &'s Settings<E>,
        undo: &Undo,
    ) -> Result<PlannedStep<'s, E>, Error> {
        let direction = Direction::Down;
        Ok(PlannedStep {
            version: undo.version,
            label: Cow::Owned(undo.label.clone()),
            direction,
            body: match undo.script() {
                Some(DownScript::Embedded(down)) if down.is_rust() => {
                    in_rust(settings, undo.version, &undo.label, direction, &down)?
                }
                Some(down) => Body::Sql(sql_of_down::<E>(settings, down, &undo.row)),
                // Not reached: the planner has checked that there is one.
                None => return Err(not_known(&undo.label)),
            },
            recorded: None,
            row: Some(undo.row.clone()),
        })
    }

    /// The script, if it runs without a transaction.
    pub(crate) fn no_transaction(&self) -> Option<&Sql> {
        match &self.body {
            Body::Sql(sql) if !sql.in_transaction => Some(sql),
            _ => None,
        }
    }

    /// Fails if the run is to stop.
    pub(crate) fn check_stop(&self, settings: &Settings<E>) -> Result<(), Error> {
        let checked = settings.check_stop(&self.label);
        checked.map_err(|error| error.on_the_way(self.direction))
    }

    /// The step that hooks receive, without a connection.
    pub(crate) fn asked(&self) -> Step<'_> {
        Step {
            version: self.version,
            label: &self.label,
            direction: self.direction,
            #[cfg(feature = "sqlite")]
            connection: None,
        }
    }

    pub(crate) fn emit_started(&self, listeners: Listeners<'_>) {
        listeners.emit(&Event::MigrationStarted {
            version: self.version,
            label: &self.label,
            direction: self.direction,
        });
    }

    pub(crate) fn emit_ended(
        &self,
        listeners: Listeners<'_>,
        timings: Timings,
        error: Option<&Error>,
    ) {
        listeners.emit(&Event::MigrationEnded {
            version: self.version,
            label: &self.label,
            direction: self.direction,
            duration: timings.total(),
            timings,
            error,
        });
    }

    /// The change of the history that records it, in the transaction in which
    /// it ran. The duration cannot include the commit.
    pub(crate) fn record<'a>(
        &self,
        settings: &'a Settings<E>,
        duration: Duration,
    ) -> HistoryWrite<'a> {
        let Some(migration) = self.recorded else {
            return HistoryWrite::Delete(self.version);
        };
        let record = Record {
            execution_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            ..Record::of_release(settings)
        };
        HistoryWrite::Insert(migration, record)
    }

    /// The progress at the start of a step without a transaction, and the
    /// change of the history that records it.
    pub(crate) fn start<'a>(&self, settings: &'a Settings<E>) -> (Progress, HistoryWrite<'a>) {
        let statements = self.no_transaction().map_or(0, |sql| sql.count());
        let progress = Progress::start(self.direction, statements);
        let Some(migration) = self.recorded else {
            return (progress, HistoryWrite::SetProgress(self.version, progress));
        };
        let record = Record {
            progress: Some(progress),
            ..Record::of_release(settings)
        };
        (progress, HistoryWrite::Insert(migration, record))
    }

    /// The change of the history that records the end of a started step.
    pub(crate) fn record_end(&self, duration: Duration) -> HistoryWrite<'static> {
        match self.recorded {
            Some(_) => HistoryWrite::Finish(self.version, duration),
            None => HistoryWrite::Delete(self.version),
        }
    }

    /// The change of the history that removes the record of its start, if no
    /// statement took effect.
    pub(crate) fn record_nothing(&self) -> HistoryWrite<'static> {
        match self.direction {
            Direction::Up => HistoryWrite::Delete(self.version),
            Direction::Down => HistoryWrite::Reopen(self.version, None),
        }
    }
}

/// An interrupted migration without a transaction that is resumed.
pub(crate) struct Resumed<'s, E: EngineRules> {
    pub(crate) step: PlannedStep<'s, E>,
    pub(crate) progress: Progress,
    /// The changes of the history that record the resumption.
    pub(crate) writes: Vec<HistoryWrite<'static>>,
    pub(crate) repaired: Repaired,
}

impl<'s, E: EngineRules> Resumed<'s, E> {
    /// Plans how to resume a version, given its row.
    pub(crate) fn plan(
        settings: &'s Settings<E>,
        history: &[Row],
        version: Version,
    ) -> Result<Resumed<'s, E>, Error> {
        let row = find(settings, history, version)?;
        let (State::Started, Some(mut progress)) = (row.state, row.progress) else {
            return Err(nothing(row));
        };
        let registered = settings.registry.get(version);
        let known = registered.filter(|migration| migration.name == row.name);
        let label = known.map_or_else(|| row.label().into(), |known| Cow::Borrowed(known.label));
        let sql = match progress.direction {
            Direction::Up => known.map(|migration| Sql::embedded(&migration.up)),
            Direction::Down => {
                DownScript::of(row, registered).map(|down| sql_of_down::<E>(settings, down, row))
            }
        };
        let sql = sql.ok_or_else(|| not_known(&row.label()))?;
        if !progress.is_beginning_of(sql.texts()) {
            return Err(Kind::RepairRefused(format!(
                "migration `{label}` cannot be resumed, because a statement that already ran has \
                 been edited since; nothing was changed, restore its file, or bring the database \
                 to a known state and mark the migration as applied or as not applied"
            ))
            .into());
        }
        // Statements that have not run yet may have been added or removed.
        progress.of = sql.count();
        let recorded = known.filter(|_| progress.direction == Direction::Up);
        let mut writes = vec![HistoryWrite::SetProgress(version, progress)];
        if let Some(migration) = recorded
            && !migration.checksum.matches(row.checksum.as_bytes())
        {
            let note = format!(
                "resumed with a different text: {} became {}",
                row.checksum, migration.checksum
            );
            writes.push(HistoryWrite::Restamp(migration, note));
        }
        let repaired = Repaired {
            version,
            label: label.clone().into_owned(),
            old: row.checksum.clone(),
            new: recorded.map(|migration| migration.checksum.to_string()),
            what: "resumed and finished",
        };
        let step = PlannedStep {
            version,
            label,
            direction: progress.direction,
            body: Body::Sql(sql),
            recorded,
            row: Some(row.clone()),
        };
        Ok(Resumed {
            step,
            progress,
            writes,
            repaired,
        })
    }
}

fn sql_of_down<E: EngineRules>(settings: &Settings<E>, down: DownScript<'_>, row: &Row) -> Sql {
    Sql::down(down, row, E::history_table(settings), E::scan)
}

fn in_rust<'s, E: EngineRules>(
    settings: &'s Settings<E>,
    version: Version,
    label: &str,
    direction: Direction,
    script: &Script,
) -> Result<Body<E::Function<'s>>, Error> {
    let path = script.path();
    match E::function(settings, version, direction) {
        Some(function) => Ok(Body::Rust { function, path }),
        None => {
            let label = label.to_owned();
            Err(Kind::NoFunction { label, path }.into())
        }
    }
}
