//! The kind of an error, for programs that branch on it.

use super::Error;
use super::kind::Kind;
#[cfg(all(feature = "postgres", feature = "testing"))]
use super::proof::ProofKind;
#[cfg(feature = "postgres")]
use super::{connect::ConnectKind, postgres::PostgresKind};
use migrate_model::plan::{Drift, Obstacle};

/// The reason for an error, from [`Error::kind`].
///
/// ```
/// use migrate_runtime::{ErrorKind, embed_migrations, rusqlite::Connection};
///
/// embed_migrations!("../migrations", watch = false);
///
/// fn start(db: &mut Connection) -> Result<(), migrate_runtime::Error> {
///     match Migration::migrator().up(db) {
///         Err(error) if error.kind() == ErrorKind::Locked => {
///             eprintln!("another process is migrating: {error}");
///             Ok(())
///         }
///         result => result.map(drop),
///     }
/// }
/// # start(&mut Connection::open_in_memory().unwrap()).unwrap();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The binary was built before the migrations directory changed.
    Stale,
    /// The SQLite of the program or the PostgreSQL server is older than this crate
    /// or the migrations need.
    TooOld,
    /// The connection has an open transaction or a running statement.
    ConnectionInUse,
    /// An option or a setting of the connection that the verb cannot work with.
    InvalidInput,
    /// The server or the database cannot do what the run needs.
    Unsupported,
    /// Database and registry disagree: [`Error::drift`] has every difference.
    Drift,
    /// The database contains versions that this binary does not know. Nothing else
    /// is wrong with it.
    Ahead,
    /// A migration without a transaction was started earlier and has not finished.
    Dirty,
    /// The history table is damaged.
    DamagedHistory,
    /// The database has a foreign history: that of another tool.
    ForeignHistory,
    /// A baseline or an adoption for a database that already has a history.
    HistoryExists,
    /// Something is pending, and the database is read-only.
    ReadOnly,
    /// The lock was not acquired before the [timeout](crate::Migrator::lock_timeout).
    Locked,
    /// The function of [`stop_when`](crate::Migrator::stop_when) stopped the run; the
    /// next run continues.
    Stopped,
    /// An observer refused a migration.
    Vetoed,
    /// A migration failed. It was rolled back, unless [`Error::is_dirty`].
    MigrationFailed,
    /// A migration in Rust panicked and was rolled back. The panic message is the
    /// source.
    Panicked,
    /// A migration in Rust has no function in this program, so only the program that
    /// embeds it can run it.
    FunctionMissing,
    /// The copy before the first change could not be made; nothing was changed.
    BackupFailed,
    /// It is not known whether a commit took effect; the next run finds out.
    CommitUnknown,
    /// A migration to undo has no down, or none that is known; nothing was undone.
    Irreversible,
    /// The migration to undo is not applied.
    NotApplied,
    /// Migrations later than the one to undo are applied.
    OutOfOrder,
    /// The registry does not contain the version.
    UnknownVersion,
    /// The foreign history cannot be adopted.
    AdoptionFailed,
    /// The row of the history does not allow this repair.
    RepairRefused,
    /// No PostgreSQL server accepted the connection before the timeout.
    Unreachable,
    /// A PostgreSQL server refused the user or the password, or the role lacks a
    /// privilege.
    PermissionDenied,
    /// The connection to a PostgreSQL server failed for a reason that waiting does not
    /// change, such as a database that does not exist.
    ConnectFailed,
    /// The connection broke while something ran.
    ConnectionLost,
    /// Any other error of the database.
    Database,
}

impl Error {
    /// The reason for the error.
    pub fn kind(&self) -> ErrorKind {
        match &self.0.kind {
            Kind::Stale { .. } => ErrorKind::Stale,
            Kind::TooOld { .. } => ErrorKind::TooOld,
            Kind::InUse(_) => ErrorKind::ConnectionInUse,
            Kind::Drift(drift) => of_drift(drift),
            Kind::Damaged { .. } => ErrorKind::DamagedHistory,
            Kind::ForeignHistory(_) => ErrorKind::ForeignHistory,
            Kind::HasHistory { .. } => ErrorKind::HistoryExists,
            Kind::ReadOnly { .. } => ErrorKind::ReadOnly,
            Kind::Locked { .. } => ErrorKind::Locked,
            Kind::Stopped(_) => ErrorKind::Stopped,
            Kind::Vetoed { .. } => ErrorKind::Vetoed,
            Kind::NoFunction { .. } => ErrorKind::FunctionMissing,
            Kind::Backup { .. } => ErrorKind::BackupFailed,
            Kind::Panicked { .. } => ErrorKind::Panicked,
            Kind::CommitUnknown { .. } => ErrorKind::CommitUnknown,
            Kind::NoWayBack(obstacle) => match obstacle {
                Obstacle::Dirty(_) => ErrorKind::Dirty,
                Obstacle::NotApplied { .. } => ErrorKind::NotApplied,
                Obstacle::LaterApplied { .. } => ErrorKind::OutOfOrder,
                _ => ErrorKind::Irreversible,
            },
            Kind::UnknownVersion(_) => ErrorKind::UnknownVersion,
            Kind::InvalidInput(_) | Kind::NotTogether { .. } | Kind::NoJournal => {
                ErrorKind::InvalidInput
            }
            Kind::Statement { .. }
            | Kind::Refused { .. }
            | Kind::Function { .. }
            | Kind::RefusedFunction { .. }
            | Kind::Violations { .. }
            | Kind::BrokenSchema { .. }
            | Kind::Hidden { .. }
            | Kind::Ended { .. }
            | Kind::Commit { .. } => ErrorKind::MigrationFailed,
            Kind::NotAdopted | Kind::Unadoptable(_) => ErrorKind::AdoptionFailed,
            Kind::RepairRefused(_) => ErrorKind::RepairRefused,
            Kind::Moved { .. } | Kind::MigratingFile { .. } | Kind::Database(_) => {
                ErrorKind::Database
            }
            #[cfg(feature = "postgres")]
            Kind::Postgres(kind) => kind.kind(),
        }
    }

    /// A migration without a transaction was interrupted, in this run or an
    /// earlier one, so the database needs a [repair](crate::Repair). The
    /// [kind](Error::kind) says why this run failed.
    pub fn is_dirty(&self) -> bool {
        self.0.stays || self.kind() == ErrorKind::Dirty
    }

    /// [`ErrorKind::Ahead`]: the database needs a newer binary.
    pub fn is_ahead(&self) -> bool {
        self.kind() == ErrorKind::Ahead
    }

    /// [`ErrorKind::Stale`]: rebuild the program.
    pub fn is_stale(&self) -> bool {
        self.kind() == ErrorKind::Stale
    }

    /// [`ErrorKind::Locked`]: nothing was changed; another run is in progress.
    pub fn is_locked(&self) -> bool {
        self.kind() == ErrorKind::Locked
    }

    /// [`ErrorKind::Stopped`]: the next run continues.
    pub fn is_stopped(&self) -> bool {
        self.kind() == ErrorKind::Stopped
    }

    /// [`ErrorKind::ReadOnly`]: open the database for writing.
    pub fn is_read_only(&self) -> bool {
        self.kind() == ErrorKind::ReadOnly
    }

    /// [`ErrorKind::ForeignHistory`]: adopt it, or allow it.
    pub fn is_foreign_history(&self) -> bool {
        self.kind() == ErrorKind::ForeignHistory
    }

    /// [`ErrorKind::CommitUnknown`]: the next run finds out.
    pub fn is_commit_unknown(&self) -> bool {
        self.kind() == ErrorKind::CommitUnknown
    }

    /// [`ErrorKind::Irreversible`]: nothing was undone.
    pub fn is_irreversible(&self) -> bool {
        self.kind() == ErrorKind::Irreversible
    }

    /// [`ErrorKind::Unreachable`]: try again later.
    pub fn is_unreachable(&self) -> bool {
        self.kind() == ErrorKind::Unreachable
    }
}

/// An interrupted migration needs manual attention before anything else.
fn of_drift(drift: &[Drift]) -> ErrorKind {
    if drift
        .iter()
        .any(|drift| matches!(drift, Drift::Dirty { .. }))
    {
        ErrorKind::Dirty
    } else if drift
        .iter()
        .all(|drift| matches!(drift, Drift::Ahead { .. }))
    {
        ErrorKind::Ahead
    } else {
        ErrorKind::Drift
    }
}

#[cfg(feature = "postgres")]
impl PostgresKind {
    fn kind(&self) -> ErrorKind {
        match self {
            PostgresKind::Connect(ConnectKind::Unreachable { .. }) => ErrorKind::Unreachable,
            PostgresKind::Connect(kind) if kind.is_denied() => ErrorKind::PermissionDenied,
            PostgresKind::Connect(_) => ErrorKind::ConnectFailed,
            PostgresKind::NoPrivilege { .. } => ErrorKind::PermissionDenied,
            #[cfg(feature = "testing")]
            PostgresKind::Proof(kind) => match kind {
                ProofKind::NoScratch(_) => ErrorKind::PermissionDenied,
                ProofKind::Shared { .. } => ErrorKind::InvalidInput,
                ProofKind::OneConnection { .. } | ProofKind::NoTestServer(_) => {
                    ErrorKind::Unreachable
                }
            },
            PostgresKind::TooOld { .. } => ErrorKind::TooOld,
            PostgresKind::Lost { .. } => ErrorKind::ConnectionLost,
            PostgresKind::Raced => ErrorKind::Database,
            PostgresKind::Pooler
            | PostgresKind::NotPooled { .. }
            | PostgresKind::SeveralChanges { .. }
            | PostgresKind::Unsupported { .. } => ErrorKind::Unsupported,
            PostgresKind::Invalid { .. }
            | PostgresKind::ScriptEnded { .. }
            | PostgresKind::LockReleased => ErrorKind::MigrationFailed,
        }
    }
}

#[cfg(feature = "postgres")]
impl Error {
    /// Whether two runs created the same schema at once, which does not happen
    /// twice.
    pub(crate) fn is_raced(&self) -> bool {
        matches!(self.0.kind, Kind::Postgres(PostgresKind::Raced))
    }

    /// Whether a server that accepts connections may refuse further ones.
    #[cfg(feature = "testing")]
    pub(crate) fn may_be_out_of_connections(&self) -> bool {
        use crate::error::TransientCause::{Full, Lost, Silent};
        match &self.0.kind {
            Kind::Postgres(PostgresKind::Connect(ConnectKind::Unreachable {
                addresses, ..
            })) => addresses
                .iter()
                .any(|it| matches!(it.what, Full | Lost | Silent)),
            _ => false,
        }
    }

    /// Whether the migration itself is the reason.
    #[doc(hidden)]
    pub fn is_for_its_script(&self) -> bool {
        match &self.0.kind {
            Kind::Stopped(_) | Kind::Vetoed { .. } => false,
            Kind::Postgres(kind) => matches!(
                kind,
                PostgresKind::Invalid { .. }
                    | PostgresKind::LockReleased
                    | PostgresKind::ScriptEnded { .. }
                    | PostgresKind::SeveralChanges { .. }
            ),
            kind => kind.is_of_a_migration(),
        }
    }
}
