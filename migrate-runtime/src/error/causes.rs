//! The causes of an error in readable form.

use migrate_model::excerpt::one_line;
use std::error::Error as StdError;

type Dyn = dyn StdError + 'static;

/// The beginning of a result code in the text of rusqlite.
const CODE: &str = "Error code ";

/// The causes of an error, nearest first, with the result codes of SQLite.
pub fn causes(error: &Dyn) -> Vec<String> {
    below(error).map(text).collect()
}

/// The causes that add something: no result codes whose text is already there,
/// and no duplicates. Each is one line.
pub fn readable(message: &str, causes: &[String]) -> Vec<String> {
    let mut said = vec![one_line(message)];
    let mut new = Vec::new();
    for (index, cause) in causes.iter().enumerate() {
        // rusqlite reports the code as the source of its error, and it is the
        // only text if SQLite had no message.
        if cause.starts_with(CODE) && causes.get(index + 1) != Some(cause) {
            continue;
        }
        let text = one_line(cause);
        let text = without_code(&text).trim_end_matches('.');
        if !text.is_empty() && !said.iter().any(|said| says(said, text)) {
            said.push(text.to_owned());
            new.push(text.to_owned());
        }
    }
    new
}

/// An error and its causes on one line, each once.
pub fn with_causes(error: &Dyn) -> String {
    if let Some(error) = error.downcast_ref::<super::Error>() {
        return format!("{error:#}");
    }
    let mut all = vec![text(error)];
    all.extend(causes(error));
    readable("", &all).join(": ")
}

/// The causes in two parts: those that the message includes, and the rest.
pub(super) fn parts(message: &str, error: &Dyn) -> (Option<String>, Vec<String>) {
    let mut texts = readable(message, &causes(error));
    // If the database reported an error, all causes are included: they lead
    // there.
    let included = if below(error).any(is_database) {
        texts.len()
    } else {
        1
    };
    let left = texts.split_off(included.min(texts.len()));
    let reason = texts.join(": ");
    (Some(reason).filter(|it| !it.is_empty()), left)
}

fn below(error: &Dyn) -> impl Iterator<Item = &Dyn> {
    std::iter::successors(next(error), |cause| next(*cause))
}

/// The next cause. An error of PostgreSQL is part of the text of its client's
/// error.
fn next(error: &Dyn) -> Option<&Dyn> {
    #[cfg(feature = "postgres")]
    if let Some(client) = error.downcast_ref::<tokio_postgres::Error>()
        && client.as_db_error().is_some()
    {
        return None;
    }
    error.source()
}

/// The message of an error without its causes. The errors of this workspace
/// leave them out with the flag `-`, which others ignore.
pub fn text(error: &Dyn) -> String {
    #[cfg(feature = "postgres")]
    if let Some(error) = error.downcast_ref::<tokio_postgres::Error>()
        && let Some(error) = error.as_db_error()
    {
        return crate::postgres::db_error::said(error);
    }
    format!("{error:-}")
}

fn is_database(error: &Dyn) -> bool {
    #[cfg(feature = "sqlite")]
    if error.is::<rusqlite::Error>() {
        return true;
    }
    #[cfg(feature = "postgres")]
    if error.is::<crate::postgres::db_error::PostgresError>() || error.is::<tokio_postgres::Error>()
    {
        return true;
    }
    false
}

/// Whether a joined message contains this part.
fn says(message: &str, part: &str) -> bool {
    message.match_indices(part).any(|(at, _)| {
        let (before, after) = (&message[..at], &message[at + part.len()..]);
        (before.is_empty() || before.ends_with(": "))
            && (after.is_empty() || after.starts_with([':', ';', ',']))
    })
}

/// Sometimes `Error code 5: database is locked` is the whole text of rusqlite.
fn without_code(text: &str) -> &str {
    let code = text.strip_prefix(CODE);
    let text_of_it = code.and_then(|rest| rest.split_once(": "));
    text_of_it.map_or(text, |(_, text)| text)
}
