//! The arguments of `adopt`.

use super::LockOptions;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{Args, ValueEnum};
use migrate_adopt::Tool;
use std::path::PathBuf;

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  migrate adopt --from sqlx --files old_migrations\n  \
                        migrate adopt --from sqlx --dry-run\n  \
                        migrate adopt --from sqlx --database sqlite:app.db\n\n\
                        docs/guide/src/adoption.md has a page for each tool."
)]
pub(crate) struct Adopt {
    /// The tool; default: detected from the tables of the database
    #[arg(long, value_name = "TOOL", value_parser = tools())]
    pub(crate) from: Option<String>,
    /// Convert this directory of the tool into the migrations directory
    #[arg(long, value_name = "DIR")]
    pub(crate) files: Option<PathBuf>,
    /// Write one migration that creates the schema of the database, for a tool whose migrations are
    /// programs
    #[arg(long, conflicts_with_all = ["files", "map", "originals"])]
    pub(crate) squash: bool,
    /// The tool's history table, if it does not have the default name
    #[arg(long, value_name = "TABLE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) table: Option<String>,
    /// The migration for each old version: `20240101=1,20240105=2`
    #[arg(long, value_name = "OLD=NEW", value_delimiter = ',')]
    pub(crate) map: Vec<String>,
    /// The old directory, to compare with the old checksums
    #[arg(long, value_name = "DIR")]
    pub(crate) originals: Option<PathBuf>,
    /// What must match before anything is recorded
    #[arg(long, value_name = "WHAT", default_value = "all")]
    pub(crate) verify: Evidence,
    /// The new name for the old table, if that has the name of our history table
    #[arg(long, value_name = "TABLE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) rename_old: Option<String>,
    /// Only show what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) lock_options: LockOptions,
}

/// What is compared to show that the old history belongs to these migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Evidence {
    /// The checksums that the tool recorded, and the schema
    All,
    /// Only the checksums
    Checksum,
    /// Only the schema
    Schema,
    /// Nothing
    None,
}

fn tools() -> PossibleValuesParser {
    PossibleValuesParser::new(Tool::ALL.map(Tool::name))
}
