//! `migrate create`, on real directories.

#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap")]

#[path = "create/layouts.rs"]
mod layouts;
#[path = "create/lock_file.rs"]
mod lock_file;
#[path = "create/order.rs"]
mod order;
#[path = "create/processes.rs"]
mod processes;
mod support;
#[path = "create/texts.rs"]
mod texts;

use support::Folder;

const UP: &str = "CREATE TABLE one (id INTEGER PRIMARY KEY) STRICT;\n";

/// A directory with these migrations.
fn directory(paths: &[&str]) -> Folder {
    let folder = Folder::new();
    for path in paths {
        folder.write(&format!("migrations/{path}"), UP);
    }
    folder
}

/// The files that a run made, relative to the directory.
fn made(folder: &Folder, arguments: &str) -> String {
    let before = folder.files();
    let _ = folder.run(arguments).fine();
    let files = folder.files().into_iter().filter(|it| !before.contains(it));
    let files: Vec<String> = files
        .map(|it| it.strip_prefix("migrations/").unwrap_or(&it).to_owned())
        .collect();
    files.join(" ")
}

/// Fails unless the run was refused and changed nothing; returns what it said.
fn refused(folder: &Folder, arguments: &str) -> String {
    let before = (folder.files(), folder.contents());
    let ran = folder.run(arguments);
    assert!(matches!(ran.code, Some(1 | 2)), "{ran}");
    assert_eq!((folder.files(), folder.contents()), before, "{ran}");
    ran.to_string()
}
