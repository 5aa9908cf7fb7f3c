//! New numbers for drafts, after two branches took the same ones.

use super::files::{Source, moves, sources};
use super::{Renumbering, refuse};
use crate::Error;
use crate::error::Kind;
use crate::lock::refused;
use migrate_model::{Numbering, Version};
use migrate_source::lock_file::{Entry, LockFile, conflict_diagnostic, conflicts, parse};

/// The options of [`renumber`].
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Renumber<'a> {
    /// How the versions follow each other.
    pub numbering: Numbering,
    /// The draft that goes after all others, by number and name or by name alone. With
    /// `None` the drafts keep their order.
    pub label: Option<&'a str>,
    /// A number for a draft that needs another one, if versions are timestamps: the
    /// current time. The next higher free number is used.
    pub now: Option<Version>,
}

/// Plans the new numbers: frozen migrations stay, and the drafts follow them without a
/// gap, in the order of the lock file. If the lock file has conflict markers, the lines
/// of both sides are used, ours before theirs. Drafts without a file are left out, and
/// files that are not listed come last.
///
/// `paths` are all files of the directory, as
/// [`directory::list`](migrate_model::files::list) returns them; `lock` is the text
/// of the lock file, and `shown` its path in messages. Planning again after the
/// plan was carried out plans nothing.
///
/// ```
/// use migrate_source::lock_file::LockFile;
/// use migrate_tools::renumber::drafts::{Renumber, renumber};
///
/// let lock = LockFile::default().to_string() + "\
/// <<<<<<< HEAD
/// 001_users draft
/// =======
/// 001_orders draft
/// >>>>>>> orders
/// ";
/// let paths = ["001_orders.down.sql", "001_orders.sql", "001_users.sql"].map(str::to_owned);
/// let plan = renumber(&paths, "migrations.lock", &lock, &Renumber::default())?;
/// assert_eq!(plan.moves[1], ("001_orders.sql".into(), "002_orders.sql".into()));
/// assert!(plan.lock.unwrap().ends_with("001_users draft\n002_orders draft\n"));
/// # Ok::<(), migrate_tools::Error>(())
/// ```
///
/// # Errors
///
/// Refuses to move a frozen migration, and anything that cannot be ordered without a
/// decision of the user.
pub fn renumber(
    paths: &[String],
    shown: &str,
    lock: &str,
    options: &Renumber<'_>,
) -> Result<Renumbering, Error> {
    refuse::cut_off(paths)?;
    let (frozen, drafts) = merged(shown, lock)?;
    let sources = sources(paths, options.numbering == Numbering::Timestamp)?;
    refuse::lost(&frozen, &sources)?;
    let mut drafts = present(&frozen, drafts, &sources);
    if let Some(label) = options.label {
        let at = refuse::labelled(label, &frozen, &drafts)?;
        let last = drafts.remove(at);
        drafts.push(last);
    }
    let versions = versions(&frozen, &drafts, options)?;
    let mut numbered: Vec<(Source, Version)> = drafts.into_iter().zip(versions).collect();
    // Timestamps that stay may be in any order.
    numbered.sort_by_key(|(_, version)| *version);
    let entries = numbered.iter().map(|(source, version)| Entry {
        stem: source.stem_with(*version),
        version: *version,
        frozen: None,
    });
    let lock = LockFile {
        entries: frozen.iter().cloned().chain(entries).collect(),
    };
    Ok(Renumbering {
        moves: moves(paths, &numbered)?,
        lock: Some(lock.to_string()),
        notes: Vec::new(),
    })
}

/// The frozen entries and the drafts, from both sides of a conflict.
pub(super) fn merged(shown: &str, text: &str) -> Result<(Vec<Entry>, Vec<Entry>), Error> {
    let texts = match conflicts(text) {
        None => vec![text.to_owned()],
        Some(found) if found.is_incomplete => {
            let problems = conflict_diagnostic(shown, text).into_iter().collect();
            return Err(Kind::InvalidDirectory(problems).into());
        }
        Some(found) => found.sides.to_vec(),
    };
    let mut frozen: Vec<Entry> = Vec::new();
    let mut drafts: Vec<Entry> = Vec::new();
    for text in texts {
        // Drafts in the wrong order are what renumbering fixes.
        let parsed = parse(shown, &text);
        if !parsed.problems.is_empty() {
            return Err(Kind::InvalidDirectory(parsed.problems).into());
        }
        for entry in parsed.lock.entries {
            let list = match entry.frozen {
                Some(_) => &mut frozen,
                None => &mut drafts,
            };
            let same = list.iter().find(|other| other.stem == entry.stem);
            match same {
                None => list.push(entry),
                Some(other) if other.frozen == entry.frozen => {}
                Some(_) => {
                    return Err(refused(format!(
                        "`{}` is frozen on both branches with different contents: unfreeze it on \
                         the branch from which it was not released, and merge again",
                        entry.stem
                    )));
                }
            }
        }
    }
    // One branch may have released a migration that is a draft on the other.
    drafts.retain(|draft| frozen.iter().all(|entry| entry.stem != draft.stem));
    frozen.sort_by_key(|entry| entry.version);
    let mut pairs = frozen.iter().zip(frozen.iter().skip(1));
    if let Some((a, b)) = pairs.find(|(a, b)| a.version == b.version) {
        return Err(refused(format!(
            "`{}` and `{}` are both frozen and have the same number: both branches have released \
             one; unfreeze one on its branch, if no database has applied it, and merge again",
            a.stem, b.stem
        )));
    }
    Ok((frozen, drafts))
}

/// The drafts that have a file: first those that are listed, then the others.
fn present(frozen: &[Entry], listed: Vec<Entry>, sources: &[Source]) -> Vec<Source> {
    let mut left: Vec<&Source> = sources
        .iter()
        .filter(|source| frozen.iter().all(|entry| entry.stem != source.stem))
        .collect();
    let mut drafts = Vec::new();
    for entry in listed {
        if let Some(at) = left.iter().position(|source| source.stem == entry.stem) {
            drafts.push(left.remove(at).clone());
        }
    }
    drafts.extend(left.into_iter().cloned());
    drafts
}

fn versions(
    frozen: &[Entry],
    drafts: &[Source],
    options: &Renumber<'_>,
) -> Result<Vec<Version>, Error> {
    let last = frozen.last().map(|entry| entry.version);
    let Numbering::Sequential { first } = options.numbering else {
        return timestamps(last, drafts, options);
    };
    consecutive(last.map_or(Some(first), Version::next), drafts.len())
}

/// The given number of consecutive versions, starting with this one.
pub(super) fn consecutive(first: Option<Version>, count: usize) -> Result<Vec<Version>, Error> {
    let mut next = first;
    let mut versions = Vec::with_capacity(count);
    for _ in 0..count {
        let version = next.ok_or_else(refuse::no_number_left)?;
        versions.push(version);
        next = version.next();
    }
    Ok(versions)
}

/// A unique timestamp that is above all frozen ones stays.
fn timestamps(
    last: Option<Version>,
    drafts: &[Source],
    options: &Renumber<'_>,
) -> Result<Vec<Version>, Error> {
    let highest = drafts.iter().map(|draft| draft.version).chain(last).max();
    let mut taken: Vec<Version> = Vec::new();
    let mut newest = highest;
    for (i, draft) in drafts.iter().enumerate() {
        let is_labelled = options.label.is_some() && i + 1 == drafts.len();
        let is_free = !taken.contains(&draft.version) && last.is_none_or(|it| draft.version > it);
        let others = &drafts[..i];
        let is_last = others.iter().all(|other| other.version < draft.version);
        let version = if is_free && (!is_labelled || is_last) {
            draft.version
        } else {
            let after = newest.map_or(options.now, Version::next);
            let version = after.max(options.now).ok_or_else(refuse::no_number_left)?;
            newest = Some(version);
            version
        };
        taken.push(version);
    }
    Ok(taken)
}
