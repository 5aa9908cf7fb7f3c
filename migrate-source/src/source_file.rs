//! A file of the directory, as it was read.

use crate::file_name::{NameProblem, ScriptName};
use crate::text::LineEnd;
use migrate_scan::text;

/// A file that takes part, with its canonical text.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// The path as it is shown.
    pub(crate) path: String,
    pub(crate) name: ScriptName,
    pub(crate) text: String,
    /// The bytes could not be read, or are no text. Such a file has an empty
    /// text and its own diagnostic; its name still counts, so that it is not
    /// reported as missing too.
    pub(crate) is_damaged: bool,
    /// Where the lines begin to end in another way, and in which.
    pub(crate) mixed_line_ends: Option<(usize, [LineEnd; 2])>,
}

/// A path that was refused, with what is known of it.
#[derive(Debug)]
pub(crate) struct RefusedPath {
    pub(crate) relative: String,
    pub(crate) path: String,
    pub(crate) problem: NameProblem,
}

pub(crate) fn shown(root: &str, relative: &str) -> String {
    match (root, relative) {
        ("", relative) => relative.to_owned(),
        (root, "") => root.to_owned(),
        (root, relative) => format!("{root}/{relative}"),
    }
}

/// The line of the file on which a byte of its text lies.
pub(crate) fn line_of(source: &SourceFile, offset: usize) -> u32 {
    u32::try_from(text::position(&source.text, offset).line).unwrap_or(u32::MAX)
}
