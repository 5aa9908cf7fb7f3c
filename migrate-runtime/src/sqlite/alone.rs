//! Having a database for oneself, for a migration without a transaction: where
//! it runs, and how others are kept out.

use super::claim;
use super::failed;
use super::lock::{Deadline, Failure, file, journal_mode, keeps_locks};
use super::run::{FOR_A_READ, FOR_THE_LOCK, Run};
use super::session::Session;
use crate::error::{Error, Kind};
use std::path::Path;

/// Where a migration without a transaction runs.
///
/// That is a connection of its own, which is closed at the end: a connection
/// that switches to write-ahead logging while it keeps the lock would keep it
/// until then. It is that of the application where that would stand in the way:
/// of a switch back from write-ahead logging, or of all others for good.
pub(super) fn alone<T>(
    run: &Run<'_>,
    deadline: &Deadline<'_>,
    act: impl FnOnce(&Run<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let path = match run.conn.path() {
        Some("") => return on(run, deadline, act),
        Some(path) => Path::new(path),
        None => return Err(Kind::NoPath.into()),
    };
    let is_in_the_way = deadline.retry(run.conn, FOR_A_READ, || {
        keeps_locks(run.conn).map_err(Failure::new("reading the journal mode"))
    })?;
    if is_in_the_way {
        return on(run, deadline, act);
    }
    let mut conn = run
        .settings
        .connect(path)
        .map_err(failed("opening a connection of its own"))?;
    let session = Session::start(&mut conn, run.settings, 1, *deadline)?;
    let mut own = Run::new(&session, run.settings);
    own.is_own = true;
    own.has_changed = run.has_changed.clone();
    let result = on(&own, deadline, act);
    run.has_changed.set(own.has_changed.get());
    if let Some(copy) = own.backup.take() {
        run.backup.replace(Some(copy));
    }
    result
}

/// What a script says about its connection holds until its end.
fn on<T>(
    run: &Run<'_>,
    deadline: &Deadline<'_>,
    act: impl FnOnce(&Run<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    run.keeps_settings.set(true);
    let result = act(run);
    run.keeps_settings.set(false);
    run.must_finish.set(false);
    run.reset(&deadline.anew());
    run.claim.take();
    result
}

/// Keeps others out from now on, also between the statements. To be called with
/// the write lock, under which the journal mode cannot change; and not before,
/// because in this mode even those who wait for the lock keep what they have,
/// and would wait for each other.
pub(super) fn keep_out(run: &Run<'_>, deadline: &Deadline<'_>) -> Result<(), Error> {
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
    if run.claim.borrow().is_none() {
        let claim = claim::take(path).map_err(|failure| match failure {
            Failure::Busy(error) => {
                Error::with_source(deadline.locked(run.conn, FOR_THE_LOCK), error)
            }
            Failure::Other(error) => error,
        })?;
        run.claim.replace(Some(claim));
    }
    Ok(())
}
