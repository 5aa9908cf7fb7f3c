//! Writing the files, safe against concurrent processes.

use super::existing::Existing;
use super::new_migration::{NewMigration, Request};
use crate::failure::{Failure, io};
use crate::files::write_new;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The result of writing a migration.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    Fine,
    /// Another process took its number; none of its files were kept.
    Taken,
}

const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(10);

/// Serializes processes that create migrations. If the directory cannot be
/// locked, [`files`] detects conflicts.
pub(super) fn lock(directory: &Path) -> Option<DirectoryLock> {
    let start = Instant::now();
    loop {
        match try_lock(directory).ok()? {
            Some(lock) => return Some(lock),
            None if start.elapsed() < LOCK_TIMEOUT => sleep(POLL),
            None => return None,
        }
    }
}

/// A lock on the directory itself: it leaves no file, and the system releases
/// it if the process is killed.
#[cfg(not(windows))]
type DirectoryLock = std::fs::File;

#[cfg(not(windows))]
fn try_lock(directory: &Path) -> std::io::Result<Option<DirectoryLock>> {
    use std::fs::TryLockError;
    let folder = std::fs::File::open(directory)?;
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// A lock file, because Windows cannot lock directories. Names that begin with
/// a dot are ignored in a migrations directory.
#[cfg(windows)]
type DirectoryLock = migrate_runtime::__private::ExclusiveFile;

#[cfg(windows)]
fn try_lock(directory: &Path) -> std::io::Result<Option<DirectoryLock>> {
    DirectoryLock::try_take(&directory.join(".creating"))
}

/// Writes the new files without overwriting any, then checks that no other
/// migration has the same number.
pub(super) fn files(migration: &NewMigration, request: &Request<'_>) -> Result<Written, Failure> {
    let directory = request.directory.path;
    for (i, (path, text)) in migration.files.iter().enumerate() {
        let path = directory.join(path);
        if let Err(error) = create(&path, text) {
            remove(directory, &migration.files[..i]);
            // A file belongs to another process, and the next attempt reads it. A
            // folder would block every attempt.
            let is_in_the_way = path.symlink_metadata().is_ok_and(|it| !it.is_file());
            return match error.kind() {
                ErrorKind::AlreadyExists if !is_in_the_way => Ok(Written::Taken),
                _ => Err(io("written", &path, &error)),
            };
        }
    }
    if is_ours(migration, request) {
        return Ok(Written::Fine);
    }
    remove(directory, &migration.files);
    Ok(Written::Taken)
}

fn create(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    write_new(path, text)
}

/// Removes the files, and the folders that are empty then.
pub(super) fn remove(directory: &Path, files: &[(String, String)]) {
    for (path, _) in files.iter().rev() {
        let path = directory.join(path);
        let _ = fs::remove_file(&path);
        let mut folder = path.parent();
        while let Some(empty) = folder.filter(|it| *it != directory) {
            // A folder that is not empty ends the loop.
            folder = match fs::remove_dir(empty) {
                Ok(()) => empty.parent(),
                Err(_) => None,
            };
        }
    }
}

/// Resolves a conflict between migrations with the same number: the one with
/// the higher path is removed. The other process waits for that, and gives up
/// its own after a timeout, because a process that checked before our write
/// does not know about us.
fn is_ours(migration: &NewMigration, request: &Request<'_>) -> bool {
    const CONFLICT_TIMEOUT: Duration = Duration::from_secs(1);
    let start = Instant::now();
    let ours = migration.files.first().map_or("", |(path, _)| path);
    loop {
        let existing = Existing::read(request.directory);
        let mut others = existing
            .migrations
            .iter()
            .filter(|it| it.version == migration.version)
            .map(|it| existing.relative(&it.up.path))
            .filter(|it| *it != ours)
            .peekable();
        if others.peek().is_none() {
            return true;
        }
        if others.any(|it| it < ours) || start.elapsed() > CONFLICT_TIMEOUT {
            return false;
        }
        sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Create;
    use crate::directory::Directory;
    use migrate_model::Numbering;
    use migrate_scan::Engine;
    use std::collections::BTreeSet;

    /// Without the lock, as on a system that cannot lock directories.
    #[test]
    fn of_two_with_one_number_one_goes() {
        const COUNT: usize = 8;
        let folder = tempfile::tempdir().unwrap();
        let start = std::sync::Barrier::new(COUNT);
        let create = |i: usize| {
            let args = Create {
                // Two of them use the same file name.
                name: format!("number_{}", i / 2),
                rust: false,
                category: None,
                down: false,
            };
            let directory = Directory {
                path: folder.path(),
                numbering: Numbering::DEFAULT,
                engine: Engine::Sqlite,
            };
            let request = Request::new(&args, directory).unwrap();
            let mut is_first = true;
            loop {
                let existing = Existing::read(directory);
                let migration = NewMigration::new(&request, &existing).unwrap();
                if std::mem::take(&mut is_first) {
                    // All have read the same directory.
                    start.wait();
                }
                let written = files(&migration, &request).unwrap();
                if written == Written::Fine {
                    return migration.version;
                }
            }
        };
        let versions: BTreeSet<_> = std::thread::scope(|scope| {
            let create = &create;
            let threads: Vec<_> = (0..COUNT).map(|i| scope.spawn(move || create(i))).collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert_eq!(versions.len(), COUNT, "{versions:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), COUNT);
    }
}
