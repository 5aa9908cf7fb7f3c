//! The error of every verb.

pub(crate) mod causes;
#[cfg(feature = "postgres")]
mod connect;
mod error_kind;
mod kind;
mod lists;
mod message;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(all(feature = "postgres", feature = "testing"))]
mod proof;
pub(crate) mod reason;
pub(crate) mod show;
mod words;

#[cfg(feature = "testing")]
pub(crate) use causes::with_causes;
#[cfg(feature = "postgres")]
pub(crate) use connect::{ConnectKind, FailedAddress, Refusal, TransientCause};
pub use error_kind::ErrorKind;
pub(crate) use kind::{Hook, Kind, Place, Stopped};
pub(crate) use lists::messages;
#[cfg(feature = "postgres")]
pub(crate) use postgres::PostgresKind;
#[cfg(all(feature = "postgres", feature = "testing"))]
pub(crate) use proof::ProofKind;

use crate::BoxError;
use crate::report::Report;
use migrate_model::Location;
use migrate_model::history::{Direction, Progress};
use migrate_model::plan::Drift;

/// The error of a verb of a migrator.
///
/// | form | for | content |
/// |---|---|---|
/// | `{error}` | a log | one line: what happened, what the database said, and what to do |
/// | `{error:#}` | a log | the same, and the other causes, each once |
/// | `{error:?}` | a person | the message, the other causes, and the place with its line |
///
/// A `main` that returns the error prints the last form:
///
/// ```text
/// Error: migration `002_orders` failed at migrations/002_orders.sql:2:1 and was rolled back: near "CREAT": syntax error
///  --> migrations/002_orders.sql:2:1
///   |
/// 2 | CREAT TABLE lines (id INTEGER PRIMARY KEY);
///   | ^^^^^
/// ```
///
/// The error of the database is also the [`source`](std::error::Error::source).
/// A program that prints the sources itself uses [`message`](Error::message),
/// so that nothing is printed twice.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    /// Additional information, appended to the message.
    aside: String,
    /// The direction in which it happened; default: up.
    direction: Option<Direction>,
    /// Whether part of the migration stays in effect, so that the message must
    /// not say that it was rolled back.
    stays: bool,
    report: Report,
    source: Option<BoxError>,
}

impl Error {
    pub(crate) fn with_source(kind: Kind, source: impl Into<BoxError>) -> Error {
        Error::from(kind).caused_by(source)
    }

    #[cfg(any(feature = "sqlite", feature = "testing"))]
    /// The same cause with another kind.
    pub(crate) fn with_kind(mut self, kind: Kind) -> Error {
        self.0.kind = kind;
        self
    }

    /// Replaces the cause.
    pub(crate) fn caused_by(mut self, source: impl Into<BoxError>) -> Error {
        self.0.source = Some(source.into());
        self
    }

    /// Appends to the message.
    pub(crate) fn aside(mut self, aside: &str) -> Error {
        self.0.aside.push_str(aside);
        self
    }

    /// Sets the direction, unless it is already set.
    pub(crate) fn on_the_way(mut self, direction: Direction) -> Error {
        self.0.direction.get_or_insert(direction);
        self
    }

    /// For a run in one transaction.
    pub(crate) fn whole(self) -> Error {
        self.aside_of_a_migration(
            "; all migrations of this run share one transaction, so none took effect",
        )
    }

    /// Appends to the message if the migration itself failed.
    pub(crate) fn aside_of_a_migration(self, aside: &str) -> Error {
        if self.0.kind.is_of_a_migration() {
            self.aside(aside)
        } else {
            self
        }
    }

    /// For a migration without a transaction of which part stays in effect.
    pub(crate) fn outside(mut self, progress: Progress) -> Error {
        let Progress { done, of, .. } = progress;
        self.0.stays = true;
        let what = if done >= of {
            format!("its {of} statements stay")
        } else if done == 1 {
            format!("1 of its {of} statements stays")
        } else {
            format!("{done} of its {of} statements stay")
        };
        self.0.aside += &format!(
            "; it runs without a transaction, so {what} in effect: fix the cause, then use \
             `repair` to resume it, or to mark it as applied or as not applied"
        );
        self
    }

    pub(crate) fn stays(&self) -> bool {
        self.0.stays
    }

    pub(crate) fn with_report(mut self, report: Report) -> Error {
        self.0.report = report;
        self
    }

    /// What happened, without the error of the database, and on several lines
    /// if there are several problems.
    ///
    /// ```
    /// fn print(error: &migrate_runtime::Error) {
    ///     eprintln!("error: {}", error.message());
    ///     let mut source = std::error::Error::source(error);
    ///     while let Some(cause) = source {
    ///         eprintln!("  because: {cause}");
    ///         source = cause.source();
    ///     }
    /// }
    /// ```
    pub fn message(&self) -> String {
        show::message(self)
    }

    /// The migrations that were applied before the error; they stay applied.
    pub fn report(&self) -> &Report {
        &self.0.report
    }

    /// The place in a migration file, for an error in its SQL.
    pub fn location(&self) -> Option<Location> {
        self.0.kind.place().map(|place| place.location.clone())
    }

    /// Every disagreement between the history and the registry, if that is the
    /// error.
    pub fn drift(&self) -> &[Drift] {
        match &self.0.kind {
            Kind::Drift(drift) => drift,
            _ => &[],
        }
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Error {
        Error(Box::new(Inner {
            kind,
            aside: String::new(),
            direction: None,
            stays: false,
            report: Report::default(),
            source: None,
        }))
    }
}

#[cfg(feature = "postgres")]
impl From<PostgresKind> for Error {
    fn from(kind: PostgresKind) -> Error {
        Kind::Postgres(kind).into()
    }
}

#[cfg(all(feature = "postgres", feature = "testing"))]
impl From<ProofKind> for Error {
    fn from(kind: ProofKind) -> Error {
        PostgresKind::Proof(kind).into()
    }
}

#[cfg(feature = "postgres")]
impl From<ConnectKind> for Error {
    fn from(kind: ConnectKind) -> Error {
        Kind::from(kind).into()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}
