//! Migrations in Rust.

use crate::Options;
use crate::diagnostic::{Code, Diagnostic};
use crate::file_name::Role;
use crate::rust_file::{RustFile, RustProblem};
use crate::section::Section;
use migrate_scan::Engine;

/// Checks a Rust file, and returns its down if it has one.
pub(crate) fn check<'a>(
    up: &Section<'a>,
    options: &Options<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<Section<'a>> {
    if up.role != Role::Rust || up.source.is_damaged {
        return None;
    }
    match options.rust.map_or(Ok(RustFile::default()), |check| {
        check(up.text(), options.engine)
    }) {
        Ok(file) => file.has_down.then(|| up.rust_down()),
        Err(problem) => {
            out.push(diagnostic(&up.source.path, problem, options.engine));
            None
        }
    }
}

fn diagnostic(path: &str, problem: RustProblem, engine: Engine) -> Diagnostic {
    let other = "the error may be of another type";
    let (message, help) = match problem {
        RustProblem::NoUp => (
            "this file has no function `up`".to_owned(),
            format!(
                "write `{}`; {other}, and a `down` of the same form is optional",
                signature("up", engine)
            ),
        ),
        RustProblem::Private(name) => (
            format!("the function `{name}` in this file is private"),
            match engine {
                Engine::Sqlite => format!("write `pub fn {name}`"),
                Engine::Postgres => format!("write `pub async fn {name}`"),
            },
        ),
        RustProblem::Signature(name) => (
            format!("the function `{name}` in this file takes no transaction, or returns nothing"),
            format!("write `{}`; {other}", signature(name, engine)),
        ),
        RustProblem::Async(name) => (
            format!(
                "the function `{name}` in this file is `async`, which SQLite migrations cannot be"
            ),
            format!("write `{}`; {other}", signature(name, engine)),
        ),
        RustProblem::NotAsync(name) => (
            format!(
                "the function `{name}` in this file is not `async`, which PostgreSQL migrations \
                 must be"
            ),
            format!("write `{}`; {other}", signature(name, engine)),
        ),
        RustProblem::InnerAttribute => (
            "this file begins with `//!` or `#![…]`, which an included file cannot have".to_owned(),
            "write `//` for a comment, and put `#[…]` on the item".to_owned(),
        ),
    };
    Diagnostic::of_path(Code::RustMigration, path, message, help)
}

/// The signature of a migration function.
fn signature(name: &str, engine: Engine) -> String {
    match engine {
        Engine::Sqlite => {
            format!("pub fn {name}(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()>")
        }
        Engine::Postgres => format!(
            "pub async fn {name}(tx: &tokio_postgres::Transaction<'_>) -> Result<(), \
             tokio_postgres::Error>"
        ),
    }
}
