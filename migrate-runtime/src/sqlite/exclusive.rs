//! Exclusive use of a database for a migration without a transaction: on which
//! connection it runs, and how others are kept out.

use super::connection::{file, journal_mode, keeps_locks};
use super::db_error::{Failure, failed};
use super::deadline::{READ, WRITE_LOCK};
use super::migrating_file;
use super::run_state::RunState;
use super::session::Session;
use crate::error::{Error, Kind};
use std::path::Path;

/// Calls `act` on the connection on which a migration without a transaction
/// runs.
///
/// Normally that is a separate connection, which is closed at the end: a
/// connection that switches to write-ahead logging while it keeps the lock
/// would keep it until it is closed. It is the application's connection if that
/// one keeps a lock itself: the lock would prevent a switch back from
/// write-ahead logging, or keep out a separate connection for good.
pub(super) fn exclusively<T>(
    run: &mut RunState<'_>,
    act: impl FnOnce(&mut RunState<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let conn = run.conn;
    let path = match conn.path() {
        Some("") => return on(run, act),
        Some(path) => Path::new(path),
        None => {
            let what = "the path of the database is not valid UTF-8, so no second connection to it \
                        can be opened; nothing was applied, rename it";
            return Err(Kind::InvalidInput(what.to_owned()).into());
        }
    };
    let is_in_the_way = run.deadline.retry(conn, READ, || {
        keeps_locks(conn).map_err(Failure::new("reading the journal mode"))
    })?;
    if is_in_the_way {
        return on(run, act);
    }
    let mut conn = run
        .settings
        .engine
        .connect(path)
        .map_err(failed("opening a separate connection"))?;
    let session = Session::start(&mut conn, run.settings, 1, run.deadline)?;
    let mut own = RunState::new(&session);
    own.is_own = true;
    own.has_changed = run.has_changed;
    let result = on(&mut own, act);
    run.has_changed = own.has_changed;
    run.backup = own.backup.take().or(run.backup.take());
    result
}

/// The settings that a script changes are kept until its end.
fn on<T>(
    run: &mut RunState<'_>,
    act: impl FnOnce(&mut RunState<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let deadline = run.deadline;
    run.keeps_settings = true;
    let result = act(run);
    run.keeps_settings = false;
    run.deadline = deadline.restarted();
    run.reset();
    run.migrating_file = None;
    result
}

/// Keeps others out from now on, also between the statements. Call it with the
/// write lock held, under which the journal mode cannot change. It must not be
/// called earlier: in this mode even connections that wait for the lock keep
/// the locks they have, and would wait for each other.
pub(super) fn keep_out(run: &mut RunState<'_>) -> Result<(), Error> {
    let Some(path) = file(run.conn) else {
        return Ok(());
    };
    let mode = journal_mode(run.conn).map_err(failed("reading the journal mode"))?;
    if run.is_own && mode != "wal" {
        return run
            .conn
            .query_row("PRAGMA main.locking_mode = EXCLUSIVE", [], |_| Ok(()))
            .map_err(failed("keeping the lock"));
    }
    if run.migrating_file.is_none() {
        let taken = migrating_file::take(path).map_err(|failure| match failure {
            Failure::Busy(error) => {
                Error::with_source(run.deadline.locked(run.conn, WRITE_LOCK), error)
            }
            Failure::Other(error) => error,
        })?;
        run.migrating_file = Some(taken);
    }
    Ok(())
}
