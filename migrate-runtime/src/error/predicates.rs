//! What an error is, for those who branch on it.

use super::Error;
use super::kind::Kind;
#[cfg(feature = "postgres")]
use super::{connect::ConnectKind, postgres::PostgresKind};
use migrate_model::plan::{Drift, Obstacle};

impl Error {
    /// An applied migration was changed afterwards.
    pub fn is_modified(&self) -> bool {
        self.has(|drift| matches!(drift, Drift::Modified { .. }))
    }

    /// An applied migration has another name now.
    pub fn is_renamed(&self) -> bool {
        self.has(|drift| matches!(drift, Drift::Renamed { .. }))
    }

    /// A version is applied as another migration: a file was inserted, removed
    /// or renumbered.
    pub fn is_replaced(&self) -> bool {
        self.has(|drift| matches!(drift, Drift::Replaced { .. }))
    }

    /// An applied migration is not in the registry, though later ones are.
    pub fn is_missing(&self) -> bool {
        self.has(|drift| matches!(drift, Drift::Missing { .. }))
    }

    /// The database holds versions that this binary does not know.
    pub fn is_ahead(&self) -> bool {
        self.has(|drift| matches!(drift, Drift::Ahead { .. }))
    }

    /// A migration is not applied, though a later one is.
    pub fn is_gap(&self) -> bool {
        self.has(|drift| matches!(drift, Drift::Gap { .. }))
    }

    /// A migration without a transaction stopped half-way, in this run or an
    /// earlier one.
    pub fn is_dirty(&self) -> bool {
        self.0.stays || self.has(|drift| matches!(drift, Drift::Dirty { .. }))
    }

    /// The history table cannot be understood.
    pub fn is_damaged(&self) -> bool {
        matches!(self.0.kind, Kind::Damaged { .. })
    }

    /// The database has a foreign history: the one of another tool.
    pub fn is_foreign_history(&self) -> bool {
        matches!(self.0.kind, Kind::ForeignHistory(_))
    }

    /// A migration in the way has no down, or none that is known, so that
    /// nothing was undone.
    pub fn is_irreversible(&self) -> bool {
        matches!(self.0.kind, Kind::NoWayBack(Obstacle::NoDown(_)))
    }

    /// The migration to undo is not applied.
    pub fn is_not_applied(&self) -> bool {
        matches!(self.0.kind, Kind::NoWayBack(Obstacle::NotApplied { .. }))
    }

    /// Later migrations are applied than the one to undo.
    pub fn is_out_of_order(&self) -> bool {
        matches!(self.0.kind, Kind::NoWayBack(Obstacle::LaterApplied { .. }))
    }

    /// A migration in Rust panicked; it was rolled back. What it said is the
    /// source.
    pub fn is_panic(&self) -> bool {
        matches!(self.0.kind, Kind::Panicked { .. })
    }

    /// The observer refused a migration.
    pub fn is_vetoed(&self) -> bool {
        matches!(self.0.kind, Kind::Vetoed { .. })
    }

    /// The copy before the first change could not be made; nothing was changed.
    pub fn is_backup(&self) -> bool {
        matches!(self.0.kind, Kind::Backup { .. })
    }

    /// Whether a commit took effect is not known; the next run finds out.
    pub fn is_unknown(&self) -> bool {
        matches!(self.0.kind, Kind::CommitUnknown { .. })
    }

    /// The lock was not had before the deadline; nothing was changed.
    pub fn is_locked(&self) -> bool {
        matches!(self.0.kind, Kind::Locked { .. })
    }

    /// The function of [`stop_when`](crate::Migrator::stop_when) said so; the
    /// next run goes on.
    pub fn is_stopped(&self) -> bool {
        matches!(self.0.kind, Kind::Stopped(_))
    }

    /// A migration in Rust has no function here: it has to run from the program
    /// that embeds it.
    pub fn is_without_function(&self) -> bool {
        matches!(self.0.kind, Kind::NoFunction { .. })
    }

    /// Something is pending, and the database is read-only.
    pub fn is_read_only(&self) -> bool {
        matches!(self.0.kind, Kind::ReadOnly { .. })
    }

    /// The connection holds a transaction or a running statement of the
    /// caller.
    pub fn is_in_use(&self) -> bool {
        matches!(self.0.kind, Kind::InUse(_))
    }

    /// The binary was built before the migrations directory changed.
    pub fn is_stale(&self) -> bool {
        matches!(self.0.kind, Kind::Stale { .. })
    }

    /// The database is older than this crate or the migrations need: the SQLite of
    /// the program, or the PostgreSQL server.
    pub fn is_too_old(&self) -> bool {
        match &self.0.kind {
            Kind::TooOld { .. } => true,
            #[cfg(feature = "postgres")]
            Kind::Postgres(PostgresKind::TooOld { .. }) => true,
            _ => false,
        }
    }

    /// No PostgreSQL server let this program in for as long as was to be tried.
    #[cfg(feature = "postgres")]
    pub fn is_unreachable(&self) -> bool {
        use PostgresKind::Connect;
        matches!(
            self.0.kind,
            Kind::Postgres(Connect(ConnectKind::Unreachable { .. }))
        )
    }

    /// A PostgreSQL server refused the user or its password.
    #[cfg(feature = "postgres")]
    pub fn is_denied(&self) -> bool {
        matches!(&self.0.kind, Kind::Postgres(PostgresKind::Connect(kind)) if kind.is_denied())
    }

    fn has(&self, test: impl Fn(&Drift) -> bool) -> bool {
        self.drift().iter().any(test)
    }
}

#[cfg(feature = "postgres")]
impl Error {
    /// Whether two runs have made the same schema at the same moment, which does
    /// not happen twice.
    pub(crate) fn is_raced(&self) -> bool {
        matches!(self.0.kind, Kind::Postgres(PostgresKind::Raced))
    }

    /// Whether a migration is the reason, and not what is around it.
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
