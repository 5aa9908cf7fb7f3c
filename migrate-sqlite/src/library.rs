//! The linked SQLite library: its version and its known bugs.

/// The oldest SQLite that the migrate crates work with, as
/// [`rusqlite::version_number`] writes it.
///
/// `sqlite3_error_offset`, which gives the position of an error in a migration, was
/// added in 3.38.
pub const MINIMUM: i32 = 3_038_000;

/// The version of the linked SQLite: 3.51.2 is `3_051_002`.
pub fn version() -> i32 {
    rusqlite::version_number()
}

/// A version in dotted form: `3_051_002` is `3.51.2`.
pub fn display(version: i32) -> String {
    let (major, minor, patch) = (version / 1_000_000, version / 1000 % 1000, version % 1000);
    format!("{major}.{minor}.{patch}")
}

/// Whether two connections that reset a write-ahead log at the same moment can
/// corrupt the database with this version.
///
/// 3.7.0 to 3.51.2 can. It is fixed in 3.51.3, and in the patch releases 3.44.6
/// and 3.50.7: <https://sqlite.org/wal.html#walresetbug>.
pub fn has_wal_reset_bug(version: i32) -> bool {
    let is_fixed = matches!(version, 3_044_006..3_045_000 | 3_050_007..3_051_000 | 3_051_003..);
    version >= 3_007_000 && !is_fixed
}

/// The warning for programs that use write-ahead logging with this version; `None`
/// if the version does not [have the bug](has_wal_reset_bug).
pub fn wal_reset_warning(version: i32) -> Option<String> {
    has_wal_reset_bug(version).then(|| {
        let version = display(version);
        format!(
            "SQLite {version} is linked: with write-ahead logging it can corrupt the database when \
             two connections reset the log at the same moment; link 3.51.3 or newer, or 3.50.7 or \
             3.44.6 (https://sqlite.org/wal.html#walresetbug)"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bug_is_in_these_versions() {
        let bad = [
            "3.7.0", "3.40.1", "3.44.5", "3.45.0", "3.50.6", "3.51.0", "3.51.2",
        ];
        let good = [
            "3.6.23", "3.44.6", "3.44.9", "3.50.7", "3.51.3", "3.52.0", "3.54.1",
        ];
        let number = |text: &str| {
            let parts: Vec<i32> = text.split('.').map(|part| part.parse().unwrap()).collect();
            parts[0] * 1_000_000 + parts[1] * 1000 + parts[2]
        };
        for text in bad {
            let warning = wal_reset_warning(number(text)).unwrap();
            assert!(warning.starts_with(&format!("SQLite {text} is linked")));
        }
        for text in good {
            assert_eq!(wal_reset_warning(number(text)), None, "{text}");
            assert_eq!(display(number(text)), text);
        }
    }

    #[test]
    fn the_version_is_that_of_the_library() {
        assert_eq!(display(version()), rusqlite::version());
    }
}
