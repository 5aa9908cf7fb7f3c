//! New timestamps, second by second.

use super::found::{Migration, Script};
use crate::Error;
use crate::renumber::refuse::no_number_left;
use migrate_model::Version;
use std::collections::BTreeSet;

/// The number of digits of a timestamp.
pub(super) const DIGITS: usize = 14;

/// Whether the number of a file can stay if versions are timestamps.
pub(super) fn is_timestamp(script: &Script) -> bool {
    script.corrected.name.digits == DIGITS
        && script.version() == Some(script.corrected.name.version)
}

/// The new timestamps. The first migration of a second keeps it, and the others get the
/// next free ones. Migrations without a timestamp come last, and drafts come after the
/// frozen migrations.
pub(super) fn versions(
    migrations: &[Migration],
    last: Option<Version>,
    now: Option<Version>,
) -> Result<Vec<Version>, Error> {
    let own = |it: &Migration| {
        it.up
            .version()
            .filter(|_| it.is_frozen || is_timestamp(&it.up))
    };
    let mut taken: BTreeSet<Version> = migrations.iter().filter_map(own).collect();
    let mut kept = BTreeSet::new();
    let mut versions = Vec::new();
    for migration in migrations {
        let own = own(migration);
        let is_after_frozen = |version: &Version| last.is_none_or(|last| *version > last);
        let version = match own {
            Some(own) if migration.is_frozen => own,
            Some(own) if is_after_frozen(&own) && !kept.contains(&own) => own,
            Some(own) => free(Some(own.max(last.unwrap_or(own))), &taken)?,
            None => {
                let highest = taken.last().copied();
                let after = match highest {
                    Some(highest) => Some(free(Some(highest), &taken)?),
                    None => None,
                };
                after.max(now).ok_or_else(no_number_left)?
            }
        };
        kept.insert(version);
        taken.insert(version);
        versions.push(version);
    }
    Ok(versions)
}

/// The first free second after this one.
fn free(after: Option<Version>, taken: &BTreeSet<Version>) -> Result<Version, Error> {
    let mut next = after.and_then(next_second);
    while let Some(version) = next {
        if !taken.contains(&version) {
            return Ok(version);
        }
        next = next_second(version);
    }
    Err(no_number_left())
}

/// The next second of the calendar; for a number that is not a time, the next number.
fn next_second(version: Version) -> Option<Version> {
    let number = version.get();
    let (date, time) = (number / 1_000_000, number % 1_000_000);
    let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100);
    let next = match (hour, minute, second) {
        (23, 59, 59) => next_day(date) * 1_000_000,
        (_, 59, 59) => date * 1_000_000 + (hour + 1) * 10_000,
        (_, _, 59) => number - 59 + 100,
        _ => number + 1,
    };
    let is_short = next.to_string().len() <= DIGITS;
    Version::from_u64(next).filter(|_| is_short)
}

fn next_day(date: u64) -> u64 {
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    match (month, day) {
        (12.., 31..) => (year + 1) * 10_000 + 101,
        _ if day >= days => year * 10_000 + (month + 1) * 100 + 1,
        _ => date + 1,
    }
}
