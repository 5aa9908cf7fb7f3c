use crate::diagnostic::{Code, Diagnostic};
use crate::directory::{Options, RustFile, RustProblem, Section};
use crate::file_name::Role;

/// Checks a Rust file, and returns its down if it has one.
pub(crate) fn check<'a>(
    up: &Section<'a>,
    options: &Options<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<Section<'a>> {
    if up.role != Role::Rust || up.source.is_damaged {
        return None;
    }
    match options
        .rust
        .map_or(Ok(RustFile::default()), |check| check(up.text()))
    {
        Ok(file) => file.has_down.then(|| up.rust_down()),
        Err(problem) => {
            out.push(diagnostic(&up.source.path, problem));
            None
        }
    }
}

fn diagnostic(path: &str, problem: RustProblem) -> Diagnostic {
    let (message, help) = match problem {
        RustProblem::NoUp => (
            "this file has no function `up`".to_owned(),
            "write `pub fn up(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()>`; the error \
             may be of another type, and a `down` of the same form is optional"
                .to_owned(),
        ),
        RustProblem::Private(name) => (
            format!("the function `{name}` of this file is private"),
            format!("write `pub fn {name}`"),
        ),
        RustProblem::Signature(name) => (
            format!("the function `{name}` of this file takes no transaction, or returns nothing"),
            format!(
                "write `pub fn {name}(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()>`; \
                 the error may be of another type"
            ),
        ),
        RustProblem::InnerAttribute => (
            "this file begins with `//!` or `#![…]`, which an included file cannot have".to_owned(),
            "write `//` for a comment, and `#[…]` at the item that it is for".to_owned(),
        ),
    };
    Diagnostic::of_path(Code::RustMigration, path, message, help)
}
