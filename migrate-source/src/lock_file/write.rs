use super::{Entry, Frozen, LockFile};
use crate::SourceMigration;
use migrate_model::Version;
use std::fmt;

/// Why a lock file is not written.
///
/// `Debug` prints the message too, as a `main` that returns an error does.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// A frozen migration is gone, or is not what it was.
    NotAsFrozen(String),
    /// A migration that is not frozen has a number among those that are.
    BelowFrozen {
        /// The migration.
        stem: String,
        /// The last one that is frozen.
        last: String,
    },
    /// A draft has no file, and a higher one would be frozen: the gap would stay
    /// for ever.
    Gap(String),
    /// There is no migration of this version to freeze up to.
    UnknownVersion(Version),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NotAsFrozen(stem) => write!(
                f,
                "`{stem}` is frozen, and its files are not what they were; restore them as they \
                 were committed"
            ),
            Refusal::BelowFrozen { stem, last } => write!(
                f,
                "`{stem}` is no higher than `{last}`, which is frozen; run `migrate renumber`, which gives \
                 it the next free number"
            ),
            Refusal::Gap(stem) => write!(
                f,
                "the draft `{stem}` has no file, and what comes behind it would be frozen with a \
                 gap; restore the file, or run `migrate lock`, and then `migrate renumber`"
            ),
            Refusal::UnknownVersion(version) => write!(
                f,
                "there is no migration {version} to freeze up to; name one that exists, or none \
                 for all"
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

/// The lock file that lists these migrations: what is frozen stays, what is not
/// listed becomes a draft, and drafts without a file are left out.
///
/// The migrations must be in order, as
/// [`directory::read`](crate::directory::read) returns them.
///
/// # Errors
///
/// Refuses if a frozen migration is not what it was, or if a new one would
/// stand among those that are frozen.
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

/// The lock file in which these migrations are frozen, up to a version or all
/// of them.
///
/// # Errors
///
/// Refuses what [`update`] refuses, a draft that has no file below one that has,
/// and a version that does not exist.
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
    /// What this migration would be frozen as.
    pub fn of(migration: &SourceMigration) -> Frozen {
        Frozen {
            up: migration.checksum,
            down: migration.down_checksum,
        }
    }
}
