//! Old versions and names, so far that they can be compared.

use std::cmp::Ordering;

/// An old version in the form in which those that mean the same are equal:
/// without zeros that say nothing, and without the folder and the end of a file name.
pub(crate) fn canonical(id: &str) -> String {
    let id = id.trim();
    let id = match id.strip_suffix(".sql") {
        // The folder depends on where the tool was told to look.
        Some(path) => path.rsplit('/').next().unwrap_or(path),
        None => id,
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

/// As flyway orders versions: `1.9` before `1.10`, and behind them those that
/// have a script instead of a version, by their descriptions.
pub(crate) fn by_parts(one: &str, other: &str) -> Ordering {
    let key = |id: &str| {
        let id = canonical(id);
        let is_script = id.starts_with(|c: char| !c.is_ascii_digit());
        let parts = id.split('.').filter(|_| !is_script);
        let parts: Vec<u128> = parts
            .map(|part| part.parse().unwrap_or(u128::MAX))
            .collect();
        (is_script, parts, description(&id))
    };
    key(one).cmp(&key(other))
}

/// What flyway makes of the name of a file.
pub(crate) fn description(name: &str) -> String {
    name.replace('_', " ")
}

/// As the tool would name it: version and name, of which some versions are one.
pub(crate) fn called(id: &str, name: Option<&str>) -> String {
    match name {
        Some(name) if !id.contains(name) && !slug(id).contains(&slug(name)) => {
            format!("{id} {name}")
        }
        _ => id.to_owned(),
    }
}

/// A name without what tools write in different ways: case, and what stands
/// between words.
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

    /// A space comes before letters and digits, which an underscore does not.
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
