//! Updating a lock file, and freezing migrations.

use super::{Entry, Frozen, LockFile};
use crate::SourceMigration;
use migrate_model::Version;

/// Creates the lock file that lists these migrations. Frozen lines stay, unlisted migrations
/// become drafts, and drafts without a file are removed.
///
/// The migrations must be in order, as
/// [`directory::read`](crate::directory::read) returns them.
///
/// # Errors
///
/// Returns a message if a frozen migration is gone or was changed, or if the number of a new
/// migration is not higher than all frozen ones.
pub fn update(lock: &LockFile, migrations: &[SourceMigration]) -> Result<LockFile, String> {
    let frozen = lock.entries.iter().filter(|entry| entry.frozen.is_some());
    let mut entries: Vec<Entry> = frozen.cloned().collect();
    for entry in &entries {
        let is_as_frozen = migrations.iter().any(|migration| {
            migration.stem == entry.stem && Some(Frozen::of(migration)) == entry.frozen
        });
        if !is_as_frozen {
            return Err(format!(
                "`{}` is frozen, but its files were changed; restore the committed versions",
                entry.stem
            ));
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
            return Err(format!(
                "`{}` is not higher than `{}`, which is frozen; run `migrate renumber`, which \
                 gives it the next free number",
                migration.stem, last.stem
            ));
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
/// Returns a message in the cases of [`update`], if a draft without a file precedes a migration
/// to be frozen, because the gap would be permanent, and if the version does not exist.
pub fn freeze(
    lock: &LockFile,
    migrations: &[SourceMigration],
    up_to: Option<Version>,
) -> Result<LockFile, String> {
    let is_below = |draft: &Entry| {
        let has_number = migrations.iter().any(|it| it.version == draft.version);
        let mut frozen = migrations
            .iter()
            .filter(|it| up_to.is_none_or(|version| it.version <= version));
        !has_number && frozen.any(|it| it.version > draft.version)
    };
    let mut drafts = lock.entries.iter().filter(|it| it.frozen.is_none());
    if let Some(lost) = drafts.find(|draft| is_below(draft)) {
        return Err(format!(
            "the draft `{}` has no file, and freezing the migrations after it would leave a gap; \
             restore the file, or run `migrate lock` and then `migrate renumber`",
            lost.stem
        ));
    }
    let mut lock = update(lock, migrations)?;
    if let Some(version) = up_to
        && !lock.entries.iter().any(|entry| entry.version == version)
    {
        return Err(format!(
            "there is no migration {version} to freeze up to; give an existing version, or none \
             to freeze all"
        ));
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
