//! Calling the function of a migration in Rust.

use super::guard::Scope;
use super::lock::{BusyTimeout, Deadline};
use super::run::{Run, Task};
use crate::error::{Error, Kind};
use crate::functions::Function;
use rusqlite::{ErrorCode, Transaction};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

impl Run<'_> {
    /// Calls the function of a migration in Rust.
    pub(super) fn call(
        &self,
        tx: &Transaction<'_>,
        task: &Task<'_>,
        function: Function<'_>,
        path: &'static str,
        deadline: &Deadline<'_>,
    ) -> Result<(), Error> {
        let timeout = BusyTimeout::of(self.conn);
        timeout.limit(deadline);
        let entered = self.guard.enter(Scope::Transaction);
        // The transaction is rolled back after a panic, so that nothing is
        // seen half-done.
        let called = catch_unwind(AssertUnwindSafe(|| function(tx)));
        drop(entered);
        let label = || task.label.to_owned();
        let refused = |what| Kind::RefusedFunction {
            label: label(),
            path,
            what,
        };
        match called {
            Ok(Ok(())) if self.conn.is_autocommit() => {
                Err(refused("it ended the migration's transaction".to_owned()).into())
            }
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                let is_refusal = error
                    .downcast_ref::<rusqlite::Error>()
                    .is_some_and(|error| {
                        error.sqlite_error_code()
                            == Some(ErrorCode::AuthorizationForStatementDenied)
                    });
                let refusal = self.guard.take_refusal().filter(|_| is_refusal);
                let kind = refusal.map_or_else(
                    || Kind::Function {
                        label: label(),
                        path,
                    },
                    refused,
                );
                Err(Error::with_source(kind, error))
            }
            Err(panic) => Err(Kind::Panicked {
                label: label(),
                path,
                message: message(&*panic),
            }
            .into()),
        }
    }
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text.clone()
    } else {
        "a value that is no text".to_owned()
    }
}
