use migrate_core::Version;
use std::fmt;

/// What to do about a row of the history that stops every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repair<'a> {
    /// For a migration that was changed or renamed after it was applied, when
    /// that does no harm: the row gets the checksum, name and down of this
    /// binary. It needs a reason, which stays in the history.
    Restamp(&'a str),
    /// For a migration without a transaction that stopped half-way: goes on
    /// with the statement that has not ended. Refused if a statement that has
    /// is another one by now.
    Resume,
    /// For one whose work was completed, or whose half-done down was undone, by
    /// hand: it counts as applied. It needs a reason.
    MarkApplied(&'a str),
    /// For one whose work was undone by hand: it counts as not applied.
    MarkPending,
}

impl Repair<'_> {
    #[cfg(feature = "sqlite")]
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Repair::Restamp(reason) | Repair::MarkApplied(reason) => Some(reason),
            Repair::Resume | Repair::MarkPending => None,
        }
    }
}

/// What a repair did. `Display` writes it as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repaired {
    /// The version.
    pub version: Version,
    /// Number and name.
    pub label: String,
    /// The checksum that the row had.
    pub old: String,
    /// The checksum that it has now; `None` if there is no row any more.
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

/// What a baseline recorded. `Display` writes a line for each migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    pub(crate) labels: Vec<&'static str>,
}

impl Baseline {
    /// The migrations that count as applied from now on, in order.
    pub fn recorded(&self) -> &[&'static str] {
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
