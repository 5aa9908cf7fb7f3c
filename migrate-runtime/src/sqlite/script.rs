//! Running the statements of one script.

use super::guard::Refusals;
use super::lock::{BusyTimeout, Deadline};
use super::session::Session;
use super::without_sql;
use crate::error::{Error, Kind};
use migrate_core::{Script, Statement};
use rusqlite::{Connection, ErrorCode};

/// Runs every statement of a script to its end, inside of the transaction that
/// is open, under the authorizer.
pub(super) fn run(
    session: &mut Session<'_>,
    label: &'static str,
    script: &Script,
    deadline: &Deadline,
) -> Result<(), Error> {
    let refusals = Refusals::default();
    session
        .conn
        .authorizer(Some(refusals.authorizer()))
        .map_err(super::failed("installing the authorizer"))?;
    let timeout = BusyTimeout::of(session.conn);
    let result = script.statements().try_for_each(|statement| {
        // Changes that outgrow the cache of a rollback-journal database wait
        // for its readers, and each statement would begin to wait anew.
        timeout.limit(deadline);
        step(session.conn, label, script, statement, &refusals)
    });
    drop(timeout);
    session.remove_guard();
    result
}

fn step(
    conn: &Connection,
    label: &'static str,
    script: &Script,
    statement: Statement,
    refusals: &Refusals,
) -> Result<(), Error> {
    let start = statement.start as usize;
    let refused = |what: String| Kind::Refused {
        label,
        location: script.location(start),
        what,
    };
    let sql = script.text(statement);
    // SQLite ends the text there, and would say nothing of what follows.
    if let Some(at) = sql.find('\0') {
        return Err(Kind::Refused {
            label,
            location: script.location(start + at),
            what: "a NUL character ends the text for SQLite; remove it".to_owned(),
        }
        .into());
    }
    match to_completion(conn, sql) {
        Ok(0) => {}
        Ok(_) => {
            let what = "a bind parameter has no value here; write the value itself".to_owned();
            return Err(refused(what).into());
        }
        Err(error) => {
            let denied =
                error.sqlite_error_code() == Some(ErrorCode::AuthorizationForStatementDenied);
            if let (true, Some(what)) = (denied, refusals.take()) {
                return Err(refused(what).into());
            }
            let kind = Kind::Statement {
                label,
                location: script.location(start + offset(&error)),
            };
            return Err(Error::with_source(kind, without_sql(error)));
        }
    }
    // The authorizer lets nothing through that could end the transaction; if
    // something does all the same, recording the migration would be wrong.
    if conn.is_autocommit() {
        return Err(refused("it ended the migration's transaction".to_owned()).into());
    }
    Ok(())
}

/// Prepares and steps until SQLite says that it is done. One step is not
/// enough: an error in a later row, or the rest of a pragma's work, would go
/// unseen. Returns the number of bind parameters; with any, nothing is run.
fn to_completion(conn: &Connection, sql: &str) -> rusqlite::Result<usize> {
    let mut statement = conn.prepare(sql)?;
    let parameters = statement.parameter_count();
    if parameters == 0 {
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
    }
    Ok(parameters)
}

/// Where in the statement SQLite found the error; not every error has a place.
fn offset(error: &rusqlite::Error) -> usize {
    match error {
        rusqlite::Error::SqlInputError { offset, .. } => usize::try_from(*offset).unwrap_or(0),
        _ => 0,
    }
}
