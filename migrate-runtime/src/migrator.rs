use crate::functions::{Attached, Function, Functions};
use crate::observer::Listeners;
use crate::setup::{Setup, StandIns};
use crate::source::Source;
use crate::sqlite::Table;
use crate::stop::Stop;
use crate::{BoxError, Direction, Observer};
use migrate_core::plan::{Ahead, Options};
use migrate_core::{Registry, Version};
use rusqlite::{Connection, OpenFlags, Transaction};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Applies a registry to a database; made by `Migration::migrator()`.
///
/// It is a description of what to do, cheap to make and to clone: the options
/// are set one after the other, and the last call names the verb.
///
/// `M` is the type of a target: the generated enum, so that a version that
/// does not exist does not compile, or [`Version`] for a registry that is
/// built by hand.
///
/// ```
/// use migrate_runtime::{Checksum, Migration, Migrator, Registry, Script, Version};
/// use std::time::Duration;
///
/// static REGISTRY: Registry = Registry::new(&[Migration::new(
///     Version::new(1),
///     "001_users",
///     Checksum::from_hex([b'0'; 64]),
///     Script::single("001_users.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY)"),
/// )]);
/// let migrator = Migrator::<Version>::new(&REGISTRY).lock_deadline(Duration::from_secs(10));
///
/// let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
/// assert_eq!(migrator.up(&mut db)?.applied().len(), 1);
/// assert!(migrator.up(&mut db)?.applied().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Migrator<M = Version> {
    pub(crate) settings: Settings,
    target: PhantomData<fn(M)>,
}

/// What a migrator was told; the same whatever the type of a target is.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) registry: &'static Registry,
    pub(crate) plan: Options,
    pub(crate) lock_deadline: Duration,
    pub(crate) wal: bool,
    pub(crate) transactions: Transactions,
    pub(crate) table: Table,
    pub(crate) release: Option<Cow<'static, str>>,
    pub(crate) git_commit: Option<Cow<'static, str>>,
    pub(crate) source: Option<&'static Source>,
    pub(crate) min_sqlite: i32,
    pub(crate) functions: &'static [Functions],
    pub(crate) attached: Vec<Attached>,
    pub(crate) ignores_others: bool,
    pub(crate) backup: Option<PathBuf>,
    connect: Option<Connect>,
    pub(crate) observer: Option<Watched>,
    pub(crate) setup: Option<Setup>,
    pub(crate) stand_ins: StandIns,
    pub(crate) stop: Option<Stop>,
}

/// How many transactions a run takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transactions {
    /// One for each migration: those before one that fails stay applied.
    #[default]
    Each,
    /// One for all that are pending: if one fails, none is applied. It cannot
    /// hold a migration that runs without a transaction.
    All,
}

type Opener = dyn Fn(&Path) -> rusqlite::Result<Connection> + Send + Sync;

#[derive(Clone)]
struct Connect(Arc<Opener>);

#[derive(Clone)]
pub(crate) struct Watched(pub(crate) Arc<dyn Observer>);

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a function")
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an observer")
    }
}

impl Settings {
    pub(crate) fn listeners(&self) -> Listeners<'_> {
        Listeners(self.observer())
    }

    pub(crate) fn observer(&self) -> Option<&dyn Observer> {
        self.observer.as_ref().map(|observer| &*observer.0)
    }

    /// Whether code other than SQL has a part in a run.
    pub(crate) fn has_code(&self) -> bool {
        self.observer.is_some() || !self.functions.is_empty() || !self.attached.is_empty()
    }

    /// Another connection to the same file. It makes none if that is gone: an
    /// empty database is not the one that the caller has open.
    pub(crate) fn connect(&self, path: &Path) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        match &self.connect {
            Some(connect) => connect.0(path),
            None => Connection::open_with_flags(path, flags),
        }
    }

    /// The function of a migration in Rust.
    pub(crate) fn function(&self, version: Version, direction: Direction) -> Option<Function<'_>> {
        let attached = self.attached.iter().rev();
        for attached in attached {
            if attached.version == version && attached.direction == direction {
                return Some(&*attached.function);
            }
        }
        let functions = self
            .functions
            .iter()
            .find(|known| known.version == version)?;
        match (direction, &functions.down) {
            (Direction::Up, _) => Some(&functions.up),
            (Direction::Down, Some(down)) => Some(down),
            (Direction::Down, None) => None,
        }
    }
}

impl<M> Migrator<M> {
    /// A migrator for a registry, with no target: all pending migrations.
    pub fn new(registry: &'static Registry) -> Migrator<M> {
        Migrator {
            settings: Settings {
                registry,
                plan: Options::default(),
                lock_deadline: Duration::from_secs(60),
                wal: false,
                transactions: Transactions::default(),
                table: Table::default(),
                release: None,
                git_commit: None,
                source: None,
                min_sqlite: 0,
                functions: &[],
                attached: Vec::new(),
                ignores_others: false,
                backup: None,
                connect: None,
                observer: None,
                setup: None,
                stand_ins: StandIns::default(),
                stop: None,
            },
            target: PhantomData,
        }
    }

    pub(crate) fn with_settings(settings: Settings) -> Migrator<M> {
        Migrator {
            settings,
            target: PhantomData,
        }
    }

    /// The same for plain versions: for code that has to do with several
    /// registries.
    #[must_use]
    pub fn untyped(self) -> Migrator<Version> {
        Migrator::with_settings(self.settings)
    }

    /// The migrations that it applies.
    pub fn registry(&self) -> &'static Registry {
        self.settings.registry
    }

    /// Stops after this migration. A database that is further already is left
    /// as it is.
    #[must_use]
    pub fn to(mut self, target: M) -> Migrator<M>
    where
        M: Into<Version>,
    {
        self.settings.plan = self.settings.plan.to(target.into());
        self
    }

    /// What to do when the database holds versions that this binary does not
    /// know; refused without this call.
    #[must_use]
    pub fn ahead(mut self, ahead: Ahead) -> Migrator<M> {
        self.settings.plan.ahead = ahead;
        self
    }

    /// One transaction for each migration, which is the default, or one for
    /// all that are pending.
    #[must_use]
    pub fn transactions(mut self, transactions: Transactions) -> Migrator<M> {
        self.settings.transactions = transactions;
        self
    }

    /// How long to wait for the lock of the database, each time that it is
    /// needed: 60 seconds without this call.
    ///
    /// It is separate from the connection's busy timeout, because a sibling
    /// that migrates a large database may hold the lock for longer than any
    /// query should wait. Only the first read waits as the busy timeout says.
    #[must_use]
    pub fn lock_deadline(mut self, deadline: Duration) -> Migrator<M> {
        self.settings.lock_deadline = deadline;
        self
    }

    /// Switches an SQLite database to write-ahead logging before the run,
    /// safely while other processes do the same. Without this call the journal
    /// mode is never touched.
    #[must_use]
    pub fn wal(mut self) -> Migrator<M> {
        self.settings.wal = true;
        self
    }

    /// The name of the history table, `_migrations` without this call. With
    /// names of their own, several registries live in one database.
    #[must_use]
    pub fn history_table(mut self, name: &str) -> Migrator<M> {
        self.settings.table = Table::named(name);
        self
    }

    /// Runs although the database has the history of another tool, whose
    /// tables are refused without this call.
    #[must_use]
    pub fn beside_other_tools(mut self) -> Migrator<M> {
        self.settings.ignores_others = true;
        self
    }

    /// Copies the database before the first change of a run, while the write
    /// lock is held: to this path, or into this folder under a name that says
    /// when, and before which migration. An existing file is never written to.
    /// The copy is synced and checked before anything runs; the report has its
    /// path.
    #[must_use]
    pub fn backup_to(mut self, path: impl Into<PathBuf>) -> Migrator<M> {
        self.settings.backup = Some(path.into());
        self
    }

    /// How to open another connection to the database file, for databases that
    /// need a key or another VFS, and migrations without a transaction that use
    /// functions or collations of the application. It is used for backups, for migrations
    /// without a transaction, and to find out what became of a commit that
    /// failed.
    #[must_use]
    pub fn connect_with(
        mut self,
        connect: impl Fn(&Path) -> rusqlite::Result<Connection> + Send + Sync + 'static,
    ) -> Migrator<M> {
        self.settings.connect = Some(Connect(Arc::new(connect)));
        self
    }

    /// The name and version of the application, for the history. The generated
    /// `migrator()` sets it to those of the package.
    #[must_use]
    pub fn release(mut self, release: impl Into<Cow<'static, str>>) -> Migrator<M> {
        self.settings.release = Some(release.into());
        self
    }

    /// The commit from which the application was built, for the history.
    #[must_use]
    pub fn git_commit(mut self, commit: impl Into<Cow<'static, str>>) -> Migrator<M> {
        self.settings.git_commit = Some(commit.into());
        self
    }

    /// The oldest SQLite that runs the migrations; every verb that writes
    /// refuses an older one. The argument `min_sqlite` of the macro sets it.
    #[must_use]
    pub fn min_sqlite(mut self, major: u32, minor: u32, patch: u32) -> Migrator<M> {
        let number = [(major, 1_000_000), (minor, 1_000), (patch, 1)]
            .iter()
            .fold(0_u32, |sum, (part, weight)| {
                sum.saturating_add(part.saturating_mul(*weight))
            });
        self.settings.min_sqlite = i32::try_from(number).unwrap_or(i32::MAX);
        self
    }

    /// The function that applies a migration whose script is
    /// [`Script::rust`](crate::Script::rust), for a registry that is built by
    /// hand.
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

    /// The function that undoes such a migration.
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
        self.settings.attached.push(Attached {
            version,
            direction,
            function: Arc::new(move |tx| function(tx).map_err(Into::into)),
        });
        self
    }

    /// The functions of the migrations in Rust.
    #[doc(hidden)]
    #[must_use]
    pub fn functions(mut self, functions: &'static [Functions]) -> Migrator<M> {
        self.settings.functions = functions;
        self
    }

    /// The directory to compare the registry with, in a debug binary.
    #[doc(hidden)]
    #[must_use]
    pub fn source(mut self, source: &'static Source) -> Migrator<M> {
        self.settings.source = Some(source);
        self
    }
}
