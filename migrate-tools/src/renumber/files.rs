//! The migrations among the files of a directory, and their renames.

use super::refuse;
use crate::Error;
use crate::lock::refused;
use migrate_model::Version;
use migrate_source::file_name::{FileKind, Role, ScriptName, classify, named_part, stem_of};
use std::collections::BTreeSet;

/// The suffix of a file that was put aside temporarily.
pub(super) const ASIDE: &str = ".renumbered";

/// A migration among the files, with everything that belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) stem: String,
    pub(super) version: Version,
    digits: usize,
    paths: Vec<String>,
}

impl Source {
    /// The stem with another number; separator and width stay.
    pub(super) fn stem_with(&self, version: Version) -> String {
        let (_, rest) = self.stem.split_at(self.digits);
        format!("{:0width$}{rest}", version.get(), width = self.digits)
    }
}

/// Every migration with its files, in the order of versions and names.
pub(super) fn sources(paths: &[String], timestamps: bool) -> Result<Vec<Source>, Error> {
    let scripts: Vec<(&String, ScriptName)> = paths
        .iter()
        .filter_map(|path| match classify(path, timestamps) {
            FileKind::Script(name) => Some((path, name)),
            _ => None,
        })
        .collect();
    let mut sources: Vec<(Source, &ScriptName)> = Vec::new();
    for (path, name) in scripts.iter().filter(|(_, name)| name.role != Role::Down) {
        let stem = stem_of(path).to_owned();
        if let Some((other, _)) = sources.iter().find(|(source, _)| source.stem == stem) {
            return Err(refuse::same_name(&other.paths[0], path));
        }
        let source = Source {
            stem,
            version: name.version,
            digits: name.digits,
            paths: vec![(*path).clone()],
        };
        sources.push((source, name));
    }
    for (path, down) in scripts.iter().filter(|(_, name)| name.role == Role::Down) {
        let belongs = |up: &ScriptName, name: Option<&String>| {
            up.version == down.version && name == Some(&up.name)
        };
        // A full match is better than one without the `_down`. Among two that differ
        // by a hyphen, the exact one is better.
        let stem = stem_of(path);
        let without_suffix = down.name_without_suffix.as_ref();
        let find = |name| sources.iter().position(|(_, up)| belongs(up, name));
        let owner = sources
            .iter()
            .position(|(source, up)| source.stem == stem && belongs(up, Some(&down.name)))
            .or_else(|| find(Some(&down.name)))
            .or_else(|| find(without_suffix));
        if let Some(owner) = owner {
            sources[owner].0.paths.push((*path).clone());
        }
    }
    let mut sources: Vec<Source> = sources.into_iter().map(|(source, _)| source).collect();
    sources.sort_by(|a, b| (a.version, &a.stem).cmp(&(b.version, &b.stem)));
    Ok(sources)
}

/// The renames that give each migration its version, in an order in which each target
/// is free.
pub(super) fn moves(
    paths: &[String],
    numbered: &[(Source, Version)],
) -> Result<Vec<(String, String)>, Error> {
    let mut wanted: Vec<(String, String)> = Vec::new();
    for (source, version) in numbered
        .iter()
        .filter(|(it, version)| it.version != *version)
    {
        let renamed = source.paths.iter().map(|path| {
            let path = path.clone();
            let target = renumbered(&path, *version, None);
            (path, target)
        });
        wanted.extend(renamed);
    }
    wanted.sort();
    let leaving: BTreeSet<String> = wanted.iter().map(|(from, _)| from.clone()).collect();
    let staying: BTreeSet<&String> = paths.iter().filter(|it| !leaving.contains(*it)).collect();
    let taken = wanted.iter().find(|(_, to)| staying.contains(to));
    if let Some((from, to)) = taken {
        return Err(refused(format!(
            "`{from}` cannot be moved: `{to}` already exists; move that one away first"
        )));
    }
    Ok(ordered(wanted))
}

/// Orders renames so that each target is free. In a cycle of renames, one file is put
/// aside first, under a name that is ignored.
pub(super) fn ordered(mut wanted: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut moves = Vec::new();
    while !wanted.is_empty() {
        let free = wanted
            .iter()
            .position(|(_, to)| wanted.iter().all(|(from, _)| from != to));
        match free {
            Some(at) => moves.push(wanted.remove(at)),
            None => {
                let from = &mut wanted[0].0;
                let aside = match from.rsplit_once('/') {
                    Some((folder, file)) => format!("{folder}/.{file}{ASIDE}"),
                    None => format!(".{from}{ASIDE}"),
                };
                moves.push((std::mem::replace(from, aside.clone()), aside));
            }
        }
    }
    moves
}

/// The path with another number in its file name, or in the folder name of the
/// migration; in its own width or in another one.
pub(super) fn renumbered(path: &str, version: Version, width: Option<usize>) -> String {
    let named = named_part(path);
    let start = named.rfind('/').map_or(0, |slash| slash + 1);
    let digits = named[start..]
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    let width = width.unwrap_or(digits);
    format!(
        "{}{:0width$}{}",
        &path[..start],
        version.get(),
        &path[start + digits..]
    )
}
