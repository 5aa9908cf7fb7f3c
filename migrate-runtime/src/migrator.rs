//! The migrator: a registry and the options of a run.

use crate::attached::Attached;
use crate::closure::Closure;
use crate::error::{Error, Kind, Stopped};
use crate::listeners::Listeners;
use crate::source::Source;
use crate::stop::Stop;
use crate::{Direction, Engine, Observer};
use migrate_model::plan::{Ahead, Options};
use migrate_model::{Registry, Sqlite, Version};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

/// Applies a registry to a database; created by `Migration::migrator()`.
///
/// It is a description of a run, cheap to create and to clone: the options are
/// set one after the other, and the last call is the verb.
///
/// `M` is the type of a target: the generated enum, so that a version that does
/// not exist does not compile, or [`Version`] for a registry that is built by
/// hand. `E` is the engine, [`Sqlite`] or
/// [`Postgres`](migrate_model::Postgres).
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
/// let migrator = Migrator::<Version>::new(&REGISTRY).lock_timeout(Duration::from_secs(10));
///
/// let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
/// assert_eq!(migrator.up(&mut db)?.applied().len(), 1);
/// assert!(migrator.up(&mut db)?.applied().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Migrator<M = Version, E: Engine = Sqlite> {
    pub(crate) settings: Settings<E>,
    target: PhantomData<fn(M)>,
}

/// The options of a migrator, independent of the type of a target.
#[derive(Clone, Debug)]
pub(crate) struct Settings<E: Engine = Sqlite> {
    pub(crate) registry: &'static Registry<E>,
    pub(crate) plan: Options,
    pub(crate) lock_timeout: Duration,
    pub(crate) transactions: Transactions,
    pub(crate) release: Option<Cow<'static, str>>,
    pub(crate) git_commit: Option<Cow<'static, str>>,
    pub(crate) source: Option<&'static Source>,
    pub(crate) allows_foreign_history: bool,
    pub(crate) observers: Vec<SharedObserver>,
    pub(crate) stop: Option<Stop>,
    /// The options that only this engine has.
    pub(crate) engine: E::EngineOptions,
}

/// The number of transactions of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transactions {
    /// One for each migration: if one fails, the migrations before it stay
    /// applied.
    #[default]
    Each,
    /// One for all pending migrations: if one fails, none is applied. A
    /// migration without a transaction is an error.
    All,
}

pub(crate) type SharedObserver = Closure<dyn Observer>;

impl<E: Engine> Settings<E> {
    /// Fails if the run is to stop before this migration.
    pub(crate) fn check_stop(&self, label: &str) -> Result<(), Error> {
        if self.stop.as_ref().is_some_and(Stop::is_wanted) {
            let label = label.to_owned();
            return Err(Kind::Stopped(Stopped::Before { label }).into());
        }
        Ok(())
    }

    pub(crate) fn listeners(&self) -> Listeners<'_> {
        Listeners(&self.observers)
    }

    /// Checks that each attached function has its migration: otherwise it would
    /// silently never be called.
    pub(crate) fn check_attached<F>(&self, attached: &[Attached<F>]) -> Result<(), Error> {
        for attached in attached {
            let (version, direction) = (attached.version, attached.direction);
            let script = self
                .registry
                .get(version)
                .and_then(|migration| match direction {
                    Direction::Up => Some(migration.up),
                    Direction::Down => migration.down,
                });
            if !script.is_some_and(|script| script.is_rust()) {
                let what = format!(
                    "a function was attached to the {direction} of version {version}, but there is \
                     no such migration in Rust; nothing was changed, remove the call, or make its \
                     script `Script::rust`"
                );
                return Err(Kind::InvalidInput(what).into());
            }
        }
        Ok(())
    }

    /// Fails if the program is older than its directory.
    pub(crate) fn check_source(&self) -> Result<(), Error> {
        self.source.map_or(Ok(()), Source::check)
    }

    /// Refuses a target for a verb that has no use for one: it would go further
    /// than the caller wants.
    pub(crate) fn check_no_target(&self, verb: &'static str) -> Result<(), Error> {
        let help = match verb {
            "down" | "plan_down" => ", and name the target with `Down::To`",
            _ => "",
        };
        check_unused(self.plan.target, "to", verb, help)
    }
}

/// Fails if an option is set that the verb does not use.
pub(crate) fn check_unused<T>(
    value: Option<T>,
    option: &str,
    verb: &str,
    help: &str,
) -> Result<(), Error> {
    match value {
        None => Ok(()),
        Some(_) => Err(Kind::InvalidInput(format!(
            "`{verb}` does not use the option `{option}`; nothing was changed, omit it{help}"
        ))
        .into()),
    }
}

/// For every type of a target.
impl<M, E: Engine> Clone for Migrator<M, E> {
    fn clone(&self) -> Migrator<M, E> {
        Migrator::with_settings(self.settings.clone())
    }
}

impl<M, E: Engine> Migrator<M, E> {
    /// A migrator for a registry, with no target: all pending migrations.
    pub fn new(registry: &'static Registry<E>) -> Migrator<M, E> {
        Migrator {
            settings: Settings {
                registry,
                plan: Options::default(),
                lock_timeout: E::LOCK_TIMEOUT,
                transactions: Transactions::default(),
                release: None,
                git_commit: None,
                source: None,
                allows_foreign_history: false,
                observers: Vec::new(),
                stop: None,
                engine: E::EngineOptions::default(),
            },
            target: PhantomData,
        }
    }

    pub(crate) fn with_settings(settings: Settings<E>) -> Migrator<M, E> {
        Migrator {
            settings,
            target: PhantomData,
        }
    }

    /// Without a target, for the verbs that refuse one.
    #[doc(hidden)]
    #[must_use]
    pub fn without_target(mut self) -> Migrator<M, E> {
        self.settings.plan.target = None;
        self
    }

    /// The same migrator with plain versions as targets, for code that handles
    /// several registries.
    #[must_use]
    pub fn untyped(self) -> Migrator<Version, E> {
        Migrator::with_settings(self.settings)
    }

    /// The registry that it applies.
    pub fn registry(&self) -> &'static Registry<E> {
        self.settings.registry
    }

    /// The last migration that [`up`](Migrator::up) applies and
    /// [`plan`](Migrator::plan) shows. A database that is already past it is left as
    /// it is. All other verbs refuse a target: [`Down::To`](crate::Down::To) is the
    /// one of `down`.
    #[must_use]
    pub fn to(mut self, target: M) -> Migrator<M, E>
    where
        M: Into<Version>,
    {
        self.settings.plan = self.settings.plan.to(target.into());
        self
    }

    /// What to do if the database has versions that this binary does not
    /// contain; default: refuse.
    #[must_use]
    pub fn ahead(mut self, ahead: Ahead) -> Migrator<M, E> {
        self.settings.plan.ahead = ahead;
        self
    }

    /// One transaction for each migration, or one for all; default: one each.
    #[must_use]
    pub fn transactions(mut self, transactions: Transactions) -> Migrator<M, E> {
        self.settings.transactions = transactions;
        self
    }

    /// How long to wait for the lock of the database each time it is needed.
    /// Default: 60 seconds on SQLite, 5 minutes on PostgreSQL.
    ///
    /// It is separate from the connection's busy timeout, because another process
    /// that migrates a large database may hold the lock for longer than any
    /// query should wait. Only the first read uses the busy timeout.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Migrator<M, E> {
        self.settings.lock_timeout = timeout;
        self
    }

    /// The value of [`lock_timeout`](Migrator::lock_timeout).
    pub fn get_lock_timeout(&self) -> Duration {
        self.settings.lock_timeout
    }

    /// Runs although the database has a foreign history: a table in which another
    /// tool records what it has applied. By default it is refused.
    #[must_use]
    pub fn allow_foreign_history(mut self) -> Migrator<M, E> {
        self.settings.allows_foreign_history = true;
        self
    }

    /// The name and version of the application, for the history. The generated
    /// `migrator()` sets it to that of the package.
    #[must_use]
    pub fn release(mut self, release: impl Into<Cow<'static, str>>) -> Migrator<M, E> {
        self.settings.release = Some(release.into());
        self
    }

    /// The commit from which the application was built, for the history.
    #[must_use]
    pub fn git_commit(mut self, commit: impl Into<Cow<'static, str>>) -> Migrator<M, E> {
        self.settings.git_commit = Some(commit.into());
        self
    }

    /// Adds an observer, which sees what a run does and may veto each migration.
    /// Several observers are called in the order in which they were added.
    #[must_use]
    pub fn observer(mut self, observer: impl Observer + 'static) -> Migrator<M, E> {
        self.settings.observers.push(Closure(Arc::new(observer)));
        self
    }

    /// Stops a run once this function returns `true`, for example after a
    /// signal: no further migration begins, a wait for a lock ends, and the
    /// current migration is interrupted and rolled back, even during a long
    /// statement. A migration without a transaction is finished first, because
    /// otherwise it would be left incomplete.
    ///
    /// The function is called very often, on the thread of the run and during
    /// statements, so it should do no more than read an atomic. It must not use
    /// the connection. A progress handler of the application is replaced during
    /// the run and must be set again. In [`up_in`](Migrator::up_in) the
    /// function is called between the statements.
    ///
    /// The run fails with [`is_stopped`](crate::Error::is_stopped), and the next
    /// run continues.
    ///
    /// ```
    /// use migrate_runtime::embed_migrations;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// embed_migrations!("../migrations", watch = false);
    ///
    /// static STOP: AtomicBool = AtomicBool::new(false);
    ///
    /// let migrator = Migration::migrator().stop_when(|| STOP.load(Ordering::Relaxed));
    /// let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
    /// STOP.store(true, Ordering::Relaxed); // by a signal, on another thread
    /// let error = migrator.up(&mut db).unwrap_err();
    /// assert!(error.is_stopped() && error.report().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn stop_when(mut self, stop: impl Fn() -> bool + Send + Sync + 'static) -> Migrator<M, E> {
        self.settings.stop = Some(Closure(Arc::new(stop)));
        self
    }

    /// Whether [`stop_when`](Migrator::stop_when) was called, for code that
    /// would otherwise stop runs in its own way.
    pub fn has_stop(&self) -> bool {
        self.settings.stop.is_some()
    }

    /// Fails if the program is older than its directory.
    #[doc(hidden)]
    pub fn check_source(&self) -> Result<(), Error> {
        self.settings.check_source()
    }

    /// The directory to compare the registry with, in a debug binary.
    #[doc(hidden)]
    #[must_use]
    pub fn source(mut self, source: &'static Source) -> Migrator<M, E> {
        self.settings.source = Some(source);
        self
    }
}
