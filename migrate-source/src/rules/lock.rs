//! Comparing the files of a directory with its lock file.

mod changed;

use crate::diagnostic::{Code, Diagnostic, MOST};
use crate::lock_file::{Entry, Frozen, Parsed};
use crate::rules::numbering::claimed;
use crate::source_file::{RefusedPath, SourceFile};
use crate::{Options, SourceMigration};
use migrate_model::Version;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The input of the rules.
struct Context<'a> {
    path: &'a str,
    text: &'a str,
    sources: BTreeMap<&'a str, &'a SourceFile>,
    options: &'a Options<'a>,
}

/// Compares the files with the lock file, and returns the versions whose files are missing.
pub(crate) fn check(
    parsed: Parsed,
    (path, text): (&str, &str),
    sources: &[SourceFile],
    refused: &[RefusedPath],
    migrations: &[SourceMigration],
    options: &Options<'_>,
    out: &mut Vec<Diagnostic>,
) -> Vec<Version> {
    let entries = &parsed.lock.entries;
    let is_useless = !parsed.problems.is_empty();
    out.extend(parsed.problems.into_iter().chain(parsed.draft_order));
    if is_useless {
        // Other findings would only follow from these problems.
        return Vec::new();
    }
    let context = Context {
        path,
        text,
        sources: sources.iter().map(|it| (it.path.as_str(), it)).collect(),
        options,
    };
    let lines = entries.iter().zip(&parsed.ranges);
    let misnamed = claimed(&[], refused);
    let mut unlisted = unlisted(entries, migrations);
    let mut absent = Vec::new();
    // Two files of the same name are reported by the numbering rules.
    let mut by_stem: BTreeMap<&str, &SourceMigration> = BTreeMap::new();
    for migration in migrations {
        by_stem.entry(&migration.stem).or_insert(migration);
    }
    for (entry, range) in lines {
        match by_stem.get(entry.stem.as_str()) {
            Some(migration) => {
                if let Some(frozen) = &entry.frozen {
                    changed::check(&context, migration, frozen, out);
                }
            }
            None if misnamed.contains_key(&entry.version.get()) => {}
            None if absent.len() >= MOST => absent.push(entry.version),
            None => {
                let diagnostic = missing(&context, (entry, range), &mut unlisted);
                if let Some(diagnostic) = diagnostic {
                    out.push(diagnostic);
                    absent.push(entry.version);
                }
            }
        }
    }
    out.extend(unlisted.iter().map(|it| not_listed(&context, entries, it)));
    absent
}

/// The migrations without a line in the lock file. Those that share their number with another are
/// excluded, because that must be fixed first.
fn unlisted<'a>(entries: &[Entry], migrations: &'a [SourceMigration]) -> Vec<&'a SourceMigration> {
    let listed: BTreeSet<&str> = entries.iter().map(|entry| entry.stem.as_str()).collect();
    let mut counts: BTreeMap<Version, usize> = BTreeMap::new();
    for migration in migrations {
        *counts.entry(migration.version).or_default() += 1;
    }
    let is_unlisted = |migration: &&SourceMigration| {
        !listed.contains(migration.stem.as_str()) && counts[&migration.version] == 1
    };
    migrations.iter().filter(is_unlisted).collect()
}

/// Reports a line without its file. A migration that took its place is mentioned in the
/// diagnostic, and removed from `unlisted`.
fn missing(
    context: &Context<'_>,
    (entry, range): (&Entry, &Range<usize>),
    unlisted: &mut Vec<&SourceMigration>,
) -> Option<Diagnostic> {
    let stem = &entry.stem;
    let in_its_place = unlisted.iter().position(|it| it.version == entry.version);
    let place = range.start..range.start + stem.len();
    let in_lock = |code, message: String, help: &str| {
        let (path, text) = (context.path, context.text);
        Diagnostic::in_text(code, path, text, place.clone(), message, help)
    };
    let Some(frozen) = &entry.frozen else {
        // The unlisted file is reported instead.
        return in_its_place.is_none().then(|| {
            in_lock(
                Code::DraftMissing,
                format!("the draft `{stem}` has no file"),
                "restore the file; or run `migrate lock`, which removes the line",
            )
        });
    };
    let renamed = unlisted
        .iter()
        .position(|it| Frozen::of(it) == *frozen)
        .or_else(|| unlisted.iter().position(|it| it.checksum == frozen.up));
    if let Some(at) = renamed {
        let new = unlisted.remove(at);
        let line = migrate_scan::text::position(context.text, range.start).line;
        return Some(
            Diagnostic::of_path(
                Code::FrozenRenamed,
                &new.up.path,
                format!(
                    "the frozen migration `{stem}` was renamed to `{}`",
                    new.stem
                ),
                format!(
                    "rename it back to `{stem}`: databases know it by that number and name; a new \
                     migration takes the next free number"
                ),
            )
            .note(format!("it is frozen at `{}:{line}`", context.path)),
        );
    }
    let diagnostic = in_lock(
        Code::FrozenMissing,
        format!("the frozen migration `{stem}` has no file"),
        "restore the committed files of its up and down: existing databases have applied it, and \
         new ones must; to undo it, add a new migration",
    );
    Some(match in_its_place {
        Some(at) => {
            let other = unlisted.remove(at);
            diagnostic.note(format!("`{}` has its number", other.up.path))
        }
        None => diagnostic,
    })
}

fn not_listed(context: &Context<'_>, entries: &[Entry], new: &SourceMigration) -> Diagnostic {
    let stem = &new.stem;
    let last = entries.iter().rfind(|entry| entry.frozen.is_some());
    let help = match last {
        Some(last) if new.version <= last.version => format!(
            "run `migrate renumber`, which gives it the next free number: everything up to `{}` \
             is frozen",
            last.stem
        ),
        _ => "run `migrate lock`, which adds it as a draft".to_owned(),
    };
    let diagnostic = Diagnostic::of_path(
        Code::NotInLock,
        &new.up.path,
        format!("`{stem}` is not listed in `{}`", context.path),
        help,
    );
    let replaced = entries
        .iter()
        .find(|entry| entry.version == new.version && entry.frozen.is_none());
    match replaced {
        Some(entry) => diagnostic.note(format!("the draft `{}` is listed instead", entry.stem)),
        None => diagnostic,
    }
}
