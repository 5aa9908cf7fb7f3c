//! Versions of SQLite.

use std::fmt;
use std::str::FromStr;

/// A version of SQLite 3.
///
/// ```
/// use migrate_source::SqliteVersion;
///
/// let version: SqliteVersion = "3.38".parse()?;
/// assert_eq!(version, SqliteVersion::minor(38));
/// assert_eq!(version.to_string(), "3.38");
/// assert!(version < "3.38.2".parse()?);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SqliteVersion {
    minor: u32,
    patch: u32,
}

impl SqliteVersion {
    /// The first release of a minor version: 3.38.0 for 38.
    pub const fn minor(minor: u32) -> SqliteVersion {
        SqliteVersion { minor, patch: 0 }
    }

    /// The version that SQLite writes as one number, such as 3.38.2 for 3038002; `None` for 0.
    pub fn from_number(number: i32) -> Option<SqliteVersion> {
        let number = u32::try_from(number).ok().filter(|number| *number > 0)?;
        let (minor, patch) = (number / 1000 % 1000, number % 1000);
        Some(SqliteVersion { minor, patch })
    }

    /// Major, minor and patch number.
    pub const fn parts(self) -> [u32; 3] {
        [3, self.minor, self.patch]
    }
}

impl FromStr for SqliteVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<SqliteVersion, String> {
        let number = |part: Option<&str>| match part {
            Some(part) => part.parse().ok().filter(|number| *number < 1000),
            None => Some(0),
        };
        let mut parts = text.split('.');
        let is_three = parts.next() == Some("3");
        let (minor, patch) = (parts.next(), parts.next());
        let is_complete = is_three && minor.is_some() && parts.next().is_none();
        match (number(minor), number(patch)) {
            (Some(minor), Some(patch)) if is_complete => Ok(SqliteVersion { minor, patch }),
            _ => Err("expected a version of SQLite, such as 3.38".to_owned()),
        }
    }
}

impl fmt::Display for SqliteVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "3.{}", self.minor)?;
        if self.patch > 0 {
            write!(f, ".{}", self.patch)?;
        }
        Ok(())
    }
}
