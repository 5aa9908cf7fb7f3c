//! A service that brings its SQLite database up to date when it starts.
//!
//! `cargo run --example service -- FOLDER` keeps `app.db` in a folder, and
//! without one in a temporary folder that is removed at the end.
//! `cargo run --example service -- migrate status -d sqlite:FOLDER/app.db` looks
//! at its migrations, and `service migrate --help` lists what else it can do.

use clap::{Parser, Subcommand};
use migrate_cli::{MigrateArgs, Program};
use migrate_runtime::embed_migrations;
use migrate_runtime::rusqlite::{self, Connection};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

embed_migrations!("../migrations");

/// A service that keeps links
#[derive(Parser)]
#[command(name = "service", args_conflicts_with_subcommands = true)]
struct Cli {
    /// Where to keep the database
    folder: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Look at the migrations, apply and undo them
    Migrate(MigrateArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(Command::Migrate(args)) = cli.command {
        return Program::embedded(Migration::migrator())
            .database("sqlite:app.db")
            .run(&args);
    }
    match run(cli.folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let folder = folder.unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("app.db");
    println!("database: {}", path.display());

    let mut db = Connection::open(&path)?;
    let report = Migration::migrator().wal().up(&mut db)?;
    println!("{report}\n");
    println!("{}\n", Migration::migrator().status(&db)?);

    save(
        &db,
        "The SQLite manual",
        "https://sqlite.org/docs.html",
        "sqlite.org",
    )?;
    save(
        &db,
        "The Rust book",
        "https://doc.rust-lang.org/book/",
        "doc.rust-lang.org",
    )?;
    for title in find(&db, "manual OR book")? {
        println!("found: {title}");
    }
    Ok(())
}

/// Saves a link, or gives one that is known already its new title.
fn save(db: &Connection, title: &str, url: &str, domain: &str) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO nodes (title, url, source_domain) VALUES (?1, ?2, ?3)
         ON CONFLICT (url) DO UPDATE SET title = excluded.title",
        [title, url, domain],
    )?;
    Ok(())
}

/// The titles of all links that match a full-text query, best first.
fn find(db: &Connection, query: &str) -> rusqlite::Result<Vec<String>> {
    db.prepare(
        "SELECT nodes.title FROM nodes_fts JOIN nodes ON nodes.id = nodes_fts.rowid
         WHERE nodes_fts MATCH ?1 AND nodes.deleted_at IS NULL ORDER BY nodes_fts.rank",
    )?
    .query_map([query], |row| row.get(0))?
    .collect()
}
