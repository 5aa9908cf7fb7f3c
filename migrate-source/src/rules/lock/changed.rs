//! Frozen migrations that were changed.

use super::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::lock_file::Frozen;
use crate::source_file::SourceFile;
use crate::{SourceMigration, SourceScript};
use migrate_model::Checksum;
use migrate_model::excerpt::printable;

/// The maximum number of changed lines that are shown.
const MOST_LINES: usize = 6;

/// The maximum length of a shown line, in characters.
const MOST_CHARACTERS: usize = 100;

/// Compares the scripts of a frozen migration with the locked checksums.
pub(super) fn check(
    context: &Context<'_>,
    migration: &SourceMigration,
    frozen: &Frozen,
    out: &mut Vec<Diagnostic>,
) {
    let source = |script: &SourceScript| {
        let source = context.sources.get(script.path.as_str()).copied();
        // A file that could not be read has its own diagnostic.
        source.filter(|source| !source.is_damaged)
    };
    let up = &migration.up;
    let Some(up_source) = source(up) else {
        return;
    };
    let is_up_changed = migration.checksum != frozen.up;
    if is_up_changed {
        let what = if up.is_rust { "file" } else { "up" };
        // In a file with both scripts, the up comes first.
        let part = (up_source, 0, up.text.as_str());
        out.push(changed(context, migration, what, part, &frozen.up));
    }
    match (&migration.down, migration.down_checksum, frozen.down) {
        // If the up was changed too, the line that separates the down may be missing.
        (_, None, Some(_)) if !is_up_changed => out.push(lost_down(migration)),
        (Some(down), Some(_), None) => out.push(new_down(migration, down)),
        (Some(down), Some(found), Some(locked)) if found != locked => {
            if let Some(down_source) = source(down) {
                let start = if down.path == up.path {
                    up.text.len()
                } else {
                    0
                };
                let part = (down_source, start, &down_source.text[start..]);
                out.push(changed(context, migration, "down", part, &locked));
            }
        }
        _ => {}
    }
}

fn changed(
    context: &Context<'_>,
    migration: &SourceMigration,
    what: &str,
    (source, start, text): (&SourceFile, usize, &str),
    locked: &Checksum,
) -> Diagnostic {
    let message = format!(
        "the {what} of `{}` was changed, but the migration is frozen",
        migration.stem
    );
    let help =
        "restore the committed version; a change to a released migration belongs in a new one";
    let code = Code::FrozenChanged;
    if let Some(earlier) = earlier(context, migration, source, locked) {
        let (offset, shown) = difference(&earlier, text);
        let at = start + offset;
        let line = migrate_scan::text::line_at(&source.text, at).1;
        let range = at..at + line.len();
        let (path, whole) = (&source.path, &source.text);
        return Diagnostic::in_text(code, path, whole, range, message, help).note(shown);
    }
    Diagnostic::of_path(code, &source.path, message, help)
        .note(format!("it was frozen as {locked}"))
        .note(format!("now it is        {}", Checksum::of(text)))
}

/// The text of the script when it was frozen, from the history of its file or of the file of the
/// other script.
fn earlier(
    context: &Context<'_>,
    migration: &SourceMigration,
    source: &SourceFile,
    locked: &Checksum,
) -> Option<String> {
    let find = context.options.earlier?;
    let root = context.options.shown_root;
    let down = migration.down.as_ref().map(|down| down.path.as_str());
    let others = std::iter::once(migration.up.path.as_str()).chain(down);
    std::iter::once(source.path.as_str())
        .chain(others.filter(|path| *path != source.path))
        .find_map(|path| {
            let below = path.strip_prefix(root).unwrap_or(path);
            find(below.trim_start_matches('/'), locked)
        })
        .filter(|text| Checksum::of(text) == *locked)
}

/// The offset of the first changed line in the new text, and a note with the lines between the
/// common beginning and the common end of both texts.
fn difference(old: &str, new: &str) -> (usize, String) {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let same = |(a, b): &(&&str, &&str)| a == b;
    let before = old.iter().zip(&new).take_while(same).count();
    let (old_rest, new_rest) = (&old[before..], &new[before..]);
    let pairs = old_rest.iter().rev().zip(new_rest.iter().rev());
    let after = pairs.take_while(same).count();
    let gone = &old_rest[..old_rest.len() - after];
    let came = &new_rest[..new_rest.len() - after];
    // If lines were only removed at the end, this is the last remaining line.
    let first = before.min(new.len().saturating_sub(1));
    let mut lines = vec!["what was changed:".to_owned()];
    // Neither side may take all of the shown lines.
    let most_gone = MOST_LINES - came.len().min(MOST_LINES / 2);
    let shown_gone = gone.len().min(most_gone);
    let shown_came = came.len().min(MOST_LINES - shown_gone);
    let skipped = |i: usize| match (gone.get(i), came.get(i)) {
        (Some(old), Some(new)) => common_start(old, new),
        _ => 0,
    };
    let numbered = |lines: &[&str], sign| -> Vec<String> {
        let lines = lines.iter().enumerate();
        lines
            .map(|(i, line)| shown(sign, line, skipped(i)))
            .collect()
    };
    lines.extend(numbered(&gone[..shown_gone], '-'));
    lines.extend(numbered(&came[..shown_came], '+'));
    let left_out = gone.len() + came.len() - shown_gone - shown_came;
    if left_out > 0 {
        lines.push(format!("and {left_out} more"));
    }
    let offset = new[..first].iter().map(|line| line.len()).sum();
    (offset, lines.join("\n"))
}

/// The number of common characters at the start of two long lines that need not be shown.
fn common_start(old: &str, new: &str) -> usize {
    let pairs = old.chars().zip(new.chars());
    let common = pairs.take_while(|(a, b)| a == b).count();
    if common < MOST_CHARACTERS / 2 {
        0
    } else {
        common - MOST_CHARACTERS / 4
    }
}

/// A changed line, with its invisible characters escaped.
fn shown(sign: char, line: &str, skipped: usize) -> String {
    let bare = line.strip_suffix('\n');
    let text = bare.unwrap_or(line);
    let mut out = format!("{sign} ");
    if skipped > 0 {
        out.push('…');
    }
    for character in text.chars().skip(skipped).take(MOST_CHARACTERS) {
        match character {
            '\t' => out.push('\t'),
            character => out += &printable(character),
        }
    }
    if text.chars().nth(skipped + MOST_CHARACTERS).is_some() {
        out.push('…');
    }
    if bare.is_none() {
        out += " (without a line end)";
    }
    out
}

fn lost_down(migration: &SourceMigration) -> Diagnostic {
    Diagnostic::of_path(
        Code::FrozenChanged,
        &migration.up.path,
        format!(
            "the down of `{}` is gone, but the migration is frozen",
            migration.stem
        ),
        "restore the committed version",
    )
}

fn new_down(migration: &SourceMigration, down: &SourceScript) -> Diagnostic {
    Diagnostic::of_path(
        Code::FrozenChanged,
        &down.path,
        format!(
            "`{}` has a down now, but was frozen without one",
            migration.stem
        ),
        "remove the down; to undo a released migration, add a new one",
    )
}
