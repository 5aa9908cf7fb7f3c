//! Reading the directory of another tool.

use super::disk;
use super::error::{Error, Kind};
use super::layout::{Entry, Name, entry, example};
use super::write::{ARCHIVE, unfinished};
use crate::id::description;
use crate::plan::listed;
use crate::{OriginalMigration, Tool};
use migrate_scan::sqlite;
use migrate_source::directive::Directive;
use migrate_source::file_name::{FileKind, classify};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The content of another tool's directory.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Source {
    /// The tool.
    pub tool: Tool,
    /// The directory.
    pub directory: PathBuf,
    /// The migrations, in the order in which the tool applies them.
    pub migrations: Vec<OriginalMigration>,
    /// Notes for the user: files that are not migrations, and peculiarities.
    pub notes: Vec<String>,
    /// The versions whose settings file says that they run without a
    /// transaction.
    pub(super) no_transaction: BTreeSet<String>,
    /// The files that only the old directory needs: settings of migrations, and
    /// files that are not migrations and would be refused in ours.
    pub(super) others: Vec<String>,
}

/// Reads the migrations of another tool, in its order; [`read_source`] also
/// reports the other files. After an in-place conversion, the old migrations can
/// be read from `archive/` below the directory.
///
/// # Errors
///
/// As [`read_source`].
pub fn read_originals(tool: Tool, directory: &Path) -> Result<Vec<OriginalMigration>, Error> {
    Ok(read_source(tool, directory)?.migrations)
}

/// Reads the directory of another tool. Files that are not migrations are named
/// in the notes; only files that begin with a dot are ignored silently.
///
/// # Errors
///
/// Fails if the directory or a file cannot be read; if it has no migration of
/// the tool, two with the same version, or one that is a program; if the first
/// version of an application with a counter is missing; or if it is already
/// converted.
pub fn read_source(tool: Tool, directory: &Path) -> Result<Source, Error> {
    if tool == Tool::SeaOrm {
        return Err(Kind::OnlyPrograms(tool).into());
    }
    let mut source = Source {
        tool,
        directory: directory.to_owned(),
        migrations: Vec::new(),
        notes: Vec::new(),
        no_transaction: BTreeSet::new(),
        others: Vec::new(),
    };
    let unfinished = unfinished(directory)?;
    let paths = match &unfinished {
        Some(originals) => originals.clone(),
        None => disk::files(directory)?,
    };
    let read = |path: &str| {
        let archived = directory.join(ARCHIVE).join(path);
        if unfinished.is_some() && archived.exists() {
            disk::read(&archived)
        } else {
            disk::read(&directory.join(path))
        }
    };
    if unfinished.is_none() {
        refuse_converted(directory, &paths)?;
        if directory.join(ARCHIVE).is_dir() {
            source.notes.push(format!(
                "`{ARCHIVE}/` is never read: move migrations out of it"
            ));
        }
    }
    let found = sort(tool, &paths, &mut source.notes)?;
    if found.ups.is_empty() {
        return Err(Error::from(Kind::Nothing {
            tool,
            directory: disk::shown(directory, ""),
            example: example(tool),
        }));
    }
    found.check_base(tool)?;
    source.notes.extend(found.repeatables());
    for (name, path) in &found.settings {
        let text = disk::text(path, &read(path)?)?;
        if is_without_transaction(&text) {
            source.no_transaction.insert(name.id.clone());
        }
    }
    let mut downs = found.downs;
    let mut counts: BTreeMap<&[u64], usize> = BTreeMap::new();
    for (up, _) in &found.ups {
        *counts.entry(&up.order).or_default() += 1;
    }
    for (up, path) in &found.ups {
        if up.id.contains(['"', '\n']) {
            return Err(Kind::Unspeakable(path.clone()).into());
        }
        let down = downs
            .iter()
            .position(|(down, _)| match tool {
                Tool::Names | Tool::Metadata | Tool::Archon | Tool::Numbered => {
                    down.order == up.order
                        && (down.name == up.name || counts[up.order.as_slice()] == 1)
                }
                _ => down.id == up.id,
            })
            .map(|at| downs.remove(at).1);
        source.migrations.push(OriginalMigration {
            id: up.id.clone(),
            name: up.name.clone(),
            path: path.clone(),
            bytes: read(path)?,
            down: match down {
                Some(path) => Some((path.clone(), read(&path)?)),
                None => None,
            },
        });
    }
    let orphans = downs
        .iter()
        .map(|(_, path)| format!("`{path}` is a down without its up"));
    source.notes.extend(orphans);
    let mut used: BTreeSet<&String> = BTreeSet::new();
    for original in &source.migrations {
        used.insert(&original.path);
        used.extend(original.down.as_ref().map(|(path, _)| path));
    }
    let others = paths
        .iter()
        .filter(|path| !used.contains(path) && classify(path, false) != FileKind::Ignored);
    source.others = others.cloned().collect();
    Ok(source)
}

/// The files of a directory, by role.
#[derive(Default)]
struct Found {
    ups: Vec<(Name, String)>,
    downs: Vec<(Name, String)>,
    settings: Vec<(Name, String)>,
}

fn sort(tool: Tool, paths: &[String], notes: &mut Vec<String>) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut programs = Vec::new();
    for path in paths {
        match entry(tool, path) {
            Entry::Up(name) => found.ups.push((name, path.clone())),
            Entry::Down(name) => found.downs.push((name, path.clone())),
            Entry::Settings(name) => found.settings.push((name, path.clone())),
            Entry::Program => programs.push(path.clone()),
            Entry::Other(what) => notes.push(format!("`{path}` {what}")),
        }
    }
    if !programs.is_empty() {
        return Err(Kind::Programs(tool, programs).into());
    }
    // `007_break_down.sql` is an up, unless there is a `007_break.sql`.
    let (downs, ups): (Vec<_>, Vec<_>) = found.downs.into_iter().partition(|(down, _)| {
        down.or_up.is_none() || found.ups.iter().any(|(up, _)| up.order == down.order)
    });
    found.downs = downs;
    let ups = ups
        .into_iter()
        .filter_map(|(down, path)| Some((*down.or_up?, path)));
    found.ups.extend(ups);
    found.ups.sort_by_cached_key(|(name, path)| {
        let text = match tool {
            Tool::Diesel => name.id.clone(),
            _ if name.is_repeatable => description(&name.name),
            // In any folder.
            _ => path.rsplit('/').next().unwrap_or(path).to_owned(),
        };
        (name.is_repeatable, name.order.clone(), text, path.clone())
    });
    let mut seen: BTreeMap<(&[u64], String), &String> = BTreeMap::new();
    for (name, path) in &found.ups {
        let key = match tool {
            Tool::Flyway if name.is_repeatable => (&[][..], description(&name.name)),
            // flyway treats 1.0 and 1 as the same.
            Tool::Flyway => (name.order.as_slice(), String::new()),
            _ => (&[][..], name.id.clone()),
        };
        if let Some(other) = seen.insert(key, path) {
            let files = [other.clone(), path.clone()];
            let kind = if name.is_repeatable {
                Kind::SameDescription(description(&name.name), files)
            } else {
                Kind::SameVersion(name.id.clone(), files)
            };
            return Err(kind.into());
        }
    }
    Ok(found)
}

impl Found {
    /// An application that counts from 1 created its first version itself.
    /// That version has no file, so it cannot be adopted, and a new database would
    /// not have it.
    fn check_base(&self, tool: Tool) -> Result<(), Error> {
        let first = self.ups.first().and_then(|(name, _)| name.order.first());
        match first {
            Some(&first) if tool == Tool::Metadata && first > 1 => Err(Kind::NoBase(first).into()),
            _ => Ok(()),
        }
    }

    /// Notes that repeatables do not run again.
    fn repeatables(&self) -> Option<String> {
        let repeatables = self.ups.iter().filter(|(name, _)| name.is_repeatable);
        let paths: Vec<&String> = repeatables.map(|(_, path)| path).collect();
        let (what, it) = match paths.len() {
            0 => return None,
            1 => ("is a repeatable migration", "it"),
            _ => ("are repeatable migrations", "one of them"),
        };
        Some(format!(
            "{} {what}, which {} after the others and will not run again: write each change of \
             {it} as a new migration",
            listed(&paths),
            if paths.len() == 1 { "comes" } else { "come" },
        ))
    }
}

/// Whether a settings file contains `run_in_transaction = false` (diesel) or
/// `executeInTransaction=false` (flyway).
fn is_without_transaction(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.split('#').next().unwrap_or_default();
        line.split_once('=').is_some_and(|(key, value)| {
            matches!(key.trim(), "run_in_transaction" | "executeInTransaction")
                && value.trim() == "false"
        })
    })
}

/// Refuses a converted directory, whatever the names of its files.
fn refuse_converted(directory: &Path, paths: &[String]) -> Result<(), Error> {
    for path in paths.iter().filter(|path| path.ends_with(".sql")) {
        let Ok(text) = migrate_scan::text::canonicalize(&disk::read(&directory.join(path))?) else {
            continue;
        };
        if let Some(tool) = adopted_from(&text) {
            return Err(Error::from(Kind::Converted {
                directory: disk::shown(directory, ""),
                file: path.clone(),
                tool,
            }));
        }
    }
    Ok(())
}

/// The tool that a converted script names as its origin.
fn adopted_from(text: &str) -> Option<String> {
    if !text.contains("adopted") {
        return None;
    }
    let scan = sqlite::scan(text);
    let mut directives = migrate_source::directive::directives(&scan, text);
    directives.find_map(|(directive, _)| match directive {
        Directive::Adopted { tool, .. } => Some(tool),
        _ => None,
    })
}
