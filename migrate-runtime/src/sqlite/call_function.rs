//! Calling the function of a migration in Rust.

use super::deadline::BusyTimeout;
use super::run_state::RunState;
use crate::error::{Error, Kind};
use crate::function_error;
use crate::sqlite::functions::Function;
use migrate_sqlite::authorizer::Scope;
use rusqlite::{Transaction, ffi};
use std::panic::{AssertUnwindSafe, catch_unwind};

impl RunState<'_> {
    pub(super) fn call(
        &mut self,
        tx: &Transaction<'_>,
        label: &str,
        function: Function<'_>,
        path: &'static str,
    ) -> Result<(), Error> {
        self.expect_code();
        let timeout = BusyTimeout::of(self.conn, &self.deadline);
        timeout.limit(&self.deadline);
        let entered = self.authorizer.enter(Scope::Transaction);
        // The transaction is rolled back after a panic, so no half-finished
        // state is visible.
        let called = catch_unwind(AssertUnwindSafe(|| function(tx)));
        drop(entered);
        let refusal = match &called {
            Ok(Ok(())) if self.conn.is_autocommit() => Some(CONTINUED.to_owned()),
            Ok(Err(error)) => match code(&**error) {
                Some(ffi::SQLITE_AUTH) => self.authorizer.take_refusal().map(|it| it.to_string()),
                Some(ffi::SQLITE_CONSTRAINT_COMMITHOOK) => Some(CONTINUED.to_owned()),
                _ => None,
            },
            _ => None,
        };
        let Some(what) = refusal else {
            return function_error::check(label, path, called);
        };
        let label = label.to_owned();
        let kind = Kind::RefusedFunction { label, path, what };
        Err(match called {
            Ok(Err(error)) => Error::with_source(kind, error),
            _ => kind.into(),
        })
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
