//! The SQLite sandbox of the migrate crates: what a migration may do, how its
//! statements run, and what is checked and restored after it. It is the same for
//! a run on a database and for a replay in memory, and with every supported
//! version of [`rusqlite`].
//!
//! Depend on `migrate-runtime` instead: this crate is a part of it, and its
//! interface changes with any release.
//!
//! [`authorizer`] refuses what no migration may do, in the words of [`forbidden`],
//! and records in [`touched`] what a migration touches. [`statement`] runs one
//! statement to its end, [`settings`] saves and restores those of the connection,
//! and [`integrity`] finds what a migration has broken. [`compat`] has the calls
//! that differ between rusqlite 0.32 and 0.43, and [`library`] knows the SQLite
//! library that is linked.
//!
//! It neither reads a history nor decides what runs.
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

pub mod authorizer;
pub mod compat;
pub mod forbidden;
pub mod integrity;
pub mod library;
pub mod settings;
pub mod statement;
pub mod temporary;
pub mod touched;

pub use rusqlite;
