//! Migrations in Rust: the functions that belong to the versions of a registry.

use crate::{BoxError, Direction, Version};
use rusqlite::Transaction;
use std::fmt;
use std::sync::Arc;

/// A function that applies or undoes a migration.
pub type Plain = fn(&Transaction<'_>) -> Result<(), BoxError>;

/// The functions of one migration, as generated code holds them.
#[derive(Debug)]
pub struct Functions {
    /// The migration.
    pub version: Version,
    /// What applies it.
    pub up: Plain,
    /// What undoes it.
    pub down: Option<Plain>,
}

/// Calls a function of a migration, whatever its error is. The compiler checks
/// the signature here.
///
/// # Errors
///
/// Those of the function.
pub fn call<F, E>(function: F, tx: &Transaction<'_>) -> Result<(), BoxError>
where
    F: for<'a, 'b> Fn(&'a Transaction<'b>) -> Result<(), E>,
    E: Into<BoxError>,
{
    function(tx).map_err(Into::into)
}

type Closure = dyn Fn(&Transaction<'_>) -> Result<(), BoxError> + Send + Sync;

/// A function or closure that a migrator got at run time.
#[derive(Clone)]
pub(crate) struct Attached {
    pub(crate) version: Version,
    pub(crate) direction: Direction,
    pub(crate) function: Arc<Closure>,
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.direction, self.version)
    }
}

/// A function that can be called.
pub(crate) type Function<'a> = &'a dyn Fn(&Transaction<'_>) -> Result<(), BoxError>;
