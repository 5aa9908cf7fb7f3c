//! Reading a migrations directory: from files to migrations and diagnostics, in stages.

mod assemble;
mod lock;
mod text;

use crate::diagnostic::{Code, Diagnostic};
use crate::file_name::{FileKind, classify};
use crate::section::{self, Section};
use crate::source_file::{RefusedPath, SourceFile, shown};
use crate::text::mixed_line_ends;
use crate::{Options, SourceMigration, lint, lock_file, rules};
use migrate_model::files::{Files, list};
use migrate_model::{Checksum, Numbering};

/// The result of reading a migrations directory.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// The migrations in ascending order. If there are diagnostics, the list may be incomplete
    /// or contain a version twice, and is only good for a stub.
    pub migrations: Vec<SourceMigration>,
    /// Every problem: first those of the numbering, ordered by version, then the others,
    /// ordered by path and place.
    pub diagnostics: Vec<Diagnostic>,
    /// Findings that do not make the directory invalid.
    pub warnings: Vec<Diagnostic>,
    /// The path of every file that was read, relative to the directory, and the checksum of
    /// its whole canonical text.
    pub read: Vec<(String, Checksum)>,
    /// The path of the lock file, relative to the directory, and its text, if there is one and
    /// it could be read.
    pub lock: Option<(String, String)>,
}

/// Reads and validates a migrations directory, and reports all problems at once.
///
/// ```
/// use migrate_model::files::InMemory;
/// use migrate_source::Options;
/// use migrate_source::directory::read;
///
/// let files = [("001_users.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY);")];
/// let directory = read(&mut InMemory(&files), &Options::default());
/// assert!(directory.diagnostics.is_empty());
/// assert_eq!(directory.migrations[0].label, "001_users");
/// ```
pub fn read(files: &mut dyn Files, options: &Options<'_>) -> Directory {
    let mut problems = Vec::new();
    let paths = match list(files) {
        Ok(paths) => paths,
        Err((folder, reason)) => {
            return Directory {
                diagnostics: vec![unreadable_directory(options, &folder, &reason)],
                ..Directory::default()
            };
        }
    };
    let lock = lock::read(files, &paths, options, &mut problems);
    let Found {
        sources,
        refused,
        read,
    } = read_files(files, paths, options, &mut problems);
    let sections: Vec<_> = sources
        .iter()
        .map(|source| section::split(source, options.engine))
        .collect();
    check_each(&sections, &sources, &refused, options, &mut problems);
    let mut migrations = assemble::assemble(&sections, &refused, options, &mut problems);
    let absent = lock.as_ref().map(|(path, text)| {
        let path = shown(options.shown_root, path);
        let parsed = lock_file::parse(&path, text);
        lock::mark_frozen(&parsed, &mut migrations);
        let lock = (path.as_str(), text.as_str());
        rules::lock::check(
            parsed,
            lock,
            &sources,
            &refused,
            &migrations,
            options,
            &mut problems,
        )
    });
    if sources.is_empty() && problems.is_empty() {
        problems.push(rules::numbering::no_migrations(options));
    }
    problems.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    let mut diagnostics = rules::numbering::check(&sources, &refused, absent.as_deref(), options);
    diagnostics.append(&mut problems);
    let mut warnings = Vec::new();
    // Findings about the content do not help while the files are out of order, and a broken
    // text cannot be linted.
    if diagnostics.is_empty() {
        let mut findings = lint::check(&migrations, &sources, options);
        findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        (diagnostics, warnings) = lint::by_level(findings);
    }
    Directory {
        migrations,
        diagnostics,
        warnings,
        read,
        lock,
    }
}

/// The files of a directory.
#[derive(Default)]
struct Found {
    /// The scripts, ordered by version, and by path within a version.
    sources: Vec<SourceFile>,
    refused: Vec<RefusedPath>,
    /// The path and checksum of each file that was read.
    read: Vec<(String, Checksum)>,
}

fn read_files(
    files: &mut dyn Files,
    paths: Vec<String>,
    options: &Options<'_>,
    out: &mut Vec<Diagnostic>,
) -> Found {
    let timestamps = options.numbering == Numbering::Timestamp;
    let mut found = Found::default();
    for relative in paths {
        let path = shown(options.shown_root, &relative);
        match classify(&relative, timestamps) {
            FileKind::Ignored => {}
            FileKind::Unknown(problem) => found.refused.push(RefusedPath {
                relative,
                path,
                problem,
            }),
            FileKind::Script(name) => {
                let (text, mixed_line_ends) = match files.read(&relative) {
                    Ok(bytes) => (
                        text::canonical(&path, &bytes, options.engine, out),
                        mixed_line_ends(&bytes),
                    ),
                    Err(reason) => {
                        out.push(text::unreadable(&path, &reason));
                        (None, None)
                    }
                };
                if let Some(text) = &text {
                    found.read.push((relative, Checksum::of(text)));
                }
                found.sources.push(SourceFile {
                    path,
                    name,
                    is_damaged: text.is_none(),
                    text: text.unwrap_or_default(),
                    mixed_line_ends,
                });
            }
        }
    }
    // The sort is stable and the paths are sorted, so equal versions stay in path order.
    found.sources.sort_by_key(|source| source.name.version);
    found
}

/// Applies the rules that check one file or one script at a time.
fn check_each(
    sections: &[(Section<'_>, Option<Section<'_>>)],
    sources: &[SourceFile],
    refused: &[RefusedPath],
    options: &Options<'_>,
    out: &mut Vec<Diagnostic>,
) {
    rules::names::check(refused, sources, out);
    rules::numbering::mixed_widths(sources, out);
    let whole = sections
        .iter()
        .filter(|(section, _)| !section.source.is_damaged);
    for section in whole.flat_map(|(first, second)| std::iter::once(first).chain(second)) {
        rules::directives::check(section, out);
        rules::script::check(section, options, out);
    }
}

fn unreadable_directory(options: &Options<'_>, folder: &str, reason: &str) -> Diagnostic {
    let (message, help) = match folder {
        "" => (
            format!("the migrations directory cannot be read: {reason}"),
            "create the directory, or correct the path: it is relative to the package's \
             `Cargo.toml`, or to the file of the call if it starts with `./`",
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
        help,
    )
}
