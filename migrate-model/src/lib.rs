//! The pure model of the migrate family.
//!
//! Paths, texts and history rows go in; values, plans and diagnostics come
//! out. The macro that runs inside the compiler, the runtime and the command
//! line all call the same functions, so that a directory is judged the same
//! everywhere.
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
//! What is absent on purpose: the file system, the clock, databases. Nothing
//! here panics on input; only the constructors that are made for constants do,
//! and they say so.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod checksum;
mod engine;
mod registry;
mod script;
mod suggest;
mod version;

pub mod diagnostic;
pub mod directive;
pub mod directory;
pub mod file_name;
pub mod history;
pub mod lint;
pub mod lock_file;
pub mod plan;
pub mod postgres;
pub mod render;
mod rules;
pub mod rust_file;
pub mod scan;
pub mod sqlite;
pub mod text;

pub use checksum::Checksum;
pub use engine::{Engine, EngineType, Postgres, Sqlite};
pub use registry::{Migration, Registry};
pub use script::{Location, Script, Statement, pack};
pub use suggest::nearest;
pub use version::{Numbering, Version};
