//! Correcting the names of badly named files.

use super::{
    FileKind, NameProblem, Role, ScriptName, classify, is_in_down_folder, looks_numbered,
    named_part, stem, strip_suffix_ignoring_case,
};

/// A file with its name, corrected if necessary.
#[derive(Clone, Debug)]
pub struct Corrected {
    /// The path. If the file has no number, or one that is not a version, the number in this
    /// path is a placeholder.
    pub path: String,
    /// The parsed path.
    pub name: ScriptName,
    /// The number of the file, however large.
    pub number: Option<u128>,
}

/// Corrects the path of a script. Returns `None` if the file is ignored or not a script.
pub fn corrected(path: &str) -> Option<Corrected> {
    let mut path = with_plain_ending(path);
    let mut number = None;
    let mut is_numbered = true;
    if let FileKind::Ignored = classify(&path, false) {
        return None;
    }
    let mut problem = folder_problem(&path);
    // Each round fixes one problem; no name has more than three.
    for _ in 0..6 {
        let (start, end) = if problem.is_some() {
            folder_range(&path)
        } else {
            let named = named_part(&path);
            (named.rfind('/').map_or(0, |slash| slash + 1), named.len())
        };
        let found = match problem.take() {
            Some(problem) => problem,
            None => match classify(&path, false) {
                FileKind::Ignored => return None,
                FileKind::Script(name) => {
                    let parsed = u128::from(name.version.get());
                    let number = is_numbered.then(|| number.unwrap_or(parsed));
                    return Some(Corrected { path, name, number });
                }
                FileKind::Unknown(problem) => problem,
            },
        };
        let base = &path[start..end];
        let better = match found {
            NameProblem::Extension | NameProblem::InsideMigration | NameProblem::NotATimestamp => {
                return None;
            }
            NameProblem::TooFewDigits(better) | NameProblem::BadName(better) => better,
            NameProblem::NoNumber(name) => {
                is_numbered = false;
                format!("001_{name}")
            }
            NameProblem::NoName(digits) => {
                let ending = &base[base.find('.').unwrap_or(base.len())..];
                format!("{digits}_name{ending}")
            }
            NameProblem::OutOfRange => {
                let digits = base.bytes().take_while(u8::is_ascii_digit).count();
                number = Some(base[..digits].parse().unwrap_or(u128::MAX));
                format!("001{}", &base[digits..])
            }
        };
        path.replace_range(start..end, &better);
    }
    None
}

/// The path with its extension in lower case. Without this, `.DOWN.SQL` would be parsed as an
/// up.
fn with_plain_ending(path: &str) -> String {
    for ending in [".down.sql", ".up.sql", ".sql"] {
        if let Some(base) = strip_suffix_ignoring_case(path, ending) {
            return format!("{base}{ending}");
        }
    }
    path.to_owned()
}

/// The problem of a single migration's folder without a leading number: `users/up.sql`,
/// `V1__users/up.sql`.
fn folder_problem(path: &str) -> Option<NameProblem> {
    let (folders, file) = path.rsplit_once('/')?;
    let folder = folders.rsplit('/').next().unwrap_or_default();
    let is_migration = matches!(file, "up.sql" | "down.sql")
        && !looks_numbered(folder)
        && !is_in_down_folder(folders);
    is_migration
        .then(|| stem(folder, "", false, Role::Up).err())
        .flatten()
}

fn folder_range(path: &str) -> (usize, usize) {
    let end = path.rfind('/').unwrap_or_default();
    (path[..end].rfind('/').map_or(0, |slash| slash + 1), end)
}
