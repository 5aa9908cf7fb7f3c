//! An error of the server, as the source of our error.

use migrate_model::excerpt::one_line;
use std::fmt;
use tokio_postgres::error::DbError;

/// An error of tokio-postgres, shown on one line: its own text is `db error`,
/// and the rest is in its source.
#[derive(Debug)]
pub struct PostgresError(pub tokio_postgres::Error);

impl fmt::Display for PostgresError {
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

/// The message of the server, on one line.
pub(crate) fn said(error: &DbError) -> String {
    let mut said = format!("{} ({})", one_line(error.message()), error.code().code());
    for (what, text) in [("detail", error.detail()), ("hint", error.hint())] {
        if let Some(text) = text {
            said += &format!("; {what}: {}", one_line(text).trim_end_matches('.'));
        }
    }
    said
}

impl std::error::Error for PostgresError {}
