//! Who is at work on a migration without a transaction, where SQLite's own lock
//! does not tell.
//!
//! With write-ahead logging every connection holds a shared lock from its first
//! read until it is closed, so that nobody can keep the file for itself while
//! another connection is open, however idle. There a lock on an empty file
//! beside the database tells that its owner lives: the system gives it up for a
//! process that dies.

use super::lock::{Failure, file};
use crate::error::{Error, Kind};
use migrate_model::history::Row;
use rusqlite::{Connection, ffi};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// While it lives, nobody else has the claim.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    /// It has the lock until it is closed.
    file: File,
}

fn path_for(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-migrating");
    PathBuf::from(path)
}

/// What a caller who may wait is told.
pub(super) fn at_work() -> rusqlite::Error {
    let message = "another process is at a migration without a transaction";
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), Some(message.to_owned()))
}

/// Whether the history holds a migration at which another process is at work,
/// and not only one that has died. Only who has the write lock may ask.
pub(super) fn is_at_work(conn: &Connection, history: &[Row]) -> Result<bool, Error> {
    match file(conn) {
        Some(path) if history.iter().any(Row::is_started) => Claim::is_taken(path),
        _ => Ok(false),
    }
}

/// To be tried until nobody is.
pub(super) fn wait(conn: &Connection) -> Result<(), Failure> {
    match Claim::is_taken(Path::new(conn.path().unwrap_or_default())) {
        Ok(false) => Ok(()),
        Ok(true) => Err(Failure::Busy(at_work())),
        Err(error) => Err(Failure::Other(error)),
    }
}

/// Whether an error came from another process that is at work.
pub(super) fn is_cause(error: &Error) -> bool {
    use std::error::Error as _;
    let source = error.source().and_then(|source| source.downcast_ref());
    source.is_some_and(|source: &rusqlite::Error| *source == at_work())
}

impl Claim {
    /// Takes it, if nobody has it.
    pub(super) fn take(database: &Path) -> Result<Claim, Failure> {
        let path = path_for(database);
        let failed = |error: io::Error| Failure::Other(unusable(&path, error));
        loop {
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(Failure::Busy(at_work())),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            // Its last owner may have removed it since it was opened.
            if is_at(&file, &path).map_err(failed)? {
                return Ok(Claim { path, file });
            }
        }
    }

    /// Whether somebody has it.
    pub(super) fn is_taken(database: &Path) -> Result<bool, Error> {
        let path = path_for(database);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(unusable(&path, error)),
        };
        // Those who only ask are not in each other's way.
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(unusable(&path, error)),
        }
    }

    /// Removes the file that a process left which has died.
    pub(super) fn clear(database: &Path) {
        if path_for(database).exists() {
            drop(Claim::take(database));
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // As long as it is locked, nobody takes another one of this name.
        if cfg!(unix) {
            let _ = std::fs::remove_file(&self.path);
        }
        let _ = self.file.unlock();
    }
}

fn unusable(path: &Path, error: io::Error) -> Error {
    let path = path.display().to_string();
    Error::with_source(Kind::NoClaim { path }, error)
}

/// Whether this file still has its name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let opened = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere it is never removed.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// The file comes and goes, and never has two owners.
    #[test]
    fn a_claim_has_one_owner() {
        let folder = std::env::temp_dir().join(format!("migrate-claim-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let database = folder.join("app.db");
        let (owners, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let Ok(claim) = Claim::take(&database) else {
                            continue;
                        };
                        assert_eq!(owners.fetch_add(1, Ordering::SeqCst), 0);
                        taken.fetch_add(1, Ordering::SeqCst);
                        assert!(Claim::is_taken(&database).unwrap());
                        owners.fetch_sub(1, Ordering::SeqCst);
                        drop(claim);
                    }
                });
            }
        });
        assert!(taken.load(Ordering::SeqCst) > 100);
        assert!(!Claim::is_taken(&database).unwrap());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
