//! Why nothing was renumbered.

use super::files::{ASIDE, Source};
use crate::Error;
use crate::lock::refused;
use migrate_source::lock_file::Entry;
use migrate_source::nearest;

/// The migration that is to be moved is frozen.
fn frozen(stem: &str) -> Error {
    refused(format!(
        "`{stem}` is frozen and cannot be moved: databases know it by its number; give new \
         migrations the next free number"
    ))
}

/// A frozen migration has no file.
pub(super) fn frozen_missing(stem: &str) -> Error {
    refused(format!(
        "`{stem}` is frozen and has no file of that number and name; restore it first"
    ))
}

/// Two files have the same number and name.
pub(super) fn same_name(a: &str, b: &str) -> Error {
    refused(format!(
        "`{a}` and `{b}` have the same number and name; rename one of them first"
    ))
}

/// There is no higher number.
pub(super) fn no_number_left() -> Error {
    refused("there is no higher number than that of the last migration".to_owned())
}

/// Checks that each frozen migration has a file of its number and name.
pub(super) fn lost(frozen: &[Entry], sources: &[Source]) -> Result<(), Error> {
    let is_lost = |entry: &&Entry| sources.iter().all(|source| source.stem != entry.stem);
    match frozen.iter().find(is_lost) {
        Some(entry) => Err(frozen_missing(&entry.stem)),
        None => Ok(()),
    }
}

/// A file that was put aside belongs to a draft, which would otherwise seem to be
/// removed.
pub(super) fn cut_off(paths: &[String]) -> Result<(), Error> {
    let is_aside = |path: &&String| {
        let file = path.rsplit('/').next().unwrap_or_default();
        file.starts_with('.') && file.ends_with(ASIDE)
    };
    match paths.iter().find(is_aside) {
        Some(path) => Err(refused(format!(
            "`{path}` was put aside by a renumbering that was interrupted; rename it to a free \
             number, without the dot and the `{ASIDE}`, and run it again"
        ))),
        None => Ok(()),
    }
}

/// The draft that a label means.
pub(super) fn labelled(label: &str, frozen: &[Entry], drafts: &[Source]) -> Result<usize, Error> {
    let name = |stem: &str| {
        let name = stem.trim_start_matches(|digit: char| digit.is_ascii_digit());
        name[name.len().min(1)..].to_owned()
    };
    let whole = drafts.iter().position(|draft| draft.stem == label);
    if let Some(at) = whole {
        return Ok(at);
    }
    if let Some(entry) = frozen.iter().find(|entry| entry.stem == label) {
        return Err(self::frozen(&entry.stem));
    }
    let all = drafts.iter().enumerate();
    let found: Vec<(usize, &Source)> = all.filter(|(_, it)| name(&it.stem) == label).collect();
    match found[..] {
        [(at, _)] => Ok(at),
        [] => match frozen.iter().find(|entry| name(&entry.stem) == label) {
            Some(entry) => Err(self::frozen(&entry.stem)),
            None => {
                let known: Vec<&str> = drafts.iter().map(|draft| draft.stem.as_str()).collect();
                let help = match nearest(label, &known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "give number and name as in the file name, or no name to order all \
                             drafts"
                        .to_owned(),
                };
                Err(refused(format!("there is no draft `{label}`; {help}")))
            }
        },
        _ => {
            let stems: Vec<&str> = found.iter().map(|(_, draft)| draft.stem.as_str()).collect();
            Err(refused(format!(
                "`{label}` is the name of {} drafts, `{}`; add its number",
                stems.len(),
                stems.join("` and `")
            )))
        }
    }
}
