//! Stopping a run from outside of it.

use crate::error::{Error, Kind};
use crate::{Engine, Migrator};
use std::fmt;
use std::sync::Arc;

/// Says whether a run shall stop.
#[derive(Clone)]
pub(crate) struct Stop(Arc<dyn Fn() -> bool + Send + Sync>);

impl Stop {
    pub(crate) fn is_wanted(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a function")
    }
}

/// The error of a migration that was stopped.
pub(crate) fn stopped_at(label: &str) -> Error {
    let label = label.to_owned();
    Kind::Stopped(Stopped::At { label }).into()
}

/// Where a run was stopped.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// Amid a migration, which was rolled back.
    At {
        label: String,
    },
    Before {
        label: String,
    },
    Waiting {
        database: String,
        doing: &'static str,
    },
}

impl<M, E: Engine> Migrator<M, E> {
    /// Stops a run from the moment that this function says `true`, such as
    /// after a signal: no further migration begins, a wait for a lock ends, and
    /// the migration at hand is interrupted and rolled back, amid a long
    /// statement too. One that runs without a transaction is finished first,
    /// because to stop it half-way would leave it so.
    ///
    /// The function is asked very often, from the thread that runs and amid
    /// statements: it should do no more than read an atomic. It must not use the
    /// connection. For the run a progress handler of the application is
    /// replaced and must be set again. In [`up_in`](Migrator::up_in) it is asked
    /// between the statements.
    ///
    /// The error says [`is_stopped`](crate::Error::is_stopped), and the next run
    /// goes on.
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
        self.settings.stop = Some(Stop(Arc::new(stop)));
        self
    }

    /// Whether [`stop_when`](Migrator::stop_when) was called, for those that
    /// would stop runs in a way of their own otherwise.
    pub fn has_stop(&self) -> bool {
        self.settings.stop.is_some()
    }
}
