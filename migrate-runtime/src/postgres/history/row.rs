//! Reading one row of the history.

use migrate_model::Version;
use migrate_model::history::{Progress, Row, State};
use tokio_postgres::SimpleQueryRow;

/// Every value is checked: a history edited by hand must not make a service
/// panic. Says what is wrong.
pub(super) fn parse(row: &SimpleQueryRow) -> Result<Row, String> {
    let value = |at: usize| row.try_get(at).ok().flatten();
    let found = value(0).unwrap_or("NULL");
    let version = found.parse().ok().and_then(Version::from_u64);
    let Some(version) = version else {
        return Err(format!("`{found}` is not a version"));
    };
    let in_row = |what: &str, at: usize| {
        let found = value(at).map_or_else(|| "NULL".to_owned(), |text| format!("`{text}`"));
        format!("the {what} of version {version} is {found}")
    };
    let text = |what: &str, at: usize| {
        let text = value(at).map(str::to_owned);
        text.ok_or_else(|| in_row(what, at))
    };
    let optional = |at: usize| value(at).map(str::to_owned);
    let mut parsed = Row::applied(version, &text("name", 1)?, &text("checksum", 2)?);
    let state = value(3).and_then(State::parse);
    parsed.state = state.ok_or_else(|| in_row("state", 3))?;
    parsed.applied_at = text("time", 4)?;
    let duration = value(5).and_then(|text| text.parse().ok());
    parsed.execution_ms = duration.ok_or_else(|| in_row("duration", 5))?;
    parsed.release = optional(6);
    parsed.git_commit = optional(7);
    parsed.down_sql = optional(8);
    parsed.origin = optional(9);
    parsed.progress = match value(10) {
        None => None,
        Some(text) => {
            let progress = Progress::parse(text);
            Some(progress.ok_or_else(|| in_row("progress", 10))?)
        }
    };
    parsed.note = optional(11);
    Ok(parsed)
}
