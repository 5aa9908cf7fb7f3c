//! Git conflict markers in a lock file.

use crate::diagnostic::{Code, Diagnostic};

/// One conflict between two branches, as git marks it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conflict<'a> {
    /// The offset of the opening marker.
    at: usize,
    /// git's names for the two sides.
    names: [&'a str; 2],
    /// The lines of each side.
    lines: [Vec<&'a str>; 2],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Common,
    Ours,
    Base,
    Theirs,
}

/// The conflicts of a text that git could not merge.
#[derive(Debug, Default)]
pub struct Conflicts<'a> {
    /// The conflicts, in order.
    pub conflicts: Vec<Conflict<'a>>,
    /// The whole text of our side, and of theirs.
    pub sides: [String; 2],
    /// Whether a marker is missing.
    pub is_incomplete: bool,
}

/// Parses a text with conflict markers; returns `None` if it has none. The common ancestor,
/// which the `diff3` style shows, is skipped.
pub fn conflicts(text: &str) -> Option<Conflicts<'_>> {
    let mut found = Conflicts::default();
    let mut part = Part::Common;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        let last = found.conflicts.last_mut();
        match (marker(bare), part, last) {
            (Some(('<', name)), Part::Common, _) => {
                part = Part::Ours;
                found.conflicts.push(Conflict {
                    at,
                    names: [name, ""],
                    ..Conflict::default()
                });
            }
            (Some(('|', _)), Part::Ours, _) => part = Part::Base,
            (Some(('=', _)), Part::Ours | Part::Base, _) => part = Part::Theirs,
            (Some(('>', name)), Part::Theirs, Some(last)) => {
                part = Part::Common;
                last.names[1] = name;
            }
            (Some(_), _, last) => {
                found.is_incomplete = true;
                if last.is_none() {
                    let conflict = Conflict {
                        at,
                        ..Conflict::default()
                    };
                    found.conflicts.push(conflict);
                }
            }
            (None, part, last) => {
                if matches!(part, Part::Common | Part::Ours) {
                    found.sides[0].push_str(line);
                }
                if matches!(part, Part::Common | Part::Theirs) {
                    found.sides[1].push_str(line);
                }
                match (part, last) {
                    (Part::Ours, Some(last)) => last.lines[0].push(bare),
                    (Part::Theirs, Some(last)) => last.lines[1].push(bare),
                    _ => {}
                }
            }
        }
        at += line.len();
    }
    found.is_incomplete |= part != Part::Common;
    (!found.conflicts.is_empty()).then_some(found)
}

/// The character of a conflict marker, and the text after it.
fn marker(line: &str) -> Option<(char, &str)> {
    let kind = line.chars().next().filter(|kind| "<|=>".contains(*kind))?;
    let rest = line.trim_start_matches(kind);
    let is_marker = line.len() - rest.len() >= 7 && (rest.is_empty() || rest.starts_with(' '));
    is_marker.then(|| (kind, rest.trim()))
}

/// A single problem for all conflicts of a lock file.
pub fn diagnostic(path: &str, text: &str) -> Option<Diagnostic> {
    let found = conflicts(text)?;
    let first = found.conflicts.first()?;
    let end = first.at + text[first.at..].find('\n').unwrap_or(text.len() - first.at);
    let help = if found.is_incomplete {
        "a marker is missing: check the lock file out again with `git checkout --merge`"
    } else {
        "keep the files of both branches, and run `migrate renumber`: it merges their lines, and \
         gives the drafts the next free numbers"
    };
    let mut diagnostic = Diagnostic::in_text(
        Code::LockConflict,
        path,
        text,
        first.at..end,
        "both of the merged branches changed the lock file",
        help,
    );
    for side in [0, 1] {
        let other = 1 - side;
        let name = found.conflicts.iter().map(|conflict| conflict.names[side]);
        let name = name
            .max()
            .filter(|name| !name.is_empty())
            .unwrap_or(["ours", "theirs"][side]);
        let mut stems = Vec::new();
        for conflict in &found.conflicts {
            let own = conflict.lines[side]
                .iter()
                .filter(|line| !conflict.lines[other].contains(line));
            stems.extend(own.map(|line| summary(line)));
        }
        if !stems.is_empty() {
            diagnostic = diagnostic.note(format!("`{name}` has {}", stems.join(", ")));
        }
    }
    Some(diagnostic)
}

/// A line without its checksums.
fn summary(line: &str) -> String {
    let mut words = line.split(' ');
    let stem = crate::text::shortened(words.next().unwrap_or_default());
    if words.any(|word| word == "frozen") {
        format!("`{stem}` (frozen)")
    } else {
        format!("`{stem}` (draft)")
    }
}
