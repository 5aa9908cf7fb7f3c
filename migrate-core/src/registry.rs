mod refuse;

use self::refuse::refuse;
use crate::{Checksum, Numbering, Version, text};
use std::fmt;

/// The embedded, ordered set of migrations.
///
/// It is plain constant data: no allocation, no hashing and no parsing at run
/// time. [`embed_migrations!`] writes one; a registry built by hand is checked
/// by the compiler in the same way, because [`Registry::new`] asserts its
/// rules while it is evaluated.
///
/// ```
/// use migrate_core::{Checksum, Migration, Registry, Script, Version};
///
/// static REGISTRY: Registry = Registry::new(&[Migration {
///     version: Version::new(1),
///     label: "001_users",
///     name: "users",
///     checksum: Checksum::from_hex([b'0'; 64]),
///     up: Script::single("001_users.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY)"),
///     down: None,
/// }]);
/// assert_eq!(REGISTRY.latest().version.get(), 1);
/// ```
///
/// [`embed_migrations!`]: https://docs.rs/migrate-runtime
#[derive(Clone, Copy, Debug)]
pub struct Registry {
    migrations: &'static [Migration],
}

/// One migration of a registry.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number, unique in the registry.
    pub version: Version,
    /// Number and name as in the file name: `001_initial_schema`.
    pub label: &'static str,
    /// The name alone: `initial_schema`.
    pub name: &'static str,
    /// The checksum of the up script.
    pub checksum: Checksum,
    /// The script that applies it.
    pub up: Script,
    /// The script that undoes it, if there is one.
    pub down: Option<Script>,
}

/// The canonical text of one direction of a migration, with the place of each
/// statement, so that nothing has to be parsed at run time.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    path: &'static str,
    sql: &'static str,
    first_line: u32,
    statements: Statements,
}

#[derive(Clone, Copy, Debug)]
enum Statements {
    Single,
    Packed(&'static [u8]),
}

/// The place of one statement in its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Offset of its first byte.
    pub start: u32,
    /// Offset after its last byte; the semicolon is inside.
    pub end: u32,
    /// Line of the file on which it starts, from 1.
    pub line: u32,
}

/// The size of a packed statement: three little-endian `u32`.
const PACKED: usize = 12;

impl Registry {
    /// Makes a registry that is numbered 1, 2, 3 and so on.
    ///
    /// # Panics
    ///
    /// Panics, and so stops the build when it is evaluated for a `static` or
    /// `const`, if the set is empty, does not start at 1, has a gap, or holds
    /// a version twice or out of order. The message names the versions.
    #[track_caller]
    pub const fn new(migrations: &'static [Migration]) -> Registry {
        Registry::with_numbering(Numbering::DEFAULT, migrations)
    }

    /// Makes a registry with another first version, or with timestamps.
    ///
    /// # Panics
    ///
    /// As [`Registry::new`], by the rules of `numbering`.
    #[track_caller]
    pub const fn with_numbering(
        numbering: Numbering,
        migrations: &'static [Migration],
    ) -> Registry {
        if migrations.is_empty() {
            refuse("a registry needs at least one migration", 0, "", 0);
        }
        let mut i = 0;
        while i < migrations.len() {
            let version = migrations[i].version.get();
            if i > 0 {
                let before = migrations[i - 1].version.get();
                if version == before {
                    refuse("version ", version, " is used twice", 0);
                }
                if version < before {
                    refuse("version ", version, " stands after version ", before);
                }
            }
            if let Numbering::Sequential { first } = numbering {
                let expected = first.get() + i as u64;
                if version != expected && i == 0 {
                    refuse("the first version is ", version, ", not ", expected);
                }
                if version != expected {
                    refuse("version ", expected, " is missing before version ", version);
                }
            }
            i += 1;
        }
        Registry { migrations }
    }

    /// All migrations, in ascending order.
    pub const fn migrations(&self) -> &'static [Migration] {
        self.migrations
    }

    /// The newest migration.
    pub const fn latest(&self) -> &'static Migration {
        // The constructor refused an empty set.
        &self.migrations[self.migrations.len() - 1]
    }

    /// The migration with this version.
    pub fn get(&self, version: Version) -> Option<&'static Migration> {
        self.migrations
            .binary_search_by_key(&version, |migration| migration.version)
            .ok()
            .map(|index| &self.migrations[index])
    }
}

impl Script {
    /// A script of many statements, whose places [`pack`] has written.
    ///
    /// `first_line` is the line of the file on which the text starts: above 1
    /// for a down that follows its up in the same file.
    ///
    /// # Panics
    ///
    /// Panics if the length of `packed` is not a multiple of 12.
    #[track_caller]
    #[expect(
        clippy::panic,
        reason = "a damaged constant must stop the build that contains it"
    )]
    pub const fn packed(
        path: &'static str,
        sql: &'static str,
        first_line: u32,
        packed: &'static [u8],
    ) -> Script {
        if !packed.len().is_multiple_of(PACKED) {
            panic!("packed statements take 12 bytes each");
        }
        Script {
            path,
            sql,
            first_line,
            statements: Statements::Packed(packed),
        }
    }

    /// A script whose whole text is one statement, for a registry built by
    /// hand.
    pub const fn single(path: &'static str, sql: &'static str) -> Script {
        Script {
            path,
            sql,
            first_line: 1,
            statements: Statements::Single,
        }
    }

    /// The file, relative to the workspace.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The canonical text.
    pub const fn sql(&self) -> &'static str {
        self.sql
    }

    /// The place of each statement, in order.
    pub fn statements(&self) -> impl ExactSizeIterator<Item = Statement> + use<> {
        let (packed, single) = match self.statements {
            Statements::Packed(packed) => (packed, None),
            Statements::Single => (
                &[][..],
                Some(Statement {
                    start: 0,
                    end: u32::try_from(self.sql.len()).unwrap_or(u32::MAX),
                    line: 1,
                }),
            ),
        };
        StatementIter {
            packed: packed.chunks_exact(PACKED),
            single,
        }
    }

    /// The text of one statement; empty if its place lies outside the script.
    pub fn text(&self, statement: Statement) -> &'static str {
        self.sql
            .get(statement.start as usize..statement.end as usize)
            .unwrap_or_default()
    }

    /// The place in the file of a byte of this script.
    pub fn location(&self, offset: usize) -> Location {
        let position = text::position(self.sql, offset);
        Location {
            path: self.path,
            line: position.line + self.first_line as usize - 1,
            column: position.column,
        }
    }
}

/// Writes the places of statements as the bytes that [`Script::packed`] takes:
/// one literal in the generated code, however many statements there are.
pub fn pack(statements: &[Statement]) -> Vec<u8> {
    statements
        .iter()
        .flat_map(|statement| [statement.start, statement.end, statement.line])
        .flat_map(u32::to_le_bytes)
        .collect()
}

struct StatementIter {
    packed: std::slice::ChunksExact<'static, u8>,
    single: Option<Statement>,
}

impl Iterator for StatementIter {
    type Item = Statement;

    fn next(&mut self) -> Option<Statement> {
        let Some(bytes) = self.packed.next() else {
            return self.single.take();
        };
        let field = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        Some(Statement {
            start: field(0),
            end: field(4),
            line: field(8),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = self.packed.len() + usize::from(self.single.is_some());
        (length, Some(length))
    }
}

impl ExactSizeIterator for StatementIter {}

/// A place in a migration file; `Display` writes `path:line:column`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The file, relative to the workspace.
    pub path: &'static str,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_statements_come_back() {
        let statements = [
            Statement {
                start: 0,
                end: 9,
                line: 1,
            },
            Statement {
                start: 300,
                end: 70_000,
                line: 12,
            },
        ];
        let packed: &'static [u8] = pack(&statements).leak();
        let script = Script::packed("a.sql", "", 1, packed);
        assert_eq!(script.statements().len(), 2);
        assert!(script.statements().eq(statements));
    }

    #[test]
    fn a_location_counts_from_the_start_of_the_file() {
        let script = Script::packed("a.sql", "x;\n  y;\n", 11, &[]);
        assert_eq!(script.location(5).to_string(), "a.sql:12:3");
    }

    fn refusal(numbering: Numbering, versions: &[u64]) -> String {
        let migrations: Vec<Migration> = versions
            .iter()
            .map(|&number| Migration {
                version: Version::new(number),
                label: "",
                name: "",
                checksum: Checksum::from_hex([b'0'; 64]),
                up: Script::single("", ""),
                down: None,
            })
            .collect();
        let migrations: &'static [Migration] = migrations.leak();
        match std::panic::catch_unwind(|| Registry::with_numbering(numbering, migrations)) {
            Ok(_) => "accepted".to_owned(),
            Err(panic) => *panic.downcast::<String>().unwrap(),
        }
    }

    #[test]
    fn every_disorder_is_refused_by_name() {
        let plain = |versions: &[u64]| refusal(Numbering::DEFAULT, versions);
        assert_eq!(plain(&[1, 2, 3]), "accepted");
        assert_eq!(
            plain(&[]),
            "migrations: a registry needs at least one migration"
        );
        assert_eq!(plain(&[2]), "migrations: the first version is 2, not 1");
        assert_eq!(
            plain(&[1, 2, 4]),
            "migrations: version 3 is missing before version 4"
        );
        assert_eq!(plain(&[1, 2, 2]), "migrations: version 2 is used twice");
        assert_eq!(
            plain(&[1, 2, 1]),
            "migrations: version 1 stands after version 2"
        );
        let timestamps = |versions: &[u64]| refusal(Numbering::Timestamp, versions);
        assert_eq!(timestamps(&[20240101000000, 20250101000000]), "accepted");
        assert_eq!(
            timestamps(&[20250101000000, 20240101000000]),
            "migrations: version 20240101000000 stands after version 20250101000000"
        );
    }
}
