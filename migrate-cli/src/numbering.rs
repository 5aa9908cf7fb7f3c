//! How the versions of a directory are written, told by its files.

use crate::args::Numbers;
use migrate_model::files::is_ignored_folder;
use std::path::Path;

/// Timestamps, if every file and folder with a number has 14 digits.
pub(crate) fn guess(directory: &Path) -> Numbers {
    let mut found = false;
    let mut folders = vec![(directory.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let digits = name.bytes().take_while(u8::is_ascii_digit).count();
            match digits {
                14 => found = true,
                // Categories may be some levels deep, and a link may lead back.
                0 if depth < 8 && entry.file_type().is_ok_and(|it| it.is_dir()) => {
                    if !is_ignored_folder(&name) {
                        folders.push((entry.path(), depth + 1));
                    }
                }
                0 => {}
                _ => return Numbers::Sequential,
            }
        }
    }
    match found {
        true => Numbers::Timestamp,
        false => Numbers::Sequential,
    }
}
