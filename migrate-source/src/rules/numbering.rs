//! The numbers of migrations.

use crate::Options;
use crate::diagnostic::{Code, Diagnostic};
use crate::file_name::{Role, hyphenated_timestamp, is_in_down_folder};
use crate::lock_file::FILE_NAME;
use crate::source_file::{RefusedPath, SourceFile};
use migrate_model::{Numbering, Version};
use std::collections::BTreeMap;

/// Checks the numbers of all migrations against each other. The diagnostics are ordered by version,
/// whatever the folders are called. `absent` has the versions that the lock file reports as
/// missing; they are not reported as gaps too. It is `None` without a lock file.
pub(crate) fn check(
    sources: &[SourceFile],
    refused: &[RefusedPath],
    absent: Option<&[Version]>,
    options: &Options<'_>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    duplicates(sources, refused, options, absent.is_some(), &mut found);
    if let Numbering::Sequential { first } = options.numbering {
        let mut claimed = claimed(sources, refused);
        for version in absent.unwrap_or_default() {
            claimed.entry(version.get()).or_insert(FILE_NAME);
        }
        match claimed.first_key_value() {
            // With timestamps, every number would be reported as a gap.
            Some((&version, path)) if version >= FIRST_TIMESTAMP && version != first.get() => {
                found.push((version, timestamps(version, path)));
            }
            _ => {
                found.extend(wrong_first(&claimed, first.get()));
                gaps(&claimed, sources, &mut found);
            }
        }
    }
    found.sort_by_key(|(version, diagnostic)| (*version, diagnostic.code));
    found
        .into_iter()
        .map(|(_, diagnostic)| diagnostic)
        .collect()
}

/// The smallest number of 14 digits.
const FIRST_TIMESTAMP: u64 = 10_000_000_000_000;

/// The problem of a directory without migrations.
pub(crate) fn no_migrations(options: &Options<'_>) -> Diagnostic {
    let first = match options.numbering {
        Numbering::Sequential { first } => first.to_string(),
        Numbering::Timestamp => "20260131235959".to_owned(),
    };
    Diagnostic::of_path(
        Code::NoMigrations,
        if options.shown_root.is_empty() {
            "."
        } else {
            options.shown_root
        },
        "the migrations directory contains no migrations",
        format!("add the first one: `{first}_initial_schema.sql`"),
    )
}

/// The number after the highest one, with the same width.
pub(crate) fn next_free(sources: &[SourceFile], refused: &[RefusedPath]) -> String {
    let highest = claimed(sources, refused).keys().next_back().copied();
    let digits = sources.iter().map(|source| source.name.digits).max();
    let next = highest.map_or(1, |highest| highest.saturating_add(1));
    format!("{next:0width$}", width = digits.unwrap_or(3))
}

/// Every number in use, with the path of its first file. A file with a bad name still uses its
/// number, so it is not reported as a gap too.
pub(crate) fn claimed<'a>(
    sources: &'a [SourceFile],
    refused: &'a [RefusedPath],
) -> BTreeMap<u64, &'a str> {
    let mut claimed: BTreeMap<u64, &str> = BTreeMap::new();
    for source in ups(sources) {
        let version = source.name.version.get();
        claimed.entry(version).or_insert(&source.path);
    }
    for path in refused {
        let name = path.relative.to_ascii_lowercase();
        let is_script = name.ends_with(".sql") || name.ends_with(".rs");
        let (folders, _) = name.rsplit_once('/').unwrap_or_default();
        let is_down = name.ends_with(".down.sql") || is_in_down_folder(folders);
        if let (true, Some(number)) = (is_script && !is_down, leading_number(&path.relative)) {
            claimed.entry(number).or_insert(&path.path);
        }
    }
    claimed
}

fn ups(sources: &[SourceFile]) -> impl Iterator<Item = &SourceFile> {
    sources
        .iter()
        .filter(|source| source.name.role != Role::Down)
}

fn leading_number(relative: &str) -> Option<u64> {
    let (folders, file) = relative.rsplit_once('/').unwrap_or(("", relative));
    let folder = folders.rsplit('/').next().unwrap_or_default();
    [file, folder].into_iter().find_map(|name| {
        let number = if let Some((number, _)) = hyphenated_timestamp(name) {
            number
        } else {
            let name = name.strip_prefix(['V', 'v']).unwrap_or(name.trim_start());
            name.chars().take_while(char::is_ascii_digit).collect()
        };
        let version = number.parse().ok().and_then(Version::from_u64)?;
        Some(version.get())
    })
}

/// Reports numbers of different widths. Only names with the same width sort in the order of their
/// numbers everywhere.
pub(crate) fn mixed_widths(sources: &[SourceFile], out: &mut Vec<Diagnostic>) {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for source in ups(sources) {
        *counts.entry(source.name.digits).or_default() += 1;
    }
    // The most common width, or the larger of two equally common ones.
    let Some((&width, _)) = counts.iter().max_by_key(|(_, count)| **count) else {
        return;
    };
    for source in sources.iter().filter(|source| source.name.digits != width) {
        let version = source.name.version.get();
        let needed = version.to_string().len();
        let help = if needed > width {
            format!(
                "write the others with {needed} digits too, so that names sort in numeric order; \
                 the width is not part of the history"
            )
        } else {
            format!("write it as `{version:0width$}`; the width is not part of the history")
        };
        out.push(Diagnostic::of_path(
            Code::MixedWidths,
            &source.path,
            format!(
                "this number has {} digits, the other numbers here have {width}",
                source.name.digits
            ),
            help,
        ));
    }
}

fn duplicates(
    sources: &[SourceFile],
    refused: &[RefusedPath],
    options: &Options<'_>,
    is_locked: bool,
    found: &mut Vec<(u64, Diagnostic)>,
) {
    let mut versions: BTreeMap<_, Vec<&SourceFile>> = BTreeMap::new();
    for source in ups(sources) {
        versions
            .entry(source.name.version)
            .or_default()
            .push(source);
    }
    let help = match options.numbering {
        _ if is_locked => {
            "run `migrate renumber`, which gives the drafts the next free numbers".to_owned()
        }
        Numbering::Timestamp => "give all but one of them another timestamp".to_owned(),
        Numbering::Sequential { .. } => format!(
            "give all but one of them another number; {} and all numbers above it are free",
            next_free(sources, refused)
        ),
    };
    for (version, files) in versions.iter().filter(|(_, files)| files.len() > 1) {
        let mut paths: Vec<String> = files
            .iter()
            .map(|source| format!("`{}`", source.path))
            .collect();
        paths.sort();
        let diagnostic = Diagnostic::of_path(
            Code::DuplicateVersion,
            paths[0].trim_matches('`'),
            format!(
                "version {version:0width$} is used by {} migrations",
                files.len(),
                width = files[0].name.digits,
                version = version.get(),
            ),
            mistaken_down(files).unwrap_or_else(|| help.clone()),
        );
        found.push((version.get(), diagnostic.note(paths.join("\n"))));
    }
}

/// The help for `001_users_down.sql` next to `001_users.sql` or `001_users_up.sql`: with another
/// number it would be applied as an up, and undo the migration.
fn mistaken_down(files: &[&SourceFile]) -> Option<String> {
    let without = |name: &str, end: &str| {
        let name = name.strip_suffix(end)?.strip_suffix(['_', '-'])?;
        Some(name.to_owned())
    };
    let [a, b] = files else {
        return None;
    };
    [(a, b), (b, a)].into_iter().find_map(|(up, down)| {
        let name = without(&down.name.name, "down")?;
        let is_up = up.name.name == name || without(&up.name.name, "up")? == name;
        let better = format!(
            "{:0width$}_{}.down.sql",
            down.name.version.get(),
            up.name.name,
            width = down.name.digits,
        );
        is_up.then(|| format!("if `{}` is the down, rename it to `{better}`", down.path))
    })
}

fn timestamps(found: u64, path: &str) -> Diagnostic {
    Diagnostic::of_path(
        Code::WrongFirstVersion,
        path,
        format!("the first migration is number {found}, which looks like a timestamp"),
        "if the migrations are numbered by timestamps, add `numbering = \"timestamp\"` to the call",
    )
}

fn wrong_first(claimed: &BTreeMap<u64, &str>, first: u64) -> Option<(u64, Diagnostic)> {
    let (&found, path) = claimed.first_key_value()?;
    let diagnostic = || {
        Diagnostic::of_path(
            Code::WrongFirstVersion,
            path,
            format!("the first migration is number {found:03}, not {first:03}"),
            format!(
                "restore what is missing, or renumber; if the migrations intentionally start at \
                 {found}, add `first = {found}` to the call"
            ),
        )
    };
    (found != first).then(|| (found, diagnostic()))
}

fn gaps(claimed: &BTreeMap<u64, &str>, sources: &[SourceFile], found: &mut Vec<(u64, Diagnostic)>) {
    let width = sources
        .iter()
        .map(|source| source.name.digits)
        .max()
        .unwrap_or(3);
    let last = claimed.keys().next_back().copied().unwrap_or_default();
    let later = claimed.iter().skip(1);
    for ((&before, path_before), (&after, path_after)) in claimed.iter().zip(later) {
        let (from, to) = (before + 1, after - 1);
        if from > to {
            continue;
        }
        let message = if from == to {
            format!("version {from:0width$} is missing")
        } else {
            format!("versions {from:0width$} to {to:0width$} are missing")
        };
        let help = if after == last {
            format!("restore what is missing, or renumber this migration to {from:0width$}")
        } else {
            format!(
                "restore what is missing, or renumber this migration and all after it, starting \
                 at {from:0width$}"
            )
        };
        let diagnostic = Diagnostic::of_path(Code::Gap, path_after, message, help)
            .note(format!("the migration before it is `{path_before}`"));
        found.push((after, diagnostic));
    }
}
