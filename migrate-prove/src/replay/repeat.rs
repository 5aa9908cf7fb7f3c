//! Whether a second up could meet a different database than the first.

use crate::replay::catalogue::Catalogue;
use crate::replay::subject::{Part, Subject};
use std::collections::BTreeSet;

/// Whether the database is the same as before the up, provided that the down has restored the
/// schema.
///
/// An up that only adds keeps all older objects, and a down that only removes cannot have recreated
/// them. Their rows are the same too, if nothing has written to them.
pub(crate) fn meets_the_same(
    subject: &Subject<'_>,
    before: &Catalogue,
    written: &BTreeSet<String>,
) -> bool {
    let Some(down) = &subject.down else {
        return false;
    };
    only(&subject.up, adds)
        && only(down, removes)
        && !written.iter().any(|it| before.named(it).next().is_some())
}

/// Whether a script only drops, so that rows do not matter.
pub(crate) fn only_drops(part: &Part<'_>) -> bool {
    only(part, drops)
}

fn only(part: &Part<'_>, is_so: fn(&[&str]) -> bool) -> bool {
    !part.is_rust
        && part.words().iter().all(|words| {
            let first: Vec<&str> = words.iter().take(4).map(String::as_str).collect();
            // SQLite's own tables are not part of the compared schema.
            is_so(&first) && !words.iter().any(|word| word.starts_with("sqlite_"))
        })
}

fn adds(words: &[&str]) -> bool {
    match words {
        ["create", kind, ..] => {
            matches!(*kind, "table" | "index" | "unique" | "view" | "trigger")
        }
        ["alter", "table", _, verb] => *verb == "add",
        _ => writes(words),
    }
}

fn removes(words: &[&str]) -> bool {
    drops(words) || writes(words)
}

fn drops(words: &[&str]) -> bool {
    match words {
        ["drop", ..] => true,
        ["alter", "table", _, verb] => *verb == "drop",
        _ => false,
    }
}

/// These write rows. The caller checks to which tables.
fn writes(words: &[&str]) -> bool {
    matches!(
        words.first(),
        Some(&("insert" | "update" | "delete" | "replace"))
    )
}
