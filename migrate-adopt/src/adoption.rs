//! Options and results of an adoption.

mod display;
pub(crate) mod draft;
pub(crate) mod leftover;

pub use leftover::left_behind;

use crate::{OriginalMigration, Tool};
use migrate_model::Version;

/// The options of an adoption. The default is right for most databases.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// The table of the old history; default: [`Tool::table`].
    pub table: Option<String>,
    /// The migrations of old versions that neither a comment in a script nor
    /// order and name identify: `--map OLD=NEW`.
    pub map: Vec<(String, Version)>,
    /// What to compare before anything is written.
    pub verify: Verify,
    /// The files of the old tool, to compare its checksums with.
    pub originals: Vec<OriginalMigration>,
    /// A new name for the old table, which is renamed in the same transaction.
    /// Default: keep its name.
    pub rename_to: Option<String>,
}

/// The comparisons with what the old tool has applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verify {
    /// Compare the checksums, as far as there are any, and the schema.
    #[default]
    All,
    /// Compare only the checksums, as far as there are any.
    Checksum,
    /// Compare only the schema with the schema of a replay.
    Schema,
    /// Compare nothing.
    None,
}

impl Verify {
    pub(crate) const fn compares_checksums(self) -> bool {
        matches!(self, Verify::All | Verify::Checksum)
    }

    pub(crate) const fn compares_schema(self) -> bool {
        matches!(self, Verify::All | Verify::Schema)
    }
}

/// An adopted history, or the plan to adopt it. `Display` is for people.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Adoption {
    /// The tool that wrote the history.
    pub tool: Tool,
    /// The table of the history; `None` if it is not in a table.
    pub table: Option<String>,
    /// The new name of that table, if it is renamed.
    pub renamed_to: Option<String>,
    /// The migrations that the tool has applied, with the new ones.
    pub rows: Vec<Row>,
    /// The differences between the schema and that of a replay; `None` if they
    /// were not compared.
    pub schema: Option<Vec<String>>,
    /// The migrations that remain to be applied.
    pub pending: Vec<String>,
    /// Notes about what was left out, and why.
    pub notes: Vec<String>,
}

/// A migration of the old history.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The version in the old history.
    pub old_id: String,
    /// The name in the old history, if there is one.
    pub old_name: Option<String>,
    /// The new version. Several rows can have the same one.
    pub version: Version,
    /// The new number and name: `001_initial_schema`.
    pub label: String,
    /// When it was applied, as RFC 3339 in UTC; `None` if the tool does not
    /// record it.
    pub applied_at: Option<String>,
    /// The result of comparing its checksum.
    pub verified: Verified,
}

/// The result of comparing the checksum of an old migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verified {
    /// The checksum matches our file.
    Checksum,
    /// The checksum is that of a different text.
    Differs,
    /// Not compared: the tool records no checksum, or its file is not available.
    No,
}
