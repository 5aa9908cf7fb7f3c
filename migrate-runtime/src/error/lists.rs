//! Messages about several problems.

use migrate_model::plan::Drift;

/// One message for each disagreement. A database that is ahead is one message,
/// however many migrations an old program does not contain.
pub(crate) fn messages(drift: &[Drift]) -> Vec<String> {
    let mut ahead = drift.iter().filter_map(|drift| match drift {
        Drift::Ahead { version, name } => Some(format!("`{version}_{name}`")),
        _ => None,
    });
    let Some((first, last)) = ahead.next().zip(ahead.next_back()) else {
        return drift.iter().map(Drift::to_string).collect();
    };
    let count = ahead.count() + 2;
    let mut ahead = Some(format!(
        "the database is ahead of this binary: {count} migrations, {first} to {last}, are applied \
         but this binary does not contain them; start a newer release, or restore their files"
    ));
    drift
        .iter()
        .filter_map(|drift| match drift {
            Drift::Ahead { .. } => ahead.take(),
            other => Some(other.to_string()),
        })
        .collect()
}

/// The first ten, because there may be a million broken references.
pub(super) fn list(items: &[String]) -> String {
    const MOST: usize = 10;
    let shown = items[..items.len().min(MOST)].join("; ");
    match items.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}
