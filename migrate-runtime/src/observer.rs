//! Observers of a run: its events, and the hooks that may veto a migration.

use crate::error::Error;
use crate::{Direction, Timings, Version};
#[cfg(feature = "sqlite")]
use rusqlite::Connection;
use std::error::Error as StdError;
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// Observes a run, and may veto each migration: for logs and progress, for a
/// check before, or for a notification after.
///
/// A closure that takes an [`Event`] is an observer too.
///
/// ```
/// use migrate_runtime::{BoxError, Observer, Step, embed_migrations};
///
/// embed_migrations!("../migrations", watch = false);
///
/// struct Careful;
///
/// impl Observer for Careful {
///     fn before(&self, step: &Step<'_>) -> Result<(), BoxError> {
///         let Some(conn) = step.connection() else { return Ok(()) };
///         let sql = "SELECT count(*) FROM sqlite_schema";
///         let rows: i64 = conn.query_row(sql, [], |row| row.get(0))?;
///         if rows > 1000 {
///             return Err(format!("{} is too much for this database", step.label).into());
///         }
///         Ok(())
///     }
/// }
///
/// let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
/// Migration::migrator().observer(Careful).up(&mut db)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Observer: Send + Sync {
    /// Called for each event. It must be quick: the run waits for it.
    fn on_event(&self, event: &Event<'_>) {
        let _ = event;
    }

    /// Called before each migration, under the lock of the database and in the
    /// migration's transaction.
    ///
    /// # Errors
    ///
    /// An error is a veto: nothing of the migration runs, and the run fails.
    fn before(&self, step: &Step<'_>) -> Result<(), BoxError> {
        let _ = step;
        Ok(())
    }

    /// Called after each migration, in its transaction, when only the commit
    /// remains.
    ///
    /// # Errors
    ///
    /// An error is a veto: the migration is rolled back, and the run fails. A
    /// migration without a transaction cannot be rolled back; it stays started.
    fn after(&self, step: &Step<'_>) -> Result<(), BoxError> {
        let _ = step;
        Ok(())
    }
}

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for F {
    fn on_event(&self, event: &Event<'_>) {
        self(event);
    }
}

/// Any error that can be sent to another thread.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// One migration, on the way up or down.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Step<'a> {
    /// Its version.
    pub version: Version,
    /// Number and name.
    pub label: &'a str,
    /// Whether it is applied or undone.
    pub direction: Direction,
    #[cfg(feature = "sqlite")]
    pub(crate) connection: Option<&'a Connection>,
}

#[cfg(feature = "sqlite")]
impl<'a> Step<'a> {
    /// The connection that runs the migration, on SQLite. The transaction on it
    /// cannot be ended. There is none on PostgreSQL, whose client is
    /// asynchronous.
    pub fn connection(&self) -> Option<&'a Connection> {
        self.connection
    }
}

impl fmt::Debug for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.direction, self.label)
    }
}

/// An event of a run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A run with something to do begins.
    #[non_exhaustive]
    RunStarted {
        /// Up or down.
        direction: Direction,
        /// The number of migrations, as far as it is known without a lock.
        count: usize,
    },
    /// A run has ended.
    #[non_exhaustive]
    RunEnded {
        /// Up or down.
        direction: Direction,
        /// How many migrations were committed.
        count: usize,
        /// How long it took, including waits.
        duration: Duration,
        /// Why it failed, if it did.
        error: Option<&'a Error>,
    },
    /// The database was copied before the first change.
    #[non_exhaustive]
    BackedUp {
        /// Where the copy is.
        path: &'a Path,
        /// How long it took.
        duration: Duration,
    },
    /// A migration begins.
    #[non_exhaustive]
    MigrationStarted {
        /// Its version.
        version: Version,
        /// Number and name.
        label: &'a str,
        /// Up or down.
        direction: Direction,
    },
    /// A migration has succeeded or failed. Without an error it is committed,
    /// unless it shares a transaction with others, as in a redo, with
    /// [`Transactions::All`](crate::Transactions::All), and in
    /// [`up_in`](crate::Migrator::up_in): there it may still be rolled back.
    #[non_exhaustive]
    MigrationEnded {
        /// Its version.
        version: Version,
        /// Number and name.
        label: &'a str,
        /// Up or down.
        direction: Direction,
        /// How long it took, with the checks and the commit, if it is committed.
        duration: Duration,
        /// The parts of the duration.
        timings: Timings,
        /// Why it failed, if it did.
        error: Option<&'a Error>,
    },
    /// A statement begins.
    #[non_exhaustive]
    StatementStarted {
        /// Number and name of the migration.
        label: &'a str,
        /// Its place in the script, from 1.
        number: usize,
        /// How many the script has.
        of: usize,
        /// Its text.
        sql: &'a str,
    },
    /// A statement has ended.
    #[non_exhaustive]
    StatementEnded {
        /// Number and name of the migration.
        label: &'a str,
        /// Its place in the script, from 1.
        number: usize,
        /// How many the script has.
        of: usize,
        /// How long it took.
        duration: Duration,
        /// Where and why it failed, if it did.
        error: Option<&'a Error>,
    },
    /// The run waits for another connection. The event is repeated during the
    /// wait.
    #[non_exhaustive]
    Waiting {
        /// What the run waits for, such as `the write lock`.
        waiting_for: &'static str,
        /// How long the wait has lasted.
        waited: Duration,
    },
    /// The run continues, but something about the program or the database puts
    /// data at risk.
    #[non_exhaustive]
    Warning {
        /// What the risk is, and what to do about it.
        message: &'a str,
    },
}
