use crate::source::Source;
use migrate_core::plan::{Ahead, Options};
use migrate_core::{Registry, Version};
use std::borrow::Cow;
use std::marker::PhantomData;
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
/// static REGISTRY: Registry = Registry::new(&[Migration {
///     version: Version::new(1),
///     label: "001_users",
///     name: "users",
///     checksum: Checksum::from_hex([b'0'; 64]),
///     up: Script::single("001_users.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY)"),
///     down: None,
/// }]);
/// let migrator = Migrator::<Version>::new(&REGISTRY).lock_deadline(Duration::from_secs(10));
///
/// let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
/// assert_eq!(migrator.up(&mut db)?.applied().len(), 1);
/// assert!(migrator.up(&mut db)?.applied().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Migrator<M = Version> {
    pub(crate) registry: &'static Registry,
    pub(crate) plan: Options,
    pub(crate) lock_deadline: Duration,
    pub(crate) wal: bool,
    pub(crate) release: Option<Cow<'static, str>>,
    pub(crate) git_commit: Option<Cow<'static, str>>,
    pub(crate) source: Option<&'static Source>,
    target: PhantomData<fn(M)>,
}

impl<M> Migrator<M> {
    /// A migrator for a registry, with no target: all pending migrations.
    pub fn new(registry: &'static Registry) -> Migrator<M> {
        Migrator {
            registry,
            plan: Options::default(),
            lock_deadline: Duration::from_secs(60),
            wal: false,
            release: None,
            git_commit: None,
            source: None,
            target: PhantomData,
        }
    }

    /// Stops after this migration. A database that is further already is left
    /// as it is.
    #[must_use]
    pub fn to(mut self, target: M) -> Migrator<M>
    where
        M: Into<Version>,
    {
        self.plan = self.plan.to(target.into());
        self
    }

    /// What to do when the database holds versions that this binary does not
    /// know; refused without this call.
    #[must_use]
    pub fn ahead(mut self, ahead: Ahead) -> Migrator<M> {
        self.plan.ahead = ahead;
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
        self.lock_deadline = deadline;
        self
    }

    /// Switches an SQLite database to write-ahead logging before the run,
    /// safely while other processes do the same. Without this call the journal
    /// mode is never touched.
    #[must_use]
    pub fn wal(mut self) -> Migrator<M> {
        self.wal = true;
        self
    }

    /// The name and version of the application, for the history. The generated
    /// `migrator()` sets it to those of the package.
    #[must_use]
    pub fn release(mut self, release: impl Into<Cow<'static, str>>) -> Migrator<M> {
        self.release = Some(release.into());
        self
    }

    /// The commit from which the application was built, for the history.
    #[must_use]
    pub fn git_commit(mut self, commit: impl Into<Cow<'static, str>>) -> Migrator<M> {
        self.git_commit = Some(commit.into());
        self
    }

    /// The directory to compare the registry with, in a debug binary.
    #[doc(hidden)]
    #[must_use]
    pub fn source(mut self, source: &'static Source) -> Migrator<M> {
        self.source = Some(source);
        self
    }
}
