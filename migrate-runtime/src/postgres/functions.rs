//! Migrations in Rust: the functions that belong to the versions of a registry.

use crate::function_error::FunctionError;
use crate::{BoxError, Version};
use std::pin::Pin;
use tokio_postgres::Transaction;

/// What a migration in Rust is doing.
pub(crate) type Doing<'t, E = BoxError> = Pin<Box<dyn Future<Output = Result<(), E>> + Send + 't>>;

/// A function that applies or undoes a migration.
pub type Plain = for<'t> fn(&'t Transaction<'t>) -> Doing<'t>;

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

/// What an `async fn` of a migration does, whatever its error is. The compiler
/// checks its signature here.
pub fn call<'t, E: FunctionError>(
    doing: impl Future<Output = Result<(), E>> + Send + 't,
) -> Doing<'t> {
    boxed(doing)
}

pub(super) fn boxed<'t, E: FunctionError>(
    doing: impl Future<Output = Result<(), E>> + Send + 't,
) -> Doing<'t> {
    Box::pin(async move { doing.await.map_err(FunctionError::boxed) })
}

type Closure = dyn for<'t> Fn(&'t Transaction<'t>) -> Doing<'t> + Send + Sync;

/// One that a migrator got at run time.
pub(crate) type Attached = crate::attached::Attached<Closure>;

/// A function that can be called.
#[derive(Clone, Copy)]
pub(crate) enum Function<'a> {
    Plain(Plain),
    Attached(&'a Closure),
}

impl Function<'_> {
    pub(crate) fn start<'t>(self, tx: &'t Transaction<'t>) -> Doing<'t> {
        match self {
            Function::Plain(function) => function(tx),
            Function::Attached(function) => function(tx),
        }
    }
}
