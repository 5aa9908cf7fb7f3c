//! Errors of SQLite: what they mean for a run, and how they are shown.

use crate::error::{Error, Kind};
use rusqlite::{ErrorCode, ffi};

/// An error of SQLite during `doing`.
pub(crate) fn failed(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Error {
    move |error| Error::with_source(Kind::Database(doing), without_sql(error))
}

/// rusqlite prints the whole remaining text with an input error, and megabytes
/// of a seed file would end up in a log. The message and the code are enough.
/// SQLite also calls a database read-only when only its directory is.
pub(super) fn without_sql(error: rusqlite::Error) -> rusqlite::Error {
    let (error, message) = match error {
        rusqlite::Error::SqlInputError { error, msg, .. } => (error, Some(msg)),
        rusqlite::Error::SqliteFailure(error, message) => (error, message),
        other => return other,
    };
    let message = match error.extended_code {
        ffi::SQLITE_READONLY_DIRECTORY => Some("its directory is not writable".to_owned()),
        _ => message,
    };
    rusqlite::Error::SqliteFailure(error, message)
}

/// Why an attempt failed: because of a lock that may soon be released, or for
/// good.
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

/// Whether another connection holds a lock. A plain `SQLITE_LOCKED` does not
/// count: it is a conflict on the same connection, and would never end.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(is_busy_code)
}

/// Like [`is_busy`], for a result code.
pub(super) fn is_busy_code(error: &ffi::Error) -> bool {
    error.code == ErrorCode::DatabaseBusy || error.extended_code == ffi::SQLITE_LOCKED_SHAREDCACHE
}

/// The result code of SQLite, if it is the cause of an error.
pub(super) fn cause(error: &Error) -> Option<&ffi::Error> {
    use std::error::Error as _;
    error
        .source()
        .and_then(|source| source.downcast_ref())
        .and_then(rusqlite::Error::sqlite_error)
}

/// Whether the cause of an error is a reader of the same shared cache.
pub(super) fn is_table_lock(error: &Error) -> bool {
    cause(error).is_some_and(|cause| cause.extended_code == ffi::SQLITE_LOCKED_SHAREDCACHE)
}

/// If no journal can be created next to the file, SQLite calls the file
/// writable until the first write.
pub(super) fn read_only(error: Error, pending: usize) -> Error {
    match cause(&error) {
        Some(cause) if cause.extended_code == ffi::SQLITE_READONLY_DIRECTORY => {
            error.with_kind(Kind::ReadOnly { pending })
        }
        _ => error,
    }
}

pub(super) fn is_interrupted(error: &Error) -> bool {
    cause(error).is_some_and(|cause| cause.code == ErrorCode::OperationInterrupted)
}
