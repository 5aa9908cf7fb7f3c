//! The messages of errors.

use super::Error;
use super::kind::{Hook, Kind, Stopped};
use super::lists::{list, messages};
use super::reason::Reason;
use super::show::{self, Explained};
use super::words::Words;
use migrate_model::history::Direction;
use std::fmt;

impl Explained for Error {
    fn write(&self, f: &mut fmt::Formatter<'_>, reason: &Reason<'_>) -> fmt::Result {
        let direction = self.0.direction.unwrap_or(Direction::Up);
        let did_something = !self.0.report.is_empty();
        let words = Words::of(reason, direction, did_something, self.0.stays);
        self.0.kind.write(f, words)?;
        reason.write_rest(f)?;
        f.write_str(&self.0.aside)
    }

    fn excerpt(&self) -> Option<&str> {
        self.0.kind.place().map(|place| place.excerpt.as_str())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show::display(self, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show::debug(self, f)
    }
}

impl Kind {
    /// Writes the message. If it does not contain the cause, the caller appends
    /// it.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, words: Words<'_>) -> fmt::Result {
        let Words {
            cause,
            more,
            migration,
            applied,
            pending: left,
            and_rolled_back,
            and_it_was,
            was_because_it,
            stays,
        } = words;
        match self {
            Kind::Stale {
                directory,
                difference,
            } => write!(
                f,
                "this binary does not match `{directory}`: {}; {}",
                difference.join(", "),
                crate::source::REBUILD
            ),
            Kind::TooOld { needed, found } => write!(
                f,
                "the migrations need SQLite {needed}, and this program has {found}; nothing was \
                 {applied}, update it, or build with the feature `bundled`"
            ),
            Kind::InUse(what) => write!(
                f,
                "the connection {what}{cause}; end it first: every migration has a transaction of its own"
            ),
            Kind::Drift(drift) if cause.is_on_one_line() => {
                f.write_str(&messages(drift).join("; also, "))
            }
            Kind::Drift(drift) => f.write_str(&messages(drift).join("\n")),
            Kind::Damaged { table, what } => write!(
                f,
                "the history table `{table}` is damaged: {what}; nothing{more} was {applied}, \
                 restore the table from a backup"
            ),
            Kind::ForeignHistory(found) => write!(f, "{found}"),
            Kind::ReadOnly { pending: 0 } => write!(
                f,
                "the database is read-only, so the history cannot be written{cause}; open it for \
                 writing"
            ),
            Kind::ReadOnly { pending } => {
                let are = if *pending == 1 {
                    "migration is"
                } else {
                    "migrations are"
                };
                write!(
                    f,
                    "the database is read-only, and {pending} {are} {left}{cause}; open it for writing"
                )
            }
            Kind::NoJournal => write!(
                f,
                "the journal of the connection is off, so a failed migration could not be rolled \
                 back; nothing was {applied}, set another `journal_mode` first",
            ),
            Kind::Locked {
                database,
                waited,
                waiting_for,
            } => write!(
                f,
                "waited {:.1} s for {waiting_for} of {database}, and another connection is still in the \
                 way{cause}{}",
                waited.as_secs_f64(),
                if stays {
                    String::new()
                } else {
                    format!("; nothing{more} was {applied}")
                }
            ),
            Kind::Stopped(Stopped::At { label }) => {
                write!(f, "stopped: {migration} `{label}` was rolled back")
            }
            Kind::Stopped(Stopped::Before { label }) => {
                write!(f, "stopped before {migration} `{label}`")
            }
            Kind::Stopped(Stopped::Waiting {
                database,
                waiting_for,
            }) => write!(
                f,
                "stopped while waiting for {waiting_for} of {database}; nothing{more} was {applied}"
            ),
            Kind::NoFunction { label, path } => write!(
                f,
                "migration `{label}` is written in Rust (`{path}`), and this program does not have \
                 its function; nothing{more} was {applied}, run it from the program that embeds it, \
                 or attach the function with `with_up` and `with_down`"
            ),
            Kind::NotTogether { label } => write!(
                f,
                "{migration} `{label}` runs without a transaction, so it cannot share one with \
                 others; nothing was {applied}, use one transaction for each"
            ),
            Kind::Moved { label } => write!(
                f,
                "the database now at this path disagrees about migration `{label}` with the one \
                 that this connection has open: the file was moved or replaced; open it again"
            ),
            Kind::Backup { path, what } => write!(
                f,
                "the database was not backed up to `{path}`: {what}{cause}; nothing was changed"
            ),
            Kind::Vetoed { label, hook } => match hook {
                Hook::Before => write!(
                    f,
                    "the observer refused {migration} `{label}` before it ran"
                ),
                Hook::After => write!(
                    f,
                    "the observer refused {migration} `{label}` after it ran{and_it_was}"
                ),
            },
            Kind::Statement { label, place } => {
                write!(
                    f,
                    "{migration} `{label}` failed at {}{}",
                    place.location,
                    if stays { "" } else { " and was rolled back" }
                )
            }
            Kind::Refused { label, place, what } => write!(
                f,
                "{migration} `{label}` was refused at {}{and_rolled_back}: {what}",
                place.location
            ),
            Kind::Function { label, path } => {
                write!(
                    f,
                    "{migration} `{label}` failed in {path} and was rolled back"
                )
            }
            Kind::RefusedFunction { label, path, what } => {
                write!(
                    f,
                    "{migration} `{label}` was refused in {path}{and_rolled_back}: "
                )?;
                cause.write_into(f, what)
            }
            Kind::Panicked { label, path } => write!(
                f,
                "{migration} `{label}` panicked in {path} and was rolled back"
            ),
            Kind::Violations {
                label,
                rows,
                advice,
            } => {
                let rows = list(rows);
                write!(
                    f,
                    "{migration} `{label}` {was_because_it}breaks references: {rows}"
                )?;
                advice.iter().try_for_each(|it| write!(f, "; {it}"))
            }
            Kind::BrokenSchema { label, problems } => write!(
                f,
                "{migration} `{label}` {was_because_it}leaves a broken schema: {}",
                list(problems)
            ),
            Kind::Hidden { label, tables } => write!(
                f,
                "migration `{label}` was not {applied}, because temporary tables or views of this \
                 connection hide objects of the database with the same name: `{}`; drop them \
                 before the run, or at the end of the migration that creates them",
                tables.join("`, `")
            ),
            Kind::Ended { label } => write!(
                f,
                "SQLite itself ended the transaction of {migration} `{label}`{and_it_was}"
            ),
            Kind::Commit { label } => write!(
                f,
                "{} of {migration} `{label}` failed{and_it_was}",
                if stays { "a commit" } else { "the commit" }
            ),
            Kind::CommitUnknown { label } => write!(
                f,
                "the commit of {migration} `{label}` failed{cause}, and it is not known whether it \
                 took effect; the next run reads the history and finds out"
            ),
            Kind::NoWayBack(obstacle) => write!(f, "{obstacle}"),
            Kind::HasHistory { what, rows, last } => write!(
                f,
                "{what} is for a database without a history, but this one has {rows} {}, up to \
                 `{last}`; nothing was changed",
                if *rows == 1 {
                    "migration"
                } else {
                    "migrations"
                }
            ),
            Kind::NotAdopted => f.write_str("the history of the other tool was not adopted"),
            Kind::InvalidInput(what)
            | Kind::UnknownVersion(what)
            | Kind::Unadoptable(what)
            | Kind::RepairRefused(what) => f.write_str(what),
            Kind::MigratingFile { path } => write!(
                f,
                "the file `{path}`, which shows other processes that a migration without a \
                 transaction is running, cannot be used{cause}; nothing was {applied}, remove what \
                 is there, or make its folder writable"
            ),
            #[cfg(feature = "postgres")]
            Kind::Postgres(kind) => kind.write(f, words),
            Kind::Database(doing) => write!(f, "the database failed while {doing}"),
        }
    }
}
