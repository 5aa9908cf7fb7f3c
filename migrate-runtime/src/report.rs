use migrate_core::{Migration, Version};
use std::fmt;
use std::time::Duration;

/// What a run did. `Display` writes a line for each migration.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub(crate) applied: Vec<Applied>,
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

impl Report {
    /// The migrations that were applied and committed, in order.
    pub fn applied(&self) -> &[Applied] {
        &self.applied
    }

    /// Whether nothing was pending.
    pub fn is_empty(&self) -> bool {
        self.applied.is_empty()
    }

    /// How long the run took, with waiting and commits.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing is pending");
        }
        for (i, applied) in self.applied.iter().enumerate() {
            let line_end = if i == 0 { "" } else { "\n" };
            let milliseconds = applied.duration.as_secs_f64() * 1000.0;
            write!(
                f,
                "{line_end}applied {} in {milliseconds:.1} ms",
                applied.label
            )?;
        }
        Ok(())
    }
}

/// What a run would do. `Display` writes a line for each migration.
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
        if self.is_empty() {
            return f.write_str("nothing is pending");
        }
        for (i, migration) in self.pending.iter().enumerate() {
            let line_end = if i == 0 { "" } else { "\n" };
            write!(f, "{line_end}would apply {}", migration.label)?;
        }
        Ok(())
    }
}
