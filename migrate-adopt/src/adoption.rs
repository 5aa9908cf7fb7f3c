//! Taking a history over, and saying what would be.

mod display;
pub(crate) mod draft;
pub(crate) mod left;
mod run;

pub use left::left_behind;
pub use run::{adopt, adopt_if_needed, plan_adoption};

use crate::{Original, Tool};
use migrate_model::Version;

/// How to adopt; the default needs nothing more to be said.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// The table of the old history, if it is not [`Tool::table`].
    pub table: Option<String>,
    /// Which migration an old version is, where neither a comment in a script
    /// nor order and name tell: `--map OLD=NEW`.
    pub map: Vec<(String, Version)>,
    /// What to compare before anything is written.
    pub verify: Verify,
    /// The files of the old tool, to compare its checksums with.
    pub originals: Vec<Original>,
    /// A new name for the old table, in the same transaction. It stays under
    /// its own without this.
    pub rename_to: Option<String>,
}

/// What is compared with what the old tool has applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verify {
    /// The checksums, where there are any, and the schema.
    #[default]
    All,
    /// The checksums, where there are any.
    Checksum,
    /// The schema, with that of a replay.
    Schema,
    /// Nothing.
    None,
}

impl Verify {
    /// The value that `--verify` takes.
    ///
    /// ```
    /// use migrate_adopt::Verify;
    ///
    /// assert_eq!(Verify::parse("schema"), Some(Verify::Schema));
    /// assert_eq!(Verify::parse("nothing"), None);
    /// ```
    pub fn parse(name: &str) -> Option<Verify> {
        match name {
            "all" => Some(Verify::All),
            "checksum" => Some(Verify::Checksum),
            "schema" => Some(Verify::Schema),
            "none" => Some(Verify::None),
            _ => None,
        }
    }

    pub(crate) const fn compares_checksums(self) -> bool {
        matches!(self, Verify::All | Verify::Checksum)
    }

    pub(crate) const fn compares_schema(self) -> bool {
        matches!(self, Verify::All | Verify::Schema)
    }
}

/// A history that was taken over, or would be. `Display` shows it to people.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Adoption {
    /// Whose history it is.
    pub tool: Tool,
    /// Its table; none, if it is in no table.
    pub table: Option<String>,
    /// The new name of that table, if it gets one.
    pub renamed_to: Option<String>,
    /// What it has applied, and what that becomes.
    pub rows: Vec<Row>,
    /// How the schema differs from that of a replay; none, if it was not
    /// compared.
    pub schema: Option<Vec<String>>,
    /// The migrations that remain to be applied.
    pub pending: Vec<String>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// One migration of the old history.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// Its version there.
    pub old_id: String,
    /// Its name there, if it has one.
    pub old_name: Option<String>,
    /// Its version here. Several can have the same.
    pub version: Version,
    /// Number and name here: `001_initial_schema`.
    pub label: String,
    /// When it was applied: RFC 3339, in UTC; none, if the tool does not say.
    pub applied_at: Option<String>,
    /// Whether it is known to be the same.
    pub verified: Verified,
}

/// What the checksum of an old migration says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verified {
    /// It is that of our file.
    Checksum,
    /// It is that of another text.
    Differs,
    /// Nothing: the tool keeps none, or the file that it was of is not here.
    No,
}
