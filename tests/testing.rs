//! What the runtime offers to tests: databases that are copied, and registries
//! that are read from a directory.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

#[path = "sqlite/database.rs"]
#[allow(dead_code, reason = "the tests of the engine need more of it")]
mod database;

use crate::database::{BASE, dump, number, text};
use migrate_runtime::rusqlite::Connection;
use migrate_runtime::{Event, Migrator, Numbering, Observer, Sqlite, Version, testing};
use migrate_tests::{chain, migrator};
use migrate_tools::read_directory;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const FILES: [(&str, &str); 3] = [
    BASE,
    (
        "002_b.sql",
        "CREATE TABLE b(x REFERENCES a, y TEXT); INSERT INTO b VALUES (1, 'one');\n\
         CREATE INDEX by_y ON b(y); PRAGMA user_version = 7;",
    ),
    ("003_c.sql", "CREATE VIEW v AS SELECT y FROM b;"),
];

/// Without the times of the history, everything.
fn timeless(conn: &Connection) -> String {
    conn.execute_batch("UPDATE _migrations SET applied_at = '', execution_ms = 0")
        .unwrap();
    dump(conn)
}

#[test]
fn a_copy_is_what_a_replay_makes() {
    let migrator = migrator(&FILES);
    let mut replayed = Connection::open_in_memory().unwrap();
    migrator.up(&mut replayed).unwrap();
    let expected = timeless(&replayed);
    assert!(expected.contains("user_version 7"), "{expected}");
    for _ in 0..3 {
        let mut copy = testing::database(&migrator).unwrap();
        assert!(migrator.up(&mut copy).unwrap().is_empty());
        assert!(migrator.verify(&copy).unwrap().is_clean());
        assert_eq!(text(&copy, "PRAGMA integrity_check"), "ok");
        assert_eq!(timeless(&copy), expected);
    }
}

#[test]
fn each_database_is_independent() {
    let migrator = migrator(&FILES);
    let databases: Vec<Connection> = (0..4)
        .map(|_| testing::database(&migrator).unwrap())
        .collect();
    for (n, conn) in (0..).zip(&databases) {
        assert_eq!(number(conn, "SELECT count(*) FROM a"), 2);
        conn.execute_batch("BEGIN; DELETE FROM b; CREATE TABLE own(x)")
            .unwrap();
        conn.execute("INSERT INTO a VALUES (?1)", [100 + n])
            .unwrap();
        // Larger than the image was.
        conn.execute_batch("INSERT INTO own VALUES (zeroblob(1000000)); COMMIT")
            .unwrap();
    }
    for (n, conn) in (0..).zip(&databases) {
        assert_eq!(number(conn, "SELECT max(x) FROM a"), 100 + n);
    }
    let fresh = testing::database(&migrator).unwrap();
    assert_eq!(number(&fresh, "SELECT count(*) FROM a, b"), 2);
    assert!(fresh.prepare("SELECT * FROM own").is_err());
}

/// As an application meets it, so that a test does not pass what the
/// application would refuse.
#[test]
fn the_connection_is_as_a_new_one() {
    let migrator = migrator(&FILES);
    let new = Connection::open_in_memory().unwrap();
    for _ in 0..2 {
        let conn = testing::database(&migrator).unwrap();
        for pragma in [
            "foreign_keys",
            "synchronous",
            "busy_timeout",
            "recursive_triggers",
            "legacy_alter_table",
            "query_only",
            "locking_mode",
            "journal_mode",
            "cache_size",
            "trusted_schema",
            "temp_store",
            "page_size",
        ] {
            let read = |conn: &Connection| {
                conn.pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0))
                    .unwrap()
            };
            assert_eq!(read(&conn), read(&new), "{pragma}");
        }
        let is_on = number(&new, "PRAGMA foreign_keys") == 1;
        let orphan = conn.execute("INSERT INTO b VALUES (77, '')", []);
        assert_eq!(orphan.is_err(), is_on);
        conn.execute_batch("ATTACH ':memory:' AS other; DETACH other")
            .unwrap();
    }
}

#[test]
fn each_target_has_an_image_of_its_own() {
    let migrator = migrator(&FILES);
    for _ in 0..2 {
        for target in [2, 1, 3] {
            let mut conn = testing::at(&migrator, Version::new(target)).unwrap();
            let latest = "SELECT max(version) FROM _migrations";
            assert_eq!(number(&conn, latest), i64::try_from(target).unwrap());
            // The rest is applied to rows of the test's own.
            conn.execute("INSERT INTO a VALUES (50)", []).unwrap();
            let rest = migrator.up(&mut conn).unwrap();
            assert_eq!(rest.applied().len() as u64, 3 - target);
        }
    }
}

#[test]
fn each_registry_table_and_release_has_an_image_of_its_own() {
    let one = migrator(&FILES);
    let two = migrator(&[("001_base.sql", "CREATE TABLE z(x)")]);
    for _ in 0..2 {
        let tables = |migrator: &Migrator| {
            let conn = testing::database(migrator).unwrap();
            // `ORDER BY` in the arguments needs SQLite 3.44.
            let names = "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema \
                         WHERE type = 'table' ORDER BY name)";
            text(&conn, names)
        };
        assert_eq!(tables(&one), "_migrations a b");
        assert_eq!(tables(&two), "_migrations z");
        assert_eq!(tables(&one.clone().history_table("other")), "a b other");
        for release in ["app 1.0", "app 2.0"] {
            let commit = release.replace(' ', "-");
            let released = one.clone().release(release).git_commit(commit.clone());
            let conn = testing::database(&released).unwrap();
            assert_eq!(text(&conn, "SELECT max(release) FROM _migrations"), release);
            assert_eq!(
                text(&conn, "SELECT max(git_commit) FROM _migrations"),
                commit
            );
        }
    }
}

#[derive(Default)]
struct Counting(AtomicUsize);

impl Observer for &'static Counting {
    fn on_event(&self, event: &Event<'_>) {
        if matches!(event, Event::MigrationEnded { .. }) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A closure may do something else each time, and an observer wants to see it.
#[test]
fn with_functions_or_an_observer_nothing_is_copied() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let with_function = migrator(&[BASE, ("002_b.rs", "")]).with_up(Version::new(2), move |tx| {
        let n = counted.fetch_add(1, Ordering::Relaxed);
        tx.execute_batch(&format!("CREATE TABLE b{n}(x)"))
    });
    for n in 0..3 {
        let conn = testing::database(&with_function).unwrap();
        assert_eq!(number(&conn, &format!("SELECT count(*) FROM b{n}")), 0);
    }
    assert_eq!(calls.load(Ordering::Relaxed), 3);

    let observer: &'static Counting = Box::leak(Box::default());
    let plain = migrator(&FILES);
    testing::database(&plain).unwrap();
    for n in 1..4 {
        testing::database(&plain.clone().observer(observer)).unwrap();
        assert_eq!(observer.0.load(Ordering::Relaxed), 3 * n);
    }
}

#[test]
fn several_threads_have_databases_of_their_own() {
    let migrator = migrator(&FILES);
    let start = std::sync::Barrier::new(8);
    let dumps: BTreeSet<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let (migrator, start) = (&migrator, &start);
                scope.spawn(move || {
                    start.wait();
                    let mut before = None;
                    for _ in 0..20 {
                        let conn = testing::database(migrator).unwrap();
                        before = Some(dump(&conn));
                        conn.execute("INSERT INTO a VALUES (?1)", [100 + n])
                            .unwrap();
                        assert_eq!(number(&conn, "SELECT count(*) FROM a"), 3);
                    }
                    before.unwrap()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    // With the times of the one run that made the image.
    assert_eq!(dumps.len(), 1);
}

#[test]
fn what_fails_fails_each_time() {
    let failing = migrator(&[BASE, ("002_b.sql", "INSERT INTO nowhere VALUES (1)")]);
    for _ in 0..2 {
        insta::allow_duplicates! {
            insta::assert_snapshot!(chain(&testing::database(&failing).unwrap_err()), @"migration `002_b` failed at 002_b.sql:1:1 and was rolled back: no such table: nowhere: Error code 1");
        }
    }
    testing::database(&failing.to(Version::new(1))).unwrap();
}

/// Every directory that the compiler refuses, for a reason that is not the
/// syntax of a statement, is refused at run time with the same words.
#[test]
fn a_directory_is_judged_as_by_the_compiler() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/fail");
    let mut compared = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let directory = entry.unwrap().path();
        let name = directory.file_name().unwrap().to_str().unwrap();
        let call = fs::read_to_string(directory.with_extension("rs")).unwrap_or_default();
        if !directory.is_dir() || !call.contains(&format!("embed_migrations!(\"./{name}\");")) {
            continue;
        }
        let compiler = fs::read_to_string(directory.with_extension("stderr")).unwrap();
        let expected = headlines(
            compiler
                .lines()
                .filter_map(|line| line.strip_prefix("error: ")),
        );
        let found = match read_directory::<Sqlite>(&directory, Numbering::DEFAULT) {
            Ok(_) => BTreeSet::new(),
            Err(error) => {
                assert!(error.is_invalid_directory());
                let shown = directory.to_str().unwrap().replace('\\', "/");
                let message = error.message().replace(&shown, name);
                for line in message.lines().map(str::trim) {
                    assert!(compiler.contains(line), "{name}: {line}\n{compiler}");
                }
                headlines(message.lines())
            }
        };
        assert_eq!(found, expected, "{name}");
        compared += found.len();
    }
    assert!(compared > 20, "{compared}");
}

/// The first lines of diagnostics, but of those that need a parser.
fn headlines<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    lines
        .filter(|line| line.starts_with('M') && !line.starts_with("M025"))
        .map(str::to_owned)
        .collect()
}

fn directory(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("migrations");
    for (name, text) in files {
        let path = path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    (folder, path)
}

fn refused(path: &Path, numbering: Numbering) -> String {
    let error = read_directory::<Sqlite>(path, numbering).unwrap_err();
    assert!(error.is_invalid_directory());
    let parent = path.parent().unwrap().to_str().unwrap().replace('\\', "/");
    // Every system has its own words.
    let is_missing = std::io::Error::from_raw_os_error(if cfg!(windows) { 3 } else { 2 });
    let message = error.message().replace(&parent, "…");
    message.replace(&is_missing.to_string(), "[not found]")
}

#[test]
fn a_directory_that_is_missing_or_none() {
    let (_folder, path) = directory(&[("001_a.sql", "CREATE TABLE a(x)")]);
    insta::assert_snapshot!(refused(&path.with_file_name("elsewhere"), Numbering::DEFAULT), @"
    M001: the migrations directory cannot be read: [not found]
     --> …/elsewhere
      = help: create the directory, or correct the path; it is relative to the current directory
    ");
    let message = read_directory::<Sqlite>(path.join("001_a.sql"), Numbering::DEFAULT).unwrap_err();
    assert!(message.is_invalid_directory(), "{message}");
    fs::remove_file(path.join("001_a.sql")).unwrap();
    insta::assert_snapshot!(refused(&path, Numbering::DEFAULT), @"
    M002: the migrations directory contains no migrations
     --> …/migrations
      = help: add the first one: `001_initial_schema.sql`
    ");
}

#[test]
fn numbers_are_as_the_argument_says() {
    let from = |first| Numbering::Sequential {
        first: Version::new(first),
    };
    let (_folder, path) = directory(&[
        ("0041_a.sql", "CREATE TABLE a(x)"),
        ("more/0042_b.sql", "CREATE TABLE b(x)"),
    ]);
    let registry = read_directory::<Sqlite>(&path, from(41)).unwrap();
    let mut conn = Connection::open_in_memory().unwrap();
    Migrator::<Version>::new(registry).up(&mut conn).unwrap();
    assert_eq!(number(&conn, "SELECT max(version) FROM _migrations"), 42);
    insta::assert_snapshot!(refused(&path, Numbering::DEFAULT), @"
    M008: the first migration is number 041, not 001
     --> …/migrations/0041_a.sql
      = help: restore what is missing, or renumber; if the migrations intentionally start at 41, add `first = 41` to the call
    ");
    insta::assert_snapshot!(refused(&path, from(40)), @"
    M008: the first migration is number 041, not 040
     --> …/migrations/0041_a.sql
      = help: restore what is missing, or renumber; if the migrations intentionally start at 41, add `first = 41` to the call
    ");
    insta::assert_snapshot!(refused(&path, Numbering::Timestamp), @r#"
    M005: the number of `0041_a.sql` is not a timestamp of 14 digits
     --> …/migrations/0041_a.sql
      = help: write it as year, month, day, hour, minute, second: `20260131235959_name.sql`; or remove `numbering = "timestamp"`

    M005: the number of `0042_b.sql` is not a timestamp of 14 digits
     --> …/migrations/more/0042_b.sql
      = help: write it as year, month, day, hour, minute, second: `20260131235959_name.sql`; or remove `numbering = "timestamp"`
    "#);

    let (_folder, path) = directory(&[
        ("20260131235959_a.sql", "CREATE TABLE a(x)"),
        ("20250131235959_b.sql", "CREATE TABLE b(x)"),
    ]);
    let registry = read_directory::<Sqlite>(&path, Numbering::Timestamp).unwrap();
    let labels: Vec<&str> = registry
        .migrations()
        .iter()
        .map(|migration| migration.label)
        .collect();
    assert_eq!(labels, ["20250131235959_b", "20260131235959_a"]);
    insta::assert_snapshot!(refused(&path, Numbering::DEFAULT), @r#"
    M008: the first migration is number 20250131235959, which looks like a timestamp
     --> …/migrations/20250131235959_b.sql
      = help: if the migrations are numbered by timestamps, add `numbering = "timestamp"` to the call
    "#);
}

#[test]
fn a_rust_file_needs_an_up() {
    let (_folder, path) = directory(&[("001_a.rs", "pub fn upwards() {}")]);
    insta::assert_snapshot!(refused(&path, Numbering::DEFAULT), @"
    M026: this file has no function `up`
     --> …/migrations/001_a.rs
      = help: write `pub fn up(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()>`; the error may be of another type, and a `down` of the same form is optional
    ");
}
