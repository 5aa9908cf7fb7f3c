//! The directories of other tools: reading, converting and writing them.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod layouts;
mod leftovers;
mod own;
mod places;
mod refused;
mod scripts;
mod sections;
mod squash;

use migrate_adopt::Tool;
use migrate_adopt::files::{Conversion, Options, convert, read_source, write};
use migrate_runtime::rusqlite::Connection;
use migrate_runtime::{Down, Migrator, Numbering, Version};
use migrate_tools::read_directory;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A directory with these files.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn conversion(tool: Tool, folder: &Path) -> Conversion {
    let source = read_source(tool, folder).unwrap();
    convert(&source, &Options::default()).unwrap()
}

/// What the user is shown, and the new files.
fn shown(conversion: &Conversion) -> String {
    let mut shown = conversion.to_string();
    for file in &conversion.files {
        write!(shown, "\n=== {}\n{}", file.path, file.text).unwrap();
    }
    shown
}

/// Converts, and applies the result to an SQLite; undoes as much as has a down.
fn converted(tool: Tool, files: &[(&str, &str)]) -> String {
    let folder = directory(files);
    let conversion = conversion(tool, folder.path());
    let target = tempfile::tempdir().unwrap();
    write(&conversion, target.path()).unwrap();
    let registry = read_directory(target.path(), Numbering::DEFAULT).unwrap();
    let mut db = Connection::open(folder.path().join("app.db")).unwrap();
    let migrator = Migrator::<Version>::new(registry);
    let report = migrator.up(&mut db).unwrap();
    assert_eq!(report.applied().len(), registry.migrations().len());
    let migrations = registry.migrations().iter().rev();
    let steps = migrations
        .take_while(|migration| migration.down.is_some())
        .count();
    migrator.down(&mut db, Down::Steps(steps)).unwrap();
    migrator.up(&mut db).unwrap();
    shown(&conversion)
}
