//! The lock file as the functions write it: what they refuse, new numbers, and
//! that no byte of what is frozen changes unseen.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

#[path = "../../../migrate-model/tests/cases/mod.rs"]
mod cases;
#[path = "../../../migrate-source/tests/memory/mod.rs"]
mod memory;
mod refused;
mod renumber;
mod tampering;
mod timestamps;
mod write;

use memory::Memory;
use migrate_model::Version;
use migrate_source::Options;
use migrate_source::directory::{Directory, read};
use migrate_source::lock_file::{LockFile, freeze};

fn directory(files: &[(String, String)]) -> Directory {
    let files = files.iter().map(|(path, text)| (path.as_str(), text));
    read(&mut Memory::new(files), &Options::default())
}

/// A lock file for migrations with these numbers and names, of which the first
/// ones are frozen.
fn lock(stems: &[&str], frozen: usize) -> String {
    let files: Vec<(String, String)> = stems
        .iter()
        .map(|stem| {
            (
                format!("{stem}.sql"),
                format!("CREATE TABLE \"{stem}\"(x);\n"),
            )
        })
        .collect();
    let directory = directory(&files);
    assert_eq!(directory.diagnostics, []);
    let migrations = &directory.migrations;
    let lock = match frozen {
        0 => migrate_source::lock_file::update(&LockFile::default(), migrations),
        count => {
            let last: Version = migrations[count - 1].version;
            freeze(&LockFile::default(), migrations, Some(last))
        }
    };
    lock.unwrap().to_string()
}
