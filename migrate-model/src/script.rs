//! The script of a migration in one direction, and locations in it.

use migrate_scan::{Statement, text};
use std::borrow::Cow;
use std::fmt;

/// The up or down script of a migration. For SQL, it is the canonical text with the position of
/// each statement, so nothing is parsed at run time. For Rust, it is only the path of the file,
/// because a function is not data.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    path: &'static str,
    sql: &'static str,
    first_line: u32,
    body: Body,
    in_transaction: bool,
}

#[derive(Clone, Copy, Debug)]
enum Body {
    Single,
    Packed(&'static [u8]),
    Rust,
}

/// The size of a packed statement: three little-endian `u32`.
const PACKED: usize = 12;

impl Script {
    /// Creates a script of several statements, whose positions are packed by [`pack`].
    ///
    /// `first_line` is the line of the file on which the text starts. It is greater than 1 for
    /// a down that follows its up in the same file.
    ///
    /// # Panics
    ///
    /// Panics if the length of `packed` is not a multiple of 12.
    #[track_caller]
    pub const fn packed(
        path: &'static str,
        sql: &'static str,
        first_line: u32,
        packed: &'static [u8],
    ) -> Script {
        assert!(
            packed.len().is_multiple_of(PACKED),
            "packed statements take 12 bytes each"
        );
        Script {
            first_line,
            body: Body::Packed(packed),
            ..Script::single(path, sql)
        }
    }

    /// Creates a script whose whole text is one statement, for a registry written by hand.
    pub const fn single(path: &'static str, sql: &'static str) -> Script {
        Script {
            path,
            sql,
            first_line: 1,
            body: Body::Single,
            in_transaction: true,
        }
    }

    /// Creates a script that is a function of a Rust file. The function itself must be given to
    /// the run.
    pub const fn rust(path: &'static str) -> Script {
        Script {
            body: Body::Rust,
            ..Script::single(path, "")
        }
    }

    /// Marks the script to run one statement at a time, outside a transaction.
    #[must_use]
    pub const fn without_transaction(mut self) -> Script {
        self.in_transaction = false;
        self
    }

    /// Whether the script is a Rust function.
    pub const fn is_rust(&self) -> bool {
        matches!(self.body, Body::Rust)
    }

    /// Whether the script runs in a transaction. This is the default.
    pub const fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    /// The line of the file on which the text starts, from 1.
    pub const fn first_line(&self) -> u32 {
        self.first_line
    }

    /// The file, relative to the workspace.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The canonical text; empty for a Rust function.
    pub const fn sql(&self) -> &'static str {
        self.sql
    }

    /// The number of statements.
    pub const fn statement_count(&self) -> usize {
        match self.body {
            Body::Rust => 0,
            Body::Single => 1,
            Body::Packed(packed) => packed.len() / PACKED,
        }
    }

    /// The position of a statement, by its index from 0.
    pub fn statement(&self, index: usize) -> Option<Statement> {
        (index < self.statement_count()).then(|| self.place(index))
    }

    /// The position of each statement, in order.
    pub fn statements(&self) -> impl ExactSizeIterator<Item = Statement> + use<> {
        let script = *self;
        (0..script.statement_count()).map(move |index| script.place(index))
    }

    /// The position of a statement that exists.
    fn place(&self, index: usize) -> Statement {
        if let Body::Packed(packed) = self.body {
            return unpack(&packed[index * PACKED..]);
        }
        Statement {
            start: 0,
            end: u32::try_from(self.sql.len()).unwrap_or(u32::MAX),
            line: 1,
        }
    }

    /// The text of one statement; empty if its position is outside the script.
    pub fn text(&self, statement: Statement) -> &'static str {
        self.sql
            .get(statement.start as usize..statement.end as usize)
            .unwrap_or_default()
    }

    /// The location in the file of a byte of this script.
    pub fn location(&self, offset: usize) -> Location {
        Location::in_text(Cow::Borrowed(self.path), self.sql, self.first_line, offset)
    }
}

/// Packs the positions of statements into the bytes that [`Script::packed`] takes: one literal
/// in the generated code, however many statements there are.
pub fn pack(statements: &[Statement]) -> Vec<u8> {
    statements
        .iter()
        .flat_map(|statement| [statement.start, statement.end, statement.line])
        .flat_map(u32::to_le_bytes)
        .collect()
}

/// The position in the first 12 bytes.
fn unpack(bytes: &[u8]) -> Statement {
    let field =
        |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    Statement {
        start: field(0),
        end: field(4),
        line: field(8),
    }
}

/// A place in a migration file; `Display` writes `path:line:column`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The file, relative to the workspace. For a down that is stored in a database, a text
    /// that says so.
    pub path: Cow<'static, str>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Location {
    /// The location of a byte of a text that starts on the line `first_line` of a file.
    pub fn in_text(
        path: Cow<'static, str>,
        text: &str,
        first_line: u32,
        offset: usize,
    ) -> Location {
        let position = text::position(text, offset);
        Location {
            path,
            line: position.line + first_line as usize - 1,
            column: position.column,
        }
    }
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
        let by_index = (0..3).map(|index| script.statement(index));
        assert!(by_index.eq([Some(statements[0]), Some(statements[1]), None]));
    }

    #[test]
    fn a_location_counts_from_the_start_of_the_file() {
        let script = Script::packed("a.sql", "x;\n  y;\n", 11, &[]);
        assert_eq!(script.location(5).to_string(), "a.sql:12:3");
    }
}
