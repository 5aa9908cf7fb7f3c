//! Functions of the application, shared by the clones of a migrator.

use std::fmt;
use std::sync::Arc;

/// A function or an observer, which derived implementations cannot print.
pub(crate) struct Closure<F: ?Sized>(pub(crate) Arc<F>);

impl<F: ?Sized> Clone for Closure<F> {
    fn clone(&self) -> Self {
        Closure(Arc::clone(&self.0))
    }
}

impl<F: ?Sized> fmt::Debug for Closure<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a function")
    }
}
