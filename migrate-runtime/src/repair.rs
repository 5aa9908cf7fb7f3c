//! Repairs of rows of the history, and baselines.

use crate::Engine;
use crate::error::{Error, Kind};
use crate::history_write::HistoryWrite;
use crate::migrator::Settings;
use migrate_model::history::{Row, State};
use migrate_model::{Migration, Version};
use std::fmt;

/// A repair of a row of the history that stops every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repair<'a> {
    /// For a migration that was changed or renamed after it was applied, if the
    /// change is harmless: the row gets the checksum, name and down of this
    /// binary. It needs a reason, which is stored in the history.
    Restamp(&'a str),
    /// For a migration without a transaction that was interrupted: continues
    /// with the statement that did not complete. Refused if a statement that
    /// completed has been edited since.
    Resume,
    /// For a started migration that was completed by hand, or whose interrupted
    /// down was undone by hand: it counts as applied. It needs a reason.
    MarkApplied(&'a str),
    /// For a started migration that was undone by hand: it counts as not
    /// applied.
    MarkPending,
}

impl Repair<'_> {
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Repair::Restamp(reason) | Repair::MarkApplied(reason) => Some(reason),
            Repair::Resume | Repair::MarkPending => None,
        }
    }

    /// Fails if a reason is needed and empty.
    pub(crate) fn check_reason(&self) -> Result<(), Error> {
        match self.reason() {
            Some(reason) if reason.trim().is_empty() => {
                let what = "a repair needs a reason, which is kept in the history".to_owned();
                Err(Kind::RepairRefused(what).into())
            }
            _ => Ok(()),
        }
    }
}

/// The result of a repair. `Display` writes it as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repaired {
    /// The version.
    pub version: Version,
    /// Number and name.
    pub label: String,
    /// The checksum that the row had.
    pub old: String,
    /// The checksum that it has now; `None` if the row was removed.
    pub new: Option<String>,
    pub(crate) what: &'static str,
}

impl fmt::Display for Repaired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.label)?;
        match &self.new {
            Some(new) if *new != self.old => write!(f, ": {} became {new}", self.old),
            _ => Ok(()),
        }
    }
}

/// The result of a baseline. `Display` writes a line for each migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    labels: Vec<&'static str>,
}

impl Baseline {
    pub(crate) fn of(migrations: &[&'static Migration]) -> Baseline {
        Baseline {
            labels: migrations.iter().map(|migration| migration.label).collect(),
        }
    }

    /// The migrations that count as applied from now on, in order.
    pub fn labels(&self) -> &[&'static str] {
        &self.labels
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, label) in self.labels.iter().enumerate() {
            let line_end = if i == 0 { "" } else { "\n" };
            write!(f, "{line_end}recorded {label} as applied")?;
        }
        Ok(())
    }
}

/// The migrations that a baseline records.
pub(crate) fn up_to<E: Engine>(
    settings: &Settings<E>,
    version: Version,
) -> Result<Vec<&'static Migration>, Error> {
    if settings.registry.get(version).is_none() {
        return Err(Kind::UnknownVersion(format!(
            "this binary contains no migration {version}, so it cannot be the baseline; nothing \
             was changed"
        ))
        .into());
    }
    let migrations = settings.registry.migrations().iter();
    Ok(migrations
        .filter(|migration| migration.version <= version)
        .collect())
}

pub(crate) fn find<'h, E: Engine>(
    settings: &Settings<E>,
    history: &'h [Row],
    version: Version,
) -> Result<&'h Row, Error> {
    history
        .iter()
        .find(|row| row.version == version)
        .ok_or_else(|| {
            let known = settings.registry.get(version);
            let label = known.map_or_else(|| version.to_string(), |known| known.label.to_owned());
            Kind::RepairRefused(format!(
                "migration `{label}` is not in the history, so there is nothing to repair"
            ))
            .into()
        })
}

pub(crate) fn not_known(label: &str) -> Error {
    Kind::UnknownVersion(format!(
        "this binary does not contain migration `{label}`; nothing was changed, use the program \
         that does"
    ))
    .into()
}

pub(crate) fn nothing(row: &Row) -> Error {
    Kind::RepairRefused(format!(
        "this repair does not apply to migration `{}` as it is; nothing was changed: a restamp is \
         for a migration that was changed or renamed after it was applied, the other repairs are \
         for one that was started and has not finished",
        row.label()
    ))
    .into()
}

/// The change that a repair makes to a row, if it applies to it.
pub(crate) fn plan_repair<E: Engine>(
    settings: &Settings<E>,
    row: &Row,
    repair: &Repair<'_>,
) -> Result<(Repaired, HistoryWrite<'static>), Error> {
    let mut repaired = Repaired {
        version: row.version,
        label: row.label(),
        old: row.checksum.clone(),
        new: Some(row.checksum.clone()),
        what: "",
    };
    let change = match (repair, row.state) {
        (Repair::Restamp(reason), State::Applied) => {
            let Some(migration) = settings.registry.get(row.version) else {
                return Err(not_known(&row.label()));
            };
            let checksum = migration.checksum.to_string();
            if checksum == row.checksum && migration.name == row.name {
                return Err(nothing(row));
            }
            if checksum != row.checksum && migration.name != row.name {
                return Err(Kind::RepairRefused(format!(
                    "the version of migration `{}` was applied as `{}`; nothing was changed, a \
                     restamp is for a migration that is still the same",
                    migration.label, row.name
                ))
                .into());
            }
            let note = if migration.name == row.name {
                format!("restamped {} as {checksum}: {reason}", row.checksum)
            } else {
                format!("renamed from {}: {reason}", row.name)
            };
            repaired.label = migration.label.to_owned();
            repaired.new = Some(checksum);
            repaired.what = "restamped";
            HistoryWrite::Restamp(migration, note)
        }
        (Repair::MarkApplied(reason), State::Started) => {
            repaired.what = "marked as applied";
            HistoryWrite::Reopen(row.version, Some(format!("marked as applied: {reason}")))
        }
        (Repair::MarkPending, State::Started) => {
            repaired.what = "marked as not applied";
            repaired.new = None;
            HistoryWrite::Delete(row.version)
        }
        _ => return Err(nothing(row)),
    };
    Ok((repaired, change))
}
