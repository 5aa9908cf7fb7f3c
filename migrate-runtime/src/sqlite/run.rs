//! A run: the loop around one migration at a time, each under the lock.

use super::integrity::{self, Problems};
use super::lock::{BusyTimeout, Deadline, Failure, is_busy, journal_mode};
use super::session::Session;
use super::{failed, history, script};
use crate::error::{Error, Kind};
use crate::{Applied, Migrator, Report};
use migrate_core::history::Row;
use migrate_core::{Migration, plan};
use rusqlite::{Connection, OpenFlags, ffi};
use std::time::{Duration, Instant};

const FOR_THE_LOCK: &str = "for the write lock";
const FOR_THE_READERS: &str = "for the readers";

/// Applies what is pending. The caller has found that something may be.
pub(super) fn up<M>(
    conn: &mut Connection,
    migrator: &Migrator<M>,
    started: Instant,
) -> Result<Report, Error> {
    let first = Deadline::starting(started, migrator.lock_deadline);
    let history = first.retry(conn, "for a read", || history::read(conn))?;
    let pending = pending(migrator, &history)?;
    if pending.is_empty() {
        return Ok(Report::default());
    }
    if conn
        .is_readonly("main")
        .map_err(failed("asking whether it is read-only"))?
    {
        return Err(Kind::ReadOnly {
            pending: pending.len(),
        }
        .into());
    }
    let mut run = Run {
        session: Session::start(conn, pending.len(), first)?,
        migrator,
        is_first: true,
        baseline: None,
    };
    let mut report = Report::default();
    let mut deadline = first;
    loop {
        match run.next(&deadline) {
            Ok(Some(applied)) => report.applied.push(applied),
            Ok(None) => return Ok(report),
            Err(error) => {
                report.elapsed = started.elapsed();
                let pending = pending.len().saturating_sub(report.applied.len());
                return Err(read_only(error, pending).with_report(report));
            }
        }
        deadline = Deadline::starting(Instant::now(), migrator.lock_deadline);
    }
}

fn pending<M>(migrator: &Migrator<M>, history: &[Row]) -> Result<Vec<&'static Migration>, Error> {
    plan::plan(migrator.registry, history, &migrator.plan)
        .map_err(|drift| Kind::Drift(drift).into())
}

/// What SQLite itself said, if an error came from there.
fn cause(error: &Error) -> Option<&ffi::Error> {
    use std::error::Error as _;
    error
        .source()
        .and_then(|source| source.downcast_ref())
        .and_then(rusqlite::Error::sqlite_error)
}

/// Whether an error came from a reader of the same shared cache.
fn is_table_lock(error: &Error) -> bool {
    cause(error).is_some_and(|cause| cause.extended_code == ffi::SQLITE_LOCKED_SHAREDCACHE)
}

/// Where no journal can be made beside a file, SQLite calls the file writable
/// until the first write.
fn read_only(error: Error, pending: usize) -> Error {
    match cause(&error) {
        Some(cause) if cause.extended_code == ffi::SQLITE_READONLY_DIRECTORY => {
            error.with_kind(Kind::ReadOnly { pending })
        }
        _ => error,
    }
}

struct Run<'a, M> {
    session: Session<'a>,
    migrator: &'a Migrator<M>,
    /// Whether no migration has been begun yet.
    is_first: bool,
    /// The problems at the end of the last migration, and the state of the
    /// file for which they hold.
    baseline: Option<(i64, Problems)>,
}

impl<M> Run<'_, M> {
    /// Applies the first pending migration, or returns `None` if there is none
    /// left: a sibling may have been faster.
    ///
    /// In a shared cache, a reader's table lock can meet any statement of the
    /// transaction, which then begins anew.
    fn next(&mut self, deadline: &Deadline) -> Result<Option<Applied>, Error> {
        loop {
            let conn = &*self.session.conn;
            deadline.retry(conn, FOR_THE_LOCK, || {
                conn.execute_batch("BEGIN IMMEDIATE")
                    .map_err(Failure::new("taking the write lock"))
            })?;
            let applied = self.apply_next(deadline);
            // After a commit there is nothing to roll back; in every other
            // case the transaction ends here.
            self.session.roll_back();
            self.session.reset(deadline);
            match applied {
                Err(error) if is_table_lock(&error) => {
                    if !deadline.pause() {
                        let kind = deadline.locked(self.session.conn, FOR_THE_READERS);
                        return Err(error.with_kind(kind));
                    }
                }
                applied => return applied,
            }
        }
    }

    fn apply_next(&mut self, deadline: &Deadline) -> Result<Option<Applied>, Error> {
        let conn = &*self.session.conn;
        let history = deadline.retry(conn, "for a read", || history::read(conn))?;
        let Some(&migration) = pending(self.migrator, &history)?.first() else {
            return Ok(None);
        };
        self.check_hidden(migration)?;
        if std::mem::take(&mut self.is_first) {
            self.session
                .allow_old_strings()
                .map_err(failed("trying to rename a table"))?;
        }
        let conn = &*self.session.conn;
        // A script may read the history, as that of any later migration may.
        let has_table =
            !history.is_empty() || deadline.retry(conn, "for a read", || history::exists(conn))?;
        if !has_table {
            history::create(conn).map_err(failed("making the history table"))?;
        }
        let (version, before) = self.problems_before()?;
        let started = Instant::now();
        let script = &migration.up;
        script::run(&mut self.session, migration.label, script, deadline)?;
        let duration = started.elapsed();
        self.check_hidden(migration)?;
        let after = self.check(migration, &before)?;
        self.record(migration, duration, deadline)?;
        self.commit(migration)?;
        // The version of before the commit: another connection may have
        // written since, and our own commit does not change it.
        self.baseline = Some((version, after));
        Ok(Some(Applied {
            version: migration.version,
            label: migration.label,
            duration,
        }))
    }

    /// The problems that are there already. The last check still holds if no
    /// other connection has written since:
    /// <https://sqlite.org/pragma.html#pragma_data_version>.
    fn problems_before(&mut self) -> Result<(i64, Problems), Error> {
        let version = self.data_version()?;
        match self.baseline.take() {
            Some((at, problems)) if at == version => Ok((version, problems)),
            _ => integrity::check(self.session.conn)
                .map(|problems| (version, problems))
                .map_err(failed("checking the schema")),
        }
    }

    fn data_version(&self) -> Result<i64, Error> {
        self.session
            .conn
            .query_row("PRAGMA main.data_version", [], |row| row.get(0))
            .map_err(failed("reading its data version"))
    }

    fn check_hidden(&self, migration: &Migration) -> Result<(), Error> {
        let tables =
            integrity::hidden(self.session.conn).map_err(failed("looking for temporary tables"))?;
        if tables.is_empty() {
            return Ok(());
        }
        let label = migration.label;
        Err(Kind::Hidden { label, tables }.into())
    }

    fn check(&self, migration: &Migration, before: &Problems) -> Result<Problems, Error> {
        let label = migration.label;
        let after = integrity::check(self.session.conn).map_err(failed("checking the schema"))?;
        let problems = after.new_schema(before);
        if !problems.is_empty() {
            return Err(Kind::BrokenSchema { label, problems }.into());
        }
        let rows = after.new_violations(before);
        if !rows.is_empty() {
            return Err(Kind::Violations { label, rows }.into());
        }
        Ok(after)
    }

    fn record(
        &self,
        migration: &Migration,
        duration: Duration,
        deadline: &Deadline,
    ) -> Result<(), Error> {
        let conn = &*self.session.conn;
        // The row may be what no longer fits into the cache, as in a script.
        let timeout = BusyTimeout::of(conn);
        timeout.limit(deadline);
        // The authorizer keeps a script away from it; if something came through
        // all the same, that is said here.
        deadline.retry(conn, "for a read", || history::exists(conn))?;
        let record = history::Record {
            execution_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            release: self.migrator.release.as_deref(),
            git_commit: self.migrator.git_commit.as_deref(),
        };
        history::insert(conn, migration, &record).map_err(failed("recording the migration"))
    }

    /// With a rollback journal, a commit has to wait for readers. The
    /// transaction stays open meanwhile, so that the commit can be repeated.
    fn commit(&self, migration: &Migration) -> Result<(), Error> {
        let conn = &*self.session.conn;
        let deadline = Deadline::starting(Instant::now(), self.migrator.lock_deadline);
        let mut failure = None;
        deadline.retry(conn, FOR_THE_READERS, || {
            match conn.execute_batch("COMMIT") {
                Ok(()) => Ok(()),
                Err(error) if is_busy(&error) && !conn.is_autocommit() => Err(Failure::Busy(error)),
                Err(error) => {
                    failure = Some(error);
                    Ok(())
                }
            }
        })?;
        match failure {
            None => Ok(()),
            Some(error) => self.settle(migration, error),
        }
    }

    /// Whether a commit that failed, and is not in the history, will never be.
    /// With write-ahead logging the connections of this process share an index
    /// that may lack it; the next one to open the file can still find it.
    fn is_final(&self, error: &rusqlite::Error) -> bool {
        let is_vetoed = error
            .sqlite_error()
            .is_some_and(|error| error.extended_code == ffi::SQLITE_CONSTRAINT_COMMITHOOK);
        is_vetoed || journal_mode(self.session.conn).is_ok_and(|mode| mode != "wal")
    }

    /// A commit that reports an error may have taken effect all the same: with
    /// write-ahead logging the error can come after the commit record. Only the
    /// history in the file can tell, read on a connection of its own. What is
    /// in memory has no second reader, and no disk that could fail.
    fn settle(&self, migration: &Migration, error: rusqlite::Error) -> Result<(), Error> {
        self.session.roll_back();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let history = match self.session.conn.path() {
            None | Some("") => history::read(self.session.conn).ok(),
            Some(path) => Connection::open_with_flags(path, flags)
                .ok()
                .and_then(|conn| history::read(&conn).ok()),
        };
        let label = migration.label;
        let is_recorded = |row: &Row| {
            row.version == migration.version && migration.checksum.matches(row.checksum.as_bytes())
        };
        let kind = match history {
            Some(history) if history.iter().any(is_recorded) => return Ok(()),
            Some(_) if self.is_final(&error) => Kind::Commit { label },
            _ => Kind::CommitUnknown { label },
        };
        Err(Error::with_source(kind, super::without_sql(error)))
    }
}
