//! Comparison of old versions and names.

use std::cmp::Ordering;

/// The canonical form of an old version, in which equivalent versions are
/// equal: without redundant zeros, and without the folder and extension of a
/// file name.
pub(crate) fn canonical(id: &str) -> String {
    let trimmed = id.trim();
    let id = match trimmed.strip_suffix(".sql") {
        // The folder depends on the search path of the tool.
        Some(path) => path.rsplit('/').next().unwrap_or(path),
        None => trimmed,
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !id.split('.').all(is_number) {
        return id.to_owned();
    }
    let mut parts: Vec<&str> = id
        .split('.')
        .map(|part| match part.trim_start_matches('0') {
            "" => "0",
            number => number,
        })
        .collect();
    while parts.len() > 1 && parts.last() == Some(&"0") {
        parts.pop();
    }
    parts.join(".")
}

/// Compares versions like flyway: `1.9` before `1.10`, followed by repeatables,
/// which have a script instead of a version, by their descriptions.
pub(crate) fn by_parts(one: &str, other: &str) -> Ordering {
    let key = |id: &str| {
        let id = canonical(id);
        let is_script = id.starts_with(|c: char| !c.is_ascii_digit());
        let parts: Vec<u128> = id
            .split('.')
            .filter(|_| !is_script)
            .map(|part| part.parse().unwrap_or(u128::MAX))
            .collect();
        (is_script, parts, description(&id))
    };
    key(one).cmp(&key(other))
}

/// The description that flyway derives from a file name.
pub(crate) fn description(name: &str) -> String {
    name.replace('_', " ")
}

/// Version and name; some tools have both in the version.
pub(crate) fn called(id: &str, name: Option<&str>) -> String {
    match name {
        Some(name) if !id.contains(name) && !slug(id).contains(&slug(name)) => {
            format!("{id} {name}")
        }
        _ => id.to_owned(),
    }
}

/// A name without what tools write differently: case and word separators.
pub(crate) fn slug(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_mean_the_same_are_equal() {
        for (one, other) in [
            ("000001", "1"),
            ("1.0", "1"),
            ("1.01", "1.1"),
            ("0", "000"),
            ("0.0", "0"),
            (" 7 ", "7"),
            ("001_a.sql", "001_a"),
            ("views/R__a.sql", "R__a.sql"),
        ] {
            assert_eq!(canonical(one), canonical(other), "{one} {other}");
        }
        for (one, other) in [
            ("1", "10"),
            ("1.1", "11"),
            ("001_a", "1_a"),
            ("1.", "1"),
            ("", "0"),
            ("a/b", "b"),
        ] {
            assert_ne!(canonical(one), canonical(other), "{one} {other}");
        }
    }

    /// A space sorts before letters and digits, but an underscore does not.
    #[test]
    fn scripts_come_behind_versions() {
        let sorted = [
            "1",
            "1.9",
            "1.10",
            "2",
            "R__Z.sql",
            "x/R__a_b.sql",
            "R__a.b.sql",
            "R__a1.sql",
        ];
        let mut ids = sorted;
        ids.reverse();
        ids.sort_by(|one, other| by_parts(one, other));
        assert_eq!(ids, sorted);
    }

    #[test]
    fn names_are_compared_by_their_words() {
        assert_eq!(slug("Add users"), slug("add_users"));
        assert_eq!(slug("AddUsers"), slug("add-users"));
        assert_ne!(slug("add_user"), slug("add_users"));
    }
}
