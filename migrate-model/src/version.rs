//! Versions of migrations, and how a directory numbers them.

use std::fmt;

/// The number of a migration: at least 1, at most [`Version::MAX`].
///
/// `Display` pads to three digits, as most file names do.
///
/// ```
/// use migrate_model::Version;
///
/// const FIRST: Version = Version::new(1);
/// assert_eq!(FIRST.to_string(), "001");
/// assert_eq!(Version::from_u64(0), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// The highest version: the largest value of a signed 64-bit column.
    pub const MAX: Version = Version(i64::MAX as u64);

    /// Creates a version from a valid number. In a `const`, an invalid number fails the build.
    ///
    /// # Panics
    ///
    /// Panics if `number` is zero or above [`Version::MAX`]. Use
    /// [`Version::from_u64`] for an untrusted number.
    #[track_caller]
    pub const fn new(number: u64) -> Version {
        match Version::from_u64(number) {
            Some(version) => version,
            None => invalid_version(),
        }
    }

    /// Creates a version, or returns `None` if `number` is zero or above [`Version::MAX`].
    pub const fn from_u64(number: u64) -> Option<Version> {
        if number == 0 || number > Version::MAX.0 {
            None
        } else {
            Some(Version(number))
        }
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The version after this one, or `None` after [`Version::MAX`].
    pub const fn next(self) -> Option<Version> {
        Version::from_u64(self.0 + 1)
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a constant out of range must fail the build")]
const fn invalid_version() -> Version {
    panic!("a version must lie between 1 and 9223372036854775807")
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

/// The numbering scheme of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// Consecutive numbers from `first`, without gaps. The default is from 1.
    Sequential {
        /// The version that the first migration must have.
        first: Version,
    },
    /// 14-digit timestamps, as other tools use them: ascending and unique, with any gaps.
    Timestamp,
}

impl Numbering {
    /// Sequential numbering from 1.
    pub const DEFAULT: Numbering = Numbering::Sequential {
        first: Version::new(1),
    };
}

impl Default for Numbering {
    fn default() -> Numbering {
        Numbering::DEFAULT
    }
}
