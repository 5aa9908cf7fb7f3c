//! What the lock functions do to the disk.

#[cfg(feature = "sqlite")]
use crate::Version;
use crate::error::{Error, Kind};
use migrate_core::lock_file::FILE_NAME;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Puts a new lock file in the place of the old one.
pub fn replace(directory: &Path, text: &str) -> Result<(), Error> {
    put(directory, FILE_NAME, text.as_bytes()).map_err(|error| {
        let what = format!(
            "`{}` cannot be written, and is as it was; make its folder writable",
            directory.join(FILE_NAME).display()
        );
        Error::with_source(Kind::LockFile(what), error)
    })
}

/// Writes a file, in the place of one that may be there. Whenever this is cut
/// off, the old one is there or the new one, whole.
pub fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    // A name that begins with a dot is no part of a migrations directory.
    let temporary = folder.join(format!(".{name}.{}", std::process::id()));
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, folder.join(name))
    });
    if written.is_err() {
        // It may not be there; what counts is the first error.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    // Without this a loss of power may bring the old one back, which is no
    // damage; and not every system can do it.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Renames files one after the other. If one fails, those before it are taken
/// back.
pub(super) fn rename(directory: &Path, moves: &[(String, String)]) -> Result<(), Error> {
    for (_, to) in moves {
        let is_leaving = moves.iter().any(|(from, _)| from == to);
        if !is_leaving && exists(&directory.join(to)) {
            let what = format!("`{to}` is there already, and is not overwritten; move it away");
            return Err(Kind::LockFile(what).into());
        }
    }
    for (i, (from, to)) in moves.iter().enumerate() {
        if let Err(error) = rename_one(&directory.join(from), &directory.join(to)) {
            for (from, to) in moves[..i].iter().rev() {
                // Whatever stays is found by the next run.
                let _ = rename_one(&directory.join(to), &directory.join(from));
            }
            let what = format!("`{from}` cannot be renamed to `{to}`; nothing was renamed");
            return Err(Error::with_source(Kind::LockFile(what), error));
        }
    }
    Ok(())
}

fn rename_one(from: &Path, to: &Path) -> io::Result<()> {
    if exists(to) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let folders = (from.parent(), to.parent());
    if let (Some(old), Some(new)) = folders
        && old != new
    {
        fs::create_dir_all(new)?;
        fs::rename(from, to)?;
        // It goes with its last file.
        let _ = fs::remove_dir(old);
        return Ok(());
    }
    fs::rename(from, to)
}

/// A link that leads nowhere is something, too.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

#[cfg(feature = "sqlite")]
/// The present in UTC as a version of 14 digits, told by SQLite.
pub fn now() -> Result<Option<Version>, Error> {
    let sql = "SELECT CAST(strftime('%Y%m%d%H%M%S', 'now') AS INTEGER)";
    let now = rusqlite::Connection::open_in_memory()
        .and_then(|db| db.query_row(sql, [], |row| row.get::<_, i64>(0)))
        .map_err(|error| Error::with_source(Kind::Database("telling the time"), error))?;
    Ok(u64::try_from(now).ok().and_then(Version::from_u64))
}
