//! Calling the function of a migration in Rust.

use super::deadline::BusyTimeout;
use super::run_state::RunState;
use crate::error::{Error, Kind};
use crate::sqlite::functions::Function;
use migrate_sqlite::authorizer::Scope;
use rusqlite::{Transaction, ffi};
use std::panic::{AssertUnwindSafe, catch_unwind};

impl RunState<'_> {
    pub(super) fn call(
        &self,
        tx: &Transaction<'_>,
        label: &str,
        function: Function<'_>,
        path: &'static str,
    ) -> Result<(), Error> {
        let timeout = BusyTimeout::of(self.conn);
        timeout.limit(&self.deadline);
        let entered = self.authorizer.enter(Scope::Transaction);
        // The transaction is rolled back after a panic, so no half-finished
        // state is visible.
        let called = catch_unwind(AssertUnwindSafe(|| function(tx)));
        drop(entered);
        let label = || label.to_owned();
        let refused = |what| Kind::RefusedFunction {
            label: label(),
            path,
            what,
        };
        match called {
            Ok(Ok(())) if self.conn.is_autocommit() => Err(refused(CONTINUED.to_owned()).into()),
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                let refusal = match code(&*error) {
                    Some(ffi::SQLITE_AUTH) => {
                        self.authorizer.take_refusal().map(|it| it.to_string())
                    }
                    Some(ffi::SQLITE_CONSTRAINT_COMMITHOOK) => Some(CONTINUED.to_owned()),
                    _ => None,
                };
                let kind = refusal.map_or_else(
                    || Kind::Function {
                        label: label(),
                        path,
                    },
                    refused,
                );
                Err(Error::with_source(kind, error))
            }
            Err(panic) => {
                let kind = Kind::Panicked {
                    label: label(),
                    path,
                };
                Err(Error::with_source(kind, crate::panic::message(&*panic)))
            }
        }
    }
}

const CONTINUED: &str = "an error made SQLite end the transaction, and the function continued; \
                       return that error";

/// The extended result code of SQLite, if that is the cause of an error,
/// however the application has wrapped it.
fn code(error: &(dyn std::error::Error + 'static)) -> Option<i32> {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    let cause = causes.find_map(|cause| cause.downcast_ref::<rusqlite::Error>())?;
    cause.sqlite_error().map(|error| error.extended_code)
}
