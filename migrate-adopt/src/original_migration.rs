//! The migrations of another tool, as in its directory.

/// A migration in the directory of another tool.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OriginalMigration {
    /// Its version as in the history of the tool: `20240101120000`, `1`, a file
    /// name, or whatever the tool compares.
    pub id: String,
    /// Its name, unless the version includes it: `add_users`.
    pub name: String,
    /// The file of its up, relative to the directory.
    pub path: String,
    /// The unchanged bytes of that file: some tools hash them.
    pub bytes: Vec<u8>,
    /// The path and bytes of its down, if that is a separate file.
    pub down: Option<(String, Vec<u8>)>,
}

impl OriginalMigration {
    /// Creates a migration whose down, if any, is in the same file.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        path: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
    ) -> OriginalMigration {
        OriginalMigration {
            id: id.into(),
            name: name.into(),
            path: path.into(),
            bytes: bytes.into(),
            down: None,
        }
    }
}
