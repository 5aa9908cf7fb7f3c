//! Running one statement of a migration to its end.

use crate::authorizer::{Authorizer, Scope};
use crate::forbidden::Refusal;
use crate::touched::Text;
use rusqlite::{Connection, Error, ErrorCode, Result};

/// Why a statement did not run to its end.
#[derive(Debug)]
pub enum StatementError {
    /// A migration may not do this. Nothing was executed.
    Refused {
        /// The reason, and what to do instead.
        refusal: Refusal,
        /// Where in the statement, in bytes; 0 means the whole statement.
        offset: usize,
    },
    /// SQLite reported an error.
    Failed {
        /// What SQLite said.
        error: Error,
        /// Where in the statement, in bytes. Not every error has a place.
        offset: Option<usize>,
    },
}

/// Runs a statement of a migration to its end.
///
/// ```
/// use migrate_sqlite::authorizer::{Authorizer, Scope};
/// use migrate_sqlite::rusqlite::Connection;
/// use migrate_sqlite::statement::{StatementError, run};
///
/// let mut conn = Connection::open_in_memory()?;
/// let authorizer = Authorizer::new("_migrations");
/// authorizer.install(&mut conn)?;
/// let error = run(&conn, &authorizer, Scope::Transaction, "SELECT 1, nothing").unwrap_err();
/// assert!(matches!(error, StatementError::Failed { offset: Some(10), .. }));
/// # Ok::<(), migrate_sqlite::rusqlite::Error>(())
/// ```
///
/// # Errors
///
/// Fails if the statement is refused in this scope, if it has a bind parameter
/// or a NUL character, or if SQLite reports an error.
pub fn run(
    conn: &Connection,
    authorizer: &Authorizer,
    scope: Scope,
    sql: &str,
) -> std::result::Result<(), StatementError> {
    let refused = |refusal, offset| Err(StatementError::Refused { refusal, offset });
    if let Some(offset) = sql.find('\0') {
        return refused(Refusal::of_nul(), offset);
    }
    if !authorizer.is_installed()
        && let Some(refusal) = Refusal::of_words(sql)
    {
        return refused(refusal, 0);
    }
    let entered = authorizer.enter_with(scope, Text::of(sql));
    let result = step_to_end(conn, sql);
    drop(entered);
    match result {
        Ok(0) => Ok(()),
        Ok(_) => refused(Refusal::of_parameter(), 0),
        Err(error) => {
            let is_denied =
                error.sqlite_error_code() == Some(ErrorCode::AuthorizationForStatementDenied);
            match authorizer.take_refusal() {
                Some(refusal) if is_denied => refused(refusal, 0),
                _ => Err(StatementError::Failed {
                    offset: offset(&error),
                    error,
                }),
            }
        }
    }
}

/// Compiles a statement of a migration, so that the authorizer records what it
/// would touch. `false` if it cannot be compiled yet.
pub fn compile(conn: &Connection, authorizer: &Authorizer, scope: Scope, sql: &str) -> bool {
    let _entered = authorizer.enter_with(scope, Text::of(sql));
    conn.prepare(sql).is_ok()
}

/// Prepares a statement and steps until SQLite reports that it is done. One step
/// is not enough: an error in a later row, or the rest of a pragma's work, would
/// go unnoticed. Returns the number of bind parameters; a statement that has any
/// is not run.
///
/// # Errors
///
/// Those of SQLite.
pub fn step_to_end(conn: &Connection, sql: &str) -> Result<usize> {
    let mut statement = conn.prepare(sql)?;
    let parameters = statement.parameter_count();
    if parameters == 0 {
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
    }
    Ok(parameters)
}

fn offset(error: &Error) -> Option<usize> {
    match error {
        Error::SqlInputError { offset, .. } => usize::try_from(*offset).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(sql: &str, is_installed: bool) -> String {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE a(x); INSERT INTO a VALUES ('1'), ('[')")
            .unwrap();
        let authorizer = Authorizer::new("log");
        if is_installed {
            authorizer.install(&mut conn).unwrap();
        }
        match run(&conn, &authorizer, Scope::Transaction, sql) {
            Ok(()) => "ok".to_owned(),
            Err(StatementError::Refused { refusal, offset }) => {
                format!("{offset}: {}", refusal.reason)
            }
            Err(StatementError::Failed { error, offset }) => match error {
                Error::SqlInputError { msg, .. } => format!("{offset:?} {msg}"),
                error => format!("{offset:?} {error}"),
            },
        }
    }

    #[test]
    fn statements_run_to_their_end() {
        assert_eq!(outcome("SELECT x FROM a", true), "ok");
        // The second row.
        assert_eq!(
            outcome("SELECT json(x) FROM a", true),
            "None malformed JSON"
        );
        assert_eq!(
            outcome("SELECT y FROM a", true),
            "Some(7) no such column: y"
        );
    }

    #[test]
    fn what_sqlite_would_ignore_is_refused() {
        assert_eq!(
            outcome("SELECT 1,\0 2", true),
            "9: a NUL character ends the text for SQLite"
        );
        assert_eq!(
            outcome("SELECT ?", true),
            "0: a bind parameter has no value here"
        );
    }

    #[test]
    fn without_an_authorizer_the_words_are_judged() {
        let reason = "0: transaction control would end the migration's transaction";
        assert_eq!(outcome("COMMIT", true), reason);
        assert_eq!(outcome("COMMIT", false), reason);
        assert_eq!(
            outcome("CREATE TABLE log(x)", true),
            "0: the history table `log` belongs to the runner"
        );
        assert_eq!(outcome("CREATE TABLE log(x)", false), "ok");
    }
}
