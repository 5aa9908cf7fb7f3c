//! The command line for migrations: the command `migrate`, and the same command
//! line for a service's own binary, which can also run Rust migrations.
//!
//! As a subcommand of a program with its own command line:
//!
//! ```
//! use clap::Parser;
//! use migrate_cli::{MigrateArgs, Program};
//! use migrate_runtime::embed_migrations;
//! use std::process::ExitCode;
//!
//! embed_migrations!("../migrations", watch = false);
//!
//! #[derive(Parser)]
//! enum Command {
//!     /// Serve requests
//!     Serve,
//!     /// Look at the database, and change it
//!     Migrate(MigrateArgs),
//! }
//!
//! fn run(command: Command) -> ExitCode {
//!     match command {
//!         Command::Serve => ExitCode::SUCCESS,
//!         Command::Migrate(args) => Program::embedded(Migration::migrator())
//!             .database("sqlite:app.db")
//!             .run(&args),
//!     }
//! }
//! # let command = Command::parse_from(["app", "migrate", "plan", "-d", "sqlite::memory:"]);
//! # assert_eq!(format!("{:?}", run(command)), format!("{:?}", ExitCode::SUCCESS));
//! ```
//!
//! As a complete `main`, for a separate program next to the service:
//!
//! ```no_run
//! # use migrate_runtime::embed_migrations;
//! # embed_migrations!("../migrations", watch = false);
//! fn main() -> std::process::ExitCode {
//!     migrate_cli::Program::embedded(Migration::migrator()).main()
//! }
//! ```
//!
//! Results are written to standard output, and everything else to standard
//! error. With `--format json`, standard output contains a single document,
//! which `docs/guide/src/json.md` describes.
//!
//! # Features
//!
//! All features are on by default, so `cargo install migrate-cli` has
//! everything. A service enables only what it needs:
//!
//! ```toml
//! migrate-cli = { version = "0.1", default-features = false, features = ["sqlite"] }
//! ```
//!
//! - `sqlite`: SQLite databases. SQLite is compiled in.
//! - `postgres`: PostgreSQL databases. At least one of the two engines is needed.
//! - `rustls`: encrypted connections to PostgreSQL. It enables `postgres`.
//! - `adopt`: the verb `adopt`. It compiles SQLite in, even with `postgres` alone.
//! - `shell`: the verbs `completions` and `man`.
//! - `terminal`: a progress bar, help wrapped to the width of the terminal, and
//!   tables that align wide characters.
//!
//! Verbs and options of a feature that is off do not appear in the help. Using
//! them, or the URL of an engine that is off, gives an error that names the
//! feature.
//!
//! What it does not do: it never creates a database for a verb that only reads,
//! and it never undoes anything without asking first.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("migrate-cli needs an engine: enable its feature `sqlite` or `postgres`");

mod args;
mod command_line;
mod confirm;
mod context;
mod database;
mod directory;
mod escape;
mod failure;
mod features;
mod files;
mod json;
#[cfg(feature = "shell")]
mod man_page;
mod migrator;
mod numbering;
mod outcome;
mod output;
mod percent_encoding;
mod program;
mod progress;
mod report;
mod session;
mod signals;
mod style;
mod table;
mod verbs;
mod version_argument;

pub use args::MigrateArgs;
pub use clap;
pub use migrator::Embedded;
pub use program::Program;
