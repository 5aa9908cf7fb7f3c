//! Replays a set of migrations on an SQLite in memory, with rows in every
//! table: what would fail on a database that is in use fails here.
//!
//! Each up runs on the schema that the ones before it leave, once as on a fresh
//! database, and once with rows that satisfy what the tables ask for as far as
//! trial shows. A down must bring the schema back, and the up must run again.
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
//! What it does not do: it never touches a database of the application or the
//! disk, and it says nothing of migrations in Rust unless it is given their
//! functions.
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
