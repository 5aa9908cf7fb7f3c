//! The options for reading a directory, with the checks that a caller provides.

use crate::rust_file::{RustFile, RustProblem};
use crate::sqlite_version::SqliteVersion;
use migrate_model::{Checksum, Numbering};
use migrate_scan::Engine;

/// The options for reading a directory.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct Options<'a> {
    /// The prefix of shown paths, such as `app/migrations`.
    pub shown_root: &'a str,
    /// The numbering scheme of the versions.
    pub numbering: Numbering,
    /// The engine that the scripts are for.
    pub engine: Engine,
    /// A check of one statement's syntax, called with its text.
    pub syntax: Option<SyntaxCheck<'a>>,
    /// A check of a Rust file, called with its text. Default: the file is assumed to have an
    /// `up` and no `down`.
    pub rust: Option<RustCheck<'a>>,
    /// A search for the text that a changed file had when it was frozen.
    pub earlier: Option<Earlier<'a>>,
    /// Whether each migration must have a down or give a reason for having none.
    pub downs_required: bool,
    /// The SQLite that runs the scripts.
    pub sqlite: SqliteTarget<'a>,
}

/// The SQLite that runs the scripts.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SqliteTarget<'a> {
    /// The oldest version that must run them. Default: what is new in a version is not looked
    /// for.
    pub min_sqlite: Option<SqliteVersion>,
    /// The application's functions, with their numbers of arguments; -1 for any.
    pub functions: &'a [(String, i32)],
}

/// Finds an earlier text of a file. The arguments are its path relative to the directory, and
/// the locked checksum of the file or of [a part of it](crate::lock_file::part_with).
pub type Earlier<'a> = &'a dyn Fn(&str, &Checksum) -> Option<String>;

/// Checks a Rust file. The arguments are its text and its engine.
pub type RustCheck<'a> = &'a dyn Fn(&str, Engine) -> Result<RustFile, RustProblem>;

/// Parses the text of one statement, and returns its first syntax error.
pub type SyntaxCheck<'a> = &'a dyn Fn(&str) -> Option<SyntaxProblem>;

/// A syntax error in a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// Offset of the first wrong byte in the statement.
    pub offset: usize,
    /// Length of the wrong part in bytes.
    pub length: usize,
    /// The message of the parser.
    pub message: String,
}
