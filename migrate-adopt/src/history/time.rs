//! Parsing of the time formats of other tools.

use migrate_runtime::rusqlite::Connection;
use migrate_runtime::rusqlite::types::Value;

/// The limit that distinguishes seconds from milliseconds since 1970:
/// milliseconds passed it in March 1973, and seconds will in 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// Converts a time to RFC 3339 in UTC; `None` if its format is unknown.
///
/// A text without an offset is in UTC, like SQLite's `CURRENT_TIMESTAMP`. The date
/// functions of SQLite do the work; any connection has them.
pub(super) fn in_utc(value: &Value, sqlite: &Connection) -> Option<String> {
    let number = match value {
        Value::Integer(number) => Some(*number),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    };
    let (time, modifier) = match (number, value) {
        (Some(number), _) => (Value::Real(seconds_since_1970(number)), "unixepoch"),
        (None, Value::Text(text)) => (Value::Text(with_offset(text.trim())?), "+0 days"),
        _ => return None,
    };
    let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', ?1, ?2)";
    let time: Option<String> = sqlite
        .query_row(sql, (time, modifier), |row| row.get(0))
        .ok()?;
    // RFC 3339 cannot represent a time before the year 0.
    time.filter(|time| !time.starts_with('-'))
}

fn seconds_since_1970(number: i64) -> f64 {
    // The cast is exact in the years that SQLite knows.
    if number < FIRST_MILLISECONDS {
        number as f64
    } else {
        number as f64 / 1000.0
    }
}

/// Normalizes the offset to `+01:00`. PostgreSQL shortens it to `+01`, and Go
/// writes ` +0100 CET`. `None` if the text does not begin with a year: to SQLite, `now`
/// and `12:00` are times too.
fn with_offset(text: &str) -> Option<String> {
    text.get(4..).filter(|rest| rest.starts_with('-'))?;
    let mut words = text.split(' ');
    let mut time = words.next().unwrap_or_default().to_owned();
    if !time.contains('T') {
        time = format!("{time} {}", words.next().unwrap_or_default());
    }
    time += words.next().unwrap_or_default();
    // Search after the date, which contains hyphens.
    let offset = time.get(10..).and_then(|rest| rest.rfind(['+', '-']));
    let digits = offset.map(|at| time.len() - (10 + at) - 1);
    match digits {
        Some(2) => time += ":00",
        Some(4) => time.insert(time.len() - 2, ':'),
        _ => {}
    }
    Some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[track_caller]
    fn check(value: Value, expected: Option<&str>) {
        let sqlite = Connection::open_in_memory().unwrap();
        assert_eq!(in_utc(&value, &sqlite).as_deref(), expected, "{value:?}");
    }

    #[test]
    fn every_form_becomes_the_same() {
        let noon = Some("2024-01-31T12:00:00.000Z");
        for form in [
            "2024-01-31T12:00:00Z",
            "2024-01-31T12:00:00.000000000Z",
            "2024-01-31T13:30:00+01:30",
            "2024-01-31 07:00:00-05:00",
            "2024-01-31 07:00:00-05",
            "2024-01-31 13:30:00 +0130 CET",
            "2024-01-31T13:30:00+0130",
            "2024-01-31 12:00:00",
            " 2024-01-31 12:00:00 ",
            "2024-01-31 12:00",
            "1706702400",
            "1706702400000",
        ] {
            check(text(form), noon);
        }
        check(Value::Integer(1_706_702_400), noon);
        check(Value::Integer(1_706_702_400_000), noon);
        let fraction = Some("2024-01-31T12:00:00.987Z");
        check(text("2024-01-31T12:00:00.987000321Z"), fraction);
        check(Value::Integer(1_706_702_400_987), fraction);
        check(text("2024-01-31"), Some("2024-01-31T00:00:00.000Z"));
    }

    #[test]
    fn what_is_no_time_is_left_out() {
        for form in [
            "",
            "now",
            "12:00",
            "yesterday",
            "2024-13-01",
            "2024-01-31 25:00:00",
            "2024-01-31 12:00:00.",
            "2024-01-31 12:00:00+1:0",
            "2024-01-31 12:00:00 UTC",
            "é",
            "infinity",
            "-2024-01-31",
            "2460000.5",
        ] {
            check(text(form), None);
        }
        check(Value::Null, None);
        check(Value::Real(2.5), None);
        check(Value::Blob(vec![0]), None);
        check(Value::Integer(i64::MAX), None);
        check(Value::Integer(i64::MIN), None);
        check(Value::Integer(-100_000_000_000), None);
    }
}
