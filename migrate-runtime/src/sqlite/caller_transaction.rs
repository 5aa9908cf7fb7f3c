//! A run inside a transaction of the caller.

use super::connection::check_writable;
use super::db_error::{failed, read_only};
use super::deadline::{Deadline, READ};
use super::history;
use super::run::refuse_foreign_history;
use super::run_state::{PlannedStep, RunState};
use super::session::{check_journal, restore, saved_settings};
use crate::error::{Error, Kind};
use crate::migrator::Settings;
use crate::next_step::pending;
use crate::run_report::RunReport;
use crate::script::Sql;
use migrate_model::Migration;
use migrate_sqlite::authorizer::Authorizer;
use migrate_sqlite::settings::{SavedSettings, refuse_double_quoted_strings};
use rusqlite::{Connection, Transaction};

/// Applies the pending migrations, and leaves the commit to the caller.
pub(super) fn up(
    tx: &Transaction<'_>,
    settings: &Settings,
    report: &mut RunReport<'_>,
) -> Result<(), Error> {
    let deadline = Deadline::starting(report.started, settings);
    let table = &settings.engine.table;
    let history = deadline.retry(tx, READ, || history::read(tx, table))?;
    let pending = pending(settings, &history)?;
    if pending.is_empty() {
        return Ok(());
    }
    if history.is_empty() && !settings.allows_foreign_history {
        refuse_foreign_history(tx, &deadline)?;
    }
    pending
        .iter()
        .try_for_each(|migration| check_inside(migration))?;
    if settings.engine.backup.is_some() {
        let what = "a backup cannot be made in the caller's transaction; nothing was applied, make \
                    it before the transaction, or call `up` on the connection instead";
        return Err(Kind::InvalidInput(what.to_owned()).into());
    }
    let count = pending.len();
    check_writable(tx, count)?;
    let saved = saved_settings(tx, &deadline)?;
    if saved.pragma("foreign_keys") == Some(1) {
        let what = "foreign keys are on in this transaction, so dropping a table would delete rows \
                    of other tables; nothing was applied, run `PRAGMA foreign_keys = OFF` before \
                    the transaction begins";
        return Err(Kind::InvalidInput(what.to_owned()).into());
    }
    check_journal(tx, &deadline)?;
    let _restored = Restored {
        conn: tx,
        saved: &saved,
        deadline: &deadline,
    };
    refuse_double_quoted_strings(tx).map_err(failed("preparing the connection"))?;
    let authorizer = Authorizer::new(table.name());
    let mut run = RunState::on(tx, &authorizer, &saved, settings, deadline);
    report.begin(count);
    let steps = pending
        .into_iter()
        .map(|migration| PlannedStep::up(settings, migration));
    let steps = steps.collect::<Result<Vec<_>, Error>>()?;
    in_savepoint(&mut run, tx, &steps, report).map_err(|error| read_only(error, count))
}

fn check_inside(migration: &Migration) -> Result<(), Error> {
    let what = if migration.up.is_rust() {
        "is written in Rust"
    } else if !migration.up.in_transaction() {
        "runs without a transaction"
    } else {
        return Ok(());
    };
    Err(Kind::InvalidInput(format!(
        "migration `{}` {what}, so it cannot run in the caller's transaction; nothing was applied, \
         call `up` on the connection instead",
        migration.label
    ))
    .into())
}

fn in_savepoint(
    run: &mut RunState<'_>,
    tx: &Transaction<'_>,
    steps: &[PlannedStep<'_>],
    report: &mut RunReport<'_>,
) -> Result<(), Error> {
    let savepoint = Savepoint::set(tx)?;
    let mut performed = run.perform_all(tx, steps);
    if matches!(performed, Ok(None)) {
        savepoint.restart()?;
        run.forget();
        // The repetition begins with the same settings.
        run.reset();
        run.is_careful = true;
        performed = run.perform_all(tx, steps);
    }
    match performed {
        Ok(done) => {
            let done = done.unwrap_or_default();
            savepoint.release()?;
            let _ = run.drop_temporary();
            done.emit_end(run.settings.listeners(), None);
            done.report(&mut report.report);
            Ok(())
        }
        Err(error) if tx.is_autocommit() => {
            Err(error
                .aside("; SQLite ended the caller's transaction and rolled back everything in it"))
        }
        Err(error) => {
            savepoint.roll_back()?;
            Err(error.whole())
        }
    }
}

impl RunState<'_> {
    /// Runs a script without an authorizer. The history is compared before and
    /// after instead.
    pub(super) fn unguarded(&self, label: &str, sql: &Sql) -> Result<(), Error> {
        let (schema, rows) = (self.schema_of_history()?, self.history()?);
        self.context(label).run(sql)?;
        let is_same =
            self.schema_of_history()? == schema && self.history().is_ok_and(|now| now == rows);
        if !is_same {
            return Err(self.context(label).wrote_history(sql).into());
        }
        Ok(())
    }

    /// The history table, with its indexes and triggers.
    fn schema_of_history(&self) -> Result<Vec<Option<String>>, Error> {
        let sql = "SELECT sql FROM main.sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE \
                   UNION ALL \
                   SELECT sql FROM temp.sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE";
        self.conn
            .prepare(sql)
            .and_then(|mut statement| {
                statement
                    .query_map([self.settings.engine.table.name()], |row| row.get(0))?
                    .collect()
            })
            .map_err(failed("looking for the history"))
    }
}

/// A savepoint around the run: a failure must leave the caller's transaction as
/// it was. Dropping it, as a panic does, rolls back to it.
struct Savepoint<'c>(&'c Connection);

impl<'c> Savepoint<'c> {
    fn set(conn: &'c Connection) -> Result<Savepoint<'c>, Error> {
        execute(conn, "SAVEPOINT migrate_run")?;
        Ok(Savepoint(conn))
    }

    fn release(self) -> Result<(), Error> {
        let released = execute(self.0, "RELEASE migrate_run");
        std::mem::forget(self);
        released
    }

    /// Rolls back to it, and keeps it.
    fn restart(&self) -> Result<(), Error> {
        execute(self.0, "ROLLBACK TO migrate_run")
    }

    fn roll_back(self) -> Result<(), Error> {
        let rolled_back = execute(self.0, "ROLLBACK TO migrate_run; RELEASE migrate_run");
        std::mem::forget(self);
        rolled_back
    }
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        // If the transaction is gone, SQLite has already rolled back.
        if !self.0.is_autocommit() {
            let _ = execute(self.0, "ROLLBACK TO migrate_run; RELEASE migrate_run");
        }
    }
}

fn execute(conn: &Connection, sql: &str) -> Result<(), Error> {
    conn.execute_batch(sql)
        .map_err(failed("setting a savepoint"))
}

/// Restores the settings when dropped, after a panic too.
struct Restored<'r> {
    conn: &'r Connection,
    saved: &'r SavedSettings,
    deadline: &'r Deadline<'r>,
}

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        self.saved.restore_double_quoted_strings(self.conn);
        restore(self.saved, self.conn, self.deadline);
    }
}
