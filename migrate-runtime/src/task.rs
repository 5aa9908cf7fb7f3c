//! One migration in one direction: what a run of any engine has to do.

use crate::Direction;
use crate::error::{Error, Kind};
use crate::history_write::{HistoryWrite, Record};
use crate::migrator::Settings;
use crate::script::Sql;
use crate::{Engine, Repaired};
use migrate_model::history::{Progress, Row};
use migrate_model::plan::{DownScript, Undo};
use migrate_model::{Migration, Script, Version};
use migrate_scan::Scan;
use std::time::Duration;

/// One migration, in one direction. `F` is a function of the engine.
pub(crate) struct Task<'a, F> {
    pub(crate) version: Version,
    pub(crate) label: &'a str,
    pub(crate) direction: Direction,
    pub(crate) body: Body<'a, F>,
    /// What the history will hold: this migration, or no longer that version.
    pub(crate) recorded: Option<&'static Migration>,
}

/// What a migration does.
pub(crate) enum Body<'a, F> {
    Sql(Sql<'a>),
    Rust { function: F, path: &'static str },
}

impl<'a, F> Task<'a, F> {
    /// What a migration does on the way up, with its function if it is one in
    /// Rust.
    pub(crate) fn up(
        migration: &'static Migration,
        function: Option<F>,
    ) -> Result<Task<'a, F>, Error> {
        Ok(Task {
            version: migration.version,
            label: migration.label,
            direction: Direction::Up,
            body: match migration.up.is_rust() {
                false => Body::Sql(Sql::embedded(&migration.up)),
                true => in_rust(migration.label, &migration.up, function)?,
            },
            recorded: Some(migration),
        })
    }

    /// The same on the way down. `table` is the name of the history, and `scan`
    /// cuts a down that it holds.
    pub(crate) fn down(
        undo: &'a Undo,
        table: &str,
        scan: impl Fn(&str) -> Scan,
        function: Option<F>,
    ) -> Result<Task<'a, F>, Error> {
        Ok(Task {
            version: undo.version,
            label: &undo.label,
            direction: Direction::Down,
            body: match undo.script() {
                Some(DownScript::Embedded(down)) if down.is_rust() => {
                    in_rust(&undo.label, &down, function)?
                }
                Some(down) => Body::Sql(Sql::down(down, &undo.row, table, scan)),
                // Not reached: the planner has seen that there is one.
                None => return Err(crate::steps::not_known(undo).into()),
            },
            recorded: None,
        })
    }

    /// A migration without a transaction that was cut off, by its row; `label`
    /// is that of [`label`].
    pub(crate) fn resumed<E: Engine>(
        settings: &Settings<E>,
        row: &'a Row,
        progress: Progress,
        label: &'a str,
        table: &str,
        scan: impl Fn(&str) -> Scan,
    ) -> Result<Task<'a, F>, Error> {
        let registered = settings.registry.get(row.version);
        let known = known(settings, row);
        let sql = match progress.direction {
            Direction::Up => known.map(|migration| Sql::embedded(&migration.up)),
            Direction::Down => {
                DownScript::of(row, registered).map(|down| Sql::down(down, row, table, scan))
            }
        };
        let sql = sql.ok_or_else(|| {
            let label = row.label();
            Kind::NotKnown { label }
        })?;
        Ok(Task {
            version: row.version,
            label,
            direction: progress.direction,
            body: Body::Sql(sql),
            recorded: known.filter(|_| progress.direction == Direction::Up),
        })
    }

    /// What is told of one that was resumed and has ended.
    pub(crate) fn repaired(&self, row: &Row) -> Repaired {
        Repaired {
            version: self.version,
            label: self.label.to_owned(),
            old: row.checksum.clone(),
            new: self
                .recorded
                .map(|migration| migration.checksum.to_string()),
            what: "resumed and ended",
        }
    }

    /// What records it, in the transaction in which it ran.
    pub(crate) fn record<'s, E: Engine>(
        &self,
        settings: &'s Settings<E>,
        duration: Duration,
    ) -> HistoryWrite<'s> {
        let Some(migration) = self.recorded else {
            return HistoryWrite::Delete(self.version);
        };
        let record = Record {
            execution_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            ..Record::of_release(settings)
        };
        HistoryWrite::Insert(migration, record)
    }

    /// What records that it starts, if it runs without a transaction.
    pub(crate) fn record_start<'s, E: Engine>(
        &self,
        settings: &'s Settings<E>,
        progress: Progress,
    ) -> HistoryWrite<'s> {
        let Some(migration) = self.recorded else {
            return HistoryWrite::SetProgress(self.version, progress);
        };
        let record = Record {
            progress: Some(progress),
            ..Record::of_release(settings)
        };
        HistoryWrite::Insert(migration, record)
    }

    /// What records the end of one that was started.
    pub(crate) fn record_end(&self, duration: Duration) -> HistoryWrite<'static> {
        match self.recorded {
            Some(_) => HistoryWrite::Finish(self.version, duration),
            None => HistoryWrite::Delete(self.version),
        }
    }

    /// What undoes the record of its start, if it has done nothing.
    pub(crate) fn record_nothing(&self) -> HistoryWrite<'static> {
        match self.direction {
            Direction::Up => HistoryWrite::Delete(self.version),
            Direction::Down => HistoryWrite::Reopen(self.version, None),
        }
    }

    /// What records that it is resumed, if its text is not the recorded one.
    pub(crate) fn record_new_text(&self, row: &Row) -> Option<HistoryWrite<'static>> {
        let migration = self.recorded?;
        if migration.checksum.matches(row.checksum.as_bytes()) {
            return None;
        }
        let note = format!(
            "resumed with another text: {} became {}",
            row.checksum, migration.checksum
        );
        Some(HistoryWrite::Restamp(migration, note))
    }

    /// The script, if it runs without a transaction.
    pub(crate) fn outside(&self) -> Option<&Sql<'a>> {
        match &self.body {
            Body::Sql(sql) if !sql.in_transaction => Some(sql),
            _ => None,
        }
    }
}

/// The migration of the registry that a row records.
fn known<E: Engine>(settings: &Settings<E>, row: &Row) -> Option<&'static Migration> {
    let registered = settings.registry.get(row.version);
    registered.filter(|migration| migration.name == row.name)
}

/// How the migration of a row is called.
pub(crate) fn label<E: Engine>(settings: &Settings<E>, row: &Row) -> String {
    known(settings, row).map_or_else(|| row.label(), |known| known.label.to_owned())
}

fn in_rust<'a, F>(label: &str, script: &Script, function: Option<F>) -> Result<Body<'a, F>, Error> {
    Ok(Body::Rust {
        function: function.ok_or_else(|| crate::steps::no_function(label, script))?,
        path: script.path(),
    })
}
