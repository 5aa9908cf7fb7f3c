//! S34: names that differ only by case.

use std::collections::BTreeMap;

/// Finds paths that differ from another path only by case. For each, returns the path, its part
/// that collides, and the spelling of the other.
///
/// On Windows and macOS the two are the same, and a checkout lacks some of the files.
pub(in crate::lint) fn case_colliding<'a>(paths: &[&'a str]) -> Vec<(&'a str, &'a str, &'a str)> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut collisions = Vec::new();
    for path in paths {
        let ends = path.match_indices('/').map(|(at, _)| at);
        for end in ends.chain([path.len()]) {
            let part = &path[..end];
            let first = *seen.entry(part.to_lowercase()).or_insert(part);
            if first != part {
                collisions.push((*path, part, first));
                break;
            }
        }
    }
    collisions
}
