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
