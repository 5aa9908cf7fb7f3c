//! 54. The copy of the database before the first change.

use crate::database::{BASE, Database, MODES, dump, number, text};
use migrate_runtime::{Down, Error, ErrorKind, Event, Migrator, Repair, Transactions, Version};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

const B: (&str, &str) = (
    "002_b.sql",
    "DELETE FROM a;\n-- migrate:down\nINSERT INTO a VALUES (1), (2);\n",
);
const C: (&str, &str) = (
    "003_c.sql",
    "DROP TABLE a\n-- migrate:down\nCREATE TABLE a(x)",
);

/// A database with rows and a version of its own, and all that it holds.
fn filled(wal: bool) -> (Database, Connection, String) {
    let database = Database::new(wal);
    let mut conn = database.open();
    migrator(&[BASE]).up(&mut conn).unwrap();
    conn.execute_batch("PRAGMA user_version = 42; CREATE INDEX i ON a(x);")
        .unwrap();
    let before = dump(&conn);
    (database, conn, before)
}

fn all() -> Migrator<Version> {
    migrator(&[BASE, B, C])
}

fn beside(database: &Database, name: &str) -> PathBuf {
    database.path().with_file_name(name)
}

/// Every file in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[track_caller]
fn assert_copy(path: &Path, before: &str) {
    let copy = Connection::open(path).unwrap();
    assert_eq!(text(&copy, "PRAGMA integrity_check"), "ok");
    assert_eq!(dump(&copy), before);
}

#[test]
fn a_copy_is_what_the_first_migration_finds() {
    for wal in MODES {
        let (database, mut conn, before) = filled(wal);
        let path = beside(&database, "copy.db");
        let report = all().backup_to(&path).up(&mut conn).unwrap();
        assert_eq!(report.applied().len(), 2);
        assert_eq!(report.backup(), Some(&*path));
        assert_copy(&path, &before);
    }
}

#[test]
fn a_folder_gets_a_copy_of_each_run_under_its_own_name() {
    let (database, mut conn, before) = filled(false);
    let folder = beside(&database, "deep/backups/");
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let migrator =
        all()
            .backup_to(format!("{}/", folder.display()))
            .observer(move |event: &Event<'_>| {
                if let Event::BackedUp { path, .. } = event {
                    tell.lock().unwrap().push(path.to_path_buf());
                }
            });
    let report = migrator.up(&mut conn).unwrap();
    assert_copy(report.backup().unwrap(), &before);
    assert_eq!(*told.lock().unwrap(), [report.backup().unwrap()]);
    let name = report
        .backup()
        .unwrap()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap();
    assert!(name.starts_with("app-before-002_b-2"), "{name}");
    assert!(name.ends_with("Z.db"), "{name}");

    let up = dump(&conn);
    let down = migrator.down(&mut conn, Down::Steps(2)).unwrap();
    assert_copy(down.backup().unwrap(), &up);
    assert!(
        down.backup()
            .unwrap()
            .to_string_lossy()
            .contains("app-before-003_c-")
    );
    assert_eq!(names(&folder).len(), 2);
    migrator.up(&mut conn).unwrap();
    let before = dump(&conn);
    let redo = migrator.redo(&mut conn).unwrap();
    assert_copy(redo.backup().unwrap(), &before);
    assert_eq!(names(&folder).len(), 4);
}

/// The way down and the way up, before the first of all migrations.
#[test]
fn one_transaction_for_all_is_copied_once() {
    for steps in [1, 2] {
        let (database, mut conn, empty) = filled(false);
        let together = all().transactions(Transactions::All);
        let path = beside(&database, "up.db");
        together.clone().backup_to(&path).up(&mut conn).unwrap();
        assert_copy(&path, &empty);
        let before = dump(&conn);
        let path = beside(&database, "down.db");
        let down = together
            .backup_to(&path)
            .down(&mut conn, Down::Steps(steps))
            .unwrap();
        assert_eq!(down.undone().len(), steps);
        assert_eq!(down.backup(), Some(&*path));
        assert_copy(&path, &before);
    }
}

#[test]
fn a_redo_without_a_transaction_copies_once() {
    let (database, mut conn, _) = filled(false);
    let script = "-- migrate: no-transaction\nVACUUM;\n-- migrate:down\n\
                  -- migrate: no-transaction\nVACUUM;\n";
    let migrator = migrator(&[BASE, ("002_b.sql", script)]);
    migrator.up(&mut conn).unwrap();
    let before = dump(&conn);
    let path = beside(&database, "copy.db");
    let report = migrator.backup_to(&path).redo(&mut conn).unwrap();
    assert_eq!((report.undone().len(), report.applied().len()), (1, 1));
    assert_copy(&path, &before);
}

#[test]
fn no_copy_is_made_where_there_is_nothing_to_lose() {
    let (database, mut conn, _) = filled(false);
    let path = beside(&database, "copy.db");
    let none = migrator(&[BASE]).backup_to(&path).up(&mut conn).unwrap();
    assert_eq!(none.backup(), None);
    assert!(!path.exists());
    let new = Database::new(false);
    let report = all().backup_to(&path).up(&mut new.open()).unwrap();
    assert_eq!((report.applied().len(), report.backup()), (3, None));
    assert!(!path.exists());
}

#[test]
fn verbs_that_change_no_schema_refuse_a_copy() {
    let (database, mut conn, before) = filled(false);
    let path = beside(&database, "copy.db");
    let migrator = all().backup_to(&path);
    let version = Version::new(1);
    let reason = Repair::Restamp("to see");
    let errors: Vec<Error> = vec![
        migrator.status(&conn).unwrap_err(),
        migrator.verify(&conn).unwrap_err(),
        migrator.compare_schema(&conn, None, &[]).unwrap_err(),
        migrator.baseline(&mut conn, version).unwrap_err(),
        migrator.repair(&mut conn, version, reason).unwrap_err(),
        migrator.adopt(&mut conn, |_| Ok(Vec::new())).unwrap_err(),
    ];
    assert!(errors.iter().all(|it| it.kind() == ErrorKind::InvalidInput));
    let messages: Vec<String> = errors.iter().map(Error::message).collect();
    insta::assert_snapshot!(messages.join("\n"), @"
    `status` does not use the option `backup_to`; nothing was changed, omit it
    `verify` does not use the option `backup_to`; nothing was changed, omit it
    `compare_schema` does not use the option `backup_to`; nothing was changed, omit it
    `baseline` does not use the option `backup_to`; nothing was changed, omit it
    `repair` does not use the option `backup_to`; nothing was changed, omit it
    `adopt` does not use the option `backup_to`; nothing was changed, omit it
    ");
    assert_eq!(dump(&conn), before);
    assert_eq!(migrator.plan(&conn).unwrap().pending().len(), 2);
    assert!(!path.exists());
}

/// Nothing is migrated, and no half of a copy stays.
#[track_caller]
fn refused(database: &Database, conn: &mut Connection, to: &Path) -> String {
    let before = dump(conn);
    let files = names(database.path().parent().unwrap());
    let error: Error = all().backup_to(to).up(conn).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BackupFailed, "{}", chain(&error));
    assert!(error.report().is_empty());
    assert_eq!(error.report().backup(), None);
    assert!(conn.is_autocommit());
    assert_eq!(dump(conn), before);
    assert_eq!(names(database.path().parent().unwrap()), files);
    let folder = database.path().parent().unwrap().to_owned();
    let message = chain(&error)
        .replace(&*folder.to_string_lossy(), "FOLDER")
        .replace("FOLDER\\", "FOLDER/");
    // Every system has its own words.
    let exists = std::io::Error::from_raw_os_error(if cfg!(windows) { 183 } else { 17 });
    message.replace(&exists.to_string(), "File exists (os error 17)")
}

#[test]
fn without_a_copy_nothing_is_changed() {
    let (database, mut conn, _) = filled(false);
    let there = beside(&database, "there.db");
    std::fs::write(&there, "something").unwrap();
    insta::assert_snapshot!(refused(&database, &mut conn, &there), @"the database was not backed up to `FOLDER/there.db`: the file already exists; name a folder, and each copy gets its own name; nothing was changed");
    assert_eq!(std::fs::read(&there).unwrap(), b"something");
    insta::assert_snapshot!(refused(&database, &mut conn, &beside(&database, "no/copy.db")), @"the database was not backed up to `FOLDER/no/copy.db`: the copy cannot be written; nothing was changed: unable to open database: FOLDER/no/copy.db.partial: Error code 14");
    insta::assert_snapshot!(refused(&database, &mut conn, &beside(&database, "there.db/")), @"the database was not backed up to `FOLDER/there.db/`: the folder cannot be created; nothing was changed: File exists (os error 17)");
    let mut memory = Connection::open_in_memory().unwrap();
    migrator(&[BASE]).up(&mut memory).unwrap();
    insta::assert_snapshot!(refused(&database, &mut memory, &beside(&database, "copy.db")), @"the database was not backed up to `FOLDER/copy.db`: an in-memory database has no file to copy; nothing was changed");

    let unfit = all().connect_with(|_| Err(rusqlite::Error::InvalidQuery));
    let error = unfit
        .backup_to(beside(&database, "copy.db"))
        .up(&mut conn)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BackupFailed);
    assert!(all().up(&mut conn).is_ok());
}

/// The copy is there even where the migration fails, and the next run needs
/// another name.
#[test]
fn a_migration_that_fails_leaves_the_copy() {
    let (database, mut conn, before) = filled(true);
    let path = beside(&database, "copy.db");
    let failing = migrator(&[BASE, ("002_b.sql", "DELETE FROM a; DELETE FROM nowhere")]);
    let error = failing.backup_to(&path).up(&mut conn).unwrap_err();
    assert_eq!(error.report().backup(), Some(&*path));
    assert_copy(&path, &before);
    assert_eq!(number(&conn, "SELECT count(*) FROM a"), 2);
}
