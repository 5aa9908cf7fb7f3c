//! Files that are no database, or no longer one.

use crate::database::{Database, Journal};
use std::fs::{read, write};

const CURRENT: &str = "steps:2:3";
const PENDING: &str = "steps:3:3";

/// docs/internals/sqlite.md, "Full disks and damaged files": whatever the file, the error is SQLite's name for
/// it, no migration is applied, and not a byte changes.
#[track_caller]
fn check(what: &str, bytes: &[u8], message: &str) {
    let database = Database::new(Journal::Rollback);
    write(database.path(), bytes).unwrap();
    for set in [CURRENT, PENDING] {
        let outcome = database.run(set, &[]);
        assert_eq!(outcome.status.code(), Some(1), "{what}: {outcome:?}");
        assert!(outcome.message.contains(message), "{what}: {outcome:?}");
        assert!(outcome.applied.is_empty(), "{what}: {outcome:?}");
        assert_unchanged(&database, bytes, what);
    }
}

/// The file is as it was, and alone.
#[track_caller]
fn assert_unchanged(database: &Database, bytes: &[u8], what: &str) {
    assert!(read(database.path()).unwrap() == bytes, "{what}");
    let files: Vec<_> = std::fs::read_dir(database.directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(files, ["app.db"], "{what}");
}

/// The bytes of a sound database, and the number of the page on which the
/// rows of its history are.
fn sound(journal: Journal) -> (Vec<u8>, usize) {
    let database = Database::new(journal);
    database.run(CURRENT, &[]).assert_ok();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = '_migrations'";
    let root: u16 = database
        .open()
        .query_row(root, [], |row| row.get(0))
        .unwrap();
    (read(database.path()).unwrap(), root.into())
}

const PAGE: usize = 4096;
const NO_DATABASE: &str = "file is not a database";
const MALFORMED: &str = "database disk image is malformed";

#[test]
fn a_file_of_another_kind_is_refused() {
    let mut random = vec![0; 3 * PAGE];
    fastrand::fill(&mut random);
    check(
        "random bytes, as of an encrypted file",
        &random,
        NO_DATABASE,
    );
    check("text", "some notes\n".repeat(500).as_bytes(), NO_DATABASE);
    check("zeros", &[0; PAGE], NO_DATABASE);
}

#[test]
fn a_file_without_bytes_is_a_fresh_database() {
    // One byte is what SQLite itself writes into an empty file, where the file
    // system needs that for a lock; it counts as empty.
    for bytes in ["", "S"] {
        let database = Database::new(Journal::Rollback);
        write(database.path(), bytes).unwrap();
        assert_eq!(database.run(CURRENT, &[]).applied, [1, 2]);
        assert_eq!(database.check_steps(3), 2);
    }
}

#[test]
fn a_truncated_file_is_refused() {
    for journal in [Journal::Rollback, Journal::Wal] {
        let (bytes, _) = sound(journal);
        for length in [2, 15, 16, 17] {
            check(&format!("{length} bytes"), &bytes[..length], NO_DATABASE);
        }
        let last = bytes.len() - PAGE;
        for length in [50, 99, 100, 512, PAGE - 1, PAGE, PAGE + 1, last - 1, last] {
            check(&format!("{length} bytes"), &bytes[..length], MALFORMED);
        }
    }
}

#[test]
fn a_damaged_header_is_refused() {
    let (bytes, _) = sound(Journal::Rollback);
    let damaged = |at: usize, value: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = value;
        bytes
    };
    check("its magic string", &damaged(0, b'X'), NO_DATABASE);
    check("its page size", &damaged(16, 3), NO_DATABASE);
    check("its payload fraction", &damaged(21, 1), NO_DATABASE);
    check("its read version", &damaged(19, 9), NO_DATABASE);
    check(
        "its schema format",
        &damaged(47, 9),
        "unsupported file format",
    );
}

#[test]
fn a_damaged_page_is_refused() {
    let (bytes, history) = sound(Journal::Rollback);
    let damaged = |from: usize, to: usize| {
        let mut bytes = bytes.clone();
        bytes[from..to].fill(0xA5);
        bytes
    };
    check("the schema", &damaged(100, PAGE), MALFORMED);
    check(
        "the cells of the schema",
        &damaged(PAGE - 400, PAGE),
        MALFORMED,
    );
    let page = (history - 1) * PAGE;
    check("the history", &damaged(page, page + PAGE), MALFORMED);
    check(
        "its cells",
        &damaged(page + PAGE - 200, page + PAGE),
        MALFORMED,
    );
}

/// Damage at any place behind the header: nobody finds all of it, but no
/// process dies of it, and a run that ends in an error has changed nothing.
#[test]
fn damage_at_random_is_survived() {
    let mut random = fastrand::Rng::with_seed(0x6d69_6772_6174_6534);
    let (sound, _) = sound(Journal::Rollback);
    // Most of a page is empty, and damage there is none.
    let places: Vec<usize> = (100..sound.len()).filter(|&at| sound[at] != 0).collect();
    let (mut errors, rounds) = (0, crate::rounds(60));
    for round in 0..rounds {
        let mut bytes = sound.clone();
        for _ in 0..random.usize(1..4) {
            let at = places[random.usize(..places.len())];
            let end = bytes.len().min(at + random.usize(1..30));
            bytes[at..end].fill_with(|| random.u8(..));
        }
        for set in [CURRENT, PENDING] {
            let database = Database::new(Journal::Rollback);
            write(database.path(), &bytes).unwrap();
            let outcome = database.run(set, &[]);
            let what = format!("round {round}: {outcome:?}");
            match outcome.status.code() {
                Some(0) => {}
                Some(1) => {
                    assert!(outcome.applied.is_empty(), "{what}");
                    assert_unchanged(&database, &bytes, &what);
                    errors += 1;
                }
                _ => panic!("{what}"),
            }
        }
    }
    println!("{errors} of {} runs ended in an error", 2 * rounds);
    assert!(errors > rounds / 2, "{errors}");
}

#[test]
fn a_path_that_leads_to_no_file_is_refused() {
    let database = Database::new(Journal::Rollback);
    std::fs::create_dir(database.path()).unwrap();
    let outcome = database.run(CURRENT, &[]);
    outcome.assert_error("open");
    assert!(outcome.message.contains("unable to open database file"));

    let missing = database.directory().join("missing/app.db");
    let command = crate::worker::command(CURRENT, &missing, &[]);
    let outcome = crate::worker::Worker::start(command).finish();
    outcome.assert_error("open");
    assert!(outcome.message.contains("unable to open database file"));
    assert!(!missing.parent().unwrap().exists());
}
