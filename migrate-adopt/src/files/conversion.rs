//! The result of a conversion, and its display.

use migrate_source::diagnostic::Diagnostic;
use migrate_source::render::render;
use std::fmt;
use std::path::PathBuf;

/// A file of a converted directory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewFile {
    /// Its path relative to the new directory: `001_users.down.sql`.
    pub path: String,
    /// Its text, with LF and without a byte-order mark.
    pub text: String,
    /// The source file; empty for a squash.
    pub source: String,
}

/// A difference between a source file and its new file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The source file.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
    /// What was done.
    pub what: String,
    /// The removed text, or empty.
    pub removed: String,
    /// The text added at the top, or empty.
    pub added: String,
    /// The reason.
    pub why: String,
}

/// A converted directory, before it is written.
///
/// `Display` shows each change, the notes, and what is left to fix.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Conversion {
    /// The new files, in the order of the migrations; a down follows its up.
    pub files: Vec<NewFile>,
    /// The changes to the SQL, except for the comment in each up that names its
    /// origin.
    pub changes: Vec<Change>,
    /// Notes for the user.
    pub notes: Vec<String>,
    /// Errors in the new files, with their new paths.
    pub diagnostics: Vec<Diagnostic>,
    /// Warnings about the new files.
    pub warnings: Vec<Diagnostic>,
    /// The sources and new files of each migration.
    pub(super) pairs: Vec<(Vec<String>, Vec<String>)>,
    /// The source directory, and every file that was read for a migration.
    pub(super) directory: Option<PathBuf>,
    pub(super) originals: Vec<String>,
}

/// The maximum number of problems shown: each file may have the same one.
const MOST_PROBLEMS: usize = 20;

impl fmt::Display for Conversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (sources, targets) in &self.pairs {
            if sources.is_empty() {
                writeln!(f, "new: {}", targets.join(", "))?;
            } else {
                writeln!(f, "{} -> {}", sources.join(", "), targets.join(", "))?;
            }
            let mut shown: Vec<(&str, &str)> = Vec::new();
            for change in self.changes.iter().filter(|it| sources.contains(&it.file)) {
                let group = (change.file.as_str(), change.what.as_str());
                if shown.contains(&group) {
                    continue;
                }
                shown.push(group);
                let is_in_group = |it: &&Change| (it.file.as_str(), it.what.as_str()) == group;
                match sources.len() {
                    1 => writeln!(f, "  {}: {}", change.what, change.why)?,
                    _ => writeln!(f, "  {}: {}: {}", change.file, change.what, change.why)?,
                }
                for change in self.changes.iter().filter(is_in_group) {
                    lines(f, change)?;
                }
            }
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        if !self.diagnostics.is_empty() {
            writeln!(f, "to fix in the new files:")?;
        }
        for diagnostic in self.diagnostics.iter().take(MOST_PROBLEMS) {
            writeln!(f, "\n{}", render(diagnostic))?;
        }
        if let Some(more) = self.diagnostics.len().checked_sub(MOST_PROBLEMS + 1) {
            writeln!(f, "\nand {} more", more + 1)?;
        }
        Ok(())
    }
}

/// Formats a change like a diff, with line numbers of the source.
fn lines(f: &mut fmt::Formatter<'_>, change: &Change) -> fmt::Result {
    const MOST: usize = 8;
    let count = change.removed.lines().count();
    for (i, line) in change.removed.lines().take(MOST).enumerate() {
        writeln!(f, "    {:>4} - {line}", change.line + i)?;
    }
    if count > MOST {
        writeln!(f, "         … and {} more lines", count - MOST)?;
    }
    for line in change.added.lines() {
        writeln!(f, "         + {line}")?;
    }
    Ok(())
}
