//! The numbering of versions, from the options or else detected from the files.

use crate::args::{Global, NumberingName};
use crate::failure::Failure;
use migrate_model::files::is_ignored_folder;
use migrate_runtime::{Numbering, Version};
use std::path::Path;

pub(crate) fn numbering(global: &Global) -> Result<Numbering, Failure> {
    let numbers = global.numbering.unwrap_or_else(|| detect(&global.dir));
    match (numbers, global.first) {
        (NumberingName::Sequential, None) => Ok(Numbering::DEFAULT),
        (NumberingName::Sequential, Some(first)) => match Version::from_u64(first) {
            Some(first) => Ok(Numbering::Sequential { first }),
            None => Err(Failure::usage(format!(
                "{first} is too large for a version"
            ))),
        },
        (NumberingName::Timestamp, None) => Ok(Numbering::Timestamp),
        (NumberingName::Timestamp, Some(_)) => {
            Err(Failure::usage("timestamps have no first number")
                .help("omit `--first`, or use `--numbering sequential`"))
        }
    }
}

/// Detects timestamps if the number of every file and folder has 14 digits.
fn detect(directory: &Path) -> NumberingName {
    let mut has_timestamps = false;
    let mut folders = vec![(directory.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let file_name = entry.file_name();
            let name = file_name.to_string_lossy();
            match name.bytes().take_while(u8::is_ascii_digit).count() {
                14 => has_timestamps = true,
                // Categories may be nested, and a link may lead back to a parent.
                0 if depth < 8 && entry.file_type().is_ok_and(|it| it.is_dir()) => {
                    if !is_ignored_folder(&name) {
                        folders.push((entry.path(), depth + 1));
                    }
                }
                0 => {}
                _ => return NumberingName::Sequential,
            }
        }
    }
    if has_timestamps {
        NumberingName::Timestamp
    } else {
        NumberingName::Sequential
    }
}
