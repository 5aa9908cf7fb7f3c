//! The rules of PostgreSQL, and the corpus that its parser must accept.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "these are tests, and a panic fails one"
)]

#[cfg(unix)]
mod corpus;
#[cfg(unix)]
mod examples;
mod hazards;
#[cfg(unix)]
#[path = "../../../tests/support/rule_page.rs"]
mod rule_page;
mod rules;

use migrate_model::files::InMemory;
use migrate_prove::postgres::{SyntaxChecker, lint};
use migrate_scan::Engine;
use migrate_source::Options;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::directory::{Directory, read};

/// Reads files as the compiler does.
fn directory(files: &[(&str, &str)]) -> Directory {
    let checker = SyntaxChecker::default();
    let syntax = |statement: &str| checker.check(statement);
    let mut options = Options::default();
    options.engine = Engine::Postgres;
    options.syntax = Some(&syntax);
    read(&mut InMemory(files), &options)
}

/// Everything that is found in files without a server.
fn findings(files: &[(&str, &str)]) -> Vec<Diagnostic> {
    let directory = directory(files);
    let mut found = directory.diagnostics;
    found.extend(directory.warnings);
    found.extend(lint(&directory.migrations));
    found
}
