//! Writing the history by hand: where it begins, and where it is mended.

use super::claim::Claim;
use super::lock::{Deadline, file};
use super::outside;
use super::run::{Body, Run, Task};
use super::script::Sql;
use super::session::Session;
use super::{failed, history};
use crate::error::{Error, Kind};
use crate::migrator::Settings;
use crate::repair::{Baseline, Repair, Repaired};
use crate::{Direction, Version};
use migrate_core::Migration;
use migrate_core::history::{Row, State};
use migrate_core::plan::DownScript;
use rusqlite::Connection;
use std::time::Instant;

/// Records the migrations up to a version without running them.
pub(super) fn baseline(
    conn: &mut Connection,
    settings: &Settings,
    version: Version,
) -> Result<Baseline, Error> {
    if settings.registry.get(version).is_none() {
        return Err(Kind::NoBaseline(version).into());
    }
    let migrations: Vec<&'static Migration> = settings
        .registry
        .migrations()
        .iter()
        .filter(|migration| migration.version <= version)
        .collect();
    let deadline = Deadline::starting(Instant::now(), settings);
    super::up::check_writable(conn, 0)?;
    let session = Session::start(conn, settings, 0, deadline)?;
    let run = Run::new(&session, settings);
    let table = &settings.own.table;
    run.locked(&deadline, |_| {
        let history = run.history(&deadline)?;
        if let Some(last) = history.last() {
            return Err(Kind::HasHistory {
                what: "a baseline",
                rows: history.len(),
                last: last.label(),
            }
            .into());
        }
        run.make_history(&deadline)?;
        let record = history::Record {
            origin: Some("baseline"),
            ..run.record_of_release()
        };
        for migration in &migrations {
            history::insert(run.conn, table, migration, &record)
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
    if let Some(reason) = repair.reason()
        && reason.trim().is_empty()
    {
        return Err(Kind::NoReason.into());
    }
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
            Claim::clear(path);
        }
        Ok(repaired)
    })
}

fn find<'h>(settings: &Settings, history: &'h [Row], version: Version) -> Result<&'h Row, Error> {
    history
        .iter()
        .find(|row| row.version == version)
        .ok_or_else(|| {
            let known = settings.registry.get(version);
            let label = known.map_or_else(|| version.to_string(), |known| known.label.to_owned());
            Kind::NotInHistory { label }.into()
        })
}

fn nothing(row: &Row) -> Error {
    let label = row.label();
    Kind::NothingToRepair { label }.into()
}

fn mend(run: &Run<'_>, row: &Row, repair: &Repair<'_>) -> Result<Repaired, Error> {
    let table = &run.settings.own.table;
    let mut repaired = Repaired {
        version: row.version,
        label: row.label(),
        old: row.checksum.clone(),
        new: Some(row.checksum.clone()),
        what: "",
    };
    let written = match (repair, row.state) {
        (Repair::Restamp(reason), State::Applied) => {
            let Some(migration) = run.settings.registry.get(row.version) else {
                let label = row.label();
                return Err(Kind::NotKnown { label }.into());
            };
            let checksum = migration.checksum.to_string();
            if checksum == row.checksum && migration.name == row.name {
                return Err(nothing(row));
            }
            if checksum != row.checksum && migration.name != row.name {
                return Err(Kind::AnotherMigration {
                    label: migration.label.to_owned(),
                    recorded: row.name.clone(),
                }
                .into());
            }
            let note = match migration.name == row.name {
                true => format!("restamped {} as {checksum}: {reason}", row.checksum),
                false => format!("renamed from {}: {reason}", row.name),
            };
            repaired.label = migration.label.to_owned();
            repaired.new = Some(checksum);
            repaired.what = "restamped";
            history::restamp(run.conn, table, migration, &note)
        }
        (Repair::MarkApplied(reason), State::Started) => {
            repaired.what = "marked as applied";
            let note = format!("marked as applied: {reason}");
            history::reopen(run.conn, table, row.version)
                .and_then(|()| history::annotate(run.conn, table, row.version, &note))
        }
        (Repair::MarkPending, State::Started) => {
            repaired.what = "marked as not applied";
            repaired.new = None;
            history::delete(run.conn, table, row.version)
        }
        _ => return Err(nothing(row)),
    };
    written.map_err(failed("repairing the history"))?;
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
    let registered = run.settings.registry.get(version);
    let known = registered.filter(|migration| migration.name == row.name);
    let sql = match progress.direction {
        Direction::Up => known.map(|migration| Sql::embedded(&migration.up)),
        Direction::Down => DownScript::of(row, registered)
            .map(|down| Sql::down(down, row, &run.settings.own.table)),
    };
    let sql = sql.ok_or_else(|| {
        let label = row.label();
        Kind::NotKnown { label }
    })?;
    let label = known.map_or_else(|| row.label(), |known| known.label.to_owned());
    let task = Task {
        version,
        label: &label,
        direction: progress.direction,
        body: Body::Sql(sql),
        recorded: known.filter(|_| progress.direction == Direction::Up),
    };
    outside::resume(run, &task, row, deadline)?;
    let new = task
        .recorded
        .map(|migration| migration.checksum.to_string());
    Ok(Repaired {
        version,
        label: label.clone(),
        old: row.checksum.clone(),
        new,
        what: "resumed and ended",
    })
}
