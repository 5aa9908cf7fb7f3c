//! The notes on a new order.

use super::RenumberAll;
use super::found::{Found, Migration};
use super::moves::Moved;
use migrate_model::{Numbering, Version};

/// The notes, to be read before the files are renamed.
pub(super) fn notes(
    found: &Found,
    versions: &[Version],
    moved: &Moved,
    options: &RenumberAll<'_>,
) -> Vec<String> {
    let mut notes = Vec::new();
    duplicates(found, options, &mut notes);
    below_frozen(found, &mut notes);
    unplaced(found, options, &mut notes);
    for (down, up) in &found.taken {
        notes.push(format!("`{down}` is treated as the down of `{up}`"));
    }
    for path in &moved.ambiguous {
        notes.push(format!(
            "`{path}` is a down, and it is not clear what it undoes: it goes to `archive/`; give \
             it the number and name of its migration to have it back"
        ));
    }
    for path in &moved.left {
        notes.push(format!(
            "`{path}` is a down without a migration, and is left as it is: give it the number and \
             name of its migration, or move it to `archive/`"
        ));
    }
    foreign(found, &mut notes);
    let is_moved = |(it, version): (&Migration, &Version)| {
        let number = it.up.corrected.number;
        number.is_some_and(|number| number != u128::from(version.get()))
    };
    if found.migrations.iter().zip(versions).any(is_moved) {
        if options.numbering != Numbering::Timestamp && found.migrations.iter().all(is_timestamp) {
            notes.push(
                "these numbers look like timestamps: with `numbering = \"timestamp\"` they need \
                 not be consecutive"
                    .to_owned(),
            );
        }
        notes.push(
            "databases know a migration by its number: if one that gets a new number is already \
             applied, the history must get it too (`adopt` takes a map), or the next run is \
             refused"
                .to_owned(),
        );
    }
    notes
}

fn is_timestamp(migration: &Migration) -> bool {
    super::seconds::is_timestamp(&migration.up)
}

fn duplicates(found: &Found, options: &RenumberAll<'_>, notes: &mut Vec<String>) {
    let groups: Vec<&[Migration]> = found
        .migrations
        .chunk_by(|a, b| a.place.is_some() && a.place == b.place)
        .filter(|group| group.len() > 1)
        .collect();
    if !groups.is_empty() {
        let rule = match options.numbering {
            Numbering::Timestamp => "the first keeps it, the others take the next free seconds",
            Numbering::Sequential { .. } => "for another order, rename one of them first",
        };
        notes.push(format!(
            "check the order of those with the same number: they are sorted by their folders, then \
             by their own names; {rule}"
        ));
    }
    for group in groups {
        let number = group[0].place.unwrap_or_default();
        notes.push(format!("number {number:03}: {}", listed(group)));
    }
}

/// The migrations in their new order.
fn listed<'a>(migrations: impl IntoIterator<Item = &'a Migration>) -> String {
    let paths = migrations.into_iter().map(|it| format!("`{}`", it.up.from));
    paths.collect::<Vec<_>>().join(", then ")
}

/// Drafts whose numbers are below those of frozen migrations.
fn below_frozen(found: &Found, notes: &mut Vec<String>) {
    let frozen = found.migrations.iter().filter(|it| it.is_frozen);
    let Some(last) = frozen.filter_map(|it| it.place).max() else {
        return;
    };
    let below: Vec<&Migration> = found
        .migrations
        .iter()
        .filter(|it| !it.is_frozen && it.place.is_some_and(|place| place <= last))
        .collect();
    if !below.is_empty() {
        notes.push(format!(
            "drafts go after the frozen migrations, and were among them: {}",
            listed(below)
        ));
    }
}

fn unplaced(found: &Found, options: &RenumberAll<'_>, notes: &mut Vec<String>) {
    let unplaced: Vec<&Migration> = found
        .migrations
        .iter()
        .filter(|it| it.place.is_none() && !it.is_frozen)
        .collect();
    let what = match options.numbering {
        Numbering::Timestamp => "timestamp",
        Numbering::Sequential { .. } => "number",
    };
    if !unplaced.is_empty() {
        notes.push(format!(
            "check the order of migrations without a {what}, which come last: {}",
            listed(unplaced)
        ));
    }
}

fn foreign(found: &Found, notes: &mut Vec<String>) {
    let count = found.foreign.len();
    let what = match count {
        0 => return,
        1 => "1 file is not a script, and goes".to_owned(),
        _ => format!("{count} files are not scripts, and go"),
    };
    notes.push(format!(
        "{what} to `archive/`, which is ignored: nothing is deleted, but what a program among \
         them did to a database is in no migration"
    ));
}
