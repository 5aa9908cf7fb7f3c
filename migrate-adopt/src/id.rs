//! Old versions and names, so far that they can be compared.

/// An old version in the form in which those that mean the same are equal:
/// without zeros that say nothing, and without the end of a file name.
pub(crate) fn canonical(id: &str) -> String {
    let id = id.trim();
    let id = id.strip_suffix(".sql").unwrap_or(id);
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
        ] {
            assert_eq!(canonical(one), canonical(other), "{one} {other}");
        }
        for (one, other) in [
            ("1", "10"),
            ("1.1", "11"),
            ("001_a", "1_a"),
            ("1.", "1"),
            ("", "0"),
        ] {
            assert_ne!(canonical(one), canonical(other), "{one} {other}");
        }
    }

    #[test]
    fn names_are_compared_by_their_words() {
        assert_eq!(slug("Add users"), slug("add_users"));
        assert_eq!(slug("AddUsers"), slug("add-users"));
        assert_ne!(slug("add_user"), slug("add_users"));
    }
}
