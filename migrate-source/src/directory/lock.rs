//! Reading the lock file of a directory, and marking the frozen migrations.

use super::text;
use crate::diagnostic::Diagnostic;
use crate::lock_file::{FILE_NAME, Parsed};
use crate::source_file::shown;
use crate::{Options, SourceMigration};
use migrate_model::files::Files;
use std::collections::BTreeSet;

/// Reads the lock file, if there is one at the root of the directory.
pub(super) fn read(
    files: &mut dyn Files,
    paths: &[String],
    options: &Options<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<(String, String)> {
    let relative = paths.iter().find(|path| *path == FILE_NAME)?;
    let path = shown(options.shown_root, relative);
    match files.read(relative) {
        Ok(bytes) => {
            let text = text::canonical(&path, &bytes, options.engine, out)?;
            Some((relative.clone(), text))
        }
        Err(reason) => {
            out.push(text::unreadable(&path, &reason));
            None
        }
    }
}

/// Marks the migrations that the lock file lists as frozen.
pub(super) fn mark_frozen(parsed: &Parsed, migrations: &mut [SourceMigration]) {
    let entries = parsed.lock.entries.iter();
    let frozen: BTreeSet<&str> = entries
        .filter(|entry| entry.frozen.is_some())
        .map(|entry| entry.stem.as_str())
        .collect();
    for migration in migrations {
        migration.is_frozen = frozen.contains(migration.stem.as_str());
    }
}
