/// A migration as it lies in the directory of another tool.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Original {
    /// Its version as that tool's history has it: `20240101120000`, `1`, a file
    /// name; whatever the tool compares.
    pub id: String,
    /// What it is called, if that is not all in the version: `add_users`.
    pub name: String,
    /// The file of its up, relative to the directory.
    pub path: String,
    /// The bytes of that file, as they are: some tools hash them.
    pub bytes: Vec<u8>,
    /// The file of its down, if that is another one: its path and bytes.
    pub down: Option<(String, Vec<u8>)>,
}

impl Original {
    /// A migration whose down, if it has one, is in the same file.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        path: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
    ) -> Original {
        Original {
            id: id.into(),
            name: name.into(),
            path: path.into(),
            bytes: bytes.into(),
            down: None,
        }
    }
}
