//! Migrations proved on real PostgreSQL servers, which are those of
//! `migrate-servers`: where none is installed, a test is skipped.

// Servers run on Unix only.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

/// Checks a directory, and compares what is found. Without a server nothing is.
macro_rules! assert_found {
    ($files:expr, @$snapshot:literal) => {
        if let Some(text) = found($files) {
            assert_snapshot!(text, @$snapshot);
        }
    };
}

mod careful;
mod compare;
mod coverage;
mod found;
mod prove;
mod rehearsed;
mod rows;
#[path = "../support/rule_page.rs"]
mod rule_page;
mod rules;
mod scratch;

use migrate_model::files::InMemory;
use migrate_runtime::postgres::Connector;
use migrate_runtime::{Migrator, Numbering, Postgres, Version};
use migrate_source::Options;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::directory::read;
use migrate_tools::postgres::prove_directory;
use migrate_tools::{Check, Error, leak};
use std::fs;
use std::time::Duration;
use tempfile::TempDir;

/// Runs something asynchronous to its end.
fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

fn connector(url: &str) -> Connector {
    Connector::parse(url)
        .unwrap()
        .connect_timeout(Duration::from_secs(10))
}

/// A directory with these files.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// What a check of these files finds.
fn check(url: &str, files: &[(&str, &str)]) -> Result<Check, Error> {
    let folder = directory(files);
    let connector = connector(url);
    block(prove_directory(
        folder.path(),
        Numbering::DEFAULT,
        &connector,
    ))
}

/// The same as text, with the names of files alone, and without what needs no
/// server and how much was tried; `None` without one.
fn found(files: &[(&str, &str)]) -> Option<String> {
    let server = migrate_servers::Server::shared()?;
    let database = server.database();
    let folder = directory(files);
    let connector = connector(database.url());
    let mut check = block(prove_directory(
        folder.path(),
        Numbering::DEFAULT,
        &connector,
    ))
    .unwrap();
    let is_replayed = |it: &Diagnostic| it.code.rule().is_none_or(|rule| rule.needs_replay);
    check.warnings.retain(is_replayed);
    check.coverage = None;
    let text = check.to_string();
    let shown = format!("{}/", folder.path().display());
    Some(text.replace(&shown, ""))
}

/// A migrator of files that exist only in memory.
fn migrator(files: &[(&str, &str)]) -> Migrator<Version, Postgres> {
    let mut options = Options::default();
    options.engine = migrate_scan::Engine::Postgres;
    options.rust = Some(&migrate_source::rust_file::check);
    let read = read(&mut InMemory(files), &options);
    assert_eq!(read.diagnostics, []);
    Migrator::new(leak(Numbering::DEFAULT, read.migrations))
}
