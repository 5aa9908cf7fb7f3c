//! The directory that a registry was generated from, and the comparison that
//! finds a stale binary.

use crate::error::{Error, Kind};
use migrate_model::Checksum;
use migrate_model::files::{Files, Listed, is_ignored, list};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// The advice for a stale registry.
pub(crate) const REBUILD: &str = "rebuild the crate; if Cargo finds nothing to do, touch one of \
    its source files, because Cargo notices a new migration only if a build script watches the \
    directory";

/// The directory of a registry, and the files that were embedded. Generated
/// code contains it only in debug builds, so that a release build contains no
/// local path.
#[derive(Debug)]
pub struct Source {
    directory: &'static str,
    shown: &'static str,
    files: &'static [(&'static str, Checksum)],
    is_checked: AtomicBool,
    /// Through a pointer, so that a program without a `Source` does not contain
    /// the comparison.
    compare: fn(&Source) -> Result<(), Error>,
}

impl Source {
    /// `files` are the paths below `directory` that the macro read, with the
    /// checksums of their canonical texts.
    pub const fn new(
        directory: &'static str,
        shown: &'static str,
        files: &'static [(&'static str, Checksum)],
    ) -> Source {
        Source {
            directory,
            shown,
            files,
            is_checked: AtomicBool::new(false),
            compare: Source::compare_names,
        }
    }

    /// Compares the names with the directory, once per process. If the
    /// directory does not exist, the binary runs on another machine, and
    /// nothing is compared.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_checked.load(Ordering::Relaxed) {
            return Ok(());
        }
        (self.compare)(self)
    }

    fn compare_names(&self) -> Result<(), Error> {
        let difference = self.name_differences().unwrap_or_default();
        if difference.is_empty() {
            self.is_checked.store(true, Ordering::Relaxed);
            return Ok(());
        }
        Err(Error::from(Kind::Stale {
            directory: self.shown.to_owned(),
            difference,
        }))
    }

    /// The assertion of the generated test: names and contents must be those
    /// that were embedded.
    ///
    /// # Panics
    ///
    /// Panics with a message that names each difference.
    #[expect(clippy::panic, reason = "this is the assertion of a generated test")]
    pub fn assert_fresh(&self) {
        let shown = self.shown;
        match self.differences() {
            None => panic!("the migrations directory `{shown}` is gone"),
            Some(differences) if !differences.is_empty() => panic!(
                "the embedded migrations of `{shown}` are stale: {}; {REBUILD}",
                differences.join(", ")
            ),
            Some(_) => {}
        }
    }

    /// The differences in names, or `None` if the directory cannot be read.
    fn name_differences(&self) -> Option<Vec<String>> {
        let mut present = list(&mut Disk(PathBuf::from(self.directory))).ok()?;
        present.retain(|path| !is_ignored(path));
        let mut gone: BTreeSet<&str> = self.files.iter().map(|(path, _)| *path).collect();
        let mut differences = Vec::new();
        for path in &present {
            if !gone.remove(path.as_str()) {
                differences.push(format!("built before `{path}` existed"));
            }
        }
        differences.extend(
            gone.iter()
                .map(|path| format!("built when `{path}` still existed")),
        );
        Some(differences)
    }

    /// The differences in names and contents, or `None` if the directory cannot
    /// be read.
    fn differences(&self) -> Option<Vec<String>> {
        let mut differences = self.name_differences()?;
        for (path, checksum) in self.files {
            let Ok(bytes) = std::fs::read(PathBuf::from(self.directory).join(path)) else {
                continue;
            };
            let text = migrate_scan::text::canonicalize(&bytes).unwrap_or_default();
            if Checksum::of(&text) != *checksum {
                differences.push(format!("built before `{path}` was edited"));
            }
        }
        Some(differences)
    }
}

/// The files below a directory.
#[derive(Debug)]
pub struct Disk(pub PathBuf);

impl Files for Disk {
    fn list(&mut self, folder: &str) -> Result<Vec<Listed>, String> {
        let entries = std::fs::read_dir(self.0.join(folder)).map_err(|error| error.to_string())?;
        let mut listed = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| error.to_string())?;
            listed.push(Listed {
                name: entry.file_name().to_string_lossy().into_owned(),
                // A broken link is a file that cannot be read.
                is_folder: entry.path().is_dir(),
            });
        }
        Ok(listed)
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let path = self.0.join(path);
        // Reading a pipe would never end.
        match std::fs::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => Err("it is not a regular file".to_owned()),
            _ => std::fs::read(path).map_err(|error| error.to_string()),
        }
    }
}
