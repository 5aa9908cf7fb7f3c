//! Migrations that the compiler checks and that a service applies at start-up,
//! transactionally and exactly once.
//!
//! [`embed_migrations!`] reads a directory while the crate compiles, rejects
//! every defect that can be known then, and generates a typed, ordered
//! registry. At start-up one call brings the database to the newest version:
//! each migration and its row in the history commit together, however many
//! processes start at the same moment and wherever one of them is killed.
//!
//! ```
//! use migrate_runtime::{embed_migrations, rusqlite::Connection};
//!
//! embed_migrations!("../migrations"); // relative to your `Cargo.toml`
//!
//! let mut db = Connection::open_in_memory()?;
//! let report = Migration::migrator().up(&mut db)?;
//! assert_eq!(report.applied().len(), Migration::ALL.len());
//! assert!(Migration::migrator().up(&mut db)?.is_empty());
//! println!("{}", Migration::migrator().status(&db)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What this crate does not do: it never changes the journal mode unless
//! asked, never writes when nothing is pending, and never runs a migration
//! that the history records as applied.
//!
//! # Features
//!
//! - `sqlite` (default): the SQLite engine, through rusqlite.
//! - `bundled` (default): compile SQLite in instead of linking the system's.
//! - `tracing`: emit a span for each run, and events inside of it.
//! - `syntax` (default): check the syntax of every statement at compile time.

#[cfg(not(feature = "sqlite"))]
compile_error!("migrate-runtime needs an engine: enable its feature `sqlite`");

mod directory;
mod error;
mod functions;
mod migrator;
mod observer;
mod repair;
mod report;
mod source;
#[cfg(feature = "sqlite")]
mod sqlite;
mod status;
#[cfg(feature = "tracing")]
mod trace;
mod verification;

pub mod schema;
pub mod testing;

pub use directory::read_directory;
pub use error::Error;
pub use migrate_core::history::{Direction, Row, State};
pub use migrate_core::plan::{Ahead, Down, Drift};
pub use migrate_core::{Checksum, Location, Migration, Numbering, Registry, Script, Version};
pub use migrate_macros::embed_migrations;
pub use migrator::{Migrator, Transactions};
pub use observer::{BoxError, Event, Observer, Step};
pub use repair::{Baseline, Repair, Repaired};
pub use report::{Applied, Plan, Report, Undone};
pub use status::{Status, StatusEntry, StatusKind};
pub use verification::Verification;

#[cfg(feature = "sqlite")]
pub use rusqlite;

/// What generated code names; no part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::directory::leak;
    pub use crate::functions::{Functions, Plain, call};
    pub use crate::migrator::Migrator;
    pub use crate::source::Source;
    pub use migrate_core::{Checksum, Migration, Numbering, Registry, Script, Version};
}
