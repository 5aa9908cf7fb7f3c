//! Parsing one row of the history from the values of its columns.

use migrate_model::Version;
use migrate_model::history::{Progress, Row, State};

/// The value of one column.
pub(crate) enum Cell<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    /// A value of another type, as text.
    #[cfg(feature = "sqlite")]
    Other(String),
}

impl Cell<'_> {
    fn shown(&self) -> String {
        match self {
            Cell::Null => "NULL".to_owned(),
            Cell::Integer(number) => number.to_string(),
            Cell::Text(text) => format!("`{}`", text.chars().take(40).collect::<String>()),
            #[cfg(feature = "sqlite")]
            Cell::Other(shown) => shown.clone(),
        }
    }
}

/// Parses a row. `cell` returns the value of a column by its index in
/// [`COLUMNS`](migrate_model::history::COLUMNS). Every type is checked: a
/// history that was edited by hand must not make a service panic.
///
/// # Errors
///
/// Fails with a text that says what is wrong.
pub(crate) fn parse<'a>(cell: impl Fn(usize) -> Cell<'a>) -> Result<Row, String> {
    let number = |at: usize| match cell(at) {
        Cell::Integer(number) => u64::try_from(number).ok(),
        _ => None,
    };
    let Some(version) = number(0).and_then(Version::from_u64) else {
        return Err(format!("{} is not a version", cell(0).shown()));
    };
    let wrong =
        |what: &str, at: usize| format!("the {what} of version {version} is {}", cell(at).shown());
    let optional = |what: &str, at: usize| match cell(at) {
        Cell::Null => Ok(None),
        Cell::Text(text) => Ok(Some(text.to_owned())),
        _ => Err(wrong(what, at)),
    };
    let text = |what: &str, at: usize| optional(what, at)?.ok_or_else(|| wrong(what, at));
    let mut row = Row::applied(version, &text("name", 1)?, &text("checksum", 2)?);
    row.state = State::parse(&text("state", 3)?).ok_or_else(|| wrong("state", 3))?;
    row.applied_at = text("time", 4)?;
    row.execution_ms = number(5).ok_or_else(|| wrong("duration", 5))?;
    row.release = optional("release", 6)?;
    row.git_commit = optional("commit", 7)?;
    row.down_sql = optional("down", 8)?;
    row.origin = optional("origin", 9)?;
    if let Some(progress) = optional("progress", 10)? {
        let parsed = Progress::parse(&progress).ok_or_else(|| wrong("progress", 10))?;
        row.progress = Some(parsed);
    }
    row.note = optional("note", 11)?;
    Ok(row)
}
