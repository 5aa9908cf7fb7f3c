//! The methods of a migrator that only SQLite has.

use super::functions::{Attached, Functions};
use super::setup::StandIns;
use super::table::Table;
use crate::closure::Closure;
use crate::{BoxError, Direction, Migrator, Version};
use rusqlite::{Connection, Transaction};
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl<M> Migrator<M> {
    /// Switches the database to write-ahead logging before the run, safely
    /// while other processes do the same. Default: the journal mode is not
    /// changed.
    ///
    /// SQLite 3.7.0 to 3.51.2
    /// [can corrupt such a database](https://sqlite.org/wal.html#walresetbug).
    /// With these versions the first run of the process reports an
    /// [`Event::Warning`](crate::Event::Warning).
    #[must_use]
    pub fn wal(mut self) -> Migrator<M> {
        self.settings.engine.wal = true;
        self
    }

    /// The name of the history table; default: `_migrations`. With different
    /// names, several registries can share one database.
    #[must_use]
    pub fn history_table(mut self, name: &str) -> Migrator<M> {
        self.settings.engine.table = Table::named(name);
        self
    }

    /// Copies the database before the first change of a run, while the write
    /// lock is held: to this path, or into this folder under a name that says
    /// when, and before which migration. An existing file is never written to.
    /// The copy is synced and checked before anything runs; the report has its
    /// path. The verbs that run no migration refuse this option, except
    /// [`plan`](Migrator::plan) and [`plan_down`](Migrator::plan_down).
    #[must_use]
    pub fn backup_to(mut self, path: impl Into<PathBuf>) -> Migrator<M> {
        self.settings.engine.backup = Some(path.into());
        self
    }

    /// Without a backup, for the verbs that refuse one.
    #[doc(hidden)]
    #[must_use]
    pub fn without_backup(mut self) -> Migrator<M> {
        self.settings.engine.backup = None;
        self
    }

    /// How to open another connection to the database file, for databases that
    /// need a key or another VFS, and for migrations without a transaction that
    /// use functions or collations of the application. It is used for backups,
    /// for migrations without a transaction, and to determine the outcome of a
    /// commit that failed.
    #[must_use]
    pub fn connect_with(
        mut self,
        connect: impl Fn(&Path) -> rusqlite::Result<Connection> + Send + Sync + 'static,
    ) -> Migrator<M> {
        self.settings.engine.connect = Some(Closure(Arc::new(connect)));
        self
    }

    /// The oldest SQLite that the migrations support; every verb that writes
    /// refuses an older one. The argument `min_sqlite` of the macro sets it.
    #[must_use]
    pub fn min_sqlite(mut self, major: u32, minor: u32, patch: u32) -> Migrator<M> {
        let number = [(major, 1_000_000), (minor, 1_000), (patch, 1)]
            .iter()
            .fold(0_u32, |sum, (part, weight)| {
                sum.saturating_add(part.saturating_mul(*weight))
            });
        self.settings.engine.min_sqlite = i32::try_from(number).unwrap_or(i32::MAX);
        self
    }

    /// The oldest SQLite that the migrations support, as
    /// [`rusqlite::version_number`] writes it; 0 if none was named.
    pub fn get_min_sqlite(&self) -> i32 {
        self.settings.engine.min_sqlite
    }

    /// The function that applies a migration whose script is
    /// [`Script::rust`](crate::Script::rust), for a registry that is built by
    /// hand.
    ///
    /// It may be called more than once, each time after what it did in the
    /// database was rolled back: if a lock was in the way, or to find out whether
    /// something was broken before.
    ///
    /// ```
    /// use migrate_runtime::{Checksum, Migration, Migrator, Registry, Script, Version};
    ///
    /// static REGISTRY: Registry = Registry::new(&[Migration::new(
    ///     Version::new(1),
    ///     "001_users",
    ///     Checksum::from_hex([b'0'; 64]),
    ///     Script::rust("src/users.rs"),
    /// )]);
    /// let migrator = Migrator::<Version>::new(&REGISTRY)
    ///     .with_up(Version::new(1), |tx| tx.execute_batch("CREATE TABLE users(id)"));
    /// migrator.up(&mut migrate_runtime::rusqlite::Connection::open_in_memory()?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_up<E: Into<BoxError>>(
        self,
        migration: M,
        up: impl Fn(&Transaction<'_>) -> Result<(), E> + Send + Sync + 'static,
    ) -> Migrator<M>
    where
        M: Into<Version>,
    {
        self.attach(migration.into(), Direction::Up, up)
    }

    /// The function that undoes a migration in Rust.
    #[must_use]
    pub fn with_down<E: Into<BoxError>>(
        self,
        migration: M,
        down: impl Fn(&Transaction<'_>) -> Result<(), E> + Send + Sync + 'static,
    ) -> Migrator<M>
    where
        M: Into<Version>,
    {
        self.attach(migration.into(), Direction::Down, down)
    }

    fn attach<E: Into<BoxError>>(
        mut self,
        version: Version,
        direction: Direction,
        function: impl Fn(&Transaction<'_>) -> Result<(), E> + Send + Sync + 'static,
    ) -> Migrator<M> {
        self.settings.engine.attached.push(Attached {
            version,
            direction,
            function: Closure(Arc::new(move |tx| function(tx).map_err(Into::into))),
        });
        self
    }

    /// The functions of the migrations in Rust.
    #[doc(hidden)]
    #[must_use]
    pub fn functions(mut self, functions: &'static [Functions]) -> Migrator<M> {
        self.settings.engine.functions = functions;
        self
    }

    /// Sets up each connection as the application does: functions, collations
    /// and modules. It is used for the in-memory databases of tests, and for
    /// the proof of the migrations.
    #[must_use]
    pub fn setup(
        mut self,
        setup: impl Fn(&Connection) -> rusqlite::Result<()> + Send + Sync + 'static,
    ) -> Migrator<M> {
        self.settings.engine.setup = Some(Closure(Arc::new(setup)));
        self
    }

    /// The functions and collations that the arguments of the macro name.
    #[doc(hidden)]
    #[must_use]
    pub fn stand_ins(
        mut self,
        functions: &'static [(&'static str, i32)],
        collations: &'static [&'static str],
    ) -> Migrator<M> {
        self.settings.engine.stand_ins = StandIns {
            functions,
            collations,
        };
        self
    }
}
