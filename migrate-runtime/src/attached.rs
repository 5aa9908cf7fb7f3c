//! The functions of the migrations in Rust.

use crate::Direction;
use crate::closure::Closure;
use migrate_model::Version;

/// The functions of one migration, as generated code defines them. `P` is the
/// function pointer of the engine.
#[derive(Debug)]
pub struct Functions<P> {
    /// The migration.
    pub version: Version,
    /// The function that applies it.
    pub up: P,
    /// The function that undoes it.
    pub down: Option<P>,
}

impl<P> Functions<P> {
    /// The function for one direction of a version.
    pub(crate) fn find(all: &[Self], version: Version, direction: Direction) -> Option<&P> {
        let functions = all.iter().find(|known| known.version == version)?;
        match direction {
            Direction::Up => Some(&functions.up),
            Direction::Down => functions.down.as_ref(),
        }
    }
}

/// A function for one direction of a migration that was attached to a migrator
/// at run time. `F` is the closure of the engine.
#[derive(Clone, Debug)]
pub(crate) struct Attached<F> {
    pub(crate) version: Version,
    pub(crate) direction: Direction,
    pub(crate) function: F,
}

impl<F: ?Sized> Attached<Closure<F>> {
    /// The function for one direction of a version. If there are several, the
    /// last one.
    pub(crate) fn find(all: &[Self], version: Version, direction: Direction) -> Option<&F> {
        let is_it = |it: &&Self| it.version == version && it.direction == direction;
        all.iter().rev().find(is_it).map(|it| &*it.function.0)
    }
}
