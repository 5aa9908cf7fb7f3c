//! The names of files.

use super::numbering;
use crate::diagnostic::{Code, Diagnostic};
use crate::file_name::{NameProblem, is_in_down_folder, named_part};
use crate::source_file::{RefusedPath, SourceFile};
use std::collections::{BTreeMap, BTreeSet};

/// Reports every path that is not part of a migrations directory.
pub(crate) fn check(refused: &[RefusedPath], sources: &[SourceFile], out: &mut Vec<Diagnostic>) {
    unknown_files(refused, out);
    let next = numbering::next_free(sources, refused);
    // The folder of a migration is one problem, however many files it has.
    let mut reported = BTreeSet::new();
    for path in refused {
        if named_part(&path.relative) == path.relative
            || reported.insert(named_part(&path.relative))
        {
            out.extend(refused_name(path, &next));
        }
    }
}

/// Reports one problem for all unknown files of a folder.
fn unknown_files(refused: &[RefusedPath], out: &mut Vec<Diagnostic>) {
    let mut folders: BTreeMap<&str, Vec<&RefusedPath>> = BTreeMap::new();
    for path in refused {
        if path.problem == NameProblem::Extension {
            let folder = path.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            folders.entry(folder).or_default().push(path);
        }
    }
    for (folder, paths) in folders {
        let names: Vec<&str> = paths
            .iter()
            .map(|path| path.relative.rsplit('/').next().unwrap_or_default())
            .collect();
        let (path, subject, others) = match (&paths[..], &names[..]) {
            ([only], [name]) => (&*only.path, format!("`{name}` is"), "anything else"),
            _ => (folder, format!("{} files are", names.len()), "these files"),
        };
        let mut diagnostic = Diagnostic::of_path(
            Code::UnknownFile,
            path,
            format!("{subject} not part of a migrations directory"),
            format!(
                "a migration is called `001_name.sql`; move {others} out, or into a folder \
                 `archive/`, which is ignored"
            ),
        );
        if names.len() > 1 {
            diagnostic = diagnostic.note(names.join("\n"));
        }
        out.push(diagnostic);
    }
}

fn refused_name(path: &RefusedPath, next: &str) -> Option<Diagnostic> {
    let named = named_part(&path.relative);
    let (folders, base) = named.rsplit_once('/').unwrap_or(("", named));
    let ending = &base[base.find('.').unwrap_or(base.len())..];
    let (code, message, help) = match &path.problem {
        NameProblem::Extension => return None,
        NameProblem::NoNumber(name)
            if name.ends_with(".down.sql") || is_in_down_folder(folders) =>
        {
            (
                Code::NoNumber,
                format!("`{base}` has no number, so the migration that it undoes is unknown"),
                format!("give it the number of its migration, as in `001_{name}`"),
            )
        }
        NameProblem::NoNumber(name) => (
            Code::NoNumber,
            format!("`{base}` has no number, so its place in the order is unknown"),
            format!("rename it to `{next}_{name}`, or give it the number for its place"),
        ),
        NameProblem::TooFewDigits(better) => (
            Code::BadNumber,
            format!("the number of `{base}` has fewer than three digits"),
            format!("rename it to `{better}`, so that names sort in numeric order"),
        ),
        NameProblem::OutOfRange => (
            Code::BadNumber,
            format!("the number of `{base}` is not a version"),
            "versions are whole numbers from 1 to 9223372036854775807, written with at most 19 \
             digits"
                .to_owned(),
        ),
        NameProblem::NotATimestamp => (
            Code::BadNumber,
            format!("the number of `{base}` is not a timestamp of 14 digits"),
            "write it as year, month, day, hour, minute, second: `20260131235959_name.sql`; or \
             remove `numbering = \"timestamp\"`"
                .to_owned(),
        ),
        NameProblem::NoName(digits) => (
            Code::BadName,
            format!("`{base}` has a number, but no name"),
            format!("add a name that says what it does: `{digits}_add_users{ending}`"),
        ),
        NameProblem::BadName(better) => (
            Code::BadName,
            format!("`{base}` is not a name for a migration"),
            format!("rename it to `{better}`: lower-case letters, digits, `_` and `-`"),
        ),
        NameProblem::InsideMigration => (
            Code::UnknownFile,
            format!("`{base}` does not belong in the folder of a single migration"),
            "such a folder contains `up.sql` and optionally `down.sql`; the name of a folder for \
             several migrations must not start with a number"
                .to_owned(),
        ),
    };
    let shown = path.path.len() - (path.relative.len() - named.len());
    Some(Diagnostic::of_path(
        code,
        &path.path[..shown],
        message,
        help,
    ))
}
