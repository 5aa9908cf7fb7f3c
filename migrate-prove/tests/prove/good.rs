//! Sets as people write them, of which a replay has nothing to say.

use crate::set::{directory, found, split};
use migrate_core::render::render;
use std::fs;
use std::path::Path;

/// Each file of `good/` is a set; a line `== name` begins a file of it.
#[test]
fn nothing_is_found_in_good_sets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prove/good");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let many = paths.len();
    let mut wrong = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let files = split(&text);
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let diagnostics = directory(&files).diagnostics;
        let diagnostics: Vec<String> = diagnostics.iter().map(render).collect();
        if !diagnostics.is_empty() {
            wrong.push(format!("{name} is no set: {}", diagnostics.join("\n\n")));
        }
        let found = found(&files);
        if !found.is_empty() {
            wrong.push(format!("{name}:\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n======\n"));
    assert!(many > 40, "only {many} sets");
}
