use crate::report::Report;
use migrate_core::Location;
use migrate_core::plan::Drift;
use std::fmt;
use std::time::Duration;

/// Why a verb did not do what it was asked.
///
/// `Display` says what happened in this crate; the database's own message, if
/// there is one, follows as [`source`](std::error::Error::source). Print the
/// whole chain:
///
/// ```
/// fn chain(error: &dyn std::error::Error) -> String {
///     let mut text = error.to_string();
///     let mut source = error.source();
///     while let Some(cause) = source {
///         text += &format!(": {cause}");
///         source = cause.source();
///     }
///     text
/// }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    report: Report,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// The binary was built before the directory changed.
    Stale {
        directory: String,
        difference: Vec<String>,
    },
    /// The connection is in use by the caller.
    InUse(&'static str),
    /// History and registry disagree.
    Drift(Vec<Drift>),
    /// The history table cannot be understood.
    Damaged(String),
    /// A table of the history's name that another tool made.
    Foreign { columns: Vec<String> },
    /// Something is pending, and nothing can be written.
    ReadOnly { pending: usize },
    /// Nothing could be rolled back on this connection.
    NoJournal,
    /// The lock was not had in time.
    Locked {
        database: String,
        waited: Duration,
        doing: &'static str,
    },
    /// A statement of a migration failed.
    Statement {
        label: &'static str,
        location: Location,
    },
    /// A statement of a migration did what no migration may do.
    Refused {
        label: &'static str,
        location: Location,
        what: String,
    },
    /// A migration left references to rows that do not exist.
    Violations {
        label: &'static str,
        rows: Vec<String>,
    },
    /// A migration left views, triggers or references that do not work.
    BrokenSchema {
        label: &'static str,
        problems: Vec<String>,
    },
    /// Temporary tables hide those that a migration means.
    Hidden {
        label: &'static str,
        tables: Vec<String>,
    },
    /// A commit failed, and the migration is not in the history.
    Commit { label: &'static str },
    /// A commit failed in a way that leaves its outcome open.
    CommitUnknown { label: &'static str },
    /// Any other error of the database.
    Database(&'static str),
}

impl Error {
    pub(crate) fn with_source(
        kind: Kind,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        let mut error = Error::from(kind);
        error.0.source = Some(source.into());
        error
    }

    /// The same cause, told in another way.
    pub(crate) fn with_kind(mut self, kind: Kind) -> Error {
        self.0.kind = kind;
        self
    }

    pub(crate) fn with_report(mut self, report: Report) -> Error {
        self.0.report = report;
        self
    }

    /// What did get applied before the error; it stays applied.
    pub fn report(&self) -> &Report {
        &self.0.report
    }

    /// The place in a migration file, for an error in its SQL.
    pub fn location(&self) -> Option<Location> {
        match &self.0.kind {
            Kind::Statement { location, .. } | Kind::Refused { location, .. } => Some(*location),
            _ => None,
        }
    }

    /// Every way in which database and registry disagree, if that is the
    /// error.
    pub fn drift(&self) -> &[Drift] {
        match &self.0.kind {
            Kind::Drift(drift) => drift,
            _ => &[],
        }
    }

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

    /// A migration without a transaction stopped half-way.
    pub fn is_dirty(&self) -> bool {
        self.has(|drift| matches!(drift, Drift::Dirty { .. }))
    }

    /// The history table cannot be understood.
    pub fn is_damaged(&self) -> bool {
        matches!(self.0.kind, Kind::Damaged(_))
    }

    /// The history table belongs to another tool.
    pub fn is_foreign(&self) -> bool {
        matches!(self.0.kind, Kind::Foreign { .. })
    }

    /// The lock was not had before the deadline; nothing was changed.
    pub fn is_locked(&self) -> bool {
        matches!(self.0.kind, Kind::Locked { .. })
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

    fn has(&self, test: impl Fn(&Drift) -> bool) -> bool {
        self.drift().iter().any(test)
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Error {
        Error(Box::new(Inner {
            kind,
            report: Report::default(),
            source: None,
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if self.0.report.is_empty() {
            ""
        } else {
            " more"
        };
        match &self.0.kind {
            Kind::Stale {
                directory,
                difference,
            } => write!(
                f,
                "this binary does not match `{directory}`: {}; rebuild it",
                difference.join(", ")
            ),
            Kind::InUse(what) => write!(
                f,
                "the connection {what}; end it first: every migration has a transaction of its own"
            ),
            Kind::Drift(drift) => f.write_str(&sentences(drift).join("\n")),
            Kind::Damaged(what) => write!(
                f,
                "the history table `_migrations` is damaged: {what}; nothing{more} was applied, \
                 restore the table from a backup"
            ),
            Kind::Foreign { columns } => write!(
                f,
                "the table `_migrations` was made by another tool (its columns are {}); nothing \
                 was written, and this version cannot take its history over: use another file, or \
                 rename the table if nothing needs it",
                columns.join(", ")
            ),
            Kind::ReadOnly { pending } => {
                let are = if *pending == 1 {
                    "migration is"
                } else {
                    "migrations are"
                };
                write!(
                    f,
                    "the database is read-only, and {pending} {are} pending; open it for writing"
                )
            }
            Kind::NoJournal => f.write_str(
                "the journal of the connection is off, so that a migration that fails could not \
                 be rolled back; nothing was applied, set another `journal_mode` first",
            ),
            Kind::Locked {
                database,
                waited,
                doing,
            } => write!(
                f,
                "waited {:.1} s {doing} of {database}, and another connection is still in the way; \
                 nothing{more} was applied",
                waited.as_secs_f64(),
            ),
            Kind::Statement { label, location } => {
                write!(
                    f,
                    "migration `{label}` failed at {location} and was rolled back"
                )
            }
            Kind::Refused {
                label,
                location,
                what,
            } => write!(
                f,
                "migration `{label}` was refused at {location} and rolled back: {what}"
            ),
            Kind::Violations { label, rows } => write!(
                f,
                "migration `{label}` was rolled back, because it breaks references: {}",
                list(rows)
            ),
            Kind::BrokenSchema { label, problems } => write!(
                f,
                "migration `{label}` was rolled back, because it leaves a broken schema: {}",
                list(problems)
            ),
            Kind::Hidden { label, tables } => write!(
                f,
                "migration `{label}` was not applied, because temporary tables or views of this \
                 connection hide those of the database with the same name: `{}`; drop them before \
                 the run, or at the end of the migration that makes them",
                tables.join("`, `")
            ),
            Kind::Commit { label } => write!(
                f,
                "the commit of migration `{label}` failed, and it was rolled back"
            ),
            Kind::CommitUnknown { label } => write!(
                f,
                "the commit of migration `{label}` failed, and whether it took effect is not \
                 known; the next run reads the history again and finds out"
            ),
            Kind::Database(doing) => write!(f, "the database failed while {doing}"),
        }
    }
}

/// Each disagreement is a sentence of its own. Only a database that is ahead is
/// one fact, however many migrations a program of last year does not know.
pub(crate) fn sentences(drift: &[Drift]) -> Vec<String> {
    let mut ahead = drift.iter().filter_map(|drift| match drift {
        Drift::Ahead { version, name } => Some(format!("`{version}_{name}`")),
        _ => None,
    });
    let Some((first, last)) = ahead.next().zip(ahead.next_back()) else {
        return drift.iter().map(Drift::to_string).collect();
    };
    let count = ahead.count() + 2;
    let mut ahead = Some(format!(
        "the database is ahead of this binary: {count} migrations, {first} to {last}, are applied \
         and unknown here; start a newer release, or restore their files"
    ));
    drift
        .iter()
        .filter_map(|drift| match drift {
            Drift::Ahead { .. } => ahead.take(),
            other => Some(other.to_string()),
        })
        .collect()
}

/// The first ten; a broken reference may stand in a million rows.
fn list(items: &[String]) -> String {
    const MOST: usize = 10;
    let shown = items[..items.len().min(MOST)].join("; ");
    match items.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

/// With the message: a `main` that returns an error, and `unwrap`, print this
/// form, and what to do stands in the message alone.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("message", &format_args!("{self}"))
            .field("kind", &self.0.kind)
            .field("source", &self.0.source)
            .field("report", &self.0.report)
            .finish()
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
