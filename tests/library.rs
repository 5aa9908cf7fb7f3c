//! What is said of the SQLite library that is linked. It is said once in a
//! process, so that this target has one test. Which versions have the bug is
//! tested in `migrate-sqlite`; `.ci/rusqlite-versions` runs this with a library
//! that has it and with one that has not.

use migrate_runtime::Event;
use migrate_sqlite::library::{version, wal_reset_warning};
use rusqlite::Connection;
use std::sync::{Arc, Mutex};

#[test]
fn a_library_that_can_corrupt_the_log_is_reported_once() {
    let expected: Vec<String> = wal_reset_warning(version()).into_iter().collect();
    let folder = tempfile::tempdir().unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&said);
    let files = [("001_a.sql", "CREATE TABLE a(x)")];
    let plain = migrate_tests::migrator(&files);
    let watched = migrate_tests::migrator(&files)
        .wal()
        .observer(move |event: &Event<'_>| {
            if let Event::Warning { message, .. } = event {
                listener.lock().unwrap().push((*message).to_owned());
            }
        });
    let open = |name: &str| Connection::open(folder.path().join(name)).unwrap();

    // A rollback journal is not concerned, nor is a run that nobody watches.
    let mut conn = open("journal.db");
    plain.up(&mut conn).unwrap();
    assert_eq!(plain.verify(&conn).unwrap().warnings(), [""; 0]);
    migrate_tests::migrator(&files)
        .wal()
        .up(&mut open("unwatched.db"))
        .unwrap();

    for name in ["first.db", "second.db", "first.db"] {
        let mut conn = open(name);
        watched.up(&mut conn).unwrap();
        let found = plain.verify(&conn).unwrap();
        assert_eq!(found.warnings(), expected);
        assert!(found.is_clean());
        let lines: Vec<String> = found.to_string().lines().map(str::to_owned).collect();
        assert_eq!(lines[0], "database and migrations agree");
        assert_eq!(lines.len(), 1 + expected.len());
    }
    assert_eq!(*said.lock().unwrap(), expected);
}
