//! Reads and validates a directory of migrations.
//!
//! The input is paths and texts, through the trait [`Files`](migrate_model::files::Files); the
//! output is migrations and diagnostics. The macro and the command line call the same function,
//! so they give the same verdict.
//!
//! ```
//! use migrate_model::files::InMemory;
//! use migrate_source::{Options, directory};
//!
//! let files = [("001_users.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY);")];
//! let found = directory::read(&mut InMemory(&files), &Options::default());
//! assert!(found.diagnostics.is_empty());
//! assert_eq!(found.migrations[0].label, "001_users");
//! ```
//!
//! The crate does no I/O, and does not panic on any input. A running service does not need it,
//! because the macro embeds the migrations in the binary.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod nearest;
mod options;
mod outside_transaction;
mod rules;
mod section;
mod source_file;
mod source_migration;
mod sqlite_version;
mod text;

pub mod coverage;
pub mod diagnostic;
pub mod directive;
pub mod directory;
pub mod file_name;
pub mod lint;
pub mod lock_file;
pub mod render;
pub mod rust_file;

pub use nearest::nearest;
pub use options::{Earlier, Options, RustCheck, SqliteTarget, SyntaxCheck, SyntaxProblem};
pub use outside_transaction::{ends_transaction, outside_transaction};
pub use source_migration::{SourceMigration, SourceScript};
pub use sqlite_version::SqliteVersion;
