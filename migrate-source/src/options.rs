//! How a directory is read: the options, and the checks that a caller brings.

use crate::rust_file::{RustFile, RustProblem};
use migrate_model::{Checksum, Numbering};
use migrate_scan::Engine;

/// How a directory is read.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct Options<'a> {
    /// What is put before the path of a file when it is shown, such as
    /// `app/migrations`.
    pub shown_root: &'a str,
    /// How the versions must follow each other.
    pub numbering: Numbering,
    /// The database that the scripts are for.
    pub engine: Engine,
    /// A check of one statement's syntax, called with its text.
    pub syntax: Option<SyntaxCheck<'a>>,
    /// What finds the functions of a Rust file, called with its text. Without
    /// it such a file is taken to have an `up` and no `down`.
    pub rust: Option<RustCheck<'a>>,
    /// What finds the text that a changed file had when it was frozen.
    pub earlier: Option<Earlier<'a>>,
    /// Whether each migration must have a down, or say why it has none.
    pub downs_required: bool,
}

/// Finds an earlier text of a file: takes its path relative to the directory,
/// and the checksum that the lock file has of it or of
/// [a part of it](crate::lock_file::part_with).
pub type Earlier<'a> = &'a dyn Fn(&str, &Checksum) -> Option<String>;

/// Looks at a Rust file: takes its text and the engine that it is for, returns
/// what it found.
pub type RustCheck<'a> = &'a dyn Fn(&str, Engine) -> Result<RustFile, RustProblem>;

/// A parser: takes the text of one statement, returns its first syntax error.
pub type SyntaxCheck<'a> = &'a dyn Fn(&str) -> Option<SyntaxProblem>;

/// A syntax error in a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// Offset of the first wrong byte in the statement.
    pub offset: usize,
    /// Length of the wrong part in bytes.
    pub length: usize,
    /// What is wrong, as the parser says it.
    pub message: String,
}
