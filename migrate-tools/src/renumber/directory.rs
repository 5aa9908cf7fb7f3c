//! One order for an unordered directory: duplicates, gaps, bad names.

mod found;
mod moves;
mod notes;
mod numbered_path;
mod seconds;

use super::drafts::{consecutive, merged};
use super::{Renumbering, refuse};
use crate::Error;
use crate::lock::refused;
use found::Migration;
use migrate_model::{Numbering, Version};
use migrate_source::lock_file::{Entry, LockFile};
use std::collections::BTreeSet;

/// The options of [`renumber_all`].
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct RenumberAll<'a> {
    /// How the versions follow each other.
    pub numbering: Numbering,
    /// The path of the lock file in messages, and its text, if there is one.
    pub lock: Option<(&'a str, &'a str)>,
    /// A number for a migration without a timestamp, if versions are timestamps: the
    /// current time. The next ones follow, second by second.
    pub now: Option<Version>,
    /// The files that are already in `archive/`, as paths relative to the directory. A
    /// file that is moved there gets a name that is free.
    pub archived: &'a [String],
}

/// Plans one order for everything that is or could be a migration. It uses the numbers
/// that the files have or could have (`V1__users.sql`, `1_users.sql`), without duplicates
/// and gaps, in one width. Among files with the same number, frozen migrations come
/// first, then folders in the order of their names, then files; files without a number
/// come last. Downs, pairs, folders of one migration and `.rs` files move with their
/// migration. Files that are not scripts go to `archive/`, and nothing is deleted.
///
/// Frozen migrations stay, and drafts come after them. With timestamps, only migrations
/// move that have no timestamp or one that is taken: they get the next free second.
///
/// `paths` are all files of the directory, as
/// [`directory::list`](migrate_model::files::list) returns them. Planning again after the
/// plan was carried out plans nothing. Planning again after it was interrupted leads to
/// an equivalent directory with the same order of the migrations. The order can differ
/// only if one of the two plans has a note on downs that do not clearly belong to a
/// migration. If a plan was interrupted between a down and its up, and several migrations
/// have their name, that down is one of these and goes to `archive/`.
///
/// ```
/// use migrate_tools::renumber::directory::{RenumberAll, renumber_all};
///
/// let paths = ["012_b.sql", "a/012_c.down.sql", "a/012_c.sql", "seed.js", "x.sql"];
/// let plan = renumber_all(&paths.map(str::to_owned), &RenumberAll::default())?;
/// let moves: Vec<String> = plan.moves.iter().map(|(_, to)| to.clone()).collect();
/// assert_eq!(
///     moves,
///     ["archive/seed.js", "001_b.sql", "a/002_c.down.sql", "a/002_c.sql", "003_x.sql"]
/// );
/// # Ok::<(), migrate_tools::Error>(())
/// ```
///
/// # Errors
///
/// Refuses a lock file with problems, and frozen migrations that have no file, or that
/// would have to be moved.
pub fn renumber_all(paths: &[String], options: &RenumberAll<'_>) -> Result<Renumbering, Error> {
    refuse::cut_off(paths)?;
    let frozen = match options.lock {
        Some((shown, text)) => merged(shown, text)?.0,
        None => Vec::new(),
    };
    in_order(&frozen, options.numbering)?;
    let found = found::find(paths, &frozen, options.numbering == Numbering::Timestamp)?;
    let last = frozen.last().map(|entry| entry.version);
    let versions = match options.numbering {
        // Frozen migrations get the first versions.
        Numbering::Sequential { first } => consecutive(Some(first), found.migrations.len())?,
        Numbering::Timestamp => seconds::versions(&found.migrations, last, options.now)?,
    };
    let width = width(&found.migrations, &versions, options.numbering);
    let moved = moves::moves(&found, &versions, width, options.archived);
    let lock = options.lock.map(|_| {
        let drafts = found.migrations.iter().zip(&versions);
        let mut drafts: Vec<Entry> = drafts
            .filter(|(migration, _)| !migration.is_frozen)
            .map(|(migration, version)| Entry {
                stem: moves::stem(migration, *version, width),
                version: *version,
                frozen: None,
            })
            .collect();
        drafts.sort_by_key(|entry| entry.version);
        let entries = frozen.iter().cloned().chain(drafts).collect();
        LockFile { entries }.to_string()
    });
    Ok(Renumbering {
        notes: notes::notes(&found, &versions, &moved, options),
        moves: moved.moves,
        lock,
    })
}

/// Checks that the frozen migrations can stay.
fn in_order(frozen: &[Entry], numbering: Numbering) -> Result<(), Error> {
    let Numbering::Sequential { first } = numbering else {
        return Ok(());
    };
    let mut next = Some(first);
    for entry in frozen {
        match next {
            Some(version) if version != entry.version => {
                return Err(refused(format!(
                    "`{}` is frozen in the place of number {version}, and cannot be moved: \
                     databases know it by its number; restore the migrations before it, or begin \
                     the set at their number with `first`",
                    entry.stem
                )));
            }
            _ => next = entry.version.next(),
        }
    }
    Ok(())
}

/// A number of this many digits may be a date, so its width is not used.
const DATE: usize = 8;

/// The number of digits of all versions: that of the frozen migrations, or that which
/// all migrations have, or three, or as many as are needed.
fn width(migrations: &[Migration], versions: &[Version], numbering: Numbering) -> usize {
    if numbering == Numbering::Timestamp {
        return seconds::DIGITS;
    }
    let highest = versions.last().map_or(0, |version| version.get());
    let needed = highest.to_string().len().max(3);
    let frozen = migrations.iter().find(|migration| migration.is_frozen);
    let widths: BTreeSet<usize> = match frozen {
        Some(frozen) => BTreeSet::from([frozen.up.corrected.name.digits]),
        None => migrations
            .iter()
            .filter(|migration| migration.up.is_good())
            .map(|migration| migration.up.corrected.name.digits)
            .filter(|digits| *digits < DATE)
            .collect(),
    };
    let mut widths = widths.into_iter();
    match (widths.next(), widths.next()) {
        (Some(width), None) => width.max(needed),
        _ => needed,
    }
}
