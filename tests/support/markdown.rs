//! The fenced blocks of the documents, each with the comment that says how it is
//! tested.

#![expect(
    clippy::expect_used,
    reason = "a document that is missing fails the test"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// A fenced block of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The line of the opening fence, from 1.
    pub line: usize,
    /// The word after the opening fence.
    pub language: String,
    /// The HTML comment on the line above, which readers do not see.
    pub note: Option<String>,
    /// What is between the fences, with the end of its last line.
    pub text: String,
}

impl Block {
    /// The path of the file that the block is, if its note is `file PATH`.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.note.as_deref()?.strip_prefix("file ")
    }
}

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of the chapters.
#[must_use]
pub fn guide() -> PathBuf {
    root().join("docs/guide/src")
}

/// The chapters of the guide, as paths below its folder, sorted.
///
/// # Panics
///
/// If a folder cannot be read.
#[must_use]
pub fn chapters() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["", "recipes/"] {
        for entry in fs::read_dir(guide().join(folder)).expect("the guide is in the repository") {
            let name = entry.expect("the folder can be read").file_name();
            let name = name.to_str().expect("chapters have names in ASCII");
            if name.ends_with(".md") && name != "SUMMARY.md" {
                found.push(format!("{folder}{name}"));
            }
        }
    }
    found.sort();
    found
}

/// The text of a chapter.
///
/// # Panics
///
/// If there is no such chapter.
#[must_use]
pub fn chapter(name: &str) -> String {
    fs::read_to_string(guide().join(name)).expect("the chapter exists")
}

/// The fenced blocks of a document, in order.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut is_open = false;
    let mut above = "";
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), found.last_mut()) {
            (Some(_), _) if is_open => is_open = false,
            (Some(language), _) => {
                let note = above.strip_prefix("<!-- ");
                let note = note.and_then(|note| note.strip_suffix(" -->"));
                found.push(Block {
                    line: number + 1,
                    language: language.to_owned(),
                    note: note.map(str::to_owned),
                    text: String::new(),
                });
                is_open = true;
            }
            (None, Some(block)) if is_open => {
                block.text += line;
                block.text.push('\n');
            }
            _ => {}
        }
        above = line;
    }
    found
}

/// The files that a chapter shows: path and text.
#[must_use]
pub fn files(text: &str) -> Vec<(String, String)> {
    let blocks = blocks(text).into_iter();
    blocks
        .filter_map(|block| Some((block.file()?.to_owned(), block.text.clone())))
        .collect()
}
