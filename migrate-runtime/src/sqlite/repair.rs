//! Writing the history by hand: where it begins, and where it is mended.

use super::claim;
use super::lock::{Deadline, file};
use super::outside;
use super::run::{Run, Task};
use super::session::Session;
use super::{failed, history};
use crate::Version;
use crate::adoption::refuse_history;
use crate::error::Error;
use crate::history_write::{HistoryWrite, Record};
use crate::migrator::Settings;
use crate::repair::{Baseline, Repair, Repaired, find, mended, nothing, up_to};
use crate::task::label;
use migrate_model::history::{Row, State};
use migrate_scan::sqlite;
use rusqlite::Connection;
use std::time::Instant;

/// Records the migrations up to a version without running them.
pub(super) fn baseline(
    conn: &mut Connection,
    settings: &Settings,
    version: Version,
) -> Result<Baseline, Error> {
    let migrations = up_to(settings, version)?;
    let deadline = Deadline::starting(Instant::now(), settings);
    super::up::check_writable(conn, 0)?;
    let session = Session::start(conn, settings, 0, deadline)?;
    let run = Run::new(&session, settings);
    let table = &settings.own.table;
    run.locked(&deadline, |_| {
        let history = run.history(&deadline)?;
        refuse_history("a baseline", &history)?;
        run.make_history(&deadline)?;
        let record = Record {
            origin: Some("baseline"),
            ..Record::of_release(run.settings)
        };
        for migration in &migrations {
            history::write(run.conn, table, &HistoryWrite::Insert(migration, record))
                .map_err(failed("recording the baseline"))?;
        }
        run.commit("baseline", |history| history.len() == migrations.len())
    })?;
    Ok(Baseline {
        labels: migrations.iter().map(|migration| migration.label).collect(),
    })
}

/// Mends one row.
pub(super) fn repair(
    conn: &mut Connection,
    settings: &Settings,
    version: Version,
    repair: &Repair<'_>,
) -> Result<Repaired, Error> {
    let deadline = Deadline::starting(Instant::now(), settings);
    repair.check_reason()?;
    super::up::check_writable(conn, 0)?;
    let session = Session::start(conn, settings, 0, deadline)?;
    let run = Run::new(&session, settings);
    if let Repair::Resume = repair {
        // Not under the lock: the connection that goes on takes it.
        let history = super::up::settled_history(run.conn, settings, &deadline)?;
        return resume(&run, &history, version, &deadline);
    }
    run.locked(&deadline, |_| {
        let history = run.history(&deadline)?;
        let row = find(settings, &history, version)?;
        let repaired = mend(&run, row, repair)?;
        run.commit(&repaired.label, |history| !history.contains(row))?;
        if let Some(path) = file(run.conn) {
            claim::clear(path);
        }
        Ok(repaired)
    })
}

fn mend(run: &Run<'_>, row: &Row, repair: &Repair<'_>) -> Result<Repaired, Error> {
    let table = &run.settings.own.table;
    let (repaired, change) = mended(run.settings, row, repair)?;
    history::write(run.conn, table, &change).map_err(failed("repairing the history"))?;
    Ok(repaired)
}

fn resume(
    run: &Run<'_>,
    history: &[Row],
    version: Version,
    deadline: &Deadline<'_>,
) -> Result<Repaired, Error> {
    let row = find(run.settings, history, version)?;
    let (State::Started, Some(progress)) = (row.state, row.progress) else {
        return Err(nothing(row));
    };
    let (label, table) = (label(run.settings, row), run.settings.own.table.name());
    let task = Task::resumed(run.settings, row, progress, &label, table, sqlite::scan)?;
    outside::resume(run, &task, row, deadline)?;
    Ok(task.repaired(row))
}
