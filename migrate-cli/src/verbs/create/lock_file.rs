//! Adding a new migration to the lock file.

use super::existing::Existing;
use super::new_migration::NewMigration;
use crate::directory::Directory;
use crate::failure::{Failure, io};
use crate::files::shown;
use migrate_model::Version;
use migrate_scan::text::canonicalize;
use migrate_source::lock_file::{Entry, FILE_NAME, LockFile};
use migrate_tools::replace;
use std::path::Path;
use std::{fs, io};

/// Fails if the migration could not be added to the lock file.
pub(super) fn check(existing: &Existing<'_>, migration: &NewMigration) -> Result<(), Failure> {
    let mut stems = stems(existing);
    stems.push((migration.stem.clone(), migration.version));
    let path = existing.directory.path;
    match read(path)? {
        None => Ok(()),
        Some(old) => listed(path, &old, &stems).map(drop),
    }
}

/// Adds all missing migrations to the lock file, if there is one. Returns its
/// path for display.
pub(super) fn list(directory: Directory<'_>) -> Result<Option<String>, Failure> {
    // Another process may have written a list it read before our file existed.
    // Each process reads the directory again after writing, so the last writer
    // misses nothing.
    const ATTEMPTS: usize = 100;
    for _ in 0..ATTEMPTS {
        let stems = stems(&Existing::read(directory));
        let Some(old) = read(directory.path)? else {
            return Ok(None);
        };
        let new = listed(directory.path, &old, &stems)?;
        if new == old {
            break;
        }
        replace(directory.path, &new)?;
    }
    Ok(Some(shown(&directory.path.join(FILE_NAME))))
}

fn stems(existing: &Existing<'_>) -> Vec<(String, Version)> {
    let migrations = existing.migrations.iter();
    migrations.map(|it| (it.stem.clone(), it.version)).collect()
}

/// The text of the lock file, or `None` if there is none.
fn read(directory: &Path) -> Result<Option<String>, Failure> {
    let path = directory.join(FILE_NAME);
    match fs::read(&path) {
        Ok(bytes) => match canonicalize(&bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(Failure::new(format!("`{}` is not UTF-8", shown(&path)))
                .help("restore the committed version")),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io("read", &path, &error)),
    }
}

/// The text of a lock file that lists all of these migrations. Frozen lines are
/// kept, even if the content of their files has changed: the next build reports
/// that. Only the lines of drafts are rewritten.
fn listed(directory: &Path, old: &str, stems: &[(String, Version)]) -> Result<String, Failure> {
    let path = shown(&directory.join(FILE_NAME));
    let parsed = |text: &str| {
        LockFile::parse(&path, text).map_err(|diagnostics| {
            Failure::new(format!("`{path}` cannot be extended")).with_diagnostics(diagnostics)
        })
    };
    let lock = parsed(old)?;
    let frozen = lock.entries.iter().filter(|it| it.frozen.is_some());
    let is_lost = |frozen: &&Entry| stems.iter().all(|(stem, _)| *stem != frozen.stem);
    if let Some(lost) = frozen.clone().find(is_lost) {
        return Err(Failure::new(format!(
            "`{}` is frozen, but its file is missing or was renamed",
            lost.stem
        ))
        .help("restore the committed version: a frozen migration keeps its number"));
    }
    // The header is a separate line.
    let kept = frozen.clone().count() + 1;
    let mut new: String = old.split_inclusive('\n').take(kept).collect();
    for (stem, version) in stems {
        match lock.last_frozen() {
            _ if frozen.clone().any(|it| it.stem == *stem) => {}
            Some(last) if *version <= last.version => {
                return Err(Failure::new(format!(
                    "`{stem}` is not higher than `{}`, which is frozen",
                    last.stem
                ))
                .help("run `migrate renumber`, which gives it the next free number"));
            }
            _ => new += &format!("{stem} draft\n"),
        }
    }
    // The text that is written must be valid.
    parsed(&new)?;
    Ok(new)
}
