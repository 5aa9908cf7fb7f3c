//! Parsing of the time formats of other tools.

use super::cell::Cell;

/// The limit that distinguishes seconds from milliseconds since 1970:
/// milliseconds passed it in March 1973, and seconds will in 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

const DAY: i64 = 86_400_000;

/// Converts a time to RFC 3339 in UTC; `None` if its format is unknown.
///
/// A text without an offset is in UTC, like SQLite's `CURRENT_TIMESTAMP`.
pub(super) fn in_utc(value: &Cell) -> Option<String> {
    let milliseconds = match value {
        Cell::Integer(number) => since_1970(*number),
        Cell::Text(text) => match text.trim().parse() {
            Ok(number) => since_1970(number),
            Err(_) => parse(&with_offset(text.trim()))?,
        },
        _ => return None,
    };
    written(milliseconds)
}

fn since_1970(number: i64) -> i64 {
    if number < FIRST_MILLISECONDS {
        number.saturating_mul(1000)
    } else {
        number
    }
}

/// Normalizes the offset to `+01:00`. PostgreSQL shortens it to `+01`, and Go
/// writes ` +0100 CET`.
fn with_offset(text: &str) -> String {
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
    time
}

/// Milliseconds since 1970 in UTC of a time such as
/// `2024-01-31 12:00:00.5+01:00`. Everything after the day, or after the minute,
/// is optional.
fn parse(text: &str) -> Option<i64> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let [year, month, day] = numbers(date, '-', ["0000", "00", "00"])?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let midnight = days_since_1970(year, month, day) * DAY;
    let rest = rest.trim_matches(' ');
    if rest.is_empty() {
        return Some(midnight);
    }
    let rest = rest.strip_prefix('T').unwrap_or(rest);
    let [hour, minute] = numbers(rest.get(..5)?, ':', ["00", "00"])?;
    let (second, fraction, rest) = match rest[5..].strip_prefix(':') {
        None => (0, 0, &rest[5..]),
        Some(rest) => {
            let [second] = numbers(rest.get(..2)?, ':', ["00"])?;
            let (fraction, rest) = fraction(&rest[2..])?;
            (second, fraction, rest)
        }
    };
    if hour > 24 || minute > 59 || second > 59 {
        return None;
    }
    let of_day = ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
    Some(midnight + of_day - offset(rest)?)
}

/// Parses numbers with fixed numbers of digits.
fn numbers<const N: usize>(text: &str, between: char, shapes: [&str; N]) -> Option<[i64; N]> {
    let mut parts = text.split(between);
    let mut found = [0; N];
    for (number, shape) in found.iter_mut().zip(shapes) {
        let part = parts.next()?;
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || part.len() != shape.len() {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// The fraction in rounded milliseconds, and the rest after the digits.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(behind) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let end = behind
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(behind.len());
    let (digits, rest) = behind.split_at(end);
    if digits.is_empty() {
        return None;
    }
    let four: i64 = format!("{digits:0<4}").get(..4)?.parse().ok()?;
    Some(((four + 5) / 10, rest))
}

fn offset(text: &str) -> Option<i64> {
    let text = text.trim_matches(' ');
    let (sign, time) = match text {
        "" | "Z" | "z" => return Some(0),
        _ => match text.strip_prefix('+') {
            Some(time) => (1, time),
            None => (-1, text.strip_prefix('-')?),
        },
    };
    let [hour, minute] = numbers(time, ':', ["00", "00"])?;
    let is_one = hour <= 15 && minute <= 59;
    is_one.then_some(sign * (hour * 60 + minute) * 60_000)
}

/// Days since 1970 in the Gregorian calendar. Years begin in March here, so that
/// a leap day is the last day.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, month) = (year.div_euclid(400), (month + 9) % 12);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse: year, month and day.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// `None` before the year 0 and after 9999, which RFC 3339 cannot represent.
fn written(milliseconds: i64) -> Option<String> {
    let (year, month, day) = date(milliseconds.div_euclid(DAY));
    let of_day = milliseconds.rem_euclid(DAY);
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (second, fraction) = (of_day / 1000 % 60, of_day % 1000);
    (0..=9999).contains(&year).then(|| {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use migrate_runtime::rusqlite::Connection;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[track_caller]
    fn check(value: Cell, expected: Option<&str>) {
        assert_eq!(in_utc(&value).as_deref(), expected, "{value:?}");
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
        check(Cell::Integer(1_706_702_400), noon);
        check(Cell::Integer(1_706_702_400_000), noon);
        let fraction = Some("2024-01-31T12:00:00.987Z");
        check(text("2024-01-31T12:00:00.987000321Z"), fraction);
        check(Cell::Integer(1_706_702_400_987), fraction);
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
        ] {
            check(text(form), None);
        }
        check(Cell::Null, None);
        check(Cell::Real(2.5), None);
        check(Cell::Blob(vec![0]), None);
        check(Cell::Integer(i64::MAX), None);
        check(Cell::Integer(i64::MIN), None);
    }

    /// Compares days of all years with SQLite, which has the same calendar.
    #[test]
    fn the_calendar_is_that_of_everybody() {
        let conn = Connection::open_in_memory().unwrap();
        for number in (-62_167_219_200_i64..253_402_300_799).step_by(86_413_331) {
            let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', ?1, 'unixepoch')";
            let expected: String = conn.query_row(sql, [number], |row| row.get(0)).unwrap();
            assert_eq!(written(number * 1000).as_deref(), Some(expected.as_str()));
            assert_eq!(parse(&expected), Some(number * 1000));
        }
    }
}
