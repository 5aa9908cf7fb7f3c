//! Files and directories that a process may not write.

use crate::database::{Database, Journal};
use crate::worker::{Outcome, Worker};
use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const CURRENT: &str = "steps:2:3";
const PENDING: &str = "steps:3:3";

/// `nobody`, for tests that run as root, to whom permissions mean nothing.
const NOBODY: u32 = 65534;

/// A migrated database in a directory, both with these permissions.
fn database(journal: Journal, file: u32, directory: u32) -> Database {
    let database = Database::new(journal);
    database.run(CURRENT, &[]).assert_ok();
    // A binary below root's home could not be run by anyone else. This process
    // must not write the copy itself: a child that another test starts just
    // then would inherit the open file, and one that is open cannot be run.
    let mut copy = Command::new("cp");
    copy.arg(env!("CARGO_BIN_EXE_worker"))
        .arg(program(&database));
    assert!(copy.status().unwrap().success());
    set_mode(&program(&database), 0o755);
    set_mode(&database.path(), file);
    set_mode(database.directory(), directory);
    database
}

fn program(database: &Database) -> PathBuf {
    database.directory().join("worker")
}

fn set_mode(path: &Path, mode: u32) {
    set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn run_unprivileged(database: &Database, set: &str) -> Outcome {
    let mut command = Command::new(program(database));
    command.arg(set).arg(database.path());
    if std::fs::metadata(database.directory()).unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    Worker::start(command).finish()
}

#[track_caller]
fn assert_unchanged(database: &Database, before: &[u8]) {
    // So that the directory can be removed.
    set_mode(database.directory(), 0o755);
    assert!(before == std::fs::read(database.path()).unwrap());
}

// docs/internals/sqlite.md, "Read-only databases".

#[test]
fn a_read_only_file_is_enough_when_nothing_is_pending() {
    for directory in [0o555, 0o777] {
        let database = database(Journal::Rollback, 0o444, directory);
        let before = std::fs::read(database.path()).unwrap();
        run_unprivileged(&database, CURRENT).assert_ok();
        let outcome = run_unprivileged(&database, PENDING);
        outcome.assert_error("read_only");
        assert_unchanged(&database, &before);
    }
}

#[test]
fn a_read_only_directory_is_enough_when_nothing_is_pending() {
    let database = database(Journal::Rollback, 0o666, 0o555);
    let before = std::fs::read(database.path()).unwrap();
    run_unprivileged(&database, CURRENT).assert_ok();
    // The file can be opened for writing, but no journal made beside it.
    let outcome = run_unprivileged(&database, PENDING);
    outcome.assert_error("read_only");
    assert!(outcome.message.contains("its directory"), "{outcome:?}");
    assert_unchanged(&database, &before);
}

#[test]
fn a_wal_database_in_a_read_only_directory_cannot_even_be_read() {
    // Nobody could make the shared memory that readers need, too.
    for file in [0o444, 0o666] {
        let database = database(Journal::Wal, file, 0o555);
        let before = std::fs::read(database.path()).unwrap();
        for set in [CURRENT, PENDING] {
            let outcome = run_unprivileged(&database, set);
            outcome.assert_error("other");
            let message = "its directory is not writable";
            assert!(outcome.message.contains(message), "{outcome:?}");
        }
        assert_unchanged(&database, &before);
    }
}

#[test]
fn a_read_only_wal_database_is_enough_when_nothing_is_pending() {
    let database = database(Journal::Wal, 0o444, 0o777);
    let before = std::fs::read(database.path()).unwrap();
    run_unprivileged(&database, CURRENT).assert_ok();
    run_unprivileged(&database, PENDING).assert_error("read_only");
    assert_unchanged(&database, &before);
}
