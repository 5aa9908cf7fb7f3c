//! The renames for a new order, in a safe sequence.

use super::found::{Found, Migration, Script};
use crate::renumber::files::{ordered, renumbered};
use migrate_model::Version;
use migrate_source::file_name::stem_of;
use std::collections::BTreeSet;

/// The renames, and which of the files go to the archive.
#[derive(Debug, Default)]
pub(super) struct Moved {
    pub(super) moves: Vec<(String, String)>,
    /// Downs that go to the archive, because they would be matched to other
    /// migrations.
    pub(super) ambiguous: Vec<String>,
    /// Downs without a migration that stay.
    pub(super) left: Vec<String>,
}

/// Number and name of a migration under its new number.
pub(super) fn stem(migration: &Migration, version: Version, width: usize) -> String {
    if migration.is_frozen {
        stem_of(&migration.up.from).to_owned()
    } else {
        stem_of(&target(&migration.up, version, width)).to_owned()
    }
}

fn target(script: &Script, version: Version, width: usize) -> String {
    renumbered(&script.corrected.path, version, Some(width))
}

/// Orders the renames so that the migrations keep their order wherever this is
/// interrupted: first the numbers that grow, from the highest down, then those that
/// shrink, from the lowest up. A migration without a number counts as the highest.
pub(super) fn moves(
    found: &Found,
    versions: &[Version],
    width: usize,
    archived: &[String],
) -> Moved {
    let mut moved = Moved::default();
    let drafts = || {
        found
            .migrations
            .iter()
            .zip(versions)
            .filter(|(it, _)| !it.is_frozen)
    };
    let grows = |migration: &Migration, version: &Version| {
        let is_below = |place| place < u128::from(version.get());
        migration.place.is_some_and(is_below)
    };
    let grown: Vec<_> = drafts()
        .filter(|(it, version)| grows(it, version))
        .collect();
    let others = drafts().filter(|(it, version)| !grows(it, version));
    let mut wanted = Vec::new();
    let mut targets = BTreeSet::new();
    let mut taken = archived.iter().cloned().collect();
    let mut aside = Vec::new();
    for (migration, version) in grown.into_iter().rev().chain(others) {
        // Downs first: a down that looks like an up must never be there alone.
        for script in migration.downs.iter().chain([&migration.up]) {
            let to = target(script, *version, width);
            if !targets.insert(to.clone()) {
                moved.ambiguous.push(script.from.clone());
                aside.push((script.from.clone(), archive(&script.from, &mut taken)));
            } else if to != script.from {
                wanted.push((script.from.clone(), to));
            }
        }
    }
    for orphan in &found.orphans {
        let is_namesake = |it: &Migration| it.up.has_down_named(orphan);
        if found.migrations.iter().any(is_namesake) {
            moved.ambiguous.push(orphan.from.clone());
            aside.push((orphan.from.clone(), archive(&orphan.from, &mut taken)));
        } else {
            moved.left.push(orphan.from.clone());
        }
    }
    for path in &found.foreign {
        aside.push((path.clone(), archive(path, &mut taken)));
    }
    aside.extend(wanted);
    moved.moves = ordered(aside);
    moved
}

/// A free name in `archive/`, with the folders of the file.
fn archive(path: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = format!("archive/{path}");
    let start = plain.rfind('/').map_or(0, |slash| slash + 1);
    let dot = plain[start..]
        .find('.')
        .map_or(plain.len(), |dot| start + dot);
    let (base, ending) = plain.split_at(dot);
    let mut name = plain.clone();
    let mut count = 2;
    while !taken.insert(name.clone()) {
        name = format!("{base}-{count}{ending}");
        count += 1;
    }
    name
}
