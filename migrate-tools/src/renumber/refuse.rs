//! Why nothing was renumbered.

use super::files::{ASIDE, Source};
use migrate_model::Version;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::lock_file::Entry;
use migrate_source::nearest;
use migrate_source::render::{render, summary};
use std::fmt;

/// The reason why nothing was renumbered.
///
/// `Debug` prints the message too, with the problems of a lock file as the compiler
/// shows them.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unnumbered {
    /// The lock file has problems that renumbering does not fix.
    Lock(Vec<Diagnostic>),
    /// The migration that is to be moved is frozen.
    Frozen(String),
    /// Two frozen migrations have one number.
    TwoFrozen(String, String),
    /// A migration was frozen on both branches, in two forms.
    FrozenTwice(String),
    /// A frozen migration has no file.
    FrozenMissing(String),
    /// There is no such draft; the nearest name may be known.
    Unknown(String, Option<String>),
    /// Several drafts have this name.
    Ambiguous(String, Vec<String>),
    /// A frozen migration comes after a gap, which nothing can fill; holds the
    /// migration, and the number that it should have.
    FrozenGap(String, Version),
    /// Two files have the same number and name.
    SameName(String, String),
    /// A file cannot be moved, because another one has its new name.
    Taken(String, String),
    /// A file that an earlier, interrupted renumbering put aside.
    CutOff(String),
    /// There is no higher number.
    NoNumberLeft,
}

impl fmt::Display for Unnumbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unnumbered::Lock(problems) => f.write_str(&summary("the lock file", problems)),
            Unnumbered::Frozen(stem) => write!(
                f,
                "`{stem}` is frozen and cannot be moved: databases know it by its number; give new \
                 migrations the next free number"
            ),
            Unnumbered::TwoFrozen(a, b) => write!(
                f,
                "`{a}` and `{b}` are both frozen and have the same number: both branches have \
                 released one; unfreeze one on its branch, if no database has applied it, and \
                 merge again"
            ),
            Unnumbered::FrozenTwice(stem) => write!(
                f,
                "`{stem}` is frozen on both branches with different contents: unfreeze it on the \
                 branch from which it was not released, and merge again"
            ),
            Unnumbered::FrozenMissing(stem) => write!(
                f,
                "`{stem}` is frozen and has no file of that number and name; restore it first"
            ),
            Unnumbered::Unknown(label, Some(near)) => {
                write!(f, "there is no draft `{label}`; did you mean `{near}`?")
            }
            Unnumbered::Unknown(label, None) => write!(
                f,
                "there is no draft `{label}`; give number and name as in the file name, or no name \
                 to order all drafts"
            ),
            Unnumbered::Ambiguous(label, stems) => write!(
                f,
                "`{label}` is the name of {} drafts, `{}`; add its number",
                stems.len(),
                stems.join("` and `")
            ),
            Unnumbered::FrozenGap(stem, version) => write!(
                f,
                "`{stem}` is frozen in the place of number {version}, and cannot be moved: \
                 databases know it by its number; restore the migrations before it, or begin the \
                 set at their number with `first`"
            ),
            Unnumbered::SameName(a, b) => write!(
                f,
                "`{a}` and `{b}` have the same number and name; rename one of them first"
            ),
            Unnumbered::Taken(from, to) => write!(
                f,
                "`{from}` cannot be moved: `{to}` already exists; move that one away first"
            ),
            Unnumbered::CutOff(path) => write!(
                f,
                "`{path}` was put aside by a renumbering that was interrupted; rename it to a free \
                 number, without the dot and the `{ASIDE}`, and run it again"
            ),
            Unnumbered::NoNumberLeft => {
                f.write_str("there is no higher number than that of the last migration")
            }
        }
    }
}

impl fmt::Debug for Unnumbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unnumbered::Lock(problems) => {
                let rendered: Vec<String> = problems.iter().map(render).collect();
                f.write_str(&rendered.join("\n\n"))
            }
            other => write!(f, "{other}"),
        }
    }
}

impl std::error::Error for Unnumbered {}

/// Checks that each frozen migration has a file of its number and name.
pub(super) fn lost(frozen: &[Entry], sources: &[Source]) -> Result<(), Unnumbered> {
    let is_lost = |entry: &&Entry| sources.iter().all(|source| source.stem != entry.stem);
    match frozen.iter().find(is_lost) {
        Some(entry) => Err(Unnumbered::FrozenMissing(entry.stem.clone())),
        None => Ok(()),
    }
}

/// A file that was put aside belongs to a draft, which would otherwise seem to be
/// removed.
pub(super) fn cut_off(paths: &[String]) -> Result<(), Unnumbered> {
    let is_aside = |path: &&String| {
        let file = path.rsplit('/').next().unwrap_or_default();
        file.starts_with('.') && file.ends_with(ASIDE)
    };
    match paths.iter().find(is_aside) {
        Some(path) => Err(Unnumbered::CutOff(path.clone())),
        None => Ok(()),
    }
}

/// The draft that a label means.
pub(super) fn labelled(
    label: &str,
    frozen: &[Entry],
    drafts: &[Source],
) -> Result<usize, Unnumbered> {
    let name = |stem: &str| {
        let name = stem.trim_start_matches(|digit: char| digit.is_ascii_digit());
        name[name.len().min(1)..].to_owned()
    };
    let whole = drafts.iter().position(|draft| draft.stem == label);
    if let Some(at) = whole {
        return Ok(at);
    }
    if let Some(entry) = frozen.iter().find(|entry| entry.stem == label) {
        return Err(Unnumbered::Frozen(entry.stem.clone()));
    }
    let all = drafts.iter().enumerate();
    let found: Vec<(usize, &Source)> = all.filter(|(_, it)| name(&it.stem) == label).collect();
    match found[..] {
        [(at, _)] => Ok(at),
        [] => match frozen.iter().find(|entry| name(&entry.stem) == label) {
            Some(entry) => Err(Unnumbered::Frozen(entry.stem.clone())),
            None => {
                let known: Vec<&str> = drafts.iter().map(|draft| draft.stem.as_str()).collect();
                let near = nearest(label, &known).map(str::to_owned);
                Err(Unnumbered::Unknown(label.to_owned(), near))
            }
        },
        _ => {
            let stems = found.iter().map(|(_, draft)| draft.stem.clone()).collect();
            Err(Unnumbered::Ambiguous(label.to_owned(), stems))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use migrate_source::diagnostic::Code;

    #[test]
    fn a_log_gets_one_line_and_a_person_all_of_it() {
        let problem = |code| {
            let message = "this line is wrong\nand long".to_owned();
            let help = "restore it".to_owned();
            Diagnostic::in_text(code, "migrations.lock", "a\nb\n", 2..3, message, help)
        };
        let one = Unnumbered::Lock(vec![problem(Code::LockLine)]);
        insta::assert_snapshot!(one, @"the lock file has a problem: migrations.lock:2:1: M028: this line is wrong and long; restore it");
        let two = Unnumbered::Lock(vec![problem(Code::LockLine), problem(Code::Gap)]);
        insta::assert_snapshot!(two, @"the lock file has 2 problems: migrations.lock:2:1: M028: this line is wrong and long; migrations.lock:2:1: M009: this line is wrong and long");
        insta::assert_snapshot!(format!("{one:?}"), @"
        M028: this line is wrong
        and long
         --> migrations.lock:2:1
          |
        2 | b
          | ^
          = help: restore it
        ");
        assert_eq!(
            format!("{:?}", Unnumbered::NoNumberLeft),
            Unnumbered::NoNumberLeft.to_string()
        );
    }
}
