//! Helpers that the tests share.

pub mod child;
mod forms;
pub mod markdown;
pub mod postgres;
pub mod sets;

use migrate_model::files::InMemory;
use migrate_runtime::{Drift, Error, ErrorKind, Migrator, Numbering, Registry, Version};
use migrate_source::Options;
use migrate_source::directory::read;
use migrate_tools::leak;
use std::path::Path;

/// A registry of files that exist only in memory, made without the compiler's
/// checks: it is split into statements, but nothing in it is refused. With it
/// a test sees what the runtime itself stops.
///
/// The memory is never freed.
///
/// # Panics
///
/// Panics if the names are not numbered from 1.
#[must_use]
pub fn registry(files: &[(&str, &str)]) -> &'static Registry {
    let directory = read(&mut InMemory(files), &Options::default());
    assert!(
        !directory.migrations.is_empty(),
        "no migrations: {:?}",
        directory.diagnostics
    );
    leak(Numbering::DEFAULT, directory.migrations)
}

/// A migrator for [`registry`].
///
/// # Panics
///
/// As [`registry`].
#[must_use]
pub fn migrator(files: &[(&str, &str)]) -> Migrator<Version> {
    Migrator::new(registry(files))
}

/// An error with all its causes, on one line. That of a migrator is looked at in
/// each of its forms.
///
/// # Panics
///
/// If one of the forms is not as it must be.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let text = |error: &(dyn std::error::Error + 'static)| {
        if let Some(own) = error.downcast_ref::<migrate_runtime::Error>() {
            forms::check(own);
        }
        // What a code means is said by rusqlite, in other words by each version.
        match error.downcast_ref::<rusqlite::ffi::Error>() {
            Some(error) => format!("Error code {}", error.extended_code),
            // Of ours the message alone.
            None => format!("{error:-}"),
        }
    };
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(text).collect::<Vec<_>>().join(": ")
}

/// Opens a database with the journal mode that a test asks for.
///
/// # Errors
///
/// As SQLite's.
pub fn open(path: &Path, wal: bool) -> rusqlite::Result<rusqlite::Connection> {
    let conn = rusqlite::Connection::open(path)?;
    // The bundled SQLite has them on by default, and others off.
    conn.pragma_update(None, "foreign_keys", true)?;
    if wal {
        conn.pragma_update(None, "journal_mode", "wal")?;
    }
    Ok(conn)
}

/// What a log, a log with causes, and a `main` or a test that fails show of an
/// error.
///
/// # Panics
///
/// As [`chain`].
#[must_use]
pub fn shown(error: &migrate_runtime::Error) -> String {
    forms::check(error);
    format!("{error}\n\n{error:#}\n\n{error:?}")
}

/// The kind of an error in words, with the kinds of drift that it lists.
#[must_use]
pub fn kinds(error: &Error) -> String {
    let mut kinds: Vec<String> = error.drift().iter().map(drift).collect();
    if kinds.is_empty() {
        kinds.push(words(error.kind()));
    } else {
        assert!(matches!(
            error.kind(),
            ErrorKind::Drift | ErrorKind::Ahead | ErrorKind::Dirty
        ));
    }
    kinds.sort();
    kinds.dedup();
    if error.is_dirty() && !kinds.contains(&"dirty".to_owned()) {
        kinds.push("dirty".to_owned());
    }
    kinds.join(", ")
}

fn drift(drift: &Drift) -> String {
    let debug = format!("{drift:?}");
    let end = debug.find(' ').unwrap_or(debug.len());
    debug[..end].to_lowercase()
}

/// `OutOfOrder` as `out of order`.
fn words(kind: ErrorKind) -> String {
    let mut words = String::new();
    for letter in format!("{kind:?}").chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}
