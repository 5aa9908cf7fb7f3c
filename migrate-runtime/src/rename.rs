//! Renaming a file that another program may have open.

use std::io;
use std::path::Path;

/// Renames a file, and replaces an existing one.
///
/// On Windows this fails while an editor, a virus scanner or a backup program
/// has one of them open. It is retried for two seconds.
///
/// # Errors
///
/// Fails as [`std::fs::rename`] does. If another program has a file open, the
/// error has the kind `ResourceBusy` and names the file.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    system::rename(from, to)
}

#[cfg(not(windows))]
mod system {
    pub(super) use std::fs::rename;
}

#[cfg(windows)]
mod system {
    use super::{Path, io};
    use crate::windows::{ACCESS_DENIED, LOCK_VIOLATION, SHARING_VIOLATION};
    use std::fs::{self, OpenOptions};
    use std::os::windows::fs::OpenOptionsExt as _;
    use std::time::{Duration, Instant};

    const TIMEOUT: Duration = Duration::from_secs(2);
    const LONGEST_PAUSE: u64 = 25;

    pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
        let start = Instant::now();
        for pause in 1.. {
            match fs::rename(from, to) {
                Err(error) if !is_transient(&error, to) => return Err(error),
                Err(error) if start.elapsed() >= TIMEOUT => {
                    return Err(match held(from, to) {
                        Some(path) => busy(path, &error),
                        None => error,
                    });
                }
                Err(_) => std::thread::sleep(Duration::from_millis(pause.min(LONGEST_PAUSE))),
                Ok(()) => break,
            }
        }
        Ok(())
    }

    /// Whether the error may mean that another program has a file open.
    /// Checking which file here would keep other programs from opening it.
    fn is_transient(error: &io::Error, to: &Path) -> bool {
        let is_replaceable = || {
            let found = fs::metadata(to);
            found.is_ok_and(|it| it.is_file() && !it.permissions().readonly())
        };
        match error.raw_os_error() {
            Some(SHARING_VIOLATION | LOCK_VIOLATION) => true,
            Some(ACCESS_DENIED) => is_replaceable(),
            _ => false,
        }
    }

    fn busy(path: &Path, error: &io::Error) -> io::Error {
        let shown = path.display().to_string().replace('\\', "/");
        let what = format!("another program holds `{shown}`; close it there, and try again");
        io::Error::new(io::ErrorKind::ResourceBusy, format!("{what}: {error}"))
    }

    /// The file that another program has open.
    fn held<'a>(from: &'a Path, to: &'a Path) -> Option<&'a Path> {
        [to, from].into_iter().find(|path| is_held(path))
    }

    /// Whether another program has it open. An error for another reason does
    /// not count.
    fn is_held(path: &Path) -> bool {
        const DELETE: u32 = 0x0001_0000;
        let mut options = OpenOptions::new();
        let opened = options.access_mode(DELETE).share_mode(0).open(path);
        opened.is_err_and(|error| error.raw_os_error() == Some(SHARING_VIOLATION))
    }
}

#[cfg(all(test, windows))]
mod tests {
    use super::rename;
    use std::fs::{self, File};
    use std::os::windows::fs::OpenOptionsExt;
    use std::time::{Duration, Instant};

    #[test]
    fn a_file_that_is_held_is_waited_for_and_named() {
        let folder = std::env::temp_dir().join(format!("migrate-held-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (from, to) = (folder.join("new"), folder.join("old"));
        fs::write(&from, "new").unwrap();
        fs::write(&to, "old").unwrap();
        // As an editor opens it: others may read it.
        let open = || File::options().read(true).share_mode(1).open(&to).unwrap();

        let editor = open();
        let error = rename(&from, &to).unwrap_err().to_string();
        assert!(error.starts_with("another program holds `"), "{error}");
        assert!(error.contains("/old`; close it there"), "{error}");
        drop(editor);
        assert_eq!(fs::read_to_string(&to).unwrap(), "old");

        let editor = open();
        let closes = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            drop(editor);
        });
        let start = Instant::now();
        rename(&from, &to).unwrap();
        assert!(start.elapsed() > Duration::from_millis(100));
        closes.join().unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "new");

        // Any other error is reported at once, unchanged.
        let start = Instant::now();
        let error = rename(&from, &to).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
        assert!(start.elapsed() < Duration::from_secs(1));
        fs::remove_dir_all(folder).unwrap();
    }
}
