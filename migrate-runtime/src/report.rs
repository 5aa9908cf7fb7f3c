//! The results of runs, and plans of what a run would do.

use migrate_model::plan::Undo;
use migrate_model::{Migration, Version};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The result of a run. `Display` writes a line for each migration.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub(crate) applied: Vec<Applied>,
    pub(crate) undone: Vec<Undone>,
    pub(crate) backup: Option<PathBuf>,
    /// Whether the run was a way down.
    pub(crate) is_down: bool,
    pub(crate) elapsed: Duration,
}

/// One migration that a run applied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applied {
    /// Its version.
    pub version: Version,
    /// Number and name: `001_initial_schema`.
    pub label: &'static str,
    /// How long its script took, without the commit.
    pub duration: Duration,
}

/// One migration that a run undid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undone {
    /// Its version.
    pub version: Version,
    /// Number and name: `001_initial_schema`.
    pub label: String,
    /// How long its script took, without the commit.
    pub duration: Duration,
}

impl Report {
    /// The migrations that were applied and committed, in order.
    pub fn applied(&self) -> &[Applied] {
        &self.applied
    }

    /// The migrations that were undone, newest first.
    pub fn undone(&self) -> &[Undone] {
        &self.undone
    }

    /// The backup from before the first change, if backups are configured.
    pub fn backup(&self) -> Option<&Path> {
        self.backup.as_deref()
    }

    /// Whether there was nothing to do.
    pub fn is_empty(&self) -> bool {
        self.applied.is_empty() && self.undone.is_empty()
    }

    /// How long the run took, including waits and commits.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str(if self.is_down {
                "there is nothing to undo"
            } else {
                "nothing is pending"
            });
        }
        let mut line_end = "";
        if let Some(backup) = &self.backup {
            write!(f, "backed up to {}", backup.display())?;
            line_end = "\n";
        }
        // In a redo, the undo comes first.
        let undone = self
            .undone
            .iter()
            .map(|undone| ("undid", undone.label.as_str(), undone.duration));
        let applied = self
            .applied
            .iter()
            .map(|applied| ("applied", applied.label, applied.duration));
        for (what, label, duration) in undone.chain(applied) {
            let milliseconds = duration.as_secs_f64() * 1000.0;
            write!(f, "{line_end}{what} {label} in {milliseconds:.1} ms")?;
            line_end = "\n";
        }
        Ok(())
    }
}

/// The plan of a way up. `Display` writes a line for each migration.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) pending: Vec<&'static Migration>,
}

impl Plan {
    /// The migrations that a run would apply, in order.
    pub fn pending(&self) -> &[&'static Migration] {
        &self.pending
    }

    /// Whether a run would do nothing.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = self.pending.iter().map(|migration| migration.label);
        write_plan(f, "nothing is pending", "would apply", labels)
    }
}

/// The plan of a way down. `Display` writes a line for each migration.
#[derive(Clone, Debug)]
pub struct DownPlan {
    pub(crate) undos: Vec<Undo>,
}

impl DownPlan {
    /// The migrations that would be undone, newest first.
    pub fn undos(&self) -> &[Undo] {
        &self.undos
    }

    /// Whether nothing would be undone.
    pub fn is_empty(&self) -> bool {
        self.undos.is_empty()
    }
}

impl fmt::Display for DownPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = self.undos.iter().map(|undo| undo.label.as_str());
        write_plan(f, "there is nothing to undo", "would undo", labels)
    }
}

fn write_plan<'a>(
    f: &mut fmt::Formatter<'_>,
    nothing: &str,
    would: &str,
    labels: impl Iterator<Item = &'a str>,
) -> fmt::Result {
    let lines: Vec<String> = labels.map(|label| format!("{would} {label}")).collect();
    if lines.is_empty() {
        return f.write_str(nothing);
    }
    f.write_str(&lines.join("\n"))
}
