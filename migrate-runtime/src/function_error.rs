//! The errors of migrations in Rust.

use crate::BoxError;
use crate::error::{Error, Kind};
use std::any::Any;

/// The error of a migration in Rust. It is a trait so that the compiler can
/// explain what is wrong with another type.
#[diagnostic::on_unimplemented(
    message = "the error of a migration in Rust must be a `std::error::Error` that is `Send` and `Sync`",
    label = "its function returns `Result<(), {Self}>`",
    note = "instead of `Box<dyn Error>`, write `Box<dyn std::error::Error + Send + Sync>`"
)]
pub trait FunctionError {
    /// Boxes the error.
    fn boxed(self) -> BoxError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> FunctionError for E {
    fn boxed(self) -> BoxError {
        self.into()
    }
}

/// The outcome of a function that was called under `catch_unwind`.
pub(crate) type Called = Result<Result<(), BoxError>, Box<dyn Any + Send>>;

/// Fails if a function has failed or panicked.
pub(crate) fn check(label: &str, path: &'static str, called: Called) -> Result<(), Error> {
    let label = label.to_owned();
    match called {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Error::with_source(Kind::Function { label, path }, error)),
        Err(panic) => {
            let kind = Kind::Panicked { label, path };
            Err(Error::with_source(kind, panic_message(&*panic)))
        }
    }
}

/// The message of a panic.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text.clone()
    } else {
        "a value that is not text".to_owned()
    }
}
