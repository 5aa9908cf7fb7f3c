//! The data model that a running service needs, without I/O.
//!
//! A [`Registry`] holds the migrations as constant data, [`history`] describes the
//! rows of the history table, and [`plan`] compares the two and decides what to do.
//!
//! ```
//! use migrate_model::{Checksum, Migration, Registry, Script, Version};
//! use migrate_model::plan::{Options, plan};
//!
//! static REGISTRY: Registry = Registry::new(&[Migration::new(
//!     Version::new(1),
//!     "001_users",
//!     Checksum::from_hex([b'0'; 64]),
//!     Script::single("001_users.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY)"),
//! )]);
//!
//! let pending = plan(&REGISTRY, &[], &Options::default())?;
//! assert_eq!(pending[0].label, "001_users");
//! # Ok::<(), Vec<migrate_model::plan::Drift>>(())
//! ```
//!
//! The crate does not access the file system, the clock or a database. It does not panic on any
//! input, except in the constructors for constants, which document it.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod checksum;
mod engine;
mod registry;
mod script;
mod version;

pub mod excerpt;
pub mod files;
pub mod history;
pub mod plan;
pub mod pragma;

pub use checksum::Checksum;
pub use engine::{EngineType, Postgres, Sqlite};
pub use excerpt::Excerpt;
pub use registry::{Migration, Registry};
pub use script::{Location, Script, pack};
pub use version::{Numbering, Version};
