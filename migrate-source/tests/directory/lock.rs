//! Files and lock file that disagree: M029, M030 and M032 to M035.

use super::{memory::Memory, options, problems};
use insta::assert_snapshot;
use migrate_model::{Numbering, Version};
use migrate_source::directory::read;
use migrate_source::lock_file::{LockFile, freeze, update};

pub(super) const A: (&str, &str) = ("001_a.sql", "CREATE TABLE a(x);\n");
pub(super) const B: (&str, &str) = ("002-b.sql", "CREATE TABLE b(x);\n");
pub(super) const B_DOWN: (&str, &str) = ("002_b.down.sql", "DROP TABLE b;\n");
pub(super) const C: (&str, &str) = ("003_c.sql", "CREATE TABLE c(x);\n");
pub(super) const D: (&str, &str) = ("004_d.sql", "CREATE TABLE d(x);\n");

/// The lock file of these files, with the first ones frozen.
pub(super) fn locked(files: &[(&str, &str)], frozen: Option<u64>) -> String {
    let directory = read(&mut Memory::new(files.iter().copied()), &options());
    assert_eq!(directory.diagnostics, []);
    let lock = LockFile::default();
    let lock = match frozen {
        None => update(&lock, &directory.migrations),
        Some(last) => freeze(&lock, &directory.migrations, Some(Version::new(last))),
    };
    lock.unwrap().to_string()
}

/// The problems of these files with this lock file.
pub(super) fn against(lock: &str, files: &[(&str, &str)]) -> String {
    let mut files = files.to_vec();
    files.push(("migrations.lock", lock));
    problems(&files)
}

/// Three frozen and one draft, with this done to the lock file.
pub(super) fn edited(edit: impl FnOnce(String) -> String) -> String {
    let files = [A, B, B_DOWN, C, D];
    against(&edit(locked(&files, Some(3))), &files)
}

#[test]
fn what_is_written_is_accepted() {
    let files = [A, B, B_DOWN, C, D];
    let lock = locked(&files, Some(3));
    assert_snapshot!(lock, @"
    # migrations.lock 1: what is frozen is released and never changes; a draft may
    001_a sha256:d89afa701da71c81c35b234f040ec570c47f1ef405559e016be5780cae90ddf7 frozen down=none chain=sha256:b8584e23027600be3711390659216e51cf130fe1b97cdfe7ca1f96f14eef7c53
    002-b sha256:2e60a819e230963e548c6112274db0b03ba5d2bf4952d635c3cd8989610fe4ba frozen down=sha256:e904c7b9cee85e4dcc3777f213c94767399fa6ecdfdd9218a4a22c1033324538 chain=sha256:b0a3c493bf5935ddc162bcaec82cbc1a825e4fb5f2e24cbd5156e0fb1ee77f66
    003_c sha256:0a533876b197264dbaa2c956d1153dce5d64e67c95a1803d5adeaa88d951dab6 frozen down=none chain=sha256:dc58bc2604eea2ebac75c37baa36604a1f47562d24624500f2225f6d9c0e9c23
    004_d draft
    ");
    assert_eq!(against(&lock, &files), "");
    assert_eq!(against(&lock.replace('\n', "\r\n"), &files), "");
    assert_eq!(against(&format!("\u{feff}{lock}"), &files), "");
    // Where a file lies is free.
    let moved = [
        ("schema/001_a.up.sql", A.1),
        ("schema/002-b/up.sql", B.1),
        ("schema/002-b/down.sql", B_DOWN.1),
        C,
        D,
    ];
    assert_eq!(against(&lock, &moved), "");
}

#[test]
fn what_is_frozen_is_marked() {
    let files = [A, B, B_DOWN, C, D];
    let lock = locked(&files, Some(3));
    let with_lock = files
        .iter()
        .copied()
        .chain([("migrations.lock", lock.as_str())]);
    let directory = read(&mut Memory::new(with_lock), &options());
    let frozen: Vec<bool> = directory.migrations.iter().map(|it| it.is_frozen).collect();
    assert_eq!(frozen, [true, true, true, false]);
    let (path, text) = directory.lock.unwrap();
    assert_eq!((path.as_str(), text), ("migrations.lock", lock));
    assert!(
        directory
            .read
            .iter()
            .all(|(path, _)| path != "migrations.lock")
    );
}

#[test]
fn a_merge_that_is_not_finished() {
    let files = [A, B, B_DOWN, C, ("003_c2.sql", "CREATE TABLE c2(x);\n")];
    let lock = locked(&files[..3], Some(2));
    let conflict = "<<<<<<< HEAD\n003_c draft\n=======\n003_c2 draft\n>>>>>>> branch-b\n";
    assert_snapshot!(against(&format!("{lock}{conflict}"), &files), @r#"
    M010: version 003 is used by 2 migrations
     --> migrations/003_c.sql
      = note: `migrations/003_c.sql`
              `migrations/003_c2.sql`
      = help: run `migrate renumber`, which gives the drafts the next free numbers

    M029: both of the merged branches changed the lock file
     --> migrations/migrations.lock:4:1
      |
    4 | <<<<<<< HEAD
      | ^^^^^^^^^^^^
      = note: `HEAD` has `003_c` (draft)
      = note: `branch-b` has `003_c2` (draft)
      = help: keep the files of both branches, and run `migrate renumber`: it merges their lines, and gives the drafts the next free numbers
    "#);
    let diff3 = "<<<<<<< HEAD\n003_c draft\n||||||| 1234567\n=======\n003_c2 draft\n>>>>>>> b\n";
    assert_snapshot!(against(&format!("{lock}{diff3}"), &files), @r#"
    M010: version 003 is used by 2 migrations
     --> migrations/003_c.sql
      = note: `migrations/003_c.sql`
              `migrations/003_c2.sql`
      = help: run `migrate renumber`, which gives the drafts the next free numbers

    M029: both of the merged branches changed the lock file
     --> migrations/migrations.lock:4:1
      |
    4 | <<<<<<< HEAD
      | ^^^^^^^^^^^^
      = note: `HEAD` has `003_c` (draft)
      = note: `b` has `003_c2` (draft)
      = help: keep the files of both branches, and run `migrate renumber`: it merges their lines, and gives the drafts the next free numbers
    "#);
    let cut = "<<<<<<< HEAD\n003_c draft\n";
    assert_snapshot!(against(&format!("{lock}{cut}"), &files), @r#"
    M010: version 003 is used by 2 migrations
     --> migrations/003_c.sql
      = note: `migrations/003_c.sql`
              `migrations/003_c2.sql`
      = help: run `migrate renumber`, which gives the drafts the next free numbers

    M029: both of the merged branches changed the lock file
     --> migrations/migrations.lock:4:1
      |
    4 | <<<<<<< HEAD
      | ^^^^^^^^^^^^
      = note: `HEAD` has `003_c` (draft)
      = help: a marker is missing: check the lock file out again with `git checkout --merge`
    "#);
}

#[test]
fn a_chain_that_was_edited() {
    // The file was edited, and its checksum in the lock file with it.
    let files = [A, B, B_DOWN, C];
    let lock = locked(&files, Some(3));
    let edited = [("001_a.sql", "CREATE TABLE a(x, y);\n"), B, B_DOWN, C];
    let sum = |lock: &str| {
        lock.lines()
            .nth(1)
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .to_owned()
    };
    let forged = lock.replace(&sum(&lock), &sum(&locked(&edited, Some(3))));
    assert_snapshot!(against(&forged, &edited), @"
    M030: the chain is broken at `001_a`: this line, or one before it, was changed
     --> migrations/migrations.lock:2:1
      |
    2 | 001_a sha256:020baf24862ede2f0ea600c649979258c8f2492960dbd44a6d5891c212409b9f frozen down=none chain=sha256:b8584e230276…
      | ^^^^^
      = help: restore the committed lock file: frozen lines are never edited, removed or inserted
    ");
    // A line was taken out, with its files.
    let second = lock.lines().nth(2).unwrap();
    let removed = lock.replace(&format!("{second}\n"), "");
    assert!(against(&removed, &[A, C]).contains("M030"));
}

#[test]
fn a_frozen_migration_with_another_number_or_name() {
    let lock = locked(&[A, B, B_DOWN, C, D], Some(3));
    let names = [A, ("002_b.sql", B.1), B_DOWN, C, D];
    assert_snapshot!(against(&lock, &names), @"
    M032: the frozen migration `002-b` was renamed to `002_b`
     --> migrations/002_b.sql
      = note: it is frozen at `migrations/migrations.lock:3`
      = help: rename it back to `002-b`: databases know it by that number and name; a new migration takes the next free number
    ");
    let numbers = [A, B, B_DOWN, ("005_c.sql", C.1), D];
    assert_snapshot!(against(&lock, &numbers), @"
    M032: the frozen migration `003_c` was renamed to `005_c`
     --> migrations/005_c.sql
      = note: it is frozen at `migrations/migrations.lock:4`
      = help: rename it back to `003_c`: databases know it by that number and name; a new migration takes the next free number
    ");
    let swapped = [A, B, B_DOWN, ("004_c.sql", C.1), ("003_d.sql", D.1)];
    assert_snapshot!(against(&lock, &swapped), @r#"
    M034: `003_d` is not listed in `migrations/migrations.lock`
     --> migrations/003_d.sql
      = help: run `migrate renumber`, which gives it the next free number: everything up to `003_c` is frozen

    M032: the frozen migration `003_c` was renamed to `004_c`
     --> migrations/004_c.sql
      = note: it is frozen at `migrations/migrations.lock:4`
      = help: rename it back to `003_c`: databases know it by that number and name; a new migration takes the next free number

    M035: the draft `004_d` has no file
     --> migrations/migrations.lock:5:1
      |
    5 | 004_d draft
      | ^^^^^
      = help: restore the file; or run `migrate lock`, which removes the line
    "#);
}

#[test]
fn a_frozen_migration_that_is_gone() {
    let lock = locked(&[A, B, B_DOWN, C, D], Some(3));
    assert_snapshot!(against(&lock, &[A, C, D]), @"
    M033: the frozen migration `002-b` has no file
     --> migrations/migrations.lock:3:1
      |
    3 | 002-b sha256:2e60a819e230963e548c6112274db0b03ba5d2bf4952d635c3cd8989610fe4ba frozen down=sha256:e904c7b9cee85e4dcc3777f…
      | ^^^^^
      = help: restore the committed files of its up and down: existing databases have applied it, and new ones must; to undo it, add a new migration
    ");
    let other = [A, ("002_other.sql", "CREATE TABLE o(x);\n"), C, D];
    assert_snapshot!(against(&lock, &other), @"
    M033: the frozen migration `002-b` has no file
     --> migrations/migrations.lock:3:1
      |
    3 | 002-b sha256:2e60a819e230963e548c6112274db0b03ba5d2bf4952d635c3cd8989610fe4ba frozen down=sha256:e904c7b9cee85e4dcc3777f…
      | ^^^^^
      = note: `migrations/002_other.sql` has its number
      = help: restore the committed files of its up and down: existing databases have applied it, and new ones must; to undo it, add a new migration
    ");
    // A name outside of the grammar has its own error.
    let misnamed = [A, ("002 b.sql", B.1), C, D];
    assert_snapshot!(against(&lock, &misnamed), @"
    M006: `002 b.sql` is not a name for a migration
     --> migrations/002 b.sql
      = help: rename it to `002_b.sql`: lower-case letters, digits, `_` and `-`
    ");
}

#[test]
fn files_that_are_not_listed() {
    let lock = locked(&[A, B, B_DOWN], Some(2));
    assert_snapshot!(against(&lock, &[A, B, B_DOWN, C]), @r#"
    M034: `003_c` is not listed in `migrations/migrations.lock`
     --> migrations/003_c.sql
      = help: run `migrate lock`, which adds it as a draft
    "#);
    // Two of one number have an error already.
    let twice = [A, ("002_a.sql", A.1), B, B_DOWN];
    assert_snapshot!(against(&lock, &twice), @r#"
    M010: version 002 is used by 2 migrations
     --> migrations/002-b.sql
      = note: `migrations/002-b.sql`
              `migrations/002_a.sql`
      = help: run `migrate renumber`, which gives the drafts the next free numbers
    "#);
    let renamed = locked(&[A], None);
    assert_snapshot!(against(&renamed, &[("001_other.sql", A.1)]), @r#"
    M034: `001_other` is not listed in `migrations/migrations.lock`
     --> migrations/001_other.sql
      = note: the draft `001_a` is listed instead
      = help: run `migrate lock`, which adds it as a draft
    "#);
}

#[test]
fn a_draft_among_frozen_numbers() {
    let mut options = options();
    options.numbering = Numbering::Timestamp;
    let early = ("20230101000000_early.sql", "CREATE TABLE e(x);\n");
    let late = ("20240101000000_late.sql", "CREATE TABLE l(x);\n");
    let directory = read(&mut Memory::new([late]), &options);
    let late_lock = freeze(&LockFile::default(), &directory.migrations, None)
        .unwrap()
        .to_string();
    let files = [early, late, ("migrations.lock", late_lock.as_str())];
    assert_snapshot!(super::problems_with(&files, &options), @r#"
    M034: `20230101000000_early` is not listed in `migrations/migrations.lock`
     --> migrations/20230101000000_early.sql
      = help: run `migrate renumber`, which gives it the next free number: everything up to `20240101000000_late` is frozen
    "#);
}

#[test]
fn drafts_without_a_file() {
    let lock = locked(&[A, B, B_DOWN, C], Some(2));
    assert_snapshot!(against(&lock, &[A, B, B_DOWN]), @r#"
    M035: the draft `003_c` has no file
     --> migrations/migrations.lock:4:1
      |
    4 | 003_c draft
      | ^^^^^
      = help: restore the file; or run `migrate lock`, which removes the line
    "#);
}
