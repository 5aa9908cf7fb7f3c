//! Writing the files, while others may do the same.

use super::existing::Existing;
use super::new_migration::{NewMigration, Request};
use crate::failure::{Failure, io};
use crate::files::write_new;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What became of a migration.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    Fine,
    /// Somebody else has its number; nothing of it is there.
    Taken,
}

/// How long others are waited for.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(10);

/// Makes one process after the other create its migration. Where nothing can be
/// locked, [`files`] notices what has happened.
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

/// The lock is on the directory itself, so that no file of it stays, and the
/// system takes it back from a process that is killed.
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

/// Windows locks no directories. A name that begins with a dot is no part of a
/// migrations directory.
#[cfg(windows)]
type DirectoryLock = migrate_runtime::__private::ExclusiveFile;

#[cfg(windows)]
fn try_lock(directory: &Path) -> std::io::Result<Option<DirectoryLock>> {
    DirectoryLock::try_take(&directory.join(".creating"))
}

/// Writes new files and overwrites none, and looks whether the number is still
/// only ours.
pub(super) fn files(migration: &NewMigration, request: &Request<'_>) -> Result<Written, Failure> {
    let directory = request.directory.path;
    for (i, (path, text)) in migration.files.iter().enumerate() {
        let path = directory.join(path);
        if let Err(error) = create(&path, text) {
            remove(directory, &migration.files[..i]);
            // A file is another's, and is read the next time; a folder stays in
            // the way.
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

/// Takes files back, and the folders that have nothing else in them.
pub(super) fn remove(directory: &Path, files: &[(String, String)]) {
    for (path, _) in files.iter().rev() {
        let path = directory.join(path);
        let _ = fs::remove_file(&path);
        let mut folder = path.parent();
        while let Some(empty) = folder.filter(|it| *it != directory) {
            // One that holds something stays, and ends this.
            folder = match fs::remove_dir(empty) {
                Ok(()) => empty.parent(),
                Err(_) => None,
            };
        }
    }
}

/// Of two that have one number, that with the higher path goes. The other one
/// waits for that, and goes if nothing happens: who has looked before we wrote
/// does not know of us.
fn is_ours(migration: &NewMigration, request: &Request<'_>) -> bool {
    const PATIENCE: Duration = Duration::from_secs(1);
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
        if others.any(|it| it < ours) || start.elapsed() > PATIENCE {
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

    /// Without taking turns, as where a directory cannot be locked.
    #[test]
    fn of_two_with_one_number_one_goes() {
        const COUNT: usize = 8;
        let folder = tempfile::tempdir().unwrap();
        let start = std::sync::Barrier::new(COUNT);
        let create = |i: usize| {
            let args = Create {
                // Two of them want the same file.
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
                    // All have seen the same directory.
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
