//! The command-line arguments.

mod verbs;

#[cfg(feature = "adopt")]
pub(crate) use verbs::Evidence;
pub(crate) use verbs::{
    Adopt, Baseline, Change, Check, Completions, Create, Down, Lock, LockOptions, Man, Plan,
    Renumber, Repair, Report, RunOptions, Schema, Status, Target, Up, Verify,
};

use crate::features::HAS_ONE_ENGINE;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// The verbs and options for migrations, to embed in the command line of
/// another program as the arguments of a subcommand.
#[derive(Args, Clone, Debug)]
pub struct MigrateArgs {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// The options that every verb accepts.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The migrations directory
    #[arg(long, value_name = "DIR", default_value = "migrations", global = true)]
    pub(crate) dir: PathBuf,

    #[arg(long, short = 'd', value_name = "URL", global = true, help = DATABASE)]
    pub(crate) database: Option<String>,

    /// The engine of the scripts; default: that of the database URL, or SQLite
    #[arg(
        long,
        value_name = "ENGINE",
        env = "MIGRATE_ENGINE",
        hide = HAS_ONE_ENGINE,
        global = true
    )]
    pub(crate) engine: Option<EngineName>,

    #[arg(
        long,
        value_name = "TABLE",
        env = "MIGRATE_HISTORY_TABLE",
        help = HISTORY_TABLE,
        global = true
    )]
    pub(crate) history_table: Option<String>,

    /// How versions are numbered; default: detected from the files
    #[arg(long, value_name = "HOW", global = true)]
    pub(crate) numbering: Option<NumberingName>,

    /// The first version, if the directory does not begin with 1
    #[arg(
        long,
        value_name = "VERSION",
        value_parser = clap::value_parser!(u64).range(1..),
        global = true
    )]
    pub(crate) first: Option<u64>,

    /// Output for people, or one JSON document on standard output
    #[arg(long, value_name = "FORMAT", default_value = "human", global = true)]
    pub(crate) format: Format,

    /// When to use colors
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: Color,

    /// Print only errors and the requested result
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Print more: each statement of a run, the parts of durations, complete scripts and checksums
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,

    #[command(flatten)]
    pub(crate) postgres: PostgresOptions,
}

const HAS_POSTGRES: bool = cfg!(feature = "postgres");

const DATABASE: &str = match (cfg!(feature = "sqlite"), HAS_POSTGRES) {
    (true, false) => "The database: `sqlite:app.db`; default: `DATABASE_URL`",
    (false, true) => "The database: `postgres://app@localhost/orders`; default: `DATABASE_URL`",
    _ => {
        "The database: `sqlite:app.db`, `postgres://app@localhost/orders`; default: \
        `DATABASE_URL`"
    }
};

const HISTORY_TABLE: &str = if HAS_POSTGRES {
    "The history table; on PostgreSQL also `SCHEMA.TABLE`"
} else {
    "The history table"
};

/// Options that apply only to PostgreSQL.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options for PostgreSQL")]
pub(crate) struct PostgresOptions {
    /// Migrate this schema of the database, such as that of a tenant: it has its own history and
    /// its own lock
    #[arg(
        long,
        value_name = "SCHEMA",
        value_parser = NonEmptyStringValueParser::new(),
        hide = !HAS_POSTGRES,
        global = true
    )]
    pub(crate) schema: Option<String>,

    /// How concurrent runs exclude each other
    #[arg(long, value_name = "HOW", hide = !HAS_POSTGRES, global = true)]
    pub(crate) lock: Option<LockName>,

    /// How long a statement may wait for a table lock before the migration is rolled back and
    /// retried; default: 5 seconds
    #[arg(long, value_name = "TIME", value_parser = duration, hide = !HAS_POSTGRES, global = true)]
    pub(crate) table_lock_timeout: Option<Duration>,

    /// How long to keep trying to connect to a server that is starting or unreachable; default: 5
    /// seconds; 0: try once
    #[arg(long, value_name = "TIME", value_parser = duration, hide = !HAS_POSTGRES, global = true)]
    pub(crate) connect_timeout: Option<Duration>,
}

impl PostgresOptions {
    /// The first of these options that was given.
    #[cfg(feature = "sqlite")]
    pub(crate) fn given(&self) -> Option<&'static str> {
        let given = [
            (self.schema.is_some(), "--schema"),
            (self.lock.is_some(), "--lock"),
            (self.table_lock_timeout.is_some(), "--table-lock-timeout"),
            (self.connect_timeout.is_some(), "--connect-timeout"),
        ];
        let first = given.iter().find(|(is_given, _)| *is_given);
        first.map(|(_, option)| *option)
    }
}

/// The database engine that the scripts are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineName {
    /// SQLite
    Sqlite,
    /// PostgreSQL
    Postgres,
}

/// How concurrent runs exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LockName {
    /// A session-level advisory lock, the default
    Session,
    /// A transaction-level advisory lock, for PgBouncer with `pool_mode = transaction`
    Transaction,
    /// A row in a table, for CockroachDB, and YugabyteDB before 2.27
    Table,
}

/// How versions are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NumberingName {
    /// 001, 002, 003, without gaps
    Sequential,
    /// 14 digits: the time of creation
    Timestamp,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text for people
    Human,
    /// One JSON document
    Json,
}

/// When to use colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The verb to run.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Verb {
    /// Set a package up: directory, lock file, build script, .gitattributes
    #[command(
        after_help = "Creates the directory, its lock file and .gitattributes, and a build.rs that \
                      watches it. Existing files are not changed.\n\n\
                      Examples:\n  migrate init                  # in the folder of a \
                      Cargo.toml\n  migrate init --dir db/migrations"
    )]
    Init,
    /// Write a new migration
    Create(Create),
    /// Show applied and pending migrations
    Status(Status),
    /// Show what `up` would do, with its SQL; nothing is written
    Plan(Plan),
    /// Apply pending migrations
    Up(Up),
    /// Undo migrations, newest first
    Down(Down),
    /// Undo the newest migration and apply it again
    #[command(after_help = "Example:\n  migrate redo --yes            # after editing a draft")]
    Redo(Change),
    /// Undo all migrations; the data in their tables is lost
    #[command(after_help = "Example:\n  migrate reset --backup backups/")]
    Reset(Change),
    /// Compare the database with the migrations, schema included
    Verify(Verify),
    /// Check the directory the way the compiler does, and replay it in memory
    Check(Check),
    /// Update the lock file, or freeze released migrations
    Lock(Lock),
    /// Give drafts the next free numbers, for example after a merge
    Renumber(Renumber),
    /// Record migrations as applied without running them
    Baseline(Baseline),
    /// Take over the history or the files of another tool
    #[command(hide = cfg!(not(feature = "adopt")))]
    Adopt(Adopt),
    /// Repair a history row that blocks every run
    Repair(Repair),
    /// Print the schema of the database in a stable order
    Schema(Schema),
    /// Print the completion script for a shell
    #[command(hide = cfg!(not(feature = "shell")))]
    Completions(Completions),
    /// Print the manual page
    #[command(hide = cfg!(not(feature = "shell")))]
    Man(Man),
}

impl Verb {
    /// The name on the command line and in JSON documents.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Verb::Init => "init",
            Verb::Create(_) => "create",
            Verb::Status(_) => "status",
            Verb::Plan(_) => "plan",
            Verb::Up(_) => "up",
            Verb::Down(_) => "down",
            Verb::Redo(_) => "redo",
            Verb::Reset(_) => "reset",
            Verb::Verify(_) => "verify",
            Verb::Check(_) => "check",
            Verb::Lock(_) => "lock",
            Verb::Renumber(_) => "renumber",
            Verb::Baseline(_) => "baseline",
            Verb::Adopt(_) => "adopt",
            Verb::Repair(_) => "repair",
            Verb::Schema(_) => "schema",
            Verb::Completions(_) => "completions",
            Verb::Man(_) => "man",
        }
    }
}

/// Parses a number of seconds, or a number followed by `ms`, `s`, `m` or `h`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let number: f64 = digits
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && *number >= 0.0)
        .ok_or("a time is a number with `ms`, `s`, `m` or `h`, such as `30s`")?;
    let seconds = match &text[digits.len()..] {
        "ms" => number / 1000.0,
        "" | "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        unit => return Err(format!("`{unit}` is not one of `ms`, `s`, `m` and `h`")),
    };
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::duration;
    use std::time::Duration;

    #[test]
    fn a_time_has_a_unit() {
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "s", "-1", "1d", "nan", "1e300h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
