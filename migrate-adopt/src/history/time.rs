//! Times, as the tools write them: SQLite reads most of the forms itself.

use migrate_runtime::rusqlite::{Connection, Result, types::Value};

/// What the number of a time counts cannot be seen, but milliseconds since
/// 1970 are beyond this since March 1973, and seconds will be in 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// RFC 3339 in UTC; none, if it is no time that is known here.
///
/// A text without an offset is in UTC, as SQLite's `CURRENT_TIMESTAMP` is.
pub(super) fn in_utc(conn: &Connection, value: &Value) -> Result<Option<String>> {
    let (text, modifier) = match value {
        Value::Integer(number) => (seconds(*number), "unixepoch"),
        Value::Text(text) => match text.trim().parse() {
            Ok(number) => (seconds(number), "unixepoch"),
            // Other texts mean something to SQLite too: `now`, or a time of day.
            Err(_) if !starts_with_a_date(text.trim()) => return Ok(None),
            Err(_) => (with_offset(text.trim()), "+0 seconds"),
        },
        _ => return Ok(None),
    };
    let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', ?1, ?2)";
    let time: Option<String> = conn.query_row(sql, [text.as_str(), modifier], |row| row.get(0))?;
    // Years before 0 and after 9999 are times to SQLite, but not here.
    Ok(time.filter(|time| starts_with_a_date(time)))
}

fn seconds(number: i64) -> String {
    match number < FIRST_MILLISECONDS {
        true => number.to_string(),
        false => format!("{}.{:03}", number / 1000, number % 1000),
    }
}

/// SQLite wants `+01:00`. PostgreSQL shortens it to `+01`, and Go writes
/// ` +0100 CET`.
fn with_offset(text: &str) -> String {
    let mut words = text.split(' ');
    let mut time = words.next().unwrap_or_default().to_owned();
    if !time.contains('T') {
        time = format!("{time} {}", words.next().unwrap_or_default());
    }
    time += words.next().unwrap_or_default();
    // Behind the date, so that its hyphens are not meant.
    let offset = time.get(10..).and_then(|rest| rest.rfind(['+', '-']));
    let digits = offset.map(|at| time.len() - (10 + at) - 1);
    match digits {
        Some(2) => time += ":00",
        Some(4) => time.insert(time.len() - 2, ':'),
        _ => {}
    }
    time
}

fn starts_with_a_date(text: &str) -> bool {
    let shape = text.bytes().take(10).map(|byte| match byte {
        b'0'..=b'9' => b'0',
        other => other,
    });
    shape.eq(*b"0000-00-00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: impl Into<Value>, expected: Option<&str>) {
        let conn = Connection::open_in_memory().unwrap();
        let found = in_utc(&conn, &value.into()).unwrap();
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn every_form_becomes_the_same() {
        let noon = Some("2024-01-31T12:00:00.000Z");
        for text in [
            "2024-01-31T12:00:00Z",
            "2024-01-31T12:00:00.000000000Z",
            "2024-01-31T13:30:00+01:30",
            "2024-01-31 07:00:00-05:00",
            "2024-01-31 07:00:00-05",
            "2024-01-31 13:30:00 +0130 CET",
            "2024-01-31T13:30:00+0130",
            "2024-01-31 12:00:00",
            " 2024-01-31 12:00:00 ",
            "1706702400",
            "1706702400000",
        ] {
            check(text.to_owned(), noon);
        }
        check(1_706_702_400, noon);
        check(1_706_702_400_000_i64, noon);
        let fraction = Some("2024-01-31T12:00:00.987Z");
        check("2024-01-31T12:00:00.987000321Z".to_owned(), fraction);
        check(1_706_702_400_987_i64, fraction);
    }

    #[test]
    fn what_is_no_time_is_left_out() {
        for text in [
            "",
            "now",
            "12:00",
            "yesterday",
            "2024-13-01",
            "2024-01-31 25:00:00",
            "é",
        ] {
            check(text.to_owned(), None);
        }
        check(Value::Null, None);
        check(2.5, None);
        check(vec![0_u8], None);
        check(i64::MAX, None);
        check(i64::MIN, None);
    }
}
