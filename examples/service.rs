//! A service that brings its SQLite database up to date when it starts.
//!
//! `cargo run --example service -- FOLDER` keeps `app.db` in a folder, and
//! without one in a temporary folder that is removed at the end.

use migrate_runtime::embed_migrations;
use migrate_runtime::rusqlite::{self, Connection};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

embed_migrations!("../migrations");

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let folder = match std::env::args_os().nth(1) {
        Some(folder) => PathBuf::from(folder),
        None => temporary.path().to_owned(),
    };
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
