//! Disks, files and databases that must not grow: what was applied stays,
//! SQLite's own error is shown, and with more room the next run continues.

use crate::database::{Database, Journal};
use crate::worker::{Outcome, Worker, command};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const BEFORE: &str = "steps:1:500";
const SET: &str = "steps:8:500";
const ROWS: i64 = 500;
const COUNT: u64 = 8;

/// About half of the eight migrations, with either journal.
const KILOBYTES: u32 = 900;

/// With few pages in the cache, a statement meets the limit; with many, the
/// commit does.
const CACHES: [&str; 2] = ["cache_pages=5", "cache_pages=5000"];

/// Some migrations, but not all, fitted in; the report names just those that
/// the file holds, and the error is what SQLite said first.
#[track_caller]
fn assert_full(outcome: &Outcome, database: &Database, message: &str) {
    outcome.assert_error("other");
    let shown = &outcome.message;
    assert!(shown.contains(message), "{outcome:?}");
    // A second rollback, where SQLite has rolled back by itself, would say so.
    assert!(!shown.contains("no transaction is active"), "{outcome:?}");
    // A copy has room for what a reader may have to recover.
    let applied = database.copy().check_steps(ROWS);
    println!("{applied} of {COUNT} fitted in: {shown}");
    assert!((2..COUNT).contains(&applied), "{outcome:?}");
    let reported: Vec<u64> = (2..=applied).collect();
    assert_eq!(outcome.applied, reported, "{outcome:?}");
    let label = format!("migration `{:03}_m`", applied + 1);
    assert!(shown.contains(&label), "{outcome:?}");
}

/// A commit that failed is rolled back for good, but for what a log may hold
/// already: that the next one to open the file can find.
#[track_caller]
fn assert_told(outcome: &Outcome, journal: Journal, cache: &str) {
    let told = match (cache == CACHES[0], journal) {
        (true, _) => "and was rolled back: ",
        (false, Journal::Rollback) => "failed, and it was rolled back: ",
        (false, Journal::Wal) => "failed, and it is not known whether it took effect; ",
    };
    assert!(outcome.message.contains(told), "{outcome:?}");
}

/// Without the limit, the rest is applied.
#[track_caller]
fn assert_converges(database: &Database, already: u64) {
    let outcome = database.run(SET, &[]);
    outcome.assert_ok();
    let rest: Vec<u64> = (already + 1..=COUNT).collect();
    assert_eq!(outcome.applied, rest);
    assert_eq!(database.check_steps(ROWS), COUNT);
}

fn each_way(mut check: impl FnMut(Journal, &str)) {
    for journal in [Journal::Rollback, Journal::Wal] {
        for cache in CACHES {
            check(journal, cache);
        }
    }
}

/// A file system in memory of a given size; unmounted when dropped.
struct Mount(PathBuf);

impl Mount {
    fn enlarge(&self) {
        mount(&["-o", "remount,size=64m"], &self.0).unwrap();
    }
}

/// The mount comes second, so that it is dropped first and the directory can
/// be removed.
fn on_a_small_disk(journal: Journal) -> Result<(Database, Mount), String> {
    let directory = tempfile::tempdir().unwrap();
    let size = format!("size={KILOBYTES}k");
    mount(&["-t", "tmpfs", "-o", &size, "tmpfs"], directory.path())?;
    let mount = Mount(directory.path().to_owned());
    Ok((Database::within(directory, journal), mount))
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

fn mount(options: &[&str], at: &Path) -> Result<(), String> {
    let output = Command::new("mount")
        .args(options)
        .arg(at)
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

/// docs/internals/sqlite.md, "Full disks and damaged files". Only root may mount; for others the test says that
/// it has shown nothing.
#[test]
fn a_full_disk_that_is_enlarged() {
    if let Err(reason) = on_a_small_disk(Journal::Rollback) {
        // Past the harness, which would keep it to itself.
        let mut stderr = std::io::stderr();
        let reason = reason.lines().next().unwrap_or_default();
        let skipped = "SKIPPED a_full_disk_that_is_enlarged: no tmpfs can be mounted";
        writeln!(stderr, "{skipped}: {reason}").unwrap();
        return;
    }
    each_way(|journal, cache| {
        let (database, mount) = on_a_small_disk(journal).unwrap();
        database.run(BEFORE, &[]).assert_ok();
        // A second failure must not make the first one worse.
        let first = database.run(SET, &[cache]);
        assert_full(&first, &database, "database or disk is full");
        assert_told(&first, journal, cache);
        let applied = database.copy().check_steps(ROWS);
        let second = database.run(SET, &[cache]);
        assert_eq!(second.status.code(), Some(1), "{second:?}");
        assert!(second.applied.is_empty(), "{second:?}");
        assert_eq!(database.copy().check_steps(ROWS), applied);
        mount.enlarge();
        assert_converges(&database, applied);
    });
}

// `PRAGMA max_page_count`.

#[test]
fn a_database_that_has_its_most_pages() {
    each_way(|journal, cache| {
        let database = Database::new(journal);
        database.run(BEFORE, &[]).assert_ok();
        let pages = format!("max_pages={}", KILOBYTES / 4);
        let outcome = database.run(SET, &[cache, &pages]);
        assert_full(&outcome, &database, "database or disk is full");
        assert_converges(&database, database.check_steps(ROWS));
    });
}

#[test]
fn a_file_that_has_its_largest_size() {
    each_way(|journal, cache| {
        let database = Database::new(journal);
        database.run(BEFORE, &[]).assert_ok();
        let outcome = run_with_limit(&database, "trap '' XFSZ", &[cache]);
        assert_full(&outcome, &database, "disk I/O error");
        assert_told(&outcome, journal, cache);
        let applied = database.copy().check_steps(ROWS);
        assert_converges(&database, applied);
    });
}

/// Who does not ignore the signal is killed by it.
#[test]
fn a_process_that_dies_of_the_largest_size() {
    each_way(|journal, cache| {
        let database = Database::new(journal);
        database.run(BEFORE, &[]).assert_ok();
        let outcome = run_with_limit(&database, "trap - XFSZ", &[cache]);
        assert_eq!(outcome.status.code(), None, "{outcome:?}");
        let applied = database.copy().check_steps(ROWS);
        assert!((2..COUNT).contains(&applied), "{applied}");
        assert_converges(&database, applied);
    });
}

/// Runs with a limit on the size of each file, which a shell sets in blocks of
/// 512 bytes.
fn run_with_limit(database: &Database, trap: &str, settings: &[&str]) -> Outcome {
    let worker = command(SET, &database.path(), settings);
    let script = format!("{trap}; ulimit -f {} && exec \"$0\" \"$@\"", KILOBYTES * 2);
    let mut limited = Command::new("sh");
    limited
        .args(["-c", &script])
        .arg(worker.get_program())
        .args(worker.get_args())
        .current_dir(database.directory());
    Worker::start(limited).finish()
}
