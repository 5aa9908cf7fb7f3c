//! The functions of the migrations in Rust.

use crate::BoxError;
use crate::closure::Closure;
use crate::function_error::FunctionError;
use rusqlite::Transaction;

/// A function that applies or undoes a migration.
pub type Plain = fn(&Transaction<'_>) -> Result<(), BoxError>;

/// The functions of one migration, as generated code defines them.
pub type Functions = crate::attached::Functions<Plain>;

/// The transaction that a migration in Rust borrows. It is a trait so that the
/// compiler can explain what is wrong with another type.
#[diagnostic::on_unimplemented(
    message = "a migration in Rust takes `&migrate_runtime::rusqlite::Transaction<'_>`",
    label = "its function takes `&{Self}`",
    note = "if that is a transaction of rusqlite too, the program has two versions of rusqlite: \
            `cargo tree -d` shows them, and `cargo update -p rusqlite@X --precise Y` replaces X by Y",
    note = "or use rusqlite through `migrate_runtime::rusqlite`, which is always the right version"
)]
pub trait Borrowed<'t> {
    /// The same transaction.
    fn from_ours<'r>(tx: &'r Transaction<'t>) -> &'r Self;
}

impl<'t> Borrowed<'t> for Transaction<'t> {
    fn from_ours<'r>(tx: &'r Transaction<'t>) -> &'r Self {
        tx
    }
}

/// Calls a function of a migration with any error type. The compiler checks the
/// signature here.
///
/// # Errors
///
/// Those of the function.
pub fn call<'t, F, T, E>(function: F, tx: &Transaction<'t>) -> Result<(), BoxError>
where
    F: for<'a> Fn(&'a T) -> Result<(), E>,
    T: Borrowed<'t>,
    E: FunctionError,
{
    function(T::from_ours(tx)).map_err(FunctionError::boxed)
}

type DynFunction = dyn Fn(&Transaction<'_>) -> Result<(), BoxError> + Send + Sync;

/// A function that was attached to a migrator at run time.
pub(crate) type Attached = crate::attached::Attached<Closure<DynFunction>>;

/// A function that can be called.
pub(crate) type Function<'a> = &'a dyn Fn(&Transaction<'_>) -> Result<(), BoxError>;
