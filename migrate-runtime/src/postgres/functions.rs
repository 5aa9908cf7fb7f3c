//! The functions of the migrations in Rust.

use crate::BoxError;
use crate::closure::Closure;
use crate::function_error::FunctionError;
use std::pin::Pin;
use tokio_postgres::Transaction;

/// The future of a migration in Rust.
pub(crate) type Doing<'t, E = BoxError> = Pin<Box<dyn Future<Output = Result<(), E>> + Send + 't>>;

/// A function that applies or undoes a migration.
pub type Plain = for<'t> fn(&'t Transaction<'t>) -> Doing<'t>;

/// The functions of one migration, as generated code defines them.
pub type Functions = crate::attached::Functions<Plain>;

/// The future of an `async fn` of a migration, with any error type. The
/// compiler checks the signature here.
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

type DynFunction = dyn for<'t> Fn(&'t Transaction<'t>) -> Doing<'t> + Send + Sync;

/// A function that was attached to a migrator at run time.
pub(crate) type Attached = crate::attached::Attached<Closure<DynFunction>>;

/// A function that can be called.
pub(crate) type Function<'a> = &'a DynFunction;
