//! A database file that is no longer where the connection was opened: its path
//! leads nowhere, or to another database.

use crate::database::{BASE, Database, dump};
use migrate_runtime::{Error, ErrorKind, Report};
use migrate_tests::{chain, migrator};
use std::sync::mpsc::channel;
use std::time::Duration;

const OUTSIDE: (&str, &str) = (
    "002_outside.sql",
    "-- migrate: no-transaction\nCREATE TABLE b(y);\n",
);

/// A run that takes the second migration with a connection of its own, after
/// `change` has done something to the file.
fn up_after(database: &Database, change: impl FnOnce()) -> Result<Report, Error> {
    let mut conn = database.open();
    migrator(&[BASE]).up(&mut conn).unwrap();
    change();
    let (done, is_done) = channel();
    std::thread::spawn(move || {
        let migrator = migrator(&[BASE, OUTSIDE]).lock_timeout(Duration::from_secs(1));
        done.send(migrator.up(&mut conn))
    });
    let ended = is_done.recv_timeout(Duration::from_secs(60));
    ended.expect("the run does not end")
}

#[test]
fn a_file_that_is_gone_is_not_made_anew() {
    let database = Database::new(false);
    let error = up_after(&database, || std::fs::remove_file(database.path()).unwrap());
    let path = database.path().display().to_string();
    let message = chain(&error.unwrap_err()).replace(&path, "PATH");
    insta::assert_snapshot!(message, @"the database failed while opening a separate connection: unable to open database file: PATH: Error code 14");
    assert!(!database.path().exists());
}

#[test]
fn another_database_in_its_place_is_left_alone() {
    let (database, other) = (Database::new(false), Database::new(false));
    migrator(&[BASE, OUTSIDE]).up(&mut other.open()).unwrap();
    let before = dump(&other.open());
    let error = up_after(&database, || {
        std::fs::rename(other.path(), database.path()).unwrap();
    });
    insta::assert_snapshot!(chain(&error.unwrap_err()), @"the database now at this path disagrees about migration `002_outside` with the one that this connection has open: the file was moved or replaced; open it again");
    assert_eq!(dump(&database.open()), before);
}

/// The copy of a file that was made by that would be empty.
#[test]
fn a_file_that_is_gone_is_not_backed_up() {
    let (database, folder) = (Database::new(false), tempfile::tempdir().unwrap());
    let mut conn = database.open();
    migrator(&[BASE]).up(&mut conn).unwrap();
    std::fs::remove_file(database.path()).unwrap();
    let copy = folder.path().join("copy.db");
    let second = ("002_second.sql", "CREATE TABLE b(y)");
    let migrator = migrator(&[BASE, second]).backup_to(&copy);
    assert_eq!(
        migrator.up(&mut conn).unwrap_err().kind(),
        ErrorKind::BackupFailed
    );
    assert!(!copy.exists() && !database.path().exists());
}
