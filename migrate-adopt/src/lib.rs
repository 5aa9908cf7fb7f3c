//! Takes over databases and migrations directories from other tools.
//!
//! A database that another tool has migrated so far has a history in that
//! tool's own table. Adopting it records the same migrations in the history of
//! this crate's family, so that the next run applies what is pending and
//! nothing again. The directory of that tool becomes one of ours with [`files`].

mod adoption;
mod checksum;
mod error;
pub mod files;
mod history;
mod id;
mod original;
mod plan;
mod tool;

pub use adoption::{
    Adoption, Options, Row, Verified, Verify, adopt, adopt_if_needed, plan_adoption,
};
pub use error::Error;
pub use history::{applied, detect, histories};
pub use original::Original;
pub use tool::Tool;
