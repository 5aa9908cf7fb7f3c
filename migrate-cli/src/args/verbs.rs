//! The arguments of each verb.

#[cfg(feature = "adopt")]
mod adopt;
#[cfg(feature = "shell")]
mod shell;

#[cfg(not(feature = "adopt"))]
pub(crate) use crate::features::IgnoredArguments as Adopt;
#[cfg(not(feature = "shell"))]
pub(crate) use crate::features::IgnoredArguments as Completions;
#[cfg(not(feature = "shell"))]
pub(crate) use crate::features::IgnoredArguments as Man;
#[cfg(feature = "adopt")]
pub(crate) use adopt::{Adopt, Evidence};
#[cfg(feature = "shell")]
pub(crate) use shell::{Completions, Man};

use super::duration;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "The number is the one behind the highest; layout, separator and width are those \
                  of the newest migrations. A down is written along if there is no migration yet, \
                  or most have one. If there is a lock file, the new one becomes a draft in \
                  it.\n\n\
                  Examples:\n  migrate create add_users --down\n  \
                  migrate create backfill_totals --rust\n  \
                  migrate create admin --category seed"
)]
pub(crate) struct Create {
    /// What it does: `add_users`
    pub(crate) name: String,
    /// Write it in Rust
    #[arg(long)]
    pub(crate) rust: bool,
    /// The folder to put it into, relative to the directory
    #[arg(long, value_name = "DIR")]
    pub(crate) category: Option<PathBuf>,
    /// With a template for its down, whatever the others have
    #[arg(long)]
    pub(crate) down: bool,
}

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  migrate status --database sqlite:app.db\n  \
                        migrate status --database postgres://app@localhost/shop\n  \
                        migrate status --exit-code    # 3 if something is pending, 4 on drift"
)]
pub(crate) struct Status {
    /// Tell by the exit code whether something is pending (3) or wrong (4, 5, 7)
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  migrate plan --to 12")]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) until: Until,
    #[command(flatten)]
    pub(crate) run: Run,
}

/// Where a run ends.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Until {
    /// Stop after this migration, by number or name
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<String>,
    /// Apply so many at most
    #[arg(long, value_name = "N", conflicts_with = "to", value_parser = count)]
    pub(crate) steps: Option<usize>,
}

/// The option that limits how long to wait for a lock.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Patience {
    /// How long to wait for other processes: `30s`, `500ms`; without it 60 seconds, and 5 minutes
    /// on PostgreSQL
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) lock_timeout: Option<Duration>,
}

/// The options that `up` and `plan` share.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) patience: Patience,
    /// Run although the database is ahead of the migrations
    #[arg(long)]
    pub(crate) allow_ahead: bool,
    /// Run although the database has a foreign history: the one of another tool
    #[arg(long)]
    pub(crate) allow_foreign_history: bool,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  migrate up --database sqlite:app.db\n  \
                        migrate up --to 12 --backup backups/\n  \
                        migrate up --wait 30s         # in a container that starts early")]
pub(crate) struct Up {
    #[command(flatten)]
    pub(crate) until: Until,
    #[command(flatten)]
    pub(crate) run: Run,
    /// Show what would be done, as `plan`
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Wait for a database that cannot be reached yet: `30s`; 60 seconds without a time
    #[arg(long, value_name = "TIME", value_parser = duration, num_args = 0..=1, default_missing_value = "60s")]
    pub(crate) wait: Option<Duration>,
    /// Copy the SQLite file before the first change: to this path, or into this folder
    #[arg(long, value_name = "PATH")]
    pub(crate) backup: Option<PathBuf>,
    /// One transaction for all that is pending: if one fails, none is applied
    #[arg(long)]
    pub(crate) all_or_nothing: bool,
    /// The release that applies it, for the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) release: Option<String>,
    /// The commit that it comes from, for the history
    #[arg(long, value_name = "SHA", env = "GIT_COMMIT")]
    pub(crate) git_commit: Option<String>,
}

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  migrate down                  # the newest one\n  \
                        migrate down --steps 3 --yes\n  \
                        migrate down --to 012         # 012 stays\n  \
                        migrate down 012_add_users    # if it is the newest"
)]
pub(crate) struct Down {
    /// Undo this one, by number, name or file; refused while later ones are applied
    pub(crate) name: Option<String>,
    /// Undo the newest N; 1 if nothing is said
    #[arg(long, value_name = "N", conflicts_with_all = ["name", "to"], value_parser = count)]
    pub(crate) steps: Option<usize>,
    /// Undo all above this one, which stays; 0 undoes all
    #[arg(long, value_name = "VERSION", conflicts_with = "name")]
    pub(crate) to: Option<String>,
    /// Show what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) change: Change,
}

/// The options of verbs that undo something.
#[derive(Args, Clone, Debug)]
pub(crate) struct Change {
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Copy the SQLite file before the first change: to this path, or into this folder
    #[arg(long, value_name = "PATH")]
    pub(crate) backup: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) patience: Patience,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  migrate verify --exit-code    # 3 if something is pending")]
pub(crate) struct Verify {
    /// Tell by the exit code whether something is pending, too
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// Do not replay the migrations to compare the schema
    #[arg(long)]
    pub(crate) no_schema: bool,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  migrate check\n  \
                        migrate check --report github # annotations of a pull request\n  \
                        migrate check --report sarif > check.sarif")]
pub(crate) struct Check {
    /// Print the findings for a machine
    #[arg(long, value_name = "FORM")]
    pub(crate) report: Option<Report>,
    /// Fail on warnings, too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
}

/// Machine-readable output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Report {
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands, which GitHub shows at the lines of a pull request
    Github,
}

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  migrate lock                  # list what is new, as drafts\n  \
                        migrate lock --freeze         # when you release"
)]
pub(crate) struct Lock {
    /// Freeze the drafts: they are released, and never change again
    #[arg(long)]
    pub(crate) freeze: bool,
    /// Freeze up to this one, by number or name
    #[arg(long, value_name = "VERSION", requires = "freeze")]
    pub(crate) to: Option<String>,
}

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  migrate renumber              # after a merge\n  \
                        migrate renumber 013_prices   # that one goes behind the others\n  \
                        migrate renumber --all --yes  # a directory with gaps and duplicates"
)]
pub(crate) struct Renumber {
    /// The draft that goes behind all others, by number and name
    pub(crate) name: Option<String>,
    /// Put a whole directory in order: duplicates, gaps, files without a number
    #[arg(long, conflicts_with = "name")]
    pub(crate) all: bool,
    /// Show what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  migrate baseline 12           # 001 to 012 count as applied")]
pub(crate) struct Baseline {
    /// The last migration that counts as applied, by number or name
    pub(crate) version: String,
    #[command(flatten)]
    pub(crate) patience: Patience,
}

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  migrate repair 12 --reason \"a comment was added\"\n  \
                        migrate repair 12 --resume"
)]
pub(crate) struct Repair {
    /// The migration, by number or name
    pub(crate) version: String,
    #[command(flatten)]
    pub(crate) how: Mending,
    /// Why; it stays in the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// The kind of repair.
#[derive(Args, Clone, Debug)]
#[group(required = false, multiple = false)]
pub(crate) struct Mending {
    /// It was changed or renamed after it was applied, and that does no harm; this if nothing is
    /// said
    #[arg(long)]
    pub(crate) restamp: bool,
    /// It stopped half-way: go on with the statement that has not ended
    #[arg(long)]
    pub(crate) resume: bool,
    /// It stopped half-way, and was completed by hand
    #[arg(long)]
    pub(crate) applied: bool,
    /// It stopped half-way, and was undone by hand
    #[arg(long)]
    pub(crate) pending: bool,
}

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "On PostgreSQL it is what `pg_dump` prints, which has to be installed; --replay \
                  is for SQLite.\n\n\
                  Examples:\n  migrate schema > schema.sql\n  \
                  migrate schema --replay --check schema.sql"
)]
pub(crate) struct Schema {
    /// The schema that the migrations make, on a database in memory
    #[arg(long)]
    pub(crate) replay: bool,
    /// Compare with this file, and fail if it says something else
    #[arg(long, value_name = "FILE")]
    pub(crate) check: Option<PathBuf>,
}

fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a number from 1".to_owned()),
        Ok(count) => Ok(count),
    }
}
