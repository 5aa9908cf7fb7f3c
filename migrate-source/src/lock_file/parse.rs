//! Parsing the text of a lock file.

use super::{Entry, HEADER, HEADER_START, LockFile, conflict, line, link};
use crate::diagnostic::{Code, Diagnostic, MOST};
use migrate_model::Checksum;
use std::collections::BTreeSet;
use std::ops::Range;

/// A parsed lock file, with its problems.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The valid lines.
    pub lock: LockFile,
    /// The byte range of each entry's line.
    pub ranges: Vec<Range<usize>>,
    /// The problems that make the file unusable.
    pub problems: Vec<Diagnostic>,
    /// Drafts in the wrong place, which `migrate renumber` fixes.
    pub draft_order: Vec<Diagnostic>,
}

const RESTORE: &str = "restore the committed line; lock files are written by `migrate lock`, \
                       `migrate lock --freeze` and `migrate renumber`, not by hand";

/// Parses the text of a lock file.
pub fn parse(path: &str, text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    if let Some(diagnostic) = conflict::diagnostic(path, text) {
        parsed.problems.push(diagnostic);
        return parsed;
    }
    let (header, _) = text.split_once('\n').unwrap_or((text, ""));
    if header != HEADER {
        parsed.problems.push(wrong_header(path, text, header));
        return parsed;
    }
    let mut links = Vec::new();
    let mut start = header.len() + 1;
    // A file that is not a lock file at all may have any number of lines.
    while start < text.len() && parsed.problems.len() < MOST {
        let rest = &text[start..];
        let line = rest.split('\n').next().unwrap_or_default();
        let range = start..start + line.len();
        match line::read(line) {
            Ok((entry, chain)) => {
                parsed.lock.entries.push(entry);
                parsed.ranges.push(range.clone());
                links.push(chain);
            }
            Err(what) => parsed
                .problems
                .push(wrong_line(path, text, range.clone(), what)),
        }
        start = range.end + 1;
    }
    if parsed.problems.is_empty() && !text.ends_with('\n') {
        let end = text.len();
        let what = "the last line has no line ending".to_owned();
        parsed.problems.push(wrong_line(path, text, end..end, what));
    }
    if parsed.problems.is_empty() {
        order(path, text, &mut parsed);
    }
    // If the order is wrong, the links are broken too.
    if parsed.problems.is_empty() {
        let broken = broken_link(path, text, &parsed, &links);
        parsed.problems.extend(broken);
    }
    parsed
}

fn wrong_header(path: &str, text: &str, header: &str) -> Diagnostic {
    let number = header
        .strip_prefix(HEADER_START)
        .and_then(|rest| rest.split_once(':'))
        .and_then(|(number, _)| number.parse::<u64>().ok());
    let (message, help) = match number {
        _ if text.is_empty() => (
            "the lock file is empty, so it does not say what is frozen".to_owned(),
            "restore the committed version; if nothing was ever frozen, delete it, and run \
             `migrate lock`"
                .to_owned(),
        ),
        Some(number) if number > 1 => (
            format!("this lock file has format {number}, which a newer version wrote"),
            "update the crate `migrate-runtime`; this version supports format 1".to_owned(),
        ),
        _ => (
            "the first line of a lock file is always the same, and this one differs".to_owned(),
            format!("restore the line: `{HEADER}`"),
        ),
    };
    Diagnostic::in_text(Code::LockLine, path, text, 0..header.len(), message, help)
}

fn wrong_line(path: &str, text: &str, range: Range<usize>, what: String) -> Diagnostic {
    Diagnostic::in_text(Code::LockLine, path, text, range, what, RESTORE)
}

/// Reports a repeated name, a version lower than the one before it, and a draft before a frozen
/// line.
fn order(path: &str, text: &str, parsed: &mut Parsed) {
    let entries = &parsed.lock.entries;
    let mut frozen_out_of_order = Vec::new();
    let last_frozen = entries.iter().rposition(|entry| entry.frozen.is_some());
    let mut seen = BTreeSet::new();
    let mut last: Option<&Entry> = None;
    for (i, entry) in entries.iter().enumerate() {
        let stem = &entry.stem;
        let frozen_below = last_frozen.filter(|&at| at > i).map(|at| &entries[at]);
        let message = match (last, frozen_below) {
            _ if !seen.insert(stem) => format!("`{stem}` is listed twice"),
            (Some(last), _) if last.version > entry.version => {
                format!("`{stem}` is listed after `{}`", last.stem)
            }
            (_, Some(frozen)) if entry.frozen.is_none() => {
                format!(
                    "the draft `{stem}` is listed before `{}`, which is frozen",
                    frozen.stem
                )
            }
            _ => {
                last = Some(entry);
                continue;
            }
        };
        let range = parsed.ranges[i].start..parsed.ranges[i].start + stem.len();
        let help = match entry.frozen {
            Some(_) => "restore the committed order: frozen lines never move",
            None => {
                "run `migrate renumber`, which puts the drafts in order after the frozen \
                 migrations"
            }
        };
        let code = Code::LockOrder;
        let problem = Diagnostic::in_text(code, path, text, range, message, help);
        match entry.frozen {
            Some(_) => frozen_out_of_order.push(problem),
            None => parsed.draft_order.push(problem),
        }
        if frozen_out_of_order.len() + parsed.draft_order.len() >= MOST {
            break;
        }
    }
    parsed.problems.extend(frozen_out_of_order);
}

/// The first broken link. Later links are broken because of it.
fn broken_link(
    path: &str,
    text: &str,
    parsed: &Parsed,
    links: &[Option<Checksum>],
) -> Option<Diagnostic> {
    let mut previous = None;
    let lines = parsed.lock.entries.iter().zip(&parsed.ranges).zip(links);
    for ((entry, range), found) in lines {
        let (Some(frozen), Some(found)) = (&entry.frozen, found) else {
            continue;
        };
        if link(previous.as_ref(), &entry.stem, frozen) != *found {
            return Some(Diagnostic::in_text(
                Code::BrokenChain,
                path,
                text,
                range.start..range.start + entry.stem.len(),
                format!(
                    "the chain is broken at `{}`: this line, or one before it, was changed",
                    entry.stem
                ),
                "restore the committed lock file: frozen lines are never edited, removed or \
                 inserted",
            ));
        }
        previous = Some(*found);
    }
    None
}
