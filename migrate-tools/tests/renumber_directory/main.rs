//! One order for a directory that has none: what is proposed, and that nothing
//! is lost wherever it is cut off.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

#[path = "../../../migrate-model/tests/cases/mod.rs"]
mod cases;
mod locked;
#[path = "../../../migrate-source/tests/memory/mod.rs"]
mod memory;
mod names;
mod properties;
mod timestamps;

use memory::Memory;
use migrate_model::files::list;
use migrate_tools::Error;
use migrate_tools::renumber::Renumbering;
use migrate_tools::renumber::directory::{RenumberAll, renumber_all};
use std::collections::BTreeMap;

/// Path and content.
type Files = BTreeMap<String, String>;

/// Files that each hold the path that they were made with.
fn files(paths: &[&str]) -> Files {
    let file = |path: &&str| ((*path).to_owned(), format!("-- {path}\n"));
    paths.iter().map(file).collect()
}

fn plan(files: &Files, options: &RenumberAll<'_>) -> Result<Renumbering, Error> {
    let paths = list(&mut Memory::new(files)).unwrap();
    let is_archived = |path: &&String| path.starts_with("archive/");
    let archived: Vec<String> = files.keys().filter(is_archived).cloned().collect();
    let mut options = *options;
    options.archived = &archived;
    renumber_all(&paths, &options)
}

/// Renames as a file system does, but never onto another file.
fn rename(files: &mut Files, moves: &[(String, String)]) {
    for (from, to) in moves {
        assert!(!files.contains_key(to), "`{to}` is taken: {moves:?}");
        let content = files.remove(from);
        files.insert(to.clone(), content.unwrap_or_else(|| panic!("no `{from}`")));
    }
}

/// The moves and the notes; planning again finds nothing to move.
fn shown(paths: &[&str], options: &RenumberAll<'_>) -> String {
    let mut files = files(paths);
    let reordering = plan(&files, options).unwrap();
    rename(&mut files, &reordering.moves);
    let mut again = *options;
    let shown = options.lock.map_or("", |(shown, _)| shown);
    again.lock = reordering.lock.as_deref().map(|text| (shown, text));
    let settled = plan(&files, &again).unwrap();
    assert_eq!(
        (settled.moves, settled.lock),
        (vec![], reordering.lock.clone())
    );
    let mut out = String::new();
    for (from, to) in &reordering.moves {
        out += &format!("{from} -> {to}\n");
    }
    for line in reordering.lock.iter().flat_map(|lock| lock.lines().skip(1)) {
        let words: Vec<&str> = line.split(' ').collect();
        out += &format!("lock: {} {}\n", words[0], words[words.len().min(3) - 1]);
    }
    for note in &reordering.notes {
        out += &format!("note: {note}\n");
    }
    out
}
