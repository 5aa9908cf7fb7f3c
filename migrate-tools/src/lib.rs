//! What a developer runs on migrations; a service does not need this crate.
//!
//! | module or function | what it does |
//! |---|---|
//! | [`read_directory`] | a registry from a directory, at run time |
//! | [`check_directory`] | the compiler's diagnostics, and a replay on SQLite |
//! | [`lock`] | the lock file `migrations.lock`, which says what is released |
//! | [`renumber`] | new numbers for drafts, or for an unordered directory |
//! | `postgres` | proof of migrations on a PostgreSQL server, and the comparison of schemas; it needs the feature `postgres` |
//!
//! ```
//! use migrate_runtime::{Numbering, Sqlite};
//!
//! let check = migrate_tools::check_directory::<Sqlite>("../migrations", Numbering::DEFAULT);
//! assert!(check.errors.is_empty(), "{check}");
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

mod check;
mod directory;
mod disk;
mod error;
mod error_parts;

pub mod lock;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod renumber;

#[doc(hidden)]
pub use check::count_unreadable;
pub use check::{Check, CheckOptions, check_directory};
#[doc(hidden)]
pub use directory::leak;
pub use directory::read_directory;
#[doc(hidden)]
pub use disk::{is_same_file, now, put, replace, shown};
pub use error::Error;
#[doc(hidden)]
pub use error_parts::ErrorParts;
pub use migrate_source::SqliteVersion;
