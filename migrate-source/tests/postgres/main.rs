//! A migrations directory for PostgreSQL: what is
//! accepted, and every message that a reader gets there and not for SQLite.

#[path = "../memory/mod.rs"]
mod memory;
mod outside;
mod refused;
mod rust_files;
mod shell;
mod transactions;

use memory::Memory;
use migrate_scan::Engine;
use migrate_source::Options;
use migrate_source::directory::{Directory, read};
use migrate_source::render::render;

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.shown_root = "migrations";
    options.engine = Engine::Postgres;
    options
}

fn directory(files: &[(&str, &str)], options: &Options<'_>) -> Directory {
    read(&mut Memory::new(files.iter().copied()), options)
}

/// Every problem of a directory, as the user reads it.
fn problems(files: &[(&str, &str)], options: &Options<'_>) -> String {
    let directory = directory(files, options);
    let rendered: Vec<String> = directory.diagnostics.iter().map(render).collect();
    rendered.join("\n\n")
}

/// Every problem of one script.
fn script(sql: &str) -> String {
    problems(&[("001_users.sql", sql)], &options())
}

/// The same problem, whatever the input: its first line for each.
fn headlines(scripts: &[&str]) -> String {
    let mut headlines = String::new();
    for sql in scripts {
        let problems = script(sql);
        let count = problems.matches(" = help: ").count();
        let headline = problems.lines().next().unwrap_or("accepted");
        headlines += &format!("{sql:<40} {count} {headline}\n");
    }
    headlines
}
