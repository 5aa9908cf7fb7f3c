//! A migration as its files describe it.

use migrate_model::{Checksum, Version};
use migrate_scan::Statement;

/// A migration as its files say it, before it becomes part of a registry.
#[derive(Clone, Debug)]
pub struct SourceMigration {
    /// Its number.
    pub version: Version,
    /// Number and name as in the file name: `001_initial_schema`.
    pub label: String,
    /// The same as it is written: `001-initial-schema` keeps its hyphens.
    pub stem: String,
    /// The name alone.
    pub name: String,
    /// The checksum of the up script.
    pub checksum: Checksum,
    /// What the lock file holds of the down: the checksum of its text, or of
    /// all that follows the up if both stand in one file. A down in Rust is
    /// covered by the checksum of the up.
    pub down_checksum: Option<Checksum>,
    /// The script that applies it.
    pub up: SourceScript,
    /// The script that undoes it.
    pub down: Option<SourceScript>,
    /// Why there is no down, if the script says so.
    pub irreversible: Option<String>,
    /// Whether the lock file says that it is released.
    pub is_frozen: bool,
    /// Whether it says that another tool had it before.
    pub is_adopted: bool,
}

/// One script of a migration.
#[derive(Clone, Debug)]
pub struct SourceScript {
    /// The file, as it is shown.
    pub path: String,
    /// The canonical text of this script.
    pub text: String,
    /// The line of the file on which the text starts.
    pub first_line: u32,
    /// The place of each statement.
    pub statements: Vec<Statement>,
    /// Whether it is a function and not SQL; the text is that of its file then.
    pub is_rust: bool,
    /// Whether it runs in a transaction.
    pub in_transaction: bool,
}

impl SourceMigration {
    /// Whether it was released, here or by another tool: what is wrong in it
    /// cannot be mended any more.
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
