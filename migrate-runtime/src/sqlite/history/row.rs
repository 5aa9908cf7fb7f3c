//! Reading one row of the history.

use migrate_model::Version;
use migrate_model::history::{Progress, Row, State};
use rusqlite::types::ValueRef;

/// Every type is checked: a history edited by hand must not make a service
/// panic. Says what is wrong.
pub(super) fn parse(row: &rusqlite::Row<'_>) -> Result<Row, String> {
    let version = match (row.get_ref(0), row.get_ref(1)) {
        (Ok(ValueRef::Integer(rowid)), Ok(ValueRef::Integer(version))) => {
            // It is the key, but written otherwise, so that the rows have
            // another order.
            if rowid != version {
                return Err("`version` is not an `INTEGER PRIMARY KEY`".to_owned());
            }
            u64::try_from(version).ok().and_then(Version::from_u64)
        }
        _ => None,
    };
    let Some(version) = version else {
        let found = row.get_ref(1).map_or_else(|_| String::new(), shown);
        return Err(format!("{found} is not a version"));
    };
    let in_row = |what: &str, at: usize| {
        let found = row.get_ref(at).map_or_else(|_| String::new(), shown);
        format!("the {what} of version {version} is {found}")
    };
    let text = |what: &str, at: usize| match row.get_ref(at) {
        Ok(ValueRef::Text(bytes)) => {
            String::from_utf8(bytes.to_vec()).map_err(|_| in_row(what, at))
        }
        _ => Err(in_row(what, at)),
    };
    let optional = |what: &str, at: usize| match row.get_ref(at) {
        Ok(ValueRef::Null) => Ok(None),
        _ => text(what, at).map(Some),
    };
    let mut parsed = Row::applied(version, &text("name", 2)?, &text("checksum", 3)?);
    parsed.state = State::parse(&text("state", 4)?).ok_or_else(|| in_row("state", 4))?;
    parsed.applied_at = text("time", 5)?;
    parsed.execution_ms = match row.get_ref(6) {
        Ok(ValueRef::Integer(milliseconds)) => u64::try_from(milliseconds).ok(),
        _ => None,
    }
    .ok_or_else(|| in_row("duration", 6))?;
    parsed.release = optional("release", 7)?;
    parsed.git_commit = optional("commit", 8)?;
    parsed.down_sql = optional("down", 9)?;
    parsed.origin = optional("origin", 10)?;
    parsed.progress = match optional("progress", 11)? {
        None => None,
        Some(progress) => Some(Progress::parse(&progress).ok_or_else(|| in_row("progress", 11))?),
    };
    parsed.note = optional("note", 12)?;
    Ok(parsed)
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            format!("`{}`", text.chars().take(40).collect::<String>())
        }
        ValueRef::Blob(_) => "a blob".to_owned(),
    }
}
