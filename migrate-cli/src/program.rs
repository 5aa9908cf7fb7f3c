//! The entry point for programs with this command line.

use crate::args::MigrateArgs;
use crate::command_line::CommandLine;
use crate::context::Context;
use crate::database::ConnectOptions;
#[cfg(feature = "sqlite")]
use crate::database::sqlite::Connect;
use crate::migrator::{AnyMigrator, Embedded};
use crate::output::Output;
use crate::verbs;
use clap::{ColorChoice, CommandFactory, FromArgMatches};
#[cfg(feature = "sqlite")]
use migrate_runtime::rusqlite::{self, Connection};
use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;
#[cfg(feature = "sqlite")]
use std::rc::Rc;

/// A program with this command line: its migrations and its database.
pub struct Program {
    /// `None` for the command `migrate`, which reads a directory at run time.
    embedded: Option<Box<AnyMigrator>>,
    database: Option<String>,
    #[cfg(feature = "sqlite")]
    connect: Option<Rc<Connect>>,
}

impl Program {
    /// The command `migrate`. It reads a directory at run time, so it cannot run
    /// Rust migrations.
    pub fn directory() -> Program {
        Program {
            embedded: None,
            database: None,
            #[cfg(feature = "sqlite")]
            connect: None,
        }
    }

    /// A service's own binary, with the migrations that it embeds, Rust
    /// migrations included, and all settings of its migrator. The database URL
    /// must match the engine of the migrator. A migrator for SQLite needs the
    /// feature `sqlite`, and one for PostgreSQL the feature `postgres`.
    pub fn embedded(migrator: impl Embedded) -> Program {
        Program {
            embedded: Some(Box::new(migrator.any())),
            ..Program::directory()
        }
    }

    /// The URL of the program's own database, such as `sqlite:app.db` or
    /// `postgres://app@localhost/orders`, which is used if `--database` is not
    /// given. If it is set, `DATABASE_URL` is ignored.
    #[must_use]
    pub fn database(mut self, url: impl Into<String>) -> Program {
        self.database = Some(url.into());
        self
    }

    /// The function that opens an SQLite file, for databases that need a key or
    /// application-defined functions. Needs the feature `sqlite`.
    #[cfg(feature = "sqlite")]
    #[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
    #[must_use]
    pub fn connect_with(
        mut self,
        connect: impl Fn(&Path) -> rusqlite::Result<Connection> + 'static,
    ) -> Program {
        self.connect = Some(Rc::new(connect));
        self
    }

    /// Runs the verb in the arguments and prints its result. The exit codes are
    /// those of the command `migrate`.
    ///
    /// During a run, SIGINT and SIGTERM stop the run; afterwards they terminate
    /// the process again. If the migrator has a
    /// [`stop_when`](migrate_runtime::Migrator::stop_when), signals are left to
    /// the program.
    #[must_use]
    pub fn run(&self, args: &MigrateArgs) -> ExitCode {
        self.run_as(args, None)
    }

    fn run_as(&self, args: &MigrateArgs, command: Option<&clap::Command>) -> ExitCode {
        let output = Output::new(&args.global);
        let context = Context {
            global: &args.global,
            output,
            embedded: self.embedded.as_deref(),
            own_url: self.database.as_deref(),
            connect: ConnectOptions {
                output,
                #[cfg(feature = "sqlite")]
                open_file: self.connect.clone(),
                #[cfg(feature = "postgres")]
                timeout: args.global.postgres.connect_timeout,
            },
            command,
        };
        let verb = args.verb.name();
        let exit = match verbs::run(&context, &args.verb) {
            Ok(outcome) => {
                output.finish(verb, outcome.exit, outcome.facts);
                outcome.exit
            }
            Err(failure) => {
                output.failure(verb, &failure);
                failure.exit
            }
        };
        ExitCode::from(output.settle(exit) as u8)
    }

    /// Parses the arguments of the process and runs them: a complete `main`, for
    /// a separate program next to a service.
    #[must_use]
    pub fn main(&self) -> ExitCode {
        let mut command = CommandLine::command();
        if self.embedded.is_some()
            && let Some(path) = std::env::args_os().next()
            && let Some(name) = Path::new(&path).file_stem().and_then(|it| it.to_str())
        {
            command = command.name(name.to_owned());
        }
        // Errors in the arguments are printed before `--color` is parsed.
        let colored = command.clone().color(color_of(std::env::args_os()));
        match CommandLine::from_arg_matches(&colored.get_matches()) {
            Ok(line) => self.run_as(&line.args, Some(&command)),
            Err(error) => error.exit(),
        }
    }
}

/// The value of `--color` among the arguments.
fn color_of(arguments: impl Iterator<Item = OsString>) -> ColorChoice {
    let mut arguments = arguments.filter_map(|it| it.into_string().ok());
    while let Some(argument) = arguments.next() {
        let value = match argument.split_once('=') {
            Some(("--color", value)) => Some(value.to_owned()),
            None if argument == "--color" => arguments.next(),
            _ => None,
        };
        match value.as_deref() {
            Some("always") => return ColorChoice::Always,
            Some("never") => return ColorChoice::Never,
            _ => {}
        }
    }
    ColorChoice::Auto
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("is_embedded", &self.embedded.is_some())
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
