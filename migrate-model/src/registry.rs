//! The registry: the embedded migrations.

mod refuse;

use self::refuse::refuse;
use crate::{Checksum, EngineType, Numbering, Script, Sqlite, Version};
use migrate_scan::Engine;
use std::marker::PhantomData;

/// The embedded set of migrations, in order.
///
/// It is constant data: nothing is allocated, hashed or parsed at run time.
/// [`embed_migrations!`] generates one. A registry written by hand is checked at compile time
/// too, because [`Registry::new`] asserts the rules during constant evaluation.
///
/// ```
/// use migrate_model::{Checksum, Migration, Registry, Script, Version};
///
/// static REGISTRY: Registry = Registry::new(&[Migration::new(
///     Version::new(1),
///     "001_users",
///     Checksum::from_hex([b'0'; 64]),
///     Script::single("001_users.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY)"),
/// )]);
/// assert_eq!(REGISTRY.latest().version.get(), 1);
/// ```
///
/// `E` is the engine that the scripts are for: a registry for one engine cannot be run on
/// another.
///
/// [`embed_migrations!`]: https://docs.rs/migrate-runtime
#[derive(Clone, Copy, Debug)]
pub struct Registry<E = Sqlite> {
    migrations: &'static [Migration],
    engine: PhantomData<fn() -> E>,
}

/// One migration of a registry.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Migration {
    /// Its number, unique in the registry.
    pub version: Version,
    /// Number and name as in the file name: `001_initial_schema`.
    pub label: &'static str,
    /// The name without the number: `initial_schema`.
    pub name: &'static str,
    /// The checksum of the up script.
    pub checksum: Checksum,
    /// The script that applies it.
    pub up: Script,
    /// The script that undoes it, if there is one.
    pub down: Option<Script>,
    /// The reason why there is no down, if the migration gives one.
    pub irreversible: Option<&'static str>,
    /// Whether it is released and must not change any more: it is frozen in the lock file, or
    /// was adopted from another tool.
    pub is_frozen: bool,
    /// Whether it may refer to tables that a later migration creates.
    pub refers_ahead: bool,
}

impl Registry {
    /// Creates a registry whose versions are 1, 2, 3 and so on.
    ///
    /// # Panics
    ///
    /// Panics if the set is empty, does not start at 1, has a gap, or has a version twice or out
    /// of order. In a `static` or `const` this fails the build. The message names the versions.
    #[track_caller]
    pub const fn new(migrations: &'static [Migration]) -> Registry {
        Registry::with_numbering(Numbering::DEFAULT, migrations)
    }

    /// Creates a registry with a different first version, or with timestamps.
    ///
    /// # Panics
    ///
    /// Panics like [`Registry::new`], but by the rules of `numbering`.
    #[track_caller]
    pub const fn with_numbering(
        numbering: Numbering,
        migrations: &'static [Migration],
    ) -> Registry {
        if migrations.is_empty() {
            refuse("a registry needs at least one migration", 0, "", 0);
        }
        let mut i = 0;
        while i < migrations.len() {
            let version = migrations[i].version.get();
            if i > 0 {
                let before = migrations[i - 1].version.get();
                if version == before {
                    refuse("version ", version, " is used twice", 0);
                }
                if version < before {
                    refuse("version ", version, " comes after version ", before);
                }
            }
            if let Numbering::Sequential { first } = numbering {
                let expected = first.get() + i as u64;
                if version != expected && i == 0 {
                    refuse("the first version is ", version, ", not ", expected);
                }
                if version != expected {
                    refuse("version ", expected, " is missing before version ", version);
                }
            }
            i += 1;
        }
        Registry {
            migrations,
            engine: PhantomData,
        }
    }

    /// Converts the registry to one for another engine. The scripts must be written for that
    /// engine.
    ///
    /// ```
    /// use migrate_model::{Checksum, Migration, Postgres, Registry, Script, Version};
    ///
    /// static REGISTRY: Registry<Postgres> = Registry::new(&[Migration::new(
    ///     Version::new(1),
    ///     "001_users",
    ///     Checksum::from_hex([b'0'; 64]),
    ///     Script::single("001_users.sql", "CREATE TABLE users(id bigint PRIMARY KEY)"),
    /// )])
    /// .on_engine();
    /// ```
    pub const fn on_engine<E>(self) -> Registry<E> {
        Registry {
            migrations: self.migrations,
            engine: PhantomData,
        }
    }
}

impl<E> Registry<E> {
    /// All migrations, in ascending order.
    pub const fn migrations(&self) -> &'static [Migration] {
        self.migrations
    }

    /// The newest migration.
    pub const fn latest(&self) -> &'static Migration {
        // The constructor rejects an empty set.
        &self.migrations[self.migrations.len() - 1]
    }

    /// The migration with this version.
    pub fn get(&self, version: Version) -> Option<&'static Migration> {
        self.migrations
            .binary_search_by_key(&version, |migration| migration.version)
            .ok()
            .map(|index| &self.migrations[index])
    }
}

impl<E: EngineType> Registry<E> {
    /// The engine that the scripts are for.
    pub const fn engine(&self) -> Engine {
        E::ENGINE
    }
}

impl Migration {
    /// Creates a migration without a down. Its name is the part of the label after the first
    /// `_` or `-`.
    pub const fn new(
        version: Version,
        label: &'static str,
        checksum: Checksum,
        up: Script,
    ) -> Migration {
        Migration {
            version,
            label,
            name: name_of(label),
            checksum,
            up,
            down: None,
            irreversible: None,
            is_frozen: false,
            refers_ahead: false,
        }
    }

    /// Sets the script that undoes it.
    #[must_use]
    pub const fn with_down(mut self, down: Script) -> Migration {
        self.down = Some(down);
        self
    }

    /// Sets the reason why there is no down.
    #[must_use]
    pub const fn irreversible(mut self, reason: &'static str) -> Migration {
        self.irreversible = Some(reason);
        self
    }

    /// Marks it as released.
    #[must_use]
    pub const fn frozen(mut self) -> Migration {
        self.is_frozen = true;
        self
    }

    /// Allows it to refer to tables that a later migration creates.
    #[must_use]
    pub const fn referring_ahead(mut self) -> Migration {
        self.refers_ahead = true;
        self
    }

    /// Whether its references to missing tables are judged at the end of the set: it says so, or it
    /// can no longer be changed.
    pub const fn may_refer_ahead(&self) -> bool {
        self.refers_ahead || self.is_frozen
    }
}

const fn name_of(label: &'static str) -> &'static str {
    let bytes = label.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'_' || bytes[at] == b'-' {
            return label.split_at(at + 1).1;
        }
        at += 1;
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_label_without_its_number() {
        assert_eq!(name_of("001_add-users"), "add-users");
        assert_eq!(name_of("001-add_users"), "add_users");
        assert_eq!(name_of("users"), "users");
    }

    fn refusal(numbering: Numbering, versions: &[u64]) -> String {
        let migrations: Vec<Migration> = versions
            .iter()
            .map(|&number| {
                let checksum = Checksum::from_hex([b'0'; 64]);
                Migration::new(Version::new(number), "", checksum, Script::single("", ""))
            })
            .collect();
        let migrations: &'static [Migration] = migrations.leak();
        match std::panic::catch_unwind(|| Registry::with_numbering(numbering, migrations)) {
            Ok(_) => "accepted".to_owned(),
            Err(panic) => *panic.downcast::<String>().unwrap(),
        }
    }

    #[test]
    fn every_disorder_is_refused_by_name() {
        let plain = |versions: &[u64]| refusal(Numbering::DEFAULT, versions);
        assert_eq!(plain(&[1, 2, 3]), "accepted");
        assert_eq!(
            plain(&[]),
            "migrations: a registry needs at least one migration"
        );
        assert_eq!(plain(&[2]), "migrations: the first version is 2, not 1");
        assert_eq!(
            plain(&[1, 2, 4]),
            "migrations: version 3 is missing before version 4"
        );
        assert_eq!(plain(&[1, 2, 2]), "migrations: version 2 is used twice");
        assert_eq!(
            plain(&[1, 2, 1]),
            "migrations: version 1 comes after version 2"
        );
        let timestamps = |versions: &[u64]| refusal(Numbering::Timestamp, versions);
        assert_eq!(timestamps(&[20240101000000, 20250101000000]), "accepted");
        assert_eq!(
            timestamps(&[20250101000000, 20240101000000]),
            "migrations: version 20240101000000 comes after version 20250101000000"
        );
    }
}
