//! The files of a directory, sorted into migrations, downs and others.

use super::numbered_path::numbered_path;
use super::seconds;
use crate::Error;
use crate::renumber::refuse;
use migrate_model::Version;
use migrate_source::file_name::{
    Corrected, FileKind, Role, classify, corrected, is_in_down_folder, named_part, stem_of,
};
use migrate_source::lock_file::Entry;

/// The files of a directory by what they are, in the new order of the migrations.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) migrations: Vec<Migration>,
    /// Downs without a migration.
    pub(super) orphans: Vec<Script>,
    /// Files that are not scripts.
    pub(super) foreign: Vec<String>,
    /// Downs that were matched by something other than number and name, with their
    /// ups.
    pub(super) taken: Vec<(String, String)>,
}

/// A migration, and the files that move with it.
#[derive(Debug)]
pub(super) struct Migration {
    pub(super) up: Script,
    pub(super) downs: Vec<Script>,
    pub(super) is_frozen: bool,
    /// The number that decides the order. If versions are timestamps, any other
    /// number is ignored.
    pub(super) place: Option<u128>,
}

/// One file, with its current name and a valid one.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) from: String,
    pub(super) corrected: Corrected,
}

impl Script {
    /// Whether the compiler accepts the current name.
    pub(super) fn is_good(&self) -> bool {
        self.from == self.corrected.path
    }

    /// The number as a version, if it is valid.
    pub(super) fn version(&self) -> Option<Version> {
        let number = u64::try_from(self.corrected.number?).ok()?;
        Version::from_u64(number)
    }

    /// The folder of the file, without a folder for downs.
    pub(super) fn folder(&self) -> String {
        let path = &self.corrected.path;
        let named = named_part(path);
        let folders = named.rsplit_once('/').map_or("", |(folders, _)| folders);
        let rest = folders.split('/').filter(|it| !is_in_down_folder(it));
        rest.collect::<Vec<_>>().join("/")
    }

    pub(super) fn has_down_named(&self, down: &Script) -> bool {
        let (up, down) = (&self.corrected.name, &down.corrected.name);
        down.name == up.name || down.name_without_suffix.as_ref() == Some(&up.name)
    }
}

/// Decides what each file is, and to which migration it belongs.
pub(super) fn find(paths: &[String], frozen: &[Entry], timestamps: bool) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut downs = Vec::new();
    for path in paths {
        if classify(path, false) == FileKind::Ignored {
            continue;
        }
        match corrected(&numbered_path(path)) {
            None => found.foreign.push(path.clone()),
            Some(corrected) => {
                let from = path.clone();
                let script = Script { from, corrected };
                match script.corrected.name.role {
                    Role::Down => downs.push(script),
                    Role::Up | Role::Rust => {
                        let is_placed = !timestamps || seconds::is_timestamp(&script);
                        found.migrations.push(Migration {
                            place: script.corrected.number.filter(|_| is_placed),
                            up: script,
                            downs: Vec::new(),
                            is_frozen: false,
                        });
                    }
                }
            }
        }
    }
    mark_frozen(&mut found.migrations, frozen)?;
    found.migrations.sort_by_cached_key(|it| {
        let place = it.place.unwrap_or(u128::MAX);
        let number = it.up.corrected.number.unwrap_or(u128::MAX);
        let (folder, name) = match it.up.corrected.number {
            Some(_) => (it.up.folder(), it.up.corrected.name.name.clone()),
            // The names of such files say more about their order than the folders.
            None => (String::new(), it.up.corrected.name.name.clone()),
        };
        (
            !it.is_frozen,
            place,
            number,
            folder,
            name,
            it.up.from.clone(),
        )
    });
    let without_number = by_number(&mut found.migrations, downs);
    let downs = by_name(&mut found, without_number);
    let undoing = undoing(&mut found);
    found.orphans.extend(downs);
    found.orphans.extend(undoing);
    found.orphans.sort_by(|a, b| a.from.cmp(&b.from));
    Ok(found)
}

fn mark_frozen(migrations: &mut [Migration], frozen: &[Entry]) -> Result<(), Error> {
    for entry in frozen {
        let mut same = migrations
            .iter_mut()
            .filter(|it| it.up.is_good() && stem_of(&it.up.from) == entry.stem);
        let Some(migration) = same.next() else {
            return Err(refuse::frozen_missing(&entry.stem));
        };
        migration.is_frozen = true;
        if let Some(other) = same.next() {
            return Err(refuse::same_name(&migration.up.from, &other.up.from));
        }
    }
    Ok(())
}

/// Matches each down to the migration of its number and name; among several, to one in
/// its own folder. Returns the downs that are left.
fn by_number(migrations: &mut [Migration], downs: Vec<Script>) -> Vec<Script> {
    let mut left = Vec::new();
    for down in downs {
        let folder = down.folder();
        let owner = migrations
            .iter_mut()
            .filter(|it| {
                it.up.corrected.number == down.corrected.number && it.up.has_down_named(&down)
            })
            // A down that is added to a frozen migration would change it.
            .filter(|it| !it.is_frozen || down.is_good())
            .min_by_key(|it| {
                let is_other_name = it.up.corrected.name.name != down.corrected.name.name;
                let is_elsewhere = it.up.folder() != folder;
                let is_other_stem = stem_of(&it.up.from) != stem_of(&down.from);
                let has_down = !it.downs.is_empty();
                (is_other_name, is_elsewhere, has_down, is_other_stem)
            });
        match owner {
            Some(owner) => owner.downs.push(down),
            None => left.push(down),
        }
    }
    left
}

/// `001_users_down.sql` next to `001_users.sql` or `001_users_up.sql` is its down: as a
/// migration with a number of its own it would undo the other one. Returns the downs
/// whose up is frozen, because it cannot get a down.
fn undoing(found: &mut Found) -> Vec<Script> {
    let mut without_up = Vec::new();
    let mut at = 0;
    while at < found.migrations.len() {
        let Some(owner) = undone_by(&found.migrations, at) else {
            at += 1;
            continue;
        };
        let mut script = found.migrations[at].up.clone();
        let up = &found.migrations[owner].up;
        let name = up.corrected.name.name.clone();
        let path = &script.corrected.path;
        let start = path.rfind('/').map_or(0, |slash| slash + 1);
        script.corrected.path = format!("{}001_{name}.down.sql", &path[..start]);
        script.corrected.name.name = name;
        script.corrected.name.role = Role::Down;
        if found.migrations[owner].is_frozen {
            without_up.push(script);
        } else {
            found.taken.push((script.from.clone(), up.from.clone()));
            found.migrations[owner].downs.push(script);
        }
        found.migrations.remove(at);
    }
    without_up
}

/// The migration that this one undoes, by its name.
fn undone_by(migrations: &[Migration], at: usize) -> Option<usize> {
    let this = &migrations[at];
    let path = &this.up.corrected.path;
    let is_plain = this.up.corrected.name.role == Role::Up && named_part(path) == path;
    if this.is_frozen || !this.downs.is_empty() || !is_plain {
        return None;
    }
    let base = base(&this.up.corrected.name.name, "down")?;
    // Without a number, only the folder shows that they belong together.
    let is_near = |up: &Script| match this.up.corrected.number {
        None => up.corrected.number.is_none() && up.folder() == this.up.folder(),
        number => up.corrected.number == number,
    };
    migrations.iter().enumerate().position(|(i, other)| {
        let up = &other.up.corrected.name.name;
        let is_up = up == base || self::base(up, "up") == Some(base);
        i != at && other.downs.is_empty() && is_near(&other.up) && is_up
    })
}

/// A name without this word at its end.
fn base<'n>(name: &'n str, end: &str) -> Option<&'n str> {
    let base = name.strip_suffix(end)?;
    if base.is_empty() {
        Some(base)
    } else {
        base.strip_suffix(['_', '-'])
    }
}

/// Matches a down with another number to the only migration of its name that has none:
/// this happens when a renumbering was interrupted. Among several migrations the folder
/// does not decide, because a down may be in another one. Returns the downs that are left.
fn by_name(found: &mut Found, downs: Vec<Script>) -> Vec<Script> {
    let mut left = Vec::new();
    for (i, down) in downs.iter().enumerate() {
        let is_open = |it: &&mut Migration| {
            !it.is_frozen && it.downs.is_empty() && it.up.has_down_named(down)
        };
        let mut open: Vec<&mut Migration> = found.migrations.iter_mut().filter(is_open).collect();
        let is_alone = downs
            .iter()
            .enumerate()
            .all(|(k, other)| k == i || open.iter().all(|it| !it.up.has_down_named(other)));
        match &mut open[..] {
            [only] if is_alone => {
                only.downs.push(down.clone());
                found.taken.push((down.from.clone(), only.up.from.clone()));
            }
            _ => left.push(down.clone()),
        }
    }
    left
}
