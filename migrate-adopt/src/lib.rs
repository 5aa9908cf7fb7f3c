//! Takes over databases and migrations directories from other tools.
//!
//! A database that another tool has migrated so far has a history in that
//! tool's own table. Adopting it records the same migrations in the history of
//! this crate's family, so that the next run applies what is pending and
//! nothing again. The directory of that tool becomes one of ours with [`files`].

mod checksum;
pub mod files;
mod original;
mod tool;

pub use original::Original;
pub use tool::Tool;
