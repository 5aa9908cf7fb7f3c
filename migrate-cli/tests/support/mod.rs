//! Runs the real binary in a temporary folder, with an empty environment.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test binary uses a part; helpers of tests may unwrap"
)]

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own for one test; it goes with the value.
pub(crate) struct Folder {
    temporary: tempfile::TempDir,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder {
            temporary: tempfile::tempdir().unwrap(),
        }
    }

    /// A folder with these files, each a path and its text.
    pub(crate) fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder::new();
        for (path, text) in files {
            folder.write(path, text);
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.temporary.path()
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// Writes a file, and makes the folders above it.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.at(path)).unwrap();
    }

    /// Every file below the folder, sorted, with `/` on every system; a folder
    /// without files is listed with a `/` at its end.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            let entries: Vec<_> = fs::read_dir(&folder).unwrap().map(Result::unwrap).collect();
            if entries.is_empty() && folder != self.path() {
                found.push(format!("{}/", self.relative(&folder)));
            }
            for entry in entries {
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else {
                    found.push(self.relative(&entry.path()));
                }
            }
        }
        found.sort();
        found
    }

    /// Every file with its text, for one comparison of the whole folder.
    pub(crate) fn contents(&self) -> Vec<(String, Vec<u8>)> {
        let files = self.files().into_iter().filter(|path| !path.ends_with('/'));
        files
            .map(|path| {
                let bytes = fs::read(self.at(&path)).unwrap();
                (path, bytes)
            })
            .collect()
    }

    fn relative(&self, path: &Path) -> String {
        let relative = path.strip_prefix(self.path()).unwrap();
        relative.to_string_lossy().replace('\\', "/")
    }

    /// The binary in this folder, without any variable of the environment.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate"));
        command.env_clear().current_dir(self.path());
        command
    }

    /// Runs the binary; the arguments are separated by spaces.
    #[must_use]
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with(&arguments.split(' ').collect::<Vec<_>>())
    }

    /// The same for arguments with spaces in them.
    #[must_use]
    pub(crate) fn run_with(&self, arguments: &[&str]) -> Ran {
        self.ran(self.command().args(arguments).output().unwrap())
    }

    /// What a process said; the path of the folder is shown as `[folder]`.
    #[must_use]
    pub(crate) fn ran(&self, output: Output) -> Ran {
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            as_on_unix(text.replace(&*self.path().to_string_lossy(), "[folder]"))
        };
        Ran {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// The same words on every system: the name of the binary, and what the system
/// says of a file that is not there.
fn as_on_unix(text: String) -> String {
    if !cfg!(windows) {
        return text;
    }
    let missing = |code: i32| std::io::Error::from_raw_os_error(code).to_string();
    text.replace("migrate.exe ", "migrate ")
        .replace(&missing(2), "No such file or directory (os error 2)")
}

/// What a process said. `Display` has all of it, for snapshots; how long
/// somebody was waited for is shown as `N s`, because a machine with other work
/// waits a little longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Fails unless the process ended with 0.
    #[track_caller]
    pub(crate) fn fine(self) -> Ran {
        self.ends_with(0)
    }

    /// Fails unless the process ended with this code.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }
}

fn without_waits(text: &str) -> String {
    let mut parts = text.split("waited ");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = if rest.len() < part.len() { "N" } else { "" };
        shown += &format!("waited {number}{rest}");
    }
    shown
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit code {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                let text = without_waits(text.trim_end_matches('\n'));
                writeln!(f, "--- {name}\n{text}")?;
            }
        }
        Ok(())
    }
}
