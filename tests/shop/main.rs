//! A program that is nothing but the command line of its own migrations, one of
//! them in Rust.

use migrate_cli::Program;
use migrate_runtime::{BoxError, Observer, Step, embed_migrations, rusqlite};
use std::path::Path;
use std::process::ExitCode;

embed_migrations!("shop/migrations", watch = false, min_sqlite = "3.38");

/// The program's own word on each migration.
struct Closed;

impl Observer for Closed {
    fn before(&self, _: &Step<'_>) -> Result<(), BoxError> {
        if Path::new("closed").exists() {
            Err("the shop is closed".into())
        } else {
            Ok(())
        }
    }
}

fn main() -> ExitCode {
    Program::embedded(Migration::migrator().observer(Closed))
        .database("sqlite:shop.db")
        .connect_with(|path| rusqlite::Connection::open(path))
        .main()
}
