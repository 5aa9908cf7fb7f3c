//! What an error of the server means for a run: the connection is lost, a retry
//! may succeed, or something is not permitted.

use super::db_error::PostgresError;
use crate::error::{Error, Kind, PostgresKind};
use tokio_postgres::error::{Severity, SqlState};

impl Error {
    /// The error of PostgreSQL, or of the connection to it, if that is the
    /// cause.
    pub fn postgres(&self) -> Option<&tokio_postgres::Error> {
        let source = std::error::Error::source(self)?;
        let causes = std::iter::successors(Some(source), |error| error.source());
        let mut causes = causes.filter_map(|error| {
            let own = error.downcast_ref::<PostgresError>().map(|cause| &cause.0);
            own.or_else(|| error.downcast_ref::<tokio_postgres::Error>())
        });
        causes.next()
    }

    /// Whether the cause is a lost connection.
    pub(super) fn is_lost(&self) -> bool {
        self.postgres().is_some_and(is_lost)
    }
}

/// An error of the server during `doing`.
pub fn failed(doing: &'static str) -> impl Fn(tokio_postgres::Error) -> Error {
    move |error| {
        let kind = match error.code() {
            Some(&SqlState::INSUFFICIENT_PRIVILEGE) => PostgresKind::NoPrivilege { doing }.into(),
            Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => Kind::ReadOnly { pending: 0 },
            // This is a transaction of the caller. In one of ours, the error
            // that made it fail is reported.
            Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => {
                Kind::InUse("is inside of a transaction that has failed")
            }
            _ if is_lost(&error) => PostgresKind::Lost { label: None }.into(),
            _ => Kind::Database(doing),
        };
        Error::with_source(kind, PostgresError(error))
    }
}

/// Whether the connection is lost, so that the outcome of the last request is
/// unknown.
pub(super) fn is_lost(error: &tokio_postgres::Error) -> bool {
    match error.as_db_error() {
        // All other errors without an answer of the server are about the answer
        // itself: it could not be read, or had another type.
        None => error.is_closed() || is_io(error),
        // Both end the session. Such an answer to a `COMMIT` can come after it
        // took effect: a server that waits for a standby reports that so.
        Some(error) => matches!(
            error.parsed_severity(),
            Some(Severity::Fatal | Severity::Panic)
        ),
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error)
        .is_some_and(|source| source.downcast_ref::<std::io::Error>().is_some())
}

/// Whether a retry may succeed: a lock was not granted in time, there was a
/// deadlock or a serialization failure, or two runs created the same schema at
/// once.
pub(super) fn is_transient(error: &Error) -> bool {
    if error.is_raced() {
        return true;
    }
    let Some(code) = error.postgres().and_then(tokio_postgres::Error::code) else {
        return false;
    };
    [
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
    ]
    .contains(code)
}
