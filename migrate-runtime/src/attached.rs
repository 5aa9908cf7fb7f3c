//! The functions for migrations in Rust that were attached to a migrator at run
//! time.

use crate::Direction;
use migrate_model::Version;
use std::fmt;
use std::sync::Arc;

/// A function for one direction of a migration. `F` is the closure of the engine.
pub(crate) struct Attached<F: ?Sized> {
    pub(crate) version: Version,
    pub(crate) direction: Direction,
    pub(crate) function: Arc<F>,
}

impl<F: ?Sized> Attached<F> {
    /// The function for one direction of a version. If there are several, the
    /// last one.
    pub(crate) fn find(all: &[Self], version: Version, direction: Direction) -> Option<&F> {
        let is_it = |it: &&Self| it.version == version && it.direction == direction;
        all.iter().rev().find(is_it).map(|it| &*it.function)
    }
}

impl<F: ?Sized> Clone for Attached<F> {
    fn clone(&self) -> Self {
        Attached {
            version: self.version,
            direction: self.direction,
            function: Arc::clone(&self.function),
        }
    }
}

impl<F: ?Sized> fmt::Debug for Attached<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.direction, self.version)
    }
}
