//! Replays a set of migrations on an SQLite database in memory, with rows in every table. A
//! migration that would fail on a database in use fails here.
//!
//! Each up runs on the schema that the earlier ones leave, once as on a fresh database, and once
//! with rows that satisfy the constraints of the tables, as far as such rows are found. A down must
//! restore the schema, and the up must run again.
//!
//! ```
//! use migrate_model::{Checksum, Migration, Script, Version};
//! use migrate_prove::{Options, Subject, prove};
//!
//! let migration = |number, label, sql| {
//!     let script = Script::single(label, sql);
//!     Migration::new(Version::new(number), label, Checksum::of(sql), script)
//! };
//! let set = [
//!     migration(1, "001_users", "CREATE TABLE users(id INTEGER PRIMARY KEY)"),
//!     migration(2, "002_names", "ALTER TABLE users ADD COLUMN name TEXT NOT NULL"),
//! ];
//! let subjects: Vec<Subject<'_>> = set.iter().map(Subject::from).collect();
//! let proof = prove(&subjects, &Options::default())?;
//! // It would pass on an empty table.
//! assert_eq!(proof.findings[0].code.as_str(), "S05");
//! # Ok::<(), rusqlite::Error>(())
//! ```
//!
//! What it does not do: it never touches the application's database or the disk, and it does not
//! try migrations in Rust unless it is given their functions.
//!
//! # Features
//!
//! - `replay` (default): the replay, which brings rusqlite along.
//! - `syntax`: `SyntaxChecker`, which brings a parser along and no SQLite.
//! - `postgres-syntax`: the module `postgres`, which brings another parser along.
//! - `bundled`: compile SQLite in instead of linking the system's.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "postgres-syntax")]
pub mod postgres;
#[cfg(feature = "replay")]
mod replay;
#[cfg(feature = "syntax")]
mod syntax;
#[cfg(any(feature = "syntax", feature = "postgres-syntax"))]
mod syntax_problem;

#[cfg(feature = "replay")]
pub use replay::{Options, Part, Proof, Rust, Setup, Subject, prove, schema_differences, stand_in};
#[cfg(feature = "syntax")]
pub use syntax::SyntaxChecker;

pub use migrate_source::SqliteVersion;
