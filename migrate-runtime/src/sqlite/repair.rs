//! Changing the history by hand: baselines and repairs.

use super::connection::check_writable;
use super::deadline::Deadline;
use super::no_transaction;
use super::run::settled_history;
use super::run_state::RunState;
use super::session::Session;
use crate::Version;
use crate::adoption::refuse_history;
use crate::error::Error;
use crate::history_write::{HistoryWrite, Record};
use crate::migrator::Settings;
use crate::repair::{Baseline, Repair, Repaired, find, plan_repair, up_to};
use rusqlite::Connection;
use std::time::Instant;

pub(super) fn baseline(
    conn: &mut Connection,
    settings: &Settings,
    version: Version,
) -> Result<Baseline, Error> {
    let migrations = up_to(settings, version)?;
    let deadline = Deadline::starting(Instant::now(), settings);
    check_writable(conn, 0)?;
    let session = Session::start(conn, settings, 0, deadline)?;
    let mut run = RunState::new(&session);
    run.locked(|run, _| {
        refuse_history("a baseline", &run.history()?)?;
        run.make_history()?;
        let record = Record {
            origin: Some("baseline"),
            ..Record::of_release(settings)
        };
        for migration in &migrations {
            let row = HistoryWrite::Insert(migration, record);
            run.write(&row, "recording the baseline")?;
        }
        run.commit("baseline", &|history| history.len() == migrations.len())
    })?;
    Ok(Baseline::of(&migrations))
}

pub(super) fn repair(
    conn: &mut Connection,
    settings: &Settings,
    version: Version,
    repair: &Repair<'_>,
) -> Result<Repaired, Error> {
    let deadline = Deadline::starting(Instant::now(), settings);
    repair.check_reason()?;
    check_writable(conn, 0)?;
    let session = Session::start(conn, settings, 0, deadline)?;
    let mut run = RunState::new(&session);
    if let Repair::Resume = repair {
        // Not under the lock: the connection that resumes the migration takes
        // it.
        let history = settled_history(run.conn, settings, &deadline)?;
        return no_transaction::resume(&mut run, &history, version);
    }
    run.locked(|run, _| {
        let history = run.history()?;
        let row = find(settings, &history, version)?;
        let (repaired, change) = plan_repair(settings, row, repair)?;
        run.write(&change, "repairing the history")?;
        run.commit(&repaired.label, &|history| !history.contains(row))?;
        run.clear_migrating_file();
        Ok(repaired)
    })
}
