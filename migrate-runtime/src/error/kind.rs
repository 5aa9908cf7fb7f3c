//! The kinds of errors.

#[cfg(all(feature = "postgres", feature = "testing"))]
use super::proof::ProofKind;
#[cfg(feature = "postgres")]
use super::{connect::ConnectKind, postgres::PostgresKind};
use crate::foreign_history::ForeignHistory;
use migrate_model::Location;
use migrate_model::plan::{Drift, Obstacle};
use std::time::Duration;

#[derive(Debug)]
#[cfg_attr(
    not(feature = "sqlite"),
    expect(dead_code, reason = "some are SQLite's alone")
)]
pub(crate) enum Kind {
    /// The binary was built before the directory changed.
    Stale {
        directory: String,
        difference: Vec<String>,
    },
    /// The SQLite of this program is older than the migrations need.
    TooOld { needed: String, found: String },
    /// The connection is in use by the caller.
    InUse(&'static str),
    /// History and registry disagree.
    Drift(Vec<Drift>),
    /// The history table cannot be understood.
    Damaged { table: String, what: String },
    /// Another tool's history.
    ForeignHistory(ForeignHistory),
    /// Something is pending or to be repaired, but nothing can be written.
    ReadOnly { pending: usize },
    /// The connection has no journal, so nothing could be rolled back.
    NoJournal,
    /// The lock was not released in time.
    Locked {
        database: String,
        waited: Duration,
        waiting_for: &'static str,
    },
    /// The caller has stopped the run.
    Stopped(Stopped),
    /// A migration in Rust without its function.
    NoFunction { label: String, path: &'static str },
    /// An option or a setting of the connection that the verb cannot work with:
    /// the message.
    InvalidInput(String),
    /// A migration without a transaction among migrations that share one.
    NotTogether { label: String },
    /// Two connections to one path see two databases.
    Moved { label: String },
    /// The copy before the first change failed.
    Backup { path: String, what: String },
    /// The observer refused.
    Vetoed { label: String, hook: Hook },
    /// A statement of a migration failed.
    Statement { label: String, place: Place },
    /// A statement of a migration did something forbidden.
    Refused {
        label: String,
        place: Place,
        what: String,
    },
    /// The function of a migration failed.
    Function { label: String, path: &'static str },
    /// The function of a migration did something forbidden.
    RefusedFunction {
        label: String,
        path: &'static str,
        what: String,
    },
    /// The function of a migration panicked.
    Panicked { label: String, path: &'static str },
    /// A migration left references to rows that do not exist.
    Violations {
        label: String,
        rows: Vec<String>,
        /// Why the database did not prevent them, and what to do.
        advice: Option<String>,
    },
    /// A migration left views, triggers or references that do not work.
    BrokenSchema {
        label: String,
        problems: Vec<String>,
    },
    /// Temporary tables hide tables that a migration uses.
    Hidden { label: String, tables: Vec<String> },
    /// SQLite itself ended the transaction.
    Ended { label: String },
    /// A commit failed, and the migration is not in the history.
    Commit { label: String },
    /// A commit failed, and its outcome is unknown.
    CommitUnknown { label: String },
    /// A migration cannot be undone.
    NoWayBack(Obstacle),
    /// A version that this binary does not contain: the message.
    UnknownVersion(String),
    /// A baseline or an adoption for a database that has a history.
    HasHistory {
        what: &'static str,
        rows: usize,
        last: String,
    },
    /// Reading the history of another tool failed.
    NotAdopted,
    /// Another tool's history that cannot be adopted: the message.
    Unadoptable(String),
    /// A repair that does not apply to the row: the message.
    RepairRefused(String),
    /// The file that shows a running migration cannot be used.
    MigratingFile { path: String },
    /// An error that only PostgreSQL has.
    #[cfg(feature = "postgres")]
    Postgres(PostgresKind),
    /// Any other error of the database.
    Database(&'static str),
}

impl Kind {
    /// The place in a script.
    pub(super) fn place(&self) -> Option<&Place> {
        match self {
            Kind::Statement { place, .. } | Kind::Refused { place, .. } => Some(place),
            _ => None,
        }
    }

    /// Whether the migration itself failed.
    pub(super) fn is_of_a_migration(&self) -> bool {
        matches!(
            self,
            Kind::Statement { .. }
                | Kind::Refused { .. }
                | Kind::Function { .. }
                | Kind::RefusedFunction { .. }
                | Kind::Panicked { .. }
                | Kind::Violations { .. }
                | Kind::BrokenSchema { .. }
                | Kind::Vetoed { .. }
                | Kind::Stopped(Stopped::At { .. } | Stopped::Before { .. })
                | Kind::Ended { .. }
                | Kind::Commit { .. }
        )
    }
}

/// A position in a script, and the excerpt to show.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) location: Location,
    pub(crate) excerpt: String,
}

/// When an observer is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hook {
    Before,
    After,
}

/// Where a run was stopped.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// During a migration, which was rolled back.
    At {
        label: String,
    },
    Before {
        label: String,
    },
    Waiting {
        database: String,
        waiting_for: &'static str,
    },
}

#[cfg(feature = "postgres")]
impl From<PostgresKind> for Kind {
    fn from(kind: PostgresKind) -> Kind {
        Kind::Postgres(kind)
    }
}

#[cfg(all(feature = "postgres", feature = "testing"))]
impl From<ProofKind> for Kind {
    fn from(kind: ProofKind) -> Kind {
        PostgresKind::Proof(kind).into()
    }
}

#[cfg(feature = "postgres")]
impl From<ConnectKind> for Kind {
    fn from(kind: ConnectKind) -> Kind {
        Kind::Postgres(PostgresKind::Connect(kind))
    }
}
