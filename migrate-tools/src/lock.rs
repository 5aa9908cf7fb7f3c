//! Writing the lock file `migrations.lock`, which records what is released.
//!
//! The macro and [`read_directory`](crate::read_directory) enforce an existing lock
//! file; these functions write it. They are for tools: a service calls none of them.
//!
//! ```
//! use migrate_runtime::{Numbering, Sqlite};
//! use migrate_tools::{lock, renumber};
//!
//! # let folder = tempfile::tempdir()?;
//! # let directory = folder.path();
//! std::fs::write(directory.join("001_users.sql"), "CREATE TABLE users(id INTEGER);\n")?;
//! println!("{}", lock::update::<Sqlite>(directory, Numbering::DEFAULT)?); // `001_users` is a draft
//! println!("{}", lock::freeze::<Sqlite>(directory, Numbering::DEFAULT, None)?); // `001_users` is frozen
//! assert!(renumber::renumber(directory, Numbering::DEFAULT, None)?.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::directory::find;
use crate::disk;
use crate::error::{Error, Kind};
use migrate_model::{EngineType, Numbering, Version};
use migrate_source::SourceMigration;
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_source::lock_file::{self, FILE_NAME, LockFile};
use std::fmt;
use std::path::{Path, PathBuf};

/// The changes that were made. `Display` has a line for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Changes(pub(crate) Vec<String>);

impl Changes {
    /// Whether nothing had to be changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0[..] {
            [] => f.write_str("nothing to change"),
            _ => f.write_str(&self.0.join("\n")),
        }
    }
}

/// Lists new migrations as drafts, and removes drafts whose file is gone. Creates the
/// lock file if there is none. `E` is the engine of the scripts.
///
/// # Errors
///
/// Fails if the directory has any other problem, or if the file cannot be written.
/// Frozen entries are never changed.
pub fn update<E: EngineType>(
    directory: impl AsRef<Path>,
    numbering: Numbering,
) -> Result<Changes, Error> {
    change::<E>(directory.as_ref(), numbering, lock_file::update)
}

/// Freezes all migrations, or those up to a version. They are released then, and must
/// never change again. Call it when you make a release.
///
/// # Errors
///
/// Fails if the directory has a problem that [`update`] does not fix, if there is no
/// such version, or if the file cannot be written.
pub fn freeze<E: EngineType>(
    directory: impl AsRef<Path>,
    numbering: Numbering,
    up_to: Option<Version>,
) -> Result<Changes, Error> {
    change::<E>(directory.as_ref(), numbering, |lock, migrations| {
        lock_file::freeze(lock, migrations, up_to)
    })
}

/// The path of the lock file, which is a file if it exists.
pub(crate) fn path_in(directory: &Path) -> Result<PathBuf, Error> {
    let path = directory.join(FILE_NAME);
    if path.exists() && !path.is_file() {
        let shown = disk::shown(&path);
        return Err(refused(format!(
            "`{shown}` is not a file, and is in the place of the lock file; move it away"
        )));
    }
    Ok(path)
}

pub(crate) fn refused(what: String) -> Error {
    Error::from(Kind::LockFile(what))
}

/// Reads the directory, lets `make` produce a new lock file, and writes it.
fn change<E: EngineType>(
    directory: &Path,
    numbering: Numbering,
    make: impl FnOnce(&LockFile, &[SourceMigration]) -> Result<LockFile, String>,
) -> Result<Changes, Error> {
    path_in(directory)?;
    let found = find(directory, E::ENGINE, numbering.into(), None);
    let is_fixed = |it: &Diagnostic| matches!(it.code, Code::NotInLock | Code::DraftMissing);
    let mut diagnostics = found.diagnostics;
    diagnostics.retain(|diagnostic| !is_fixed(diagnostic));
    if !diagnostics.is_empty() {
        return Err(Kind::InvalidDirectory(diagnostics).into());
    }
    let (path, text) = found.lock.unwrap_or_default();
    let old = if text.is_empty() {
        LockFile::default()
    } else {
        LockFile::parse(&path, &text)
            .map_err(|diagnostics| Error::from(Kind::InvalidDirectory(diagnostics)))?
    };
    let new = make(&old, &found.migrations).map_err(refused)?;
    if new.to_string() != text {
        disk::replace(directory, &new.to_string())?;
    }
    Ok(changes(&old, &new))
}

fn changes(old: &LockFile, new: &LockFile) -> Changes {
    let mut changes = Vec::new();
    for entry in &new.entries {
        if !old.entries.contains(entry) {
            let state = if entry.frozen.is_some() {
                "frozen"
            } else {
                "a draft"
            };
            changes.push(format!("`{}` is {state}", entry.stem));
        }
    }
    for entry in &old.entries {
        if new.entries.iter().all(|other| other.stem != entry.stem) {
            changes.push(format!("`{}` is removed: it has no file", entry.stem));
        }
    }
    Changes(changes)
}
