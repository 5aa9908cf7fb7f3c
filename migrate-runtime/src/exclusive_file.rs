//! A file that only one process holds at a time, and that is removed
//! afterwards.
//!
//! The lock is the system's, which releases it when the process dies. The last
//! holder removes the file. If it was killed, the next process finds the file
//! unlocked, takes it, and removes it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A guard: while it exists, no other process holds the file.
#[derive(Debug)]
pub struct ExclusiveFile {
    path: PathBuf,
    /// `None` only while it is dropped.
    file: Option<File>,
}

impl ExclusiveFile {
    /// Takes the file, and creates it if necessary. Returns `None` if another
    /// process holds it.
    ///
    /// # Errors
    ///
    /// Fails if the file can be neither created nor opened.
    pub fn try_take(path: &Path) -> io::Result<Option<ExclusiveFile>> {
        loop {
            let mut options = File::options();
            options.create(true).truncate(false).write(true);
            let file = system::open_to_take(&mut options, path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Its last holder may have removed it since it was opened.
            if system::is_at(&file, path)? {
                return Ok(Some(ExclusiveFile {
                    path: path.to_owned(),
                    file: Some(file),
                }));
            }
        }
    }

    /// Whether a process holds the file.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be opened.
    pub fn is_taken(path: &Path) -> io::Result<bool> {
        let file = match system::open_to_look(File::options().read(true), path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        // A shared lock, so that concurrent checks do not interfere.
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for ExclusiveFile {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            system::remove(file, &self.path);
        }
    }
}

#[cfg(not(windows))]
mod system {
    use super::{File, OpenOptions, Path, io};

    pub(super) fn open_to_take(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
        options.open(path)
    }

    pub(super) fn open_to_look(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
        options.open(path)
    }

    /// Whether this file still has this name.
    #[cfg(unix)]
    pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
        use std::os::unix::fs::MetadataExt;
        let opened = file.metadata()?;
        match std::fs::metadata(path) {
            Ok(named) => Ok((named.dev(), named.ino()) == (opened.dev(), opened.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// On other systems the file is never removed.
    #[cfg(not(unix))]
    pub(super) fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
        Ok(true)
    }

    pub(super) fn remove(file: File, path: &Path) {
        // While it is locked, no other process takes a file of this name.
        if cfg!(unix) {
            let _ = std::fs::remove_file(path);
        }
        let _ = file.unlock();
    }
}

/// On Windows an open file can be removed only if every handle allows that, and
/// the handles that take the file do not. So an open file keeps its name, and a
/// file that another process is about to take is kept.
#[cfg(windows)]
mod system {
    use super::{ExclusiveFile, File, OpenOptions, Path, io};
    use crate::windows::{ACCESS_DENIED, SHARING_VIOLATION};
    use std::os::windows::fs::OpenOptionsExt;
    use std::time::Duration;

    const SHARE_READ: u32 = 1;
    const SHARE_WRITE: u32 = 2;
    const SHARE_DELETE: u32 = 4;

    /// Another process is removing the file, which takes a few microseconds, or
    /// longer if a virus scanner has the file open.
    const ATTEMPTS: u32 = 200;
    const PAUSE: Duration = Duration::from_millis(5);

    pub(super) fn open_to_take(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
        open(options.share_mode(SHARE_READ | SHARE_WRITE), path)
    }

    pub(super) fn open_to_look(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
        open(
            options.share_mode(SHARE_READ | SHARE_WRITE | SHARE_DELETE),
            path,
        )
    }

    fn open(options: &OpenOptions, path: &Path) -> io::Result<File> {
        for _ in 1..ATTEMPTS {
            match options.open(path) {
                // For a directory, Windows reports that access is denied.
                Err(error) if is_transient(&error) && path.is_dir() => {
                    return Err(io::ErrorKind::IsADirectory.into());
                }
                Err(error) if is_transient(&error) => std::thread::sleep(PAUSE),
                result => return result,
            }
        }
        options.open(path)
    }

    /// A file that is being removed can neither be opened nor created.
    fn is_transient(error: &io::Error) -> bool {
        matches!(
            error.raw_os_error(),
            Some(SHARING_VIOLATION | ACCESS_DENIED)
        )
    }

    pub(super) fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
        Ok(true)
    }

    pub(super) fn remove(file: File, path: &Path) {
        // Our own handle would prevent the removal.
        drop(file);
        for _ in 0..20 {
            match std::fs::remove_file(path) {
                Err(error) if is_transient(&error) => {}
                _ => return,
            }
            // The next holder removes it.
            if ExclusiveFile::is_taken(path).unwrap_or(true) {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("migrate-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// The file comes and goes, and never has two owners.
    #[test]
    fn a_file_has_one_owner() {
        let folder = folder("owner");
        let path = folder.join("owner");
        let (owners, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let Some(file) = ExclusiveFile::try_take(&path).unwrap() else {
                            continue;
                        };
                        assert_eq!(owners.fetch_add(1, Ordering::SeqCst), 0);
                        taken.fetch_add(1, Ordering::SeqCst);
                        assert!(ExclusiveFile::is_taken(&path).unwrap());
                        owners.fetch_sub(1, Ordering::SeqCst);
                        drop(file);
                    }
                });
            }
        });
        assert!(taken.load(Ordering::SeqCst) > 100);
        assert!(!ExclusiveFile::is_taken(&path).unwrap());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_a_killed_process_has_left_is_taken_and_removed() {
        let folder = folder("left");
        let path = folder.join("left");
        std::fs::write(&path, "").unwrap();
        assert!(!ExclusiveFile::is_taken(&path).unwrap());
        let file = ExclusiveFile::try_take(&path).unwrap().unwrap();
        assert!(path.exists());
        assert!(ExclusiveFile::try_take(&path).unwrap().is_none());
        // A process that only checks does not prevent the removal.
        let looking = system::open_to_look(File::options().read(true), &path).unwrap();
        drop(file);
        drop(looking);
        assert!(!path.exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
