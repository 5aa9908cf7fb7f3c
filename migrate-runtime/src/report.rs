//! The results of runs, and plans of what a run would do.

use migrate_model::plan::Undo;
use migrate_model::{Migration, Version};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The result of a run. `Display` writes a line for each migration; with `{:#}`
/// it shows the parts of the durations.
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
    /// How long it took, with the checks and the commit.
    pub duration: Duration,
    /// The parts of the duration.
    pub timings: Timings,
}

/// One migration that a run undid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undone {
    /// Its version.
    pub version: Version,
    /// Number and name: `001_initial_schema`.
    pub label: String,
    /// How long it took, with the checks and the commit.
    pub duration: Duration,
    /// The parts of the duration.
    pub timings: Timings,
}

/// The parts of the duration of a migration. `Display` writes them in one line.
///
/// Not included are what the run does once, such as the backup, the time that
/// it waits for a lock of other runs, and the hooks of observers. If a
/// transaction has to be repeated because of another connection, only the last
/// attempt counts.
///
/// ```
/// use migrate_runtime::{embed_migrations, rusqlite::Connection};
///
/// embed_migrations!("../migrations", watch = false);
///
/// let mut db = Connection::open_in_memory()?;
/// for applied in Migration::migrator().up(&mut db)?.applied() {
///     assert_eq!(applied.timings.total(), applied.duration);
///     println!("{}: {:?} were checks", applied.label, applied.timings.checks);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timings {
    /// The statements of the script, or the function. Without a transaction it
    /// includes the commits of the statements and the record of the progress.
    pub script: Duration,
    /// The checks before and after the script, and its preparation.
    pub checks: Duration,
    /// The row of the history and the commit, including the wait for readers on
    /// SQLite. If migrations share a transaction, the commit belongs to the last
    /// one. In [`up_in`](crate::Migrator::up_in) the caller commits, and only the
    /// row counts.
    pub commit: Duration,
}

impl Timings {
    /// The duration of the migration.
    pub fn total(&self) -> Duration {
        self.script + self.checks + self.commit
    }
}

impl fmt::Display for Timings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [script, checks, commit] = [self.script, self.checks, self.commit].map(milliseconds);
        write!(f, "script {script}, checks {checks}, commit {commit}")
    }
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
            .map(|undone| ("undid", undone.label.as_str(), undone.timings));
        let applied = self
            .applied
            .iter()
            .map(|applied| ("applied", applied.label, applied.timings));
        for (what, label, timings) in undone.chain(applied) {
            let took = milliseconds(timings.total());
            write!(f, "{line_end}{what} {label} in {took}")?;
            if f.alternate() {
                write!(f, " ({timings})")?;
            }
            line_end = "\n";
        }
        Ok(())
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
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
