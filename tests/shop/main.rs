//! A program that is nothing but the command line of its own migrations, one of
//! them in Rust.

use migrate_cli::Program;
use migrate_runtime::{embed_migrations, rusqlite};
use std::process::ExitCode;

embed_migrations!("shop/migrations", watch = false);

fn main() -> ExitCode {
    Program::embedded(Migration::migrator())
        .database("sqlite:shop.db")
        .connect_with(|path| rusqlite::Connection::open(path))
        .main()
}
