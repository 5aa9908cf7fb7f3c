//! A file of the directory, as read.

use crate::file_name::{NameProblem, ScriptName};
use migrate_scan::text;

/// A script file, with its canonical text.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// The path as shown to the user.
    pub(crate) path: String,
    pub(crate) name: ScriptName,
    pub(crate) text: String,
    /// The bytes could not be read or are not valid text. Such a file has an empty text and its
    /// own diagnostic. Its name still counts, so it is not reported as missing too.
    pub(crate) is_damaged: bool,
    /// The place of the first line ending that differs from those before it, and the names of
    /// both kinds.
    pub(crate) mixed_line_ends: Option<(usize, [&'static str; 2])>,
}

/// A refused path.
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

/// The line of the file that contains a byte of its text.
pub(crate) fn line_of(source: &SourceFile, offset: usize) -> u32 {
    u32::try_from(text::position(&source.text, offset).line).unwrap_or(u32::MAX)
}
