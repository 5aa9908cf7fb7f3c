//! Planning a down run: the migrations to undo, newest first.

use super::Drift;
use crate::history::{Row, State};
use crate::{Migration, Registry, Script, Version};
use std::fmt;

/// Which migrations to undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Down<M = Version> {
    /// The newest N migrations, or all of them if fewer are applied.
    Steps(usize),
    /// All migrations above this version, which stays applied. The version of the newest
    /// migration in a binary undoes all that the binary does not contain.
    To(M),
    /// This migration only. Refused while later ones are applied.
    Only(M),
    /// All migrations.
    All,
}

impl<M: Into<Version>> Down<M> {
    /// Converts the target to a plain version.
    pub fn untyped(self) -> Down {
        match self {
            Down::Steps(steps) => Down::Steps(steps),
            Down::To(target) => Down::To(target.into()),
            Down::Only(migration) => Down::Only(migration.into()),
            Down::All => Down::All,
        }
    }
}

/// One migration to undo.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Undo {
    /// Its version.
    pub version: Version,
    /// Number and name.
    pub label: String,
    /// Its row in the history.
    pub row: Row,
    /// The migration of the registry, if it is the one that was applied. Its down is run if it
    /// has one; otherwise the down of the row is run.
    pub migration: Option<&'static Migration>,
}

impl Undo {
    fn new<E>(registry: &Registry<E>, row: &Row) -> Undo {
        let known = registry.get(row.version);
        let migration = known.filter(|migration| row.is_of(migration));
        Undo {
            version: row.version,
            label: migration.map_or_else(|| row.label(), |known| known.label.to_owned()),
            row: row.clone(),
            migration,
        }
    }

    /// The script that undoes it.
    pub fn script(&self) -> Option<DownScript<'_>> {
        DownScript::of(&self.row, self.migration)
    }

    /// The reason why it cannot be undone, if there is one.
    fn obstacle(&self) -> Option<NoDown> {
        if self.script().is_some() {
            return None;
        }
        let reason = self.migration.and_then(|migration| migration.irreversible);
        Some(NoDown {
            label: self.label.clone(),
            reason,
            is_known: self.migration.is_some(),
        })
    }
}

/// The down of an applied migration.
#[derive(Clone, Copy, Debug)]
pub enum DownScript<'a> {
    /// The script in the registry.
    Embedded(Script),
    /// The SQL stored in the history row.
    Stored(&'a str),
}

impl<'a> DownScript<'a> {
    /// The down that belongs to the applied text: the embedded one if the registry has the same
    /// migration, and the one stored in the row otherwise.
    pub fn of(row: &'a Row, migration: Option<&Migration>) -> Option<DownScript<'a>> {
        migration
            .filter(|migration| row.is_of(migration))
            .and_then(|migration| migration.down)
            .map(DownScript::Embedded)
            .or(row.down_sql.as_deref().map(DownScript::Stored))
    }
}

/// A migration that cannot be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoDown {
    /// Number and name.
    pub label: String,
    /// The reason given in its `irreversible` directive, if it has one.
    pub reason: Option<&'static str>,
    /// Whether the registry has this migration.
    pub is_known: bool,
}

impl fmt::Display for NoDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = &self.label;
        match (self.reason, self.is_known) {
            (Some(reason), _) => write!(f, "`{label}` is irreversible ({reason})"),
            (None, true) => write!(f, "`{label}` has no down"),
            (None, false) => write!(
                f,
                "`{label}` is not contained in this binary as it was applied, and the history stores \
                 no down for it"
            ),
        }
    }
}

/// The reason why nothing can be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// Migrations without a transaction that have not finished.
    Dirty(Vec<Drift>),
    /// The migration to undo is not applied.
    NotApplied {
        /// Number and name, or the number alone.
        label: String,
    },
    /// Migrations later than the one to undo are applied.
    LaterApplied {
        /// Number and name of the migration to undo.
        label: String,
        /// Numbers and names of the later migrations, oldest first.
        later: Vec<String>,
    },
    /// Some of the migrations to undo have no down.
    NoDown(Vec<NoDown>),
}

/// Plans a down run: the migrations to undo, newest first. If one of them cannot be undone,
/// none is planned.
///
/// The down that runs belongs to the applied text: the embedded one if registry and history
/// agree, and the one stored in the row otherwise. A migration that the registry lacks, or that
/// has changed since, can be undone too.
///
/// # Errors
///
/// Returns the obstacle. In this case nothing may be undone.
pub fn plan_down<E>(
    registry: &Registry<E>,
    history: &[Row],
    down: &Down,
) -> Result<Vec<Undo>, Obstacle> {
    let dirty: Vec<Drift> = history
        .iter()
        .filter(|row| row.state == State::Started)
        .map(|row| super::dirty(row, registry.get(row.version)))
        .collect();
    if !dirty.is_empty() {
        return Err(Obstacle::Dirty(dirty));
    }
    let newest_first = history.iter().rev();
    let rows: Vec<&Row> = match *down {
        Down::Steps(steps) => newest_first.take(steps).collect(),
        Down::All => newest_first.collect(),
        Down::To(target) => newest_first
            .take_while(|row| row.version > target)
            .collect(),
        Down::Only(version) => vec![only(registry, history, version)?],
    };
    let undos: Vec<Undo> = rows
        .into_iter()
        .map(|row| Undo::new(registry, row))
        .collect();
    let missing: Vec<NoDown> = undos.iter().filter_map(Undo::obstacle).collect();
    if missing.is_empty() {
        Ok(undos)
    } else {
        Err(Obstacle::NoDown(missing))
    }
}

fn only<'a, E>(
    registry: &Registry<E>,
    history: &'a [Row],
    version: Version,
) -> Result<&'a Row, Obstacle> {
    let Some(row) = super::find(history, version) else {
        let known = registry.get(version);
        return Err(Obstacle::NotApplied {
            label: known.map_or_else(|| version.to_string(), |known| known.label.to_owned()),
        });
    };
    let later: Vec<String> = history
        .iter()
        .filter(|row| row.version > version)
        .map(|row| Undo::new(registry, row).label)
        .collect();
    if later.is_empty() {
        return Ok(row);
    }
    let label = Undo::new(registry, row).label;
    Err(Obstacle::LaterApplied { label, later })
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::Dirty(dirty) => {
                let dirty: Vec<String> = dirty.iter().map(Drift::to_string).collect();
                f.write_str(&dirty.join("\n"))
            }
            Obstacle::NotApplied { label } => {
                write!(
                    f,
                    "migration `{label}` cannot be undone, because it is not applied"
                )
            }
            Obstacle::LaterApplied { label, later } => write!(
                f,
                "migration `{label}` cannot be undone on its own, because later migrations are \
                 applied: `{}`; undo those first, or go down to the version before it",
                later.join("`, `")
            ),
            Obstacle::NoDown(missing) => {
                let missing: Vec<String> = missing.iter().map(NoDown::to_string).collect();
                write!(
                    f,
                    "not all of these migrations can be undone: {}; nothing was undone; add the missing \
                     downs or restore a backup",
                    missing.join("; ")
                )
            }
        }
    }
}
