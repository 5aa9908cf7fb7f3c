//! Updating a lock file, and freezing migrations.

use super::{Entry, Frozen, LockFile};
use crate::SourceMigration;
use migrate_model::Version;
use std::fmt;

/// The reason why a lock file is not written.
///
/// `Debug` prints the message too, as a `main` that returns an error does.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// A frozen migration is gone or was changed.
    NotAsFrozen(String),
    /// The number of a migration that is not frozen is not higher than all frozen ones.
    BelowFrozen {
        /// The migration.
        stem: String,
        /// The last frozen migration.
        last: String,
    },
    /// A draft without a file precedes a migration to be frozen: the gap would be permanent.
    Gap(String),
    /// The version to freeze up to does not exist.
    UnknownVersion(Version),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NotAsFrozen(stem) => write!(
                f,
                "`{stem}` is frozen, but its files were changed; restore the committed versions"
            ),
            Refusal::BelowFrozen { stem, last } => write!(
                f,
                "`{stem}` is not higher than `{last}`, which is frozen; run `migrate renumber`, \
                 which gives it the next free number"
            ),
            Refusal::Gap(stem) => write!(
                f,
                "the draft `{stem}` has no file, and freezing the migrations after it would leave \
                 a gap; restore the file, or run `migrate lock` and then `migrate renumber`"
            ),
            Refusal::UnknownVersion(version) => write!(
                f,
                "there is no migration {version} to freeze up to; give an existing version, or \
                 none to freeze all"
            ),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl std::error::Error for Refusal {}

/// Creates the lock file that lists these migrations. Frozen lines stay, unlisted migrations
/// become drafts, and drafts without a file are removed.
///
/// The migrations must be in order, as
/// [`directory::read`](crate::directory::read) returns them.
///
/// # Errors
///
/// Returns an error if a frozen migration was changed, or if the number of a new migration is
/// not higher than all frozen ones.
pub fn update(lock: &LockFile, migrations: &[SourceMigration]) -> Result<LockFile, Refusal> {
    let frozen = lock.entries.iter().filter(|entry| entry.frozen.is_some());
    let mut entries: Vec<Entry> = frozen.cloned().collect();
    for entry in &entries {
        let is_as_frozen = migrations.iter().any(|migration| {
            migration.stem == entry.stem && Some(Frozen::of(migration)) == entry.frozen
        });
        if !is_as_frozen {
            return Err(Refusal::NotAsFrozen(entry.stem.clone()));
        }
    }
    let last = entries.last().cloned();
    for migration in migrations {
        if entries.iter().any(|entry| entry.stem == migration.stem) {
            continue;
        }
        if let Some(last) = &last
            && migration.version <= last.version
        {
            return Err(Refusal::BelowFrozen {
                stem: migration.stem.clone(),
                last: last.stem.clone(),
            });
        }
        entries.push(Entry {
            stem: migration.stem.clone(),
            version: migration.version,
            frozen: None,
        });
    }
    Ok(LockFile { entries })
}

/// Creates the lock file in which these migrations are frozen, all of them or up to a version.
///
/// # Errors
///
/// Returns an error in the cases of [`update`], if a draft without a file precedes a migration
/// to be frozen, and if the version does not exist.
pub fn freeze(
    lock: &LockFile,
    migrations: &[SourceMigration],
    up_to: Option<Version>,
) -> Result<LockFile, Refusal> {
    let is_below = |draft: &Entry| {
        let has_number = migrations.iter().any(|it| it.version == draft.version);
        let mut frozen = migrations
            .iter()
            .filter(|it| up_to.is_none_or(|version| it.version <= version));
        !has_number && frozen.any(|it| it.version > draft.version)
    };
    let mut drafts = lock.entries.iter().filter(|it| it.frozen.is_none());
    if let Some(lost) = drafts.find(|draft| is_below(draft)) {
        return Err(Refusal::Gap(lost.stem.clone()));
    }
    let mut lock = update(lock, migrations)?;
    if let Some(version) = up_to
        && !lock.entries.iter().any(|entry| entry.version == version)
    {
        return Err(Refusal::UnknownVersion(version));
    }
    let drafts = lock.entries.iter_mut().filter(|entry| {
        entry.frozen.is_none() && up_to.is_none_or(|version| entry.version <= version)
    });
    for entry in drafts {
        let migration = migrations.iter().find(|it| it.stem == entry.stem);
        entry.frozen = migration.map(Frozen::of);
    }
    Ok(lock)
}

impl Frozen {
    /// The checksums with which this migration would be frozen.
    pub fn of(migration: &SourceMigration) -> Frozen {
        Frozen {
            up: migration.checksum,
            down: migration.down_checksum,
        }
    }
}
