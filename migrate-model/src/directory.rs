//! A migrations directory: from files to migrations and diagnostics.

mod assemble;
mod lock;
mod section;
mod walk;

pub use assemble::{SourceMigration, SourceScript};
pub(crate) use section::{Section, is_alone_on_its_line, parts};
pub use walk::{Files, InMemory, Listed, list};

use crate::diagnostic::{Code, Diagnostic};
use crate::file_name::{FileKind, NameProblem, ScriptName, classify};
use crate::lint;
use crate::text::LineEnd;
use crate::{Checksum, Engine, Numbering, rules, text};

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

/// A Rust file that has the function which applies the migration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RustFile {
    /// Whether it has one that undoes it, too.
    pub has_down: bool,
}

/// What is wrong with a Rust file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RustProblem {
    /// It has no function `up`.
    NoUp,
    /// The function of this name is not `pub`.
    Private(&'static str),
    /// The function of this name takes nothing, or returns nothing.
    Signature(&'static str),
    /// The function of this name is `async`, which it cannot be on SQLite.
    Async(&'static str),
    /// The function of this name is not `async`, which it must be on PostgreSQL.
    NotAsync(&'static str),
    /// It begins with `//!` or `#![…]`, which cannot be included.
    InnerAttribute,
}

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

/// What a directory holds.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// The migrations in ascending order. With diagnostics present the list
    /// may be incomplete or hold a version twice: good for a stub only.
    pub migrations: Vec<SourceMigration>,
    /// Every problem: those of the order by version, then the others by path
    /// and place.
    pub diagnostics: Vec<Diagnostic>,
    /// What should be looked at, but does not make the directory invalid.
    pub warnings: Vec<Diagnostic>,
    /// Every file whose content was read: its path relative to the directory,
    /// and the checksum of its whole canonical text.
    pub read: Vec<(String, Checksum)>,
    /// The lock file, if there is one and it could be read: its path relative
    /// to the directory, and its text.
    pub lock: Option<(String, String)>,
}

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

/// Reads and validates a migrations directory: all problems at once.
///
/// ```
/// use migrate_model::directory::{InMemory, Options, read};
///
/// let files = [("001_users.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY);")];
/// let directory = read(&mut InMemory(&files), &Options::default());
/// assert!(directory.diagnostics.is_empty());
/// assert_eq!(directory.migrations[0].label, "001_users");
/// ```
pub fn read(files: &mut dyn Files, options: &Options<'_>) -> Directory {
    let mut directory = Directory::default();
    let out = &mut directory.diagnostics;
    let paths = match list(files) {
        Ok(paths) => paths,
        Err((folder, reason)) => {
            out.push(unreadable_directory(options, &folder, &reason));
            return directory;
        }
    };
    directory.lock = lock::read(files, &paths, options, out);
    let timestamps = options.numbering == Numbering::Timestamp;
    let mut sources = Vec::new();
    let mut refused = Vec::new();
    for relative in paths {
        let path = shown(options.shown_root, &relative);
        match classify(&relative, timestamps) {
            FileKind::Ignored => {}
            FileKind::Unknown(problem) => refused.push(RefusedPath {
                relative,
                path,
                problem,
            }),
            FileKind::Script(name) => {
                let mut mixed_line_ends = None;
                let text = match files.read(&relative) {
                    Ok(bytes) => {
                        mixed_line_ends = text::mixed_line_ends(&bytes);
                        rules::text::canonical(&path, &bytes, options.engine, out)
                    }
                    Err(reason) => {
                        out.push(rules::text::unreadable(&path, &reason));
                        None
                    }
                };
                if let Some(text) = &text {
                    directory.read.push((relative, Checksum::of(text)));
                }
                sources.push(SourceFile {
                    path,
                    name,
                    is_damaged: text.is_none(),
                    text: text.unwrap_or_default(),
                    mixed_line_ends,
                });
            }
        }
    }
    // `sort_by` is stable, and paths come sorted: equal versions stay in the
    // order of their paths.
    sources.sort_by_key(|source| source.name.version);
    let sections: Vec<(Section<'_>, Option<Section<'_>>)> = sources
        .iter()
        .map(|source| section::split(source, options.engine))
        .collect();
    rules::names::check(&refused, &sources, out);
    rules::numbering::mixed_widths(&sources, out);
    let whole = sections
        .iter()
        .filter(|(section, _)| !section.source.is_damaged);
    for (first, second) in whole {
        for section in std::iter::once(first).chain(second) {
            rules::directives::check(section, out);
            rules::script::check(section, options, out);
        }
    }
    directory.migrations = assemble::assemble(&sections, &refused, options, out);
    let mut absent = None;
    if let Some((path, text)) = &directory.lock {
        let lock = (shown(options.shown_root, path), text.as_str());
        let migrations = &mut directory.migrations;
        let found = rules::lock::check(lock, &sources, &refused, migrations, options, out);
        absent = Some(found);
    }
    if sources.is_empty() && out.is_empty() {
        out.push(rules::numbering::no_migrations(options));
    }
    out.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    out.splice(
        0..0,
        rules::numbering::check(&sources, &refused, absent.as_deref(), options),
    );
    // A reader whose files are in disorder has nothing from remarks on their
    // content, and a text that is broken cannot be judged.
    if out.is_empty() {
        let mut findings = lint::check(&directory.migrations, &sources, options);
        findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        (directory.diagnostics, directory.warnings) = lint::by_level(findings);
    }
    directory
}

fn unreadable_directory(options: &Options<'_>, folder: &str, reason: &str) -> Diagnostic {
    let (message, help) = match folder {
        "" => (
            format!("the migrations directory cannot be read: {reason}"),
            "create the directory, or correct the path; it is relative to the package's \
             `Cargo.toml`, and one that starts with `./` to the file of the call",
        ),
        _ => (
            format!("this folder cannot be read: {reason}"),
            "make it readable, or move it out of the migrations directory",
        ),
    };
    Diagnostic::of_path(
        Code::UnreadableDirectory,
        &shown(options.shown_root, folder),
        message,
        help.to_owned(),
    )
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
