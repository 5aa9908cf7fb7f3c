//! Rows of the history table, as a database gives them back.

use crate::Version;

/// One row of the history: a migration that is recorded as applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The version.
    pub version: Version,
    /// The name that the migration had.
    pub name: String,
    /// The checksum as recorded, `sha256:HEX`.
    pub checksum: String,
    /// How far it got.
    pub state: State,
    /// When it was applied: RFC 3339, UTC.
    pub applied_at: String,
    /// How long it took, in milliseconds.
    pub execution_ms: u64,
    /// Name and version of the application that applied it.
    pub release: Option<String>,
    /// The commit from which that application was built, if it said so.
    pub git_commit: Option<String>,
    /// How the row came about, if not by a run: `baseline`, or the tool that
    /// it was adopted from.
    pub origin: Option<String>,
}

/// How far a migration got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// All of it.
    Applied,
    /// A migration without a transaction that was started and has not ended.
    Started,
}

impl State {
    /// Reads the text of the column `state`.
    pub fn parse(text: &str) -> Option<State> {
        match text {
            "applied" => Some(State::Applied),
            "started" => Some(State::Started),
            _ => None,
        }
    }

    /// The text of the column `state`.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Applied => "applied",
            State::Started => "started",
        }
    }
}
