//! The forms of an error that a service logs or a `main` prints.

use migrate_runtime::Error;
use rusqlite::Error::{SqlInputError, SqliteFailure};
use std::error::Error as _;

/// Asserts what holds for every error.
pub(crate) fn check(error: &Error) {
    let (line, chain, shown) = (
        format!("{error}"),
        format!("{error:#}"),
        format!("{error:?}"),
    );
    assert!(!chain.contains('\n'), "several lines: {chain}");
    assert!(!line.ends_with('.'), "a stop at the end: {line}");
    assert!(begins_low(&line), "a capital at the beginning: {line}");
    assert!(chain.starts_with(&line), "not `{line}` first: {chain}");
    for dump in ["Error {", "Kind", "Some(", "label:"] {
        assert!(!shown.contains(dump), "`{dump}` in: {shown}");
    }
    if let Some(location) = error.location() {
        let arrow = format!("--> {location}\n");
        assert!(shown.contains(&arrow), "no `{arrow}` in: {shown}");
    }
    for said in of_database(error) {
        let is_once = |text: &str| text.matches(&said).count() == 1;
        let shown = shown.split("\n -->").next().unwrap_or_default();
        assert!(is_once(&line), "not `{said}` once in: {line}");
        assert!(is_once(&chain), "not `{said}` once in: {chain}");
        assert!(is_once(shown), "not `{said}` once in: {shown}");
    }
}

/// But for the name of a server.
fn begins_low(line: &str) -> bool {
    let is_name = ["SQLite ", "PostgreSQL ", "CockroachDB "]
        .iter()
        .any(|name| line.starts_with(name));
    is_name || !line.starts_with(char::is_uppercase)
}

/// The messages of the database.
fn of_database(error: &Error) -> Vec<String> {
    let sources = std::iter::successors(error.source(), |error| (*error).source());
    let sqlite = sources.filter_map(|source| match source.downcast_ref()? {
        SqliteFailure(_, message) => message.clone(),
        SqlInputError { msg, .. } => Some(msg.clone()),
        _ => None,
    });
    let postgres = error
        .postgres()
        .and_then(|error| error.as_db_error())
        .map(|error| error.message().to_owned());
    sqlite
        .chain(postgres)
        .map(|said| {
            let lines: Vec<&str> = said.lines().map(str::trim).collect();
            let said = lines.join(" ");
            said.trim_end_matches('.').to_owned()
        })
        .collect()
}
