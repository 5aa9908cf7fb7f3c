//! What the server said, as an error's source.

use crate::error::{Error, Kind, PostgresKind};
use migrate_model::excerpt::one_line;
use std::fmt;
use tokio_postgres::error::{DbError, Severity, SqlState};

/// An error of the connection, told in one line: tokio-postgres itself says
/// `db error`, and leaves the rest to its source.
#[derive(Debug)]
pub struct Cause(pub tokio_postgres::Error);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(error) = self.0.as_db_error() else {
            write!(f, "{}", self.0)?;
            let mut source = std::error::Error::source(&self.0);
            while let Some(cause) = source {
                write!(f, ": {cause}")?;
                source = cause.source();
            }
            return Ok(());
        };
        f.write_str(&said(error))
    }
}

/// What the server said, on one line.
pub(crate) fn said(error: &DbError) -> String {
    let mut said = format!("{} ({})", one_line(error.message()), error.code().code());
    for (what, text) in [("detail", error.detail()), ("hint", error.hint())] {
        if let Some(text) = text {
            said += &format!("; {what}: {}", one_line(text).trim_end_matches('.'));
        }
    }
    said
}

impl std::error::Error for Cause {}

impl Error {
    /// What PostgreSQL, or the connection to it, said, if that is the cause.
    pub fn postgres(&self) -> Option<&tokio_postgres::Error> {
        let source = std::error::Error::source(self)?;
        let causes = std::iter::successors(Some(source), |error| error.source());
        let mut causes = causes.filter_map(|error| {
            let own = error.downcast_ref::<Cause>().map(|cause| &cause.0);
            own.or_else(|| error.downcast_ref::<tokio_postgres::Error>())
        });
        causes.next()
    }
}

/// The error of a call that has no better name.
pub fn failed(doing: &'static str) -> impl Fn(tokio_postgres::Error) -> Error {
    move |error| {
        let kind = match error.code() {
            Some(&SqlState::INSUFFICIENT_PRIVILEGE) => PostgresKind::NoPrivilege {
                doing: doing.to_owned(),
            }
            .into(),
            Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => Kind::ReadOnly { pending: 0 },
            // A transaction of the caller: of one of ours the error is told
            // that made it fail.
            Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => {
                Kind::InUse("is inside of a transaction that has failed")
            }
            _ if is_lost(&error) => PostgresKind::Lost { label: None }.into(),
            _ => Kind::Database(doing),
        };
        Error::with_source(kind, Cause(error))
    }
}

/// Whether the connection is gone, so that nobody knows what became of what was
/// asked last.
pub(super) fn is_lost(error: &tokio_postgres::Error) -> bool {
    match error.as_db_error() {
        // Everything else that has no answer of the server is about the answer
        // itself: it could not be read, or had another type.
        None => error.is_closed() || is_io(error),
        Some(error) => ends_the_session(error),
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error)
        .is_some_and(|source| source.downcast_ref::<std::io::Error>().is_some())
}

/// `FATAL` and `PANIC` end the session. Such an answer to a `COMMIT` can come
/// after it took effect: a server that waits for a standby says so.
fn ends_the_session(error: &DbError) -> bool {
    matches!(
        error.parsed_severity(),
        Some(Severity::Fatal | Severity::Panic)
    )
}

/// Whether it may go well the next time: a lock was not had in time, two
/// transactions waited for each other, could not be put in an order, or made the
/// same schema.
pub(super) fn is_passing(error: &Error) -> bool {
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

impl Error {
    /// Whether the connection was lost.
    pub(super) fn is_lost(&self) -> bool {
        self.postgres().is_some_and(is_lost)
    }
}
