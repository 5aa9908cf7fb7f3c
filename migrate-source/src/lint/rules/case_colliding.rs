use std::collections::BTreeMap;

/// Paths whose folders or files differ from those of another only by case:
/// each with the part that does, and how the other is written.
///
/// On Windows and macOS the two are one, and a checkout has one half of the
/// files.
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
