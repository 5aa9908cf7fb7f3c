//! A migrations directory: from files to migrations and diagnostics, in stages.

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

/// Reads and validates a migrations directory: all problems at once.
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
    // Remarks on the content do not help while the files are out of order, and a
    // broken text cannot be judged.
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

/// What the paths of a directory lead to.
#[derive(Default)]
struct Found {
    /// The scripts, ordered by version, and by path within a version.
    sources: Vec<SourceFile>,
    refused: Vec<RefusedPath>,
    /// Each file that was read, with its checksum.
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
    // The sort is stable, and paths come sorted: equal versions stay in the order
    // of their paths.
    found.sources.sort_by_key(|source| source.name.version);
    found
}

/// The rules that look at one file or one script at a time.
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
