//! The applied migrations of another tool.

use crate::checksum::OldChecksum;
use crate::id::called;
use std::fmt;

/// The history of another tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OldHistory {
    /// Its table; `None` for a history in a pragma.
    pub(crate) table: Option<String>,
    pub(crate) applied: Applied,
    /// Notes about what was left out, and why.
    pub(crate) notes: Vec<String>,
}

/// The way a tool records what is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// Each migration, in the order of the versions.
    Each(Vec<OldRow>),
    /// All migrations up to this number.
    UpTo(u64),
    /// The number of migrations, numbered from 1.
    Count(u64),
}

/// A migration that another tool has applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OldRow {
    /// Its version, in the form that the tool compares.
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    /// RFC 3339, in UTC.
    pub(crate) applied_at: Option<String>,
    pub(crate) execution_ms: Option<u64>,
    pub(crate) checksum: Option<OldChecksum>,
    /// Whether it represents everything up to its version.
    pub(crate) is_baseline: bool,
    /// Whether the tool runs it again when its file changes.
    pub(crate) is_repeatable: bool,
}

impl OldHistory {
    /// The versions that the tool has applied, in its order and notation.
    pub(crate) fn ids(self) -> Vec<String> {
        match self.applied {
            Applied::Each(rows) => rows.into_iter().map(|row| row.id).collect(),
            Applied::UpTo(last) => vec![last.to_string()],
            Applied::Count(count) => (1..=count).map(|number| number.to_string()).collect(),
        }
    }
}

impl fmt::Display for OldRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&called(&self.id, self.name.as_deref()))
    }
}
