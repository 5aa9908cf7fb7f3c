//! The command line in a program that embeds migrations for PostgreSQL.

use crate::{Shop, folder};
use clap::Parser;
use insta::assert_snapshot;
use migrate_cli::{MigrateArgs, Program, clap};
use migrate_runtime::{Migrator, Numbering, Postgres, Version};
use std::process::Command;

const ARGUMENTS: &str = "MIGRATE_TEST_ARGUMENTS";
const URL: &str = "MIGRATE_TEST_URL";

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
    let registry = migrate_tools::read_directory("migrations", Numbering::DEFAULT).unwrap();
    let migrator = Migrator::<Version, Postgres>::new(registry).in_schema("shop");
    let program = Program::embedded(migrator).database(std::env::var(URL).unwrap());
    let cli = Cli::parse_from(["program"].into_iter().chain(arguments.split(' ')));
    println!("\n---");
    let code = program.run(&cli.args);
    println!("---\n{code:?}");
}

fn printed(shop: &Shop, arguments: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["program::program", "--exact", "--nocapture"])
        .env_clear()
        .env(ARGUMENTS, arguments)
        .env(URL, shop.database.url())
        .current_dir(shop.folder.path());
    let ran = shop.folder.ran(command.output().unwrap()).fine();
    let shown = shop.shown(&ran);
    let parts: Vec<&str> = shown.split("---\n").collect();
    let errors = shown.split_once("--- stderr\n").map_or("", |(_, it)| it);
    format!("{}{errors}", parts[1])
}

#[test]
fn it_has_every_verb_for_its_own_database() {
    let Some(shop) = Shop::with(folder()) else {
        return;
    };
    assert_snapshot!(printed(&shop, "up"), @"
    applied 001_users in N ms
    applied 002_orders in N ms
    applied 003_by_user in N ms
    ");
    assert_eq!(shop.psql("SELECT count(*) FROM shop._migrations"), "3");
    assert_snapshot!(printed(&shop, "verify --no-schema"), @"history and migrations agree");
    assert_snapshot!(printed(&shop, "down --yes"), @"undid 003_by_user in N ms");
    assert_snapshot!(printed(&shop, "status -d sqlite:app.db"), @"
    error: the database `app.db` is SQLite, and the migrations are for PostgreSQL
      help: use `--database` with the URL of a database for PostgreSQL
    ");
    assert_snapshot!(printed(&shop, "check --engine sqlite"), @"
    error: the migrations of this program are for PostgreSQL, not for SQLite
      help: omit `--engine`, and unset `MIGRATE_ENGINE`
    ");
}
