//! The command line in a program that has told its migrator more than a
//! directory says.

use crate::support::{Folder, Ran};
use clap::Parser;
use migrate_cli::{MigrateArgs, Program, clap};
use migrate_runtime::rusqlite::Connection;
use migrate_runtime::{Migrator, Numbering, Version};
use migrate_tools::read_directory;
use std::process::Command;

const ARGUMENTS: &str = "MIGRATE_TEST_ARGUMENTS";

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: MigrateArgs,
}

/// Not a test by itself: it is the program, in a process of its own.
#[test]
fn program() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else {
        return;
    };
    let give = |conn: &Connection| conn.execute_batch("CREATE TEMP TABLE given AS SELECT 1 AS x");
    let registry = read_directory("migrations", Numbering::DEFAULT).unwrap();
    let migrator = Migrator::<Version>::new(registry)
        .history_table("changes")
        .setup(give);
    let program = Program::embedded(migrator)
        .database("sqlite:app.db")
        .connect_with(move |path| {
            let conn = Connection::open(path)?;
            give(&conn)?;
            Ok(conn)
        });
    let cli = Cli::parse_from(["program"].into_iter().chain(arguments.split(' ')));
    println!("\n---");
    let _ = program.run(&cli.args);
    println!("---");
}

/// What the program prints.
fn printed(folder: &Folder, arguments: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["program::program", "--exact", "--nocapture"])
        .env(ARGUMENTS, arguments)
        .current_dir(folder.path());
    let ran: Ran = folder.ran(command.output().unwrap()).fine();
    let parts: Vec<&str> = ran.stdout.split("---\n").collect();
    assert_eq!(parts.len(), 3, "{ran}");
    format!("{}{}", parts[1], ran.stderr)
}

#[test]
fn the_schema_is_without_its_history_and_with_its_setup() {
    let folder = Folder::with(&[(
        "migrations/001_a.sql",
        "CREATE TABLE a (x INTEGER);\nINSERT INTO a SELECT x FROM temp.given;\n",
    )]);
    assert!(printed(&folder, "up").starts_with("applied 001_a"));
    let schema = "CREATE TABLE a (x INTEGER);\n";
    assert_eq!(printed(&folder, "schema"), schema);
    assert_eq!(printed(&folder, "schema --replay"), schema);
    assert_eq!(
        printed(&folder, "verify"),
        "history, schema and migrations agree\n"
    );
}

/// A completion script for `migrate` would complete another command.
#[test]
fn completions_are_those_of_a_whole_command_line() {
    let said = printed(
        &Folder::with(&[("migrations/001_a.sql", "CREATE TABLE a (x);\n")]),
        "completions bash",
    );
    assert!(
        said.starts_with("error: this is a part of a program"),
        "{said}"
    );
}
