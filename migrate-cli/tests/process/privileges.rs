//! Files and folders that may not be written, or not be read.

use crate::running::history;
use crate::support::{Folder, Ran};
use insta::assert_snapshot;
use migrate_runtime::rusqlite::{Connection, OpenFlags};
use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// `nobody`, for tests that run as root, to whom permissions mean nothing.
const NOBODY: u32 = 65534;

/// One migration that is applied, and one that is pending.
fn folder() -> Folder {
    let folder = Folder::with(&[(
        "migrations/001_users.sql",
        "CREATE TABLE users (id INTEGER PRIMARY KEY);\n-- migrate:down\nDROP TABLE users;\n",
    )]);
    std::fs::create_dir(folder.at("data")).unwrap();
    folder.run("up --database sqlite:data/app.db").fine();
    folder.write(
        "migrations/002_more.sql",
        "CREATE TABLE more (n INTEGER);\n",
    );
    // A binary below root's home could not be run by anyone else. Another
    // process makes the copy: a file that this one has open for writing could
    // be inherited by a child of another test, and then not be run.
    let mut copy = Command::new("cp");
    copy.arg(env!("CARGO_BIN_EXE_migrate"))
        .arg(folder.at("migrate"));
    assert!(copy.status().unwrap().success());
    set_mode(&folder, "", 0o755);
    folder
}

fn set_mode(folder: &Folder, path: &str, mode: u32) {
    set_permissions(folder.at(path), Permissions::from_mode(mode)).unwrap();
}

fn unprivileged(folder: &Folder, arguments: &str) -> Ran {
    let mut command = Command::new(folder.at("migrate"));
    command.args(arguments.split(' ')).env_clear();
    command.current_dir(folder.path());
    if folder.path().metadata().unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    folder.ran(command.output().unwrap())
}

const VERBS: [&str; 4] = ["status", "verify", "up", "down --yes"];

/// What each verb says, of which the first two must succeed.
fn told(folder: &Folder) -> String {
    let before = std::fs::read(folder.at("data/app.db")).unwrap();
    let told = VERBS.map(|verb| {
        let ran = unprivileged(folder, &format!("{verb} --database sqlite:data/app.db"));
        let is_reader = matches!(verb, "status" | "verify");
        assert_eq!(ran.code, Some(i32::from(!is_reader)), "{verb}: {ran}");
        if is_reader {
            String::new()
        } else {
            format!("{verb}: {ran}")
        }
    });
    assert!(std::fs::read(folder.at("data/app.db")).unwrap() == before);
    told.concat()
}

#[test]
fn a_read_only_file_can_be_looked_at() {
    let folder = folder();
    set_mode(&folder, "data/app.db", 0o444);
    let file = told(&folder);
    assert_snapshot!(file, @"
    up: exit code 1
    --- stderr
    error: the database is read-only, and 1 migration is pending; open it for writing
    down --yes: exit code 1
    --- stderr
    error: the database is read-only, and 1 migration is to be undone; open it for writing
    ");
    let status = unprivileged(&folder, "status --database sqlite:data/app.db").fine();
    assert!(status.stdout.contains("Total: 2 | Applied: 1 | Pending: 1"));
    assert_eq!(status.stderr, "");
    // With nothing to do it is enough for `up`, too.
    folder.remove("migrations/002_more.sql");
    unprivileged(&folder, "up --database sqlite:data/app.db").fine();
}

#[test]
fn a_file_in_a_read_only_folder_can_be_looked_at() {
    let folder = folder();
    set_mode(&folder, "data/app.db", 0o666);
    set_mode(&folder, "data", 0o555);
    let told = told(&folder);
    let new = unprivileged(&folder, "up --database sqlite:data/new.db").ends_with(1);
    set_mode(&folder, "data", 0o755);
    assert_snapshot!(format!("{told}new: {new}"), @"
    up: exit code 1
    --- stderr
    error: the database is read-only, and 1 migration is pending; open it for writing
      because: its directory is not writable
    down --yes: exit code 1
    --- stderr
    error: the database is read-only, and 1 migration is to be undone; open it for writing
      because: its directory is not writable
    new: exit code 1
    --- stderr
    error: the database `data/new.db` cannot be opened: it cannot be created
      help: give this user read and write access to the file and its folder
    ");
}

// A reader of write-ahead logging needs a file beside the database.
#[test]
fn a_read_only_file_with_write_ahead_logging() {
    let folder = folder();
    let conn = Connection::open(folder.at("data/app.db")).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER)")
        .unwrap();
    drop(conn);
    set_mode(&folder, "data/app.db", 0o444);
    set_mode(&folder, "data", 0o555);
    let status = unprivileged(&folder, "status --database sqlite:data/app.db");
    set_mode(&folder, "data", 0o755);
    assert_snapshot!(status, @"
    exit code 1
    --- stderr
    error: the database `data/app.db` cannot be opened: attempt to write a readonly database
      help: with write-ahead logging, a reader writes next to the file: make its folder writable, or read a copy
    ");
}

#[test]
fn what_may_not_be_read_is_named() {
    let folder = folder();
    set_mode(&folder, "data/app.db", 0o000);
    let file = unprivileged(&folder, "status --database sqlite:data/app.db").ends_with(1);
    set_mode(&folder, "data/app.db", 0o644);
    set_mode(&folder, "data", 0o000);
    let above = unprivileged(&folder, "status --database sqlite:data/app.db").ends_with(1);
    set_mode(&folder, "data", 0o755);
    set_mode(&folder, "migrations/002_more.sql", 0o000);
    let script = unprivileged(&folder, "status --database sqlite:data/app.db").ends_with(1);
    set_mode(&folder, "migrations", 0o000);
    let directory = unprivileged(&folder, "status --database sqlite:data/app.db").ends_with(1);
    set_mode(&folder, "migrations", 0o755);
    assert_snapshot!(format!("{file}\n{above}\n{script}\n{directory}"), @"
    exit code 1
    --- stderr
    error: the database `data/app.db` cannot be opened: Permission denied (os error 13)
      help: give this user read and write access to the file and its folder

    exit code 1
    --- stderr
    error: the database `data/app.db` cannot be opened: Permission denied (os error 13)
      help: give this user read and write access to the file and its folder

    exit code 1
    --- stderr
    error: M013: this file cannot be read: Permission denied (os error 13)
     --> migrations/002_more.sql
      = help: make it readable, or remove it

    exit code 1
    --- stderr
    error: M001: the migrations directory cannot be read: Permission denied (os error 13)
     --> migrations
      = help: create the directory, or correct the path; it is relative to the current directory
    ");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let conn = Connection::open_with_flags(folder.at("data/app.db"), flags).unwrap();
    assert_eq!(history(&conn), ["users"]);
}
