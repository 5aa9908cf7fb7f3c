//! The complete command line of `migrate`, and of a program built on
//! [`Program::main`](crate::Program::main).

use crate::args::MigrateArgs;
use clap::Parser;

const ABOUT: &str = match (cfg!(feature = "sqlite"), cfg!(feature = "postgres")) {
    (true, false) => "Migrations for SQLite: checked, applied exactly once, undone",
    (false, true) => "Migrations for PostgreSQL: checked, applied exactly once, undone",
    _ => "Migrations for SQLite and PostgreSQL: checked, applied exactly once, undone",
};

/// The arguments, with the name, version and description of the program.
#[derive(Parser, Debug)]
#[command(
    name = "migrate",
    version,
    about = ABOUT,
    max_term_width = 100,
    after_help = "Exit codes: 0 success, 1 failure, 2 usage error, 3 pending, 4 drift, 5 the \
                  database is ahead, 6 lock timeout, 7 a migration stopped half-way"
)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) args: MigrateArgs,
}
