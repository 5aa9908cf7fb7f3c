//! What the migrate crates need of SQLite, the same with every supported
//! version of [`rusqlite`].
//!
//! Depend on `migrate-runtime` instead: this crate is a part of it, and its
//! interface changes with any release.
//!
//! [`compat`] has the calls that differ between rusqlite 0.32 and 0.43, and
//! [`library`] knows the SQLite library that is linked.
//!
//! ```
//! use migrate_sqlite::{compat, library, rusqlite::Connection};
//!
//! let mut conn = Connection::open_in_memory()?;
//! compat::set_progress_handler(&mut conn, 1000, Some(|| false))?;
//! assert!(library::version() >= library::MINIMUM);
//! # Ok::<(), migrate_sqlite::rusqlite::Error>(())
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod compat;
pub mod integrity;
pub mod library;
pub mod settings;

pub use rusqlite;
