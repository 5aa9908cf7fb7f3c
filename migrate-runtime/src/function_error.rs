//! The error of a migration in Rust.

use crate::BoxError;

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
