//! A run inside of a transaction that the caller holds.

use super::guard::Guard;
use super::lock::Deadline;
use super::run::Run;
use super::session::{Saved, refuse_strings};
use super::up::perform_all;
use super::{failed, history};
use crate::error::{Error, Kind};
use crate::migrator::Settings;
use crate::{Direction, Report};
use migrate_core::plan;
use rusqlite::{Connection, Transaction};
use std::time::Instant;

/// Applies what is pending, and leaves the commit to the caller.
pub(super) fn up(
    tx: &Transaction<'_>,
    settings: &Settings,
    started: Instant,
) -> Result<Report, Error> {
    let deadline = Deadline::starting(started, settings);
    let table = &settings.table;
    let history = deadline.retry(tx, super::run::FOR_A_READ, || history::read(tx, table))?;
    let pending = plan::plan(settings.registry, &history, &settings.plan).map_err(Kind::Drift)?;
    if pending.is_empty() {
        return Ok(Report::default());
    }
    for migration in &pending {
        let what = if migration.up.is_rust() {
            "is written in Rust"
        } else if !migration.up.in_transaction() {
            "runs without a transaction"
        } else {
            continue;
        };
        let label = migration.label.to_owned();
        return Err(Kind::NotInside { label, what }.into());
    }
    if settings.backup.is_some() {
        return Err(Kind::NoBackupInside.into());
    }
    super::up::check_writable(tx, pending.len())?;
    let saved = Saved::read(tx, &deadline)?;
    if saved.pragma("foreign_keys") == Some(1) {
        return Err(Kind::ForeignKeysOn.into());
    }
    let _restored = Restored {
        conn: tx,
        saved: &saved,
        deadline: &deadline,
    };
    refuse_strings(tx).map_err(failed("preparing the connection"))?;
    let guard = Guard::new(table.name());
    let run = Run::on(tx, &guard, &saved, settings);
    super::up::observed(&run, Direction::Up, pending.len(), started, |report| {
        // What failed must leave the caller's transaction as it was.
        savepoint(tx, "SAVEPOINT migrate_run")?;
        match perform_all(&run, tx, &deadline) {
            Ok((applied, last)) => {
                savepoint(tx, "RELEASE migrate_run")?;
                if let Some((task, performed)) = last {
                    run.tell_ended(&task, performed.duration, None);
                }
                report.applied = applied;
                Ok(())
            }
            Err(error) => {
                if !tx.is_autocommit() {
                    savepoint(tx, "ROLLBACK TO migrate_run; RELEASE migrate_run")?;
                }
                Err(error.whole())
            }
        }
    })
}

fn savepoint(conn: &Connection, sql: &str) -> Result<(), Error> {
    conn.execute_batch(sql)
        .map_err(failed("setting a savepoint"))
}

/// Puts the settings back, after a panic too.
struct Restored<'r> {
    conn: &'r Connection,
    saved: &'r Saved,
    deadline: &'r Deadline<'r>,
}

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        self.saved.restore_strings(self.conn);
        self.saved.reset(self.conn, self.deadline);
    }
}
