//! A migration as read from its files.

use migrate_model::{Checksum, Version};
use migrate_scan::Statement;

/// A migration as read from its files, before it becomes part of a registry.
#[derive(Clone, Debug)]
pub struct SourceMigration {
    /// Its number.
    pub version: Version,
    /// Number and name as in the file name: `001_initial_schema`.
    pub label: String,
    /// The label exactly as written in the file name: `001-initial-schema` keeps its hyphens.
    pub stem: String,
    /// The name without the number.
    pub name: String,
    /// The checksum of the up script.
    pub checksum: Checksum,
    /// The checksum of the down for the lock file. It covers the text of the down, or everything
    /// after the up if both are in one file. A down in Rust is covered by the checksum of the
    /// up.
    pub down_checksum: Option<Checksum>,
    /// The script that applies it.
    pub up: SourceScript,
    /// The script that undoes it.
    pub down: Option<SourceScript>,
    /// The reason why there is no down, if the script gives one.
    pub irreversible: Option<String>,
    /// Whether it is frozen in the lock file.
    pub is_frozen: bool,
    /// Whether it has the directive `adopted`: another tool applied it before.
    pub is_adopted: bool,
    /// Whether its up allows references to missing tables: a later migration may create them.
    pub refers_ahead: bool,
}

/// One script of a migration.
#[derive(Clone, Debug)]
pub struct SourceScript {
    /// The file, as shown to the user.
    pub path: String,
    /// The canonical text of this script.
    pub text: String,
    /// The line of the file on which the text starts.
    pub first_line: u32,
    /// The position of each statement.
    pub statements: Vec<Statement>,
    /// Whether it is a Rust function; the text is then that of its file.
    pub is_rust: bool,
    /// Whether it runs in a transaction.
    pub in_transaction: bool,
}

impl SourceMigration {
    /// Whether it was released, with this tool or another, and can no longer be fixed.
    pub fn is_released(&self) -> bool {
        self.is_frozen || self.is_adopted
    }

    /// The name of the generated enum variant: `V001InitialSchema`.
    pub fn variant(&self) -> String {
        let digits = self.label.len() - self.name.len() - 1;
        let mut variant = format!("V{:0digits$}", self.version.get());
        for word in self.name.split(['_', '-']) {
            let mut letters = word.chars();
            variant.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
            variant.push_str(letters.as_str());
        }
        variant
    }
}
