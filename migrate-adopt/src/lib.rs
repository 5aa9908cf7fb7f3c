//! Takes over databases and migrations directories from other tools.
//!
//! A database that another tool has migrated has its history in that tool's own
//! table. Adopting it records the same migrations in the history table of this
//! family of crates, so the next run applies only what is pending. The module
//! [`files`] converts the directory of the tool.
//!
//! ```
//! use migrate_adopt::{Options, Tool, adopt, detect};
//! use migrate_runtime::{embed_migrations, rusqlite::Connection};
//!
//! embed_migrations!("../migrations", watch = false);
//!
//! let mut db = Connection::open_in_memory()?;
//! # db.execute_batch(Migration::V001InitialSchema.get().up.sql())?;
//! # db.execute_batch(
//! #     "CREATE TABLE seaql_migrations(version varchar NOT NULL PRIMARY KEY, applied_at integer NOT NULL);
//! #      INSERT INTO seaql_migrations VALUES ('m20240101_000001_initial_schema', 1704103200)",
//! # )?;
//! let migrator = Migration::migrator();
//! assert_eq!(detect(&db)?, [Tool::SeaOrm]);
//! let adoption = adopt(&migrator, &mut db, Tool::SeaOrm, &Options::default())?;
//! println!("{adoption}");
//! // 1 migration of sea-orm, from `seaql_migrations`:
//! //   m20240101_000001_initial_schema  ->  001_initial_schema  2024-01-01 10:00:00  not compared
//! // The schema is the one that these migrations produce.
//! // Pending: 002_add_indexes, 003_add_tree_indexes
//! # assert_eq!(adoption.to_string().lines().last(), Some("Pending: 002_add_indexes, 003_add_tree_indexes"));
//! migrator.up(&mut db)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`adopt_if_needed`] is for applications whose databases are on the machines
//! of their users, and [`plan_adoption`] shows what would be done.
//!
//! # How migrations are matched
//!
//! [`Options::map`] takes precedence, then a comment at the top of a script,
//! then the order, provided that the names match:
//!
//! ```sql
//! -- migrate: adopted sea-orm "m20240101_000001_initial_schema"
//! ```
//!
//! A script merged from several old ones can have several such comments, and
//! scripts split from an old one can share a comment.
//!
//! # What it does not do
//!
//! It runs no migration, and never changes the table of the old tool, except to
//! rename it on request. It guesses nothing: a gap, a failed migration, a
//! changed file or a different schema is an [`Error`] that says what to do.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod adoption;
mod checksum;
mod error;
pub mod files;
mod history;
mod id;
mod original_migration;
mod plan;
#[cfg(feature = "postgres")]
pub mod postgres;
mod sqlite;
mod tool;

pub use adoption::{Adoption, Options, Row, Verified, Verify, left_behind};
pub use error::Error;
pub use history::{applied, detect, histories};
pub use original_migration::OriginalMigration;
pub use sqlite::{adopt, adopt_if_needed, plan_adoption};
pub use tool::Tool;
