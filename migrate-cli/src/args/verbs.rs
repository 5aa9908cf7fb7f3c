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
use migrate_tools::SqliteVersion;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "The number is one higher than the highest existing one; layout, separator and \
                  width follow the newest migrations. A down is written if there are no \
                  migrations yet, or if most have one. If there is a lock file, the new migration \
                  is added to it as a draft.\n\n\
                  Examples:\n  migrate create add_users --down\n  \
                  migrate create backfill_totals --rust\n  \
                  migrate create admin --category seed"
)]
pub(crate) struct Create {
    /// The name, which says what it does: `add_users`
    pub(crate) name: String,
    /// Write it in Rust
    #[arg(long)]
    pub(crate) rust: bool,
    /// The folder to write it to, relative to the directory
    #[arg(long, value_name = "DIR")]
    pub(crate) category: Option<PathBuf>,
    /// Write a down too, whatever the other migrations have
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
    /// Exit with 3 if something is pending, and with 4, 5 or 7 if something is wrong
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  migrate plan --to 12")]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// Where a run ends.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Target {
    /// Stop after this migration, by number or name
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<String>,
    /// Apply at most N migrations
    #[arg(long, value_name = "N", conflicts_with = "to", value_parser = count)]
    pub(crate) steps: Option<usize>,
}

/// The option that limits how long to wait for a lock.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct LockOptions {
    /// How long to wait for other processes: `30s`, `500ms`; default: 60 seconds, and 5 minutes on
    /// PostgreSQL
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) lock_timeout: Option<Duration>,
}

/// The options that `up` and `plan` share.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) lock_options: LockOptions,
    /// Run even if the database is ahead of the migrations
    #[arg(long)]
    pub(crate) allow_ahead: bool,
    /// Run even if the database has a foreign history: that of another tool
    #[arg(long)]
    pub(crate) allow_foreign_history: bool,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  migrate up --database sqlite:app.db\n  \
                        migrate up --to 12 --backup backups/\n  \
                        migrate up --wait 30s         # in a container that starts early")]
pub(crate) struct Up {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    /// Only show what would be done, like `plan`
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Wait for a database that cannot be reached yet: `30s`; without a time: 60 seconds
    #[arg(long, value_name = "TIME", value_parser = duration, num_args = 0..=1, default_missing_value = "60s")]
    pub(crate) wait: Option<Duration>,
    /// Copy the SQLite file before the first change: to this path, or into this folder
    #[arg(long, value_name = "PATH")]
    pub(crate) backup: Option<PathBuf>,
    /// Use one transaction for all pending migrations: if one fails, none is applied
    #[arg(long)]
    pub(crate) all_or_nothing: bool,
    /// The release to record in the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) release: Option<String>,
    /// The commit to record in the history
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
    /// Undo this migration, by number, name or file; refused while later ones are applied
    pub(crate) name: Option<String>,
    /// Undo the newest N migrations; default: 1
    #[arg(long, value_name = "N", conflicts_with_all = ["name", "to"], value_parser = count)]
    pub(crate) steps: Option<usize>,
    /// Undo all migrations after this one; 0 undoes all
    #[arg(long, value_name = "VERSION", conflicts_with = "name")]
    pub(crate) to: Option<String>,
    /// Only show what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) change: Change,
}

/// The options of verbs that undo something.
#[derive(Args, Clone, Debug)]
pub(crate) struct Change {
    /// Do not ask for confirmation
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Copy the SQLite file before the first change: to this path, or into this folder
    #[arg(long, value_name = "PATH")]
    pub(crate) backup: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) lock_options: LockOptions,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  migrate verify --exit-code    # 3 if something is pending")]
pub(crate) struct Verify {
    /// Exit with 3 if something is pending
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
    /// Print the findings in a machine-readable format
    #[arg(long, value_name = "FORMAT")]
    pub(crate) report: Option<Report>,
    /// Fail on warnings too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// The oldest SQLite that must run the migrations, such as 3.38; what is newer is an error
    #[arg(long, value_name = "VERSION")]
    pub(crate) min_sqlite: Option<SqliteVersion>,
}

/// Machine-readable output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Report {
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands, which GitHub shows as annotations of a pull request
    Github,
}

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  migrate lock                  # list what is new, as drafts\n  \
                        migrate lock --freeze         # when you release"
)]
pub(crate) struct Lock {
    /// Freeze the drafts: they are released and must not change again
    #[arg(long)]
    pub(crate) freeze: bool,
    /// Freeze only up to this migration, by number or name
    #[arg(long, value_name = "VERSION", requires = "freeze")]
    pub(crate) to: Option<String>,
}

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  migrate renumber              # after a merge\n  \
                        migrate renumber 013_prices   # move this one to the end\n  \
                        migrate renumber --all --yes  # a directory with gaps and duplicates"
)]
pub(crate) struct Renumber {
    /// The draft to move to the end, by number and name
    pub(crate) name: Option<String>,
    /// Put a whole directory in order: duplicates, gaps, files without a number
    #[arg(long, conflicts_with = "name")]
    pub(crate) all: bool,
    /// Only show what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask for confirmation
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  migrate baseline 12           # 001 to 012 count as applied")]
pub(crate) struct Baseline {
    /// The last migration that counts as applied, by number or name
    pub(crate) version: String,
    #[command(flatten)]
    pub(crate) lock_options: LockOptions,
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
    pub(crate) kind: RepairKind,
    /// The reason, recorded in the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Do not ask for confirmation
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// The kind of repair.
#[derive(Args, Clone, Debug)]
#[group(required = false, multiple = false)]
pub(crate) struct RepairKind {
    /// It was edited or renamed after it was applied, and the change is harmless; the default
    #[arg(long)]
    pub(crate) restamp: bool,
    /// It stopped half-way: continue with the statement that did not finish
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
    after_help = "On PostgreSQL, `pg_dump` prints the schema and must be installed; --replay is \
                  for SQLite only.\n\n\
                  Examples:\n  migrate schema > schema.sql\n  \
                  migrate schema --replay --check schema.sql"
)]
pub(crate) struct Schema {
    /// Print the schema that the migrations produce in a database in memory
    #[arg(long)]
    pub(crate) replay: bool,
    /// Compare the schema with this file, and fail if they differ
    #[arg(long, value_name = "FILE")]
    pub(crate) check: Option<PathBuf>,
}

fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it must be at least 1".to_owned()),
        Ok(count) => Ok(count),
    }
}
