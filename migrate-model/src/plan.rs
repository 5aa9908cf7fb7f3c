//! The planner: the migrations that a run would apply or undo, or the reasons why it must not
//! run.

mod down;

pub use down::{Down, DownScript, NoDown, Obstacle, Undo, plan_down};

use crate::history::{Direction, Progress, Row, State};
use crate::{Checksum, Location, Migration, Registry, Version};
use std::fmt;

/// The options of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The last version to apply; default: all.
    pub target: Option<Version>,
    /// What to do when the database is ahead of the registry.
    pub ahead: Ahead,
}

impl Options {
    /// Sets the target.
    #[must_use]
    pub const fn to(mut self, target: Version) -> Options {
        self.target = Some(target);
        self
    }
}

/// What to do when the history holds versions above those of the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ahead {
    /// Refuse to run: an old binary may not understand the newer schema.
    #[default]
    Refuse,
    /// Run anyway, for schemas that stay compatible with older binaries.
    Allow,
}

/// A difference between the history of a database and the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drift {
    /// A migration was changed after it was applied.
    Modified {
        /// The migration of the registry.
        label: &'static str,
        /// Its path.
        path: &'static str,
        /// The checksum in the history.
        recorded: String,
        /// The checksum in the registry.
        embedded: Checksum,
    },
    /// A migration was renamed after it was applied.
    Renamed {
        /// The migration of the registry.
        label: &'static str,
        /// The name in the history.
        recorded: String,
    },
    /// The version was applied as a different migration: a file was inserted, removed or
    /// renumbered.
    Replaced {
        /// The migration of the registry.
        label: &'static str,
        /// The name in the history.
        recorded: String,
    },
    /// An applied migration is not in the registry, though later ones are.
    Missing {
        /// The version in the history.
        version: Version,
        /// Its name there.
        name: String,
    },
    /// An applied migration is newer than everything in the registry.
    Ahead {
        /// The version in the history.
        version: Version,
        /// Its name there.
        name: String,
    },
    /// A migration is not applied, though a later one is.
    Gap {
        /// The migration of the registry.
        label: &'static str,
        /// The highest version in the history.
        latest: Version,
    },
    /// A migration without a transaction was started and has not finished.
    Dirty {
        /// The version in the history.
        version: Version,
        /// Its name there.
        name: String,
        /// Its progress, if the history records it.
        progress: Option<Progress>,
        /// The location of the next statement, if the registry has it.
        next: Option<Location>,
    },
}

/// Plans a run: the pending migrations up to the target, in order.
///
/// The planner compares sets of versions, not the highest ones: it finds a version that is
/// missing in the middle of the history, and an unknown one above it.
///
/// # Errors
///
/// Returns every difference between history and registry, ordered by version. In this case
/// nothing may be applied.
pub fn plan<E>(
    registry: &Registry<E>,
    history: &[Row],
    options: &Options,
) -> Result<Vec<&'static Migration>, Vec<Drift>> {
    let drift = drift(registry, history, options.ahead);
    if !drift.is_empty() {
        return Err(drift);
    }
    Ok(registry
        .migrations()
        .iter()
        .filter(|migration| find(history, migration.version).is_none())
        .filter(|migration| {
            options
                .target
                .is_none_or(|target| migration.version <= target)
        })
        .collect())
}

/// Every difference between history and registry, ordered by version. `history` must be sorted
/// by version.
pub fn drift<E>(registry: &Registry<E>, history: &[Row], ahead: Ahead) -> Vec<Drift> {
    let mut drift = Vec::new();
    for row in history {
        match registry.get(row.version) {
            Some(migration) => drift.extend(row_drift(row, migration)),
            None => drift.extend(unknown_row(row, registry, ahead)),
        }
    }
    // A version that this binary does not contain counts too: applying an older migration
    // after it would be out of order, even with `Ahead::Allow`.
    if let Some(latest) = history.iter().map(|row| row.version).max() {
        let gaps = registry
            .migrations()
            .iter()
            .filter(|migration| migration.version < latest)
            .filter(|migration| find(history, migration.version).is_none());
        drift.extend(gaps.map(|migration| Drift::Gap {
            label: migration.label,
            latest,
        }));
    }
    drift
}

fn find(history: &[Row], version: Version) -> Option<&Row> {
    history
        .binary_search_by_key(&version, |row| row.version)
        .ok()
        .and_then(|index| history.get(index))
}

fn row_drift(row: &Row, migration: &Migration) -> Vec<Drift> {
    let mut drift = Vec::new();
    if row.state == State::Started {
        drift.push(dirty(row, Some(migration)));
    }
    let is_same_text = migration.checksum.matches(row.checksum.as_bytes());
    let (label, recorded) = (migration.label, row.name.clone());
    match (is_same_text, row.name == migration.name) {
        (true, true) => {}
        (true, false) => drift.push(Drift::Renamed { label, recorded }),
        (false, false) => drift.push(Drift::Replaced { label, recorded }),
        // The message about a script that stopped half-way asks the user to fix its
        // remaining statements; a repair compares the statements that finished.
        (false, true) if row.is_started() => {}
        (false, true) => drift.push(Drift::Modified {
            label,
            path: migration.up.path(),
            recorded: row.checksum.clone(),
            embedded: migration.checksum,
        }),
    }
    drift
}

fn dirty(row: &Row, migration: Option<&Migration>) -> Drift {
    // If the finished statements were edited, the position of the next one is unknown.
    let migration = migration.filter(|migration| migration.name == row.name);
    let next = row
        .progress
        .zip(migration)
        .and_then(|(progress, migration)| {
            let script = match progress.direction {
                Direction::Up => migration.up,
                Direction::Down => match DownScript::of(row, Some(migration))? {
                    DownScript::Embedded(down) => down,
                    DownScript::Stored(_) => return None,
                },
            };
            let texts = script.statements().map(|it| script.text(it));
            if progress.is_beginning_of(texts) {
                progress.next(&script)
            } else {
                None
            }
        });
    Drift::Dirty {
        version: row.version,
        name: row.name.clone(),
        progress: row.progress,
        next,
    }
}

fn unknown_row<E>(row: &Row, registry: &Registry<E>, ahead: Ahead) -> Option<Drift> {
    let (version, name) = (row.version, row.name.clone());
    if version < registry.latest().version {
        return Some(Drift::Missing { version, name });
    }
    match (ahead, row.state) {
        (Ahead::Refuse, _) => Some(Drift::Ahead { version, name }),
        (Ahead::Allow, State::Started) => Some(dirty(row, None)),
        (Ahead::Allow, State::Applied) => None,
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Drift::Modified {
                label,
                path,
                recorded,
                embedded,
            } => write!(
                f,
                "migration `{label}` was changed after it was applied: the history has \
                 `{recorded}`, this binary `{embedded}`; restore `{path}` and make the change in a new \
                 migration, or accept a harmless change with `repair`"
            ),
            Drift::Renamed { label, recorded } => write!(
                f,
                "migration `{label}` was applied under the name `{recorded}`; give the file its \
                 old name back"
            ),
            Drift::Replaced { label, recorded } => write!(
                f,
                "the version of migration `{label}` was applied as `{recorded}`: files were \
                 inserted, removed or renumbered; give the applied migrations their old numbers back, \
                 and the new ones higher numbers"
            ),
            Drift::Missing { version, name } => write!(
                f,
                "migration `{version}_{name}` is applied, but this binary does not contain it; \
                 restore its file"
            ),
            Drift::Ahead { version, name } => write!(
                f,
                "the database is ahead of this binary: migration `{version}_{name}` is applied \
                 but not contained in it; start a newer release, or restore its file"
            ),
            Drift::Gap { label, latest } => write!(
                f,
                "migration `{label}` is not applied, but the later version {latest} is; give it \
                 a number above {latest}"
            ),
            Drift::Dirty {
                version,
                name,
                progress,
                next,
            } => write_dirty(f, &format!("{version}_{name}"), *progress, next.as_ref()),
        }
    }
}

fn write_dirty(
    f: &mut fmt::Formatter<'_>,
    label: &str,
    progress: Option<Progress>,
    next: Option<&Location>,
) -> fmt::Result {
    let direction = progress.map_or(Direction::Up, |progress| progress.direction);
    write!(
        f,
        "the {direction} of migration `{label}` was started outside a transaction and has not \
         finished"
    )?;
    if let Some(Progress { done, of, .. }) = progress {
        write!(f, ": {done} of {of} statements finished")?;
        if done < of {
            write!(
                f,
                ", and statement {} may have been partly executed",
                done + 1
            )?;
        }
    }
    if let Some(next) = next {
        write!(f, " ({next})")?;
    }
    f.write_str(
        "; check what it left behind, then use `repair` to resume it or to record its outcome",
    )
}
