//! Errors of SQLite: what they mean for a run, and how they are shown.

use crate::error::{Error, Kind};
use rusqlite::{ErrorCode, ffi};

/// The error of a call that has no better name.
pub(crate) fn failed(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Error {
    move |error| Error::with_source(Kind::Database(doing), without_sql(error))
}

/// rusqlite prints the whole remaining text with an input error: megabytes of
/// a seed file would end in a log. The message and the code are enough. And
/// SQLite speaks of a readonly database where only its directory is.
pub(super) fn without_sql(error: rusqlite::Error) -> rusqlite::Error {
    let (error, message) = match error {
        rusqlite::Error::SqlInputError { error, msg, .. } => (error, Some(msg)),
        rusqlite::Error::SqliteFailure(error, message) => (error, message),
        other => return other,
    };
    let message = match error.extended_code {
        ffi::SQLITE_READONLY_DIRECTORY => Some("its directory cannot be written".to_owned()),
        _ => message,
    };
    rusqlite::Error::SqliteFailure(error, message)
}

/// Why an attempt failed: a lock that may be gone in a moment, or for good.
pub(super) enum Failure {
    Busy(rusqlite::Error),
    Other(Error),
}

impl Failure {
    pub(super) fn new(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Failure {
        move |error| {
            if is_busy(&error) {
                Failure::Busy(error)
            } else {
                Failure::Other(failed(doing)(error))
            }
        }
    }
}

impl From<Kind> for Failure {
    fn from(kind: Kind) -> Failure {
        Failure::Other(kind.into())
    }
}

/// Whether another connection is in the way. A plain `SQLITE_LOCKED` is not
/// among them: that is a conflict on the same connection, and would last.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(is_busy_code)
}

/// The same, of the code alone.
pub(super) fn is_busy_code(error: &ffi::Error) -> bool {
    error.code == ErrorCode::DatabaseBusy || error.extended_code == ffi::SQLITE_LOCKED_SHAREDCACHE
}

/// What SQLite itself said, if an error came from there.
pub(super) fn cause(error: &Error) -> Option<&ffi::Error> {
    use std::error::Error as _;
    error
        .source()
        .and_then(|source| source.downcast_ref())
        .and_then(rusqlite::Error::sqlite_error)
}

/// Whether an error came from a reader of the same shared cache.
pub(super) fn is_table_lock(error: &Error) -> bool {
    cause(error).is_some_and(|cause| cause.extended_code == ffi::SQLITE_LOCKED_SHAREDCACHE)
}

/// Where no journal can be made beside a file, SQLite calls the file writable
/// until the first write.
pub(super) fn read_only(error: Error, pending: usize) -> Error {
    match cause(&error) {
        Some(cause) if cause.extended_code == ffi::SQLITE_READONLY_DIRECTORY => {
            error.with_kind(Kind::ReadOnly { pending })
        }
        _ => error,
    }
}

/// Whether SQLite was interrupted.
pub(super) fn is_interrupted(error: &Error) -> bool {
    cause(error).is_some_and(|cause| cause.code == ErrorCode::OperationInterrupted)
}
