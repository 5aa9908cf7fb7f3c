//! New numbers for migrations: for drafts of two branches that took the same number,
//! and for an unordered directory.
//!
//! No script is read, so renumbering is the same for every engine.

pub mod directory;
pub mod drafts;
mod files;
mod refuse;

use crate::Error;
use crate::disk::{self, now};
use crate::error::Kind;
use crate::lock::{self, Changes, refused};
use directory::{RenumberAll, renumber_all};
use drafts::Renumber;
use migrate_model::Numbering;
use migrate_model::files::{Files, list};
use migrate_runtime::__private::Disk;
use migrate_scan::text::canonicalize;
use migrate_source::file_name::{FileKind, classify};
use migrate_source::lock_file::FILE_NAME;
use std::fmt;
use std::path::{Path, PathBuf};

/// Gives the drafts consecutive numbers after the frozen migrations, and renames their
/// files: for two branches that took the same number. A lock file with conflict markers
/// is merged. With a `label`, such as `013_add_users` or `add_users`, that draft goes
/// after all others. [`plan`] shows the changes first.
///
/// # Errors
///
/// Fails, and renames nothing, if a frozen migration would have to be moved, if there
/// is no such draft, or if a new name is taken.
pub fn renumber(
    directory: impl AsRef<Path>,
    numbering: Numbering,
    label: Option<&str>,
) -> Result<Changes, Error> {
    plan(directory, numbering, label)?.apply()
}

/// New numbers that were planned and not applied yet. `Display` has a line for each
/// file that is renamed, in the new order of the migrations, and then the notes.
#[derive(Clone, Debug)]
#[must_use]
pub struct RenumberPlan {
    directory: PathBuf,
    numbering: Numbering,
    seen: Seen,
    /// The lock file is in it only if it changes.
    changes: Renumbering,
}

/// The new names and the new lock file. Nothing here carries the changes out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Renumbering {
    /// The renames, in order: each path relative to the directory, and its new path.
    /// In this order no name is taken twice, and the migrations of a whole directory stay
    /// in the same order wherever it is interrupted.
    pub moves: Vec<(String, String)>,
    /// The new text of the lock file, if there is one.
    pub lock: Option<String>,
    /// The notes, to be read before the plan is applied: sentences without a final
    /// stop.
    pub notes: Vec<String>,
}

/// The state from which a plan was made. The plan is valid as long as it stays the same.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    paths: Vec<String>,
    archived: Vec<String>,
    lock: Option<Vec<u8>>,
}

/// Plans consecutive numbers for the drafts, as [`renumber`] gives them. Nothing is
/// written.
///
/// # Errors
///
/// Fails if a frozen migration would have to be moved, if there is no such draft, or
/// if there is no lock file.
pub fn plan(
    directory: impl AsRef<Path>,
    numbering: Numbering,
    label: Option<&str>,
) -> Result<RenumberPlan, Error> {
    let directory = directory.as_ref();
    let seen = look(directory)?;
    let Some(bytes) = &seen.lock else {
        let what = format!(
            "`{}` cannot be read, so it is unknown what may be moved; `migrate lock` creates one",
            shown(directory)
        );
        return Err(match std::fs::read(directory.join(FILE_NAME)) {
            Err(error) => Error::with_source(Kind::LockFile(what), error),
            Ok(_) => refused(what),
        });
    };
    let text = text(directory, bytes)?;
    let options = Renumber {
        numbering,
        label,
        now: now(),
    };
    let changes = drafts::renumber(&seen.paths, &shown(directory), &text, &options)?;
    let plan = RenumberPlan::new(directory, numbering, Some(&text), changes, seen);
    Ok(plan)
}

/// Plans one order for a directory that may be invalid: with duplicates, gaps, bad
/// names, files without a number or files that are not scripts. Planning writes
/// nothing, and applying the plan deletes nothing. Frozen migrations stay, and a
/// directory without a lock file gets none.
///
/// [`renumber_all`] describes the order. If applying the
/// plan is interrupted, planning and applying again completes it.
///
/// ```
/// use migrate_runtime::Numbering;
/// use migrate_tools::renumber;
///
/// # let folder = tempfile::tempdir()?;
/// # let directory = folder.path();
/// std::fs::write(directory.join("012_users.sql"), "CREATE TABLE users(id INTEGER);\n")?;
/// std::fs::write(directory.join("V12__orders.sql"), "CREATE TABLE orders(id INTEGER);\n")?;
/// let plan = renumber::plan_all(directory, Numbering::DEFAULT)?;
/// println!("{plan}");
/// # assert!(plan.to_string().starts_with("V12__orders.sql -> 001_orders.sql\n"));
/// println!("{}", plan.apply()?);
/// assert!(renumber::plan_all(directory, Numbering::DEFAULT)?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if the lock file has problems, or if a frozen migration would have to be
/// moved.
pub fn plan_all(directory: impl AsRef<Path>, numbering: Numbering) -> Result<RenumberPlan, Error> {
    let directory = directory.as_ref();
    let seen = look(directory)?;
    let shown = shown(directory);
    let text = match &seen.lock {
        Some(bytes) => Some(text(directory, bytes)?),
        None => None,
    };
    let options = RenumberAll {
        numbering,
        lock: text.as_deref().map(|text| (shown.as_str(), text)),
        now: now(),
        archived: &seen.archived,
    };
    let changes = renumber_all(&seen.paths, &options)?;
    let plan = RenumberPlan::new(directory, numbering, text.as_deref(), changes, seen);
    Ok(plan)
}

impl RenumberPlan {
    fn new(
        directory: &Path,
        numbering: Numbering,
        lock: Option<&str>,
        mut changes: Renumbering,
        seen: Seen,
    ) -> RenumberPlan {
        changes.lock = changes.lock.filter(|new| Some(new.as_str()) != lock);
        RenumberPlan {
            directory: directory.to_owned(),
            numbering,
            seen,
            changes,
        }
    }

    /// The renames, in order: each path relative to the directory, and its new path.
    pub fn moves(&self) -> &[(String, String)] {
        &self.changes.moves
    }

    /// Whether there is nothing to change. There may be notes even so.
    pub fn is_empty(&self) -> bool {
        self.changes.moves.is_empty() && self.changes.lock.is_none()
    }

    /// The notes, to be read before the plan is applied.
    pub fn notes(&self) -> &[String] {
        &self.changes.notes
    }

    /// Renames the files, and then writes the lock file.
    ///
    /// # Errors
    ///
    /// Fails, and renames nothing, if a file or the lock file has changed since this was
    /// planned, if a new name is taken, or if a file cannot be renamed. If the lock file
    /// cannot be written, the files stay renamed; planning again finds the rest.
    pub fn apply(&self) -> Result<Changes, Error> {
        let seen = look(&self.directory)?;
        if let Some(change) = self.seen.change(&seen) {
            return Err(refused(format!(
                "{change} since the new numbers were planned; nothing was renamed, plan them again"
            )));
        }
        let mut changes = Vec::new();
        disk::rename(&self.directory, &self.changes.moves)?;
        for (from, to) in &self.changes.moves {
            changes.push(format!("`{from}` is `{to}` now"));
        }
        if let Some(lock) = &self.changes.lock {
            disk::replace(&self.directory, lock)?;
            changes.push(format!("`{}` is written", shown(&self.directory)));
        }
        Ok(Changes(changes))
    }

    /// The resulting renames, in the order of the migrations; files that are not
    /// migrations come last.
    fn lines(&self) -> Vec<(&str, &str)> {
        let mut lines: Vec<(&str, &str)> = Vec::new();
        for (from, to) in &self.changes.moves {
            // A file that is put aside first is renamed twice.
            match lines.iter_mut().find(|(_, aside)| aside == from) {
                Some(line) => line.1 = to,
                None => lines.push((from, to)),
            }
        }
        let timestamps = self.numbering == Numbering::Timestamp;
        lines.sort_by_key(|(from, to)| match classify(to, timestamps) {
            FileKind::Script(name) => (0, name.version.get(), *from),
            _ => (1, 0, *from),
        });
        lines
    }
}

impl fmt::Display for RenumberPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines();
        let width = lines
            .iter()
            .map(|(from, _)| from.chars().count())
            .max()
            .unwrap_or_default();
        let mut blocks: Vec<String> = Vec::new();
        for (from, to) in lines {
            blocks.push(format!("{from:width$} -> {}", without_common(from, to)));
        }
        if self.changes.lock.is_some() {
            blocks.push(format!("`{}` is rewritten", shown(&self.directory)));
        }
        if blocks.is_empty() {
            blocks.push("nothing to change".to_owned());
        }
        blocks.extend(
            self.changes
                .notes
                .iter()
                .map(|note| format!("note: {note}")),
        );
        f.write_str(&blocks.join("\n"))
    }
}

/// The new path, from the first folder that differs.
fn without_common<'a>(from: &str, to: &'a str) -> &'a str {
    let common = from
        .bytes()
        .zip(to.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let start = to.as_bytes()[..common]
        .iter()
        .rposition(|byte| *byte == b'/');
    start.map_or(to, |slash| to.get(slash + 1..).unwrap_or(to))
}

impl Seen {
    /// What has changed since, in words.
    fn change(&self, now: &Seen) -> Option<String> {
        let is_new = |path: &&String| !self.paths.contains(path) && !self.archived.contains(path);
        let is_gone = |path: &&String| !now.paths.contains(path) && !now.archived.contains(path);
        if let Some(path) = now.paths.iter().chain(&now.archived).find(is_new) {
            return Some(format!("`{path}` has appeared"));
        }
        if let Some(path) = self.paths.iter().chain(&self.archived).find(is_gone) {
            return Some(format!("`{path}` has gone"));
        }
        (self.lock != now.lock).then(|| format!("`{FILE_NAME}` was changed"))
    }
}

/// Lists the files, and reads the lock file.
fn look(directory: &Path) -> Result<Seen, Error> {
    let unreadable = |(folder, reason): (String, String)| {
        let folder = directory.join(folder);
        refused(format!("`{}` cannot be read: {reason}", folder.display()))
    };
    let mut disk = Disk(directory.to_owned());
    let paths = list(&mut disk).map_err(unreadable)?;
    let path = lock::path_in(directory)?;
    let lock = if path.exists() {
        Some(std::fs::read(&path).map_err(|error| {
            let what = format!(
                "`{}` cannot be read, so it is unknown what may be moved; make it readable",
                shown(directory)
            );
            Error::with_source(Kind::LockFile(what), error)
        })?)
    } else {
        None
    };
    let archived = archived(&mut disk);
    Ok(Seen {
        paths,
        archived,
        lock,
    })
}

/// The files in the archive, which is not part of the directory. A file that cannot be
/// listed is found when something is moved there, and is never overwritten.
fn archived(disk: &mut Disk) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec!["archive".to_owned()];
    while let Some(folder) = folders.pop() {
        for listed in disk.list(&folder).unwrap_or_default() {
            let path = format!("{folder}/{}", listed.name);
            // A link may lead back here; real folders are not nested so deep.
            if listed.is_folder && path.split('/').count() < 12 {
                folders.push(path.clone());
            }
            // A folder's name is taken too.
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The path of the lock file in messages.
fn shown(directory: &Path) -> String {
    disk::shown(&directory.join(FILE_NAME))
}

fn text(directory: &Path, bytes: &[u8]) -> Result<String, Error> {
    canonicalize(bytes).map_err(|_| {
        refused(format!(
            "`{}` is not UTF-8; restore it as it was committed",
            shown(directory)
        ))
    })
}
