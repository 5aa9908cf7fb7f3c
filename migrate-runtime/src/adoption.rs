//! Migrations that another tool has applied, and the rows that record them.

use crate::error::Kind;
use migrate_model::history::Row;
use migrate_model::{Migration, Registry, Version};

/// One migration that another tool has applied, as
/// [`Migrator::adopt`](crate::Migrator::adopt) records it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adopted {
    /// The migration of the registry that corresponds to it.
    pub version: Version,
    /// The tool, and its name for the migration: `sqlx 20240101120000`.
    pub origin: String,
    /// When it was applied: RFC 3339, in UTC. Default: now.
    pub applied_at: Option<String>,
    /// How long it took, in milliseconds; zero if unknown.
    pub execution_ms: u64,
    /// Additional information, such as how it was verified.
    pub note: Option<String>,
}

impl Adopted {
    /// A migration without further information.
    pub fn new(version: Version, origin: impl Into<String>) -> Adopted {
        Adopted {
            version,
            origin: origin.into(),
            applied_at: None,
            execution_ms: 0,
            note: None,
        }
    }
}

/// Whether a text is a time such as `2024-01-01T12:00:00Z`, with or without
/// fractional seconds.
fn is_time_in_utc(text: &str) -> bool {
    let Some(time) = text
        .strip_suffix('Z')
        .or_else(|| text.strip_suffix("+00:00"))
    else {
        return false;
    };
    let (time, fraction) = match time.split_once('.') {
        Some((time, fraction)) => (time, Some(fraction)),
        None => (time, None),
    };
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.is_some_and(|fraction| fraction.is_empty() || !is_number(fraction)) {
        return false;
    }
    let shape: String = time
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let in_range = |at: std::ops::Range<usize>, from: u8, to: u8| {
        let number = time.get(at).and_then(|digits| digits.parse().ok());
        number.is_some_and(|number| (from..=to).contains(&number))
    };
    // A minute may have a leap second.
    shape == "0000-00-00T00:00:00"
        && in_range(5..7, 1, 12)
        && in_range(8..10, 1, 31)
        && in_range(11..13, 0, 23)
        && in_range(14..16, 0, 59)
        && in_range(17..19, 0, 60)
}

/// Fails if the history is not empty: baselines and adoptions write its first
/// rows.
pub(crate) fn refuse_history(what: &'static str, history: &[Row]) -> Result<(), Kind> {
    match history.last() {
        None => Ok(()),
        Some(last) => Err(Kind::HasHistory {
            what,
            rows: history.len(),
            last: last.label(),
        }),
    }
}

/// The adopted migrations, which must be the first ones of the registry.
pub(crate) fn matched<E>(
    registry: &'static Registry<E>,
    adopted: &[Adopted],
) -> Result<Vec<&'static Migration>, Kind> {
    if adopted.is_empty() {
        let what = "the other tool has applied nothing, so there is nothing to adopt; nothing was \
                    written, run `up`";
        return Err(Kind::Unadoptable(what.to_owned()));
    }
    let mut expected = registry.migrations().iter();
    let mut matched: Vec<&'static Migration> = Vec::with_capacity(adopted.len());
    for adopted in adopted {
        let (origin, version) = (&adopted.origin, adopted.version);
        let Some(migration) = registry.get(version) else {
            return Err(Kind::Unadoptable(format!(
                "`{origin}` cannot be adopted as migration {version}: this binary does not contain \
                 it; nothing was written, add its file, or adopt it as another migration"
            )));
        };
        let label = migration.label;
        match expected.next() {
            Some(expected) if expected.version == version => {}
            Some(expected) if version > expected.version => {
                return Err(Kind::Unadoptable(format!(
                    "`{origin}` cannot be adopted as migration `{label}`, but `{}` comes first and \
                     the other tool has not applied it; nothing was written, apply it with that \
                     tool, or move its file to the end",
                    expected.label
                )));
            }
            _ => {
                return Err(Kind::Unadoptable(format!(
                    "`{origin}` cannot be adopted as migration `{label}`: it is already adopted; \
                     nothing was written, list each migration once, in order"
                )));
            }
        }
        if let Some(time) = &adopted.applied_at
            && !is_time_in_utc(time)
        {
            return Err(Kind::Unadoptable(format!(
                "`{origin}` was applied at `{time}`, which is not a time in UTC such as \
                 `2024-01-01T12:00:00Z`; nothing was written, correct it"
            )));
        }
        matched.push(migration);
    }
    Ok(matched)
}

#[cfg(test)]
mod tests {
    use super::is_time_in_utc;

    #[test]
    fn times_in_utc() {
        for time in [
            "2024-01-31T23:59:60Z",
            "2024-12-01T00:00:00.123456789Z",
            "2024-12-01T00:00:00+00:00",
        ] {
            assert!(is_time_in_utc(time), "{time}");
        }
        for other in [
            "",
            "Z",
            "2024-01-01",
            "2024-01-01 12:00:00",
            "2024-01-01 12:00:00Z",
            "2024-01-01T12:00:00",
            "2024-01-01T12:00:00+01:00",
            "2024-13-01T12:00:00Z",
            "2024-00-01T12:00:00Z",
            "2024-01-32T12:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T12:60:00Z",
            "2024-01-01T12:00:61Z",
            "2024-01-01T12:00:00.Z",
            "2024-01-01T12:00:00.1xZ",
            "2024-01-01T12:00:00é",
            "1704110400",
        ] {
            assert!(!is_time_in_utc(other), "{other}");
        }
    }
}
