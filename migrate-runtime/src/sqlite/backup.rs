//! A copy of the database before the first change of a run.
//!
//! The write lock is held during the copy, so the copy is the database that the
//! migration finds: <https://sqlite.org/lang_vacuum.html#vacuuminto>.

use super::connection::file;
use super::db_error;
use super::interrupt::interrupt_copy;
use super::run_state::RunState;
use crate::error::{Error, Kind};
use crate::rename::rename;
use crate::{BoxError, Event};
use rusqlite::Connection;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Makes the copy, unless none is configured or this run has already changed
/// something. Call it with the write lock held.
pub(super) fn before_first_change(run: &mut RunState<'_>, label: &str) -> Result<(), Error> {
    let Some(wanted) = &run.settings.engine.backup else {
        return Ok(());
    };
    if run.has_changed || is_empty(run.conn)? {
        run.has_changed = true;
        return Ok(());
    }
    let started = Instant::now();
    let Some(path) = file(run.conn) else {
        let what = "an in-memory database has no file to copy";
        return Err(failed(wanted, what).into());
    };
    let target = target(run, wanted, path, label)?;
    // The file gets its final name only when it is complete.
    let mut partial = target.clone().into_os_string();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let made = copy(run, path, &partial, &target).and_then(|()| publish(&partial, &target));
    if let Err(error) = made {
        let _ = fs::remove_file(&partial);
        return Err(error);
    }
    run.settings.listeners().emit(&Event::BackedUp {
        path: &target,
        duration: started.elapsed(),
    });
    run.has_changed = true;
    run.backup = Some(target);
    Ok(())
}

/// A new database has nothing to lose.
fn is_empty(conn: &Connection) -> Result<bool, Error> {
    conn.query_row(
        "SELECT NOT EXISTS (SELECT 1 FROM main.sqlite_schema)",
        [],
        |row| row.get(0),
    )
    .map_err(db_error::failed("reading the schema"))
}

fn failed(path: &Path, what: &str) -> Kind {
    let path = path.display().to_string();
    let what = what.to_owned();
    Kind::Backup { path, what }
}

fn failed_with(path: &Path, what: &str, error: impl Into<BoxError>) -> Error {
    Error::with_source(failed(path, what), error)
}

/// The path of the copy: the configured path, or a new name in the configured
/// folder.
fn target(
    run: &RunState<'_>,
    wanted: &Path,
    database: &Path,
    label: &str,
) -> Result<PathBuf, Error> {
    let ends_with_separator = wanted.as_os_str().to_string_lossy().ends_with(['/', '\\']);
    if ends_with_separator {
        fs::create_dir_all(wanted)
            .map_err(|error| failed_with(wanted, "the folder cannot be created", error))?;
    }
    let target = if wanted.is_dir() {
        let sql = "SELECT replace(strftime('%Y%m%dT%H%M%fZ', 'now'), '.', '')";
        let now: String = run
            .conn
            .query_row(sql, [], |row| row.get(0))
            .map_err(db_error::failed("reading the time"))?;
        let stem = database.file_stem().unwrap_or_default().to_string_lossy();
        wanted.join(format!("{stem}-before-{label}-{now}.db"))
    } else {
        wanted.to_owned()
    };
    match target.try_exists() {
        Ok(false) => Ok(target),
        Ok(true) => {
            let what = "the file already exists; name a folder, and each copy gets its own name";
            Err(failed(&target, what).into())
        }
        Err(error) => Err(failed_with(&target, "its folder cannot be read", error)),
    }
}

fn copy(run: &RunState<'_>, database: &Path, partial: &Path, target: &Path) -> Result<(), Error> {
    let _ = fs::remove_file(partial);
    let Some(name) = partial.to_str() else {
        return Err(failed(target, "SQLite needs a path in UTF-8").into());
    };
    let connect = |path: &Path| {
        let mut conn = run.settings.engine.connect(path)?;
        interrupt_copy(&mut conn, run.settings.stop.as_ref())?;
        Ok(conn)
    };
    let copied =
        connect(database).and_then(|conn: Connection| conn.execute("VACUUM INTO ?1", [name]));
    copied.map_err(|error| failed_with(target, "the copy cannot be written", error))?;
    File::options()
        .write(true)
        .open(partial)
        .and_then(|file| file.sync_all())
        .map_err(|error| failed_with(target, "the copy cannot be synced", error))?;
    let checked: rusqlite::Result<String> = connect(partial)
        .and_then(|conn| conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)));
    match checked {
        Ok(answer) if answer == "ok" => Ok(()),
        Ok(answer) => Err(failed(target, &format!("the copy is damaged: {answer}")).into()),
        Err(error) => Err(failed_with(target, "the copy cannot be read", error)),
    }
}

/// Gives the copy its final name, durably: it survives a loss of power.
fn publish(partial: &Path, target: &Path) -> Result<(), Error> {
    rename(partial, target)
        .and_then(|()| sync_folder(target))
        .map_err(|error| failed_with(target, "the copy cannot be renamed", error))
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// Other systems have no such call, and do not need it.
#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}
