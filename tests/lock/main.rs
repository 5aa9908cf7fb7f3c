//! The functions that write the lock file, on real files.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod proposal;

use migrate_runtime::{Numbering, Sqlite, Version};
use migrate_tools::{lock, read_directory, renumber};
use std::fs;
use std::path::Path;

const NUMBERING: Numbering = Numbering::DEFAULT;

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A frozen migration and a draft.
fn set() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "001_a.sql", "CREATE TABLE a(x);\n");
    let changes = lock::freeze::<Sqlite>(folder.path(), NUMBERING, None).unwrap();
    assert_eq!(changes.to_string(), "`001_a` is frozen");
    write(folder.path(), "002_b.sql", "CREATE TABLE b(x);\n");
    let changes = lock::update::<Sqlite>(folder.path(), NUMBERING).unwrap();
    assert_eq!(changes.to_string(), "`002_b` is a draft");
    folder
}

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("migrations.lock")).unwrap()
}

/// The names of all files and folders, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_registry_knows_what_is_frozen() {
    let folder = set();
    let registry = read_directory::<Sqlite>(folder.path(), NUMBERING).unwrap();
    let frozen: Vec<bool> = registry
        .migrations()
        .iter()
        .map(|it| it.is_frozen)
        .collect();
    assert_eq!(frozen, [true, false]);
    assert_eq!(
        names(folder.path()),
        ["001_a.sql", "002_b.sql", "migrations.lock"]
    );

    write(folder.path(), "001_a.sql", "CREATE TABLE a(x, y);\n");
    let error = read_directory::<Sqlite>(folder.path(), NUMBERING).unwrap_err();
    assert!(
        error.is_invalid_directory() && error.message().starts_with("M031"),
        "{error}"
    );
    // Nor does anything freeze it anew.
    for result in [
        lock::update::<Sqlite>(folder.path(), NUMBERING),
        lock::freeze::<Sqlite>(folder.path(), NUMBERING, None),
    ] {
        assert!(result.unwrap_err().message().starts_with("M031"));
    }
}

#[test]
fn what_is_right_is_not_written_again() {
    let folder = set();
    let before = fs::metadata(folder.path().join("migrations.lock")).unwrap();
    assert!(
        lock::update::<Sqlite>(folder.path(), NUMBERING)
            .unwrap()
            .is_empty()
    );
    assert!(
        renumber::renumber(folder.path(), NUMBERING, None)
            .unwrap()
            .is_empty()
    );
    let after = fs::metadata(folder.path().join("migrations.lock")).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    let changes = lock::freeze::<Sqlite>(folder.path(), NUMBERING, Some(Version::new(1))).unwrap();
    assert_eq!(changes.to_string(), "nothing to change");
}

#[test]
fn a_draft_without_its_file_is_taken_out() {
    let folder = set();
    fs::remove_file(folder.path().join("002_b.sql")).unwrap();
    let changes = lock::update::<Sqlite>(folder.path(), NUMBERING).unwrap();
    assert_eq!(changes.to_string(), "`002_b` is removed: it has no file");
}

#[test]
fn a_migration_that_is_moved_takes_its_files_along() {
    let folder = set();
    write(folder.path(), "002_c/up.sql", "CREATE TABLE c(x);\n");
    write(folder.path(), "002_c/down.sql", "DROP TABLE c;\n");
    let changes = renumber::renumber(folder.path(), NUMBERING, None).unwrap();
    let lines = changes.to_string();
    assert!(
        lines.contains("`002_c/up.sql` is `003_c/up.sql` now"),
        "{lines}"
    );
    let expected = ["001_a.sql", "002_b.sql", "003_c", "migrations.lock"];
    assert_eq!(names(folder.path()), expected);
    assert_eq!(names(&folder.path().join("003_c")), ["down.sql", "up.sql"]);
    read_directory::<Sqlite>(folder.path(), NUMBERING).unwrap();

    let changes = renumber::renumber(folder.path(), NUMBERING, Some("b")).unwrap();
    assert!(
        changes
            .to_string()
            .contains("`002_b.sql` is `003_b.sql` now")
    );
    let expected = ["001_a.sql", "002_c", "003_b.sql", "migrations.lock"];
    assert_eq!(names(folder.path()), expected);
    read_directory::<Sqlite>(folder.path(), NUMBERING).unwrap();
}

/// Killed after the files were renamed, before the lock file was written.
#[test]
fn a_renumbering_that_was_cut_off_is_taken_up() {
    let folder = set();
    let conflict = text(folder.path()).replace(
        "002_b draft\n",
        "<<<<<<< HEAD\n002_b draft\n=======\n002_c draft\n>>>>>>> c\n",
    );
    write(folder.path(), "002_c.sql", "CREATE TABLE c(x);\n");
    write(folder.path(), "migrations.lock", &conflict);
    let _ = renumber::renumber(folder.path(), NUMBERING, None).unwrap();
    let (expected, written) = (names(folder.path()), text(folder.path()));
    assert!(written.ends_with("002_b draft\n003_c draft\n"), "{written}");

    write(folder.path(), "migrations.lock", &conflict);
    let _ = renumber::renumber(folder.path(), NUMBERING, None).unwrap();
    assert_eq!(
        (names(folder.path()), text(folder.path())),
        (expected, written)
    );
}

#[test]
fn what_is_frozen_is_not_moved() {
    let folder = set();
    let before = text(folder.path());
    let error = renumber::renumber(folder.path(), NUMBERING, Some("001_a")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("`001_a` is frozen and cannot be moved: "),
        "{error}"
    );
    assert_eq!(text(folder.path()), before);
    assert_eq!(
        names(folder.path()),
        ["001_a.sql", "002_b.sql", "migrations.lock"]
    );
}

#[test]
fn nothing_is_overwritten() {
    let folder = set();
    write(folder.path(), "002_c.sql", "CREATE TABLE c(x);\n");
    write(folder.path(), "002_c.down.sql", "DROP TABLE c;\n");
    // Not listed: the folder of the archive would be, this is a foreign name.
    write(folder.path(), "003_c.sql/keep", "");
    let before = text(folder.path());
    let error = renumber::renumber(folder.path(), NUMBERING, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`003_c.sql` already exists, and is not overwritten; move it away"
    );
    assert_eq!(text(folder.path()), before);
    // Not even the down, which comes first and had a free name.
    assert!(folder.path().join("002_c.down.sql").exists());
}

#[test]
fn without_a_lock_file_nothing_is_renumbered() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "002_a.sql", "CREATE TABLE a(x);\n");
    let error = renumber::renumber(folder.path(), NUMBERING, None).unwrap_err();
    assert!(
        error.to_string().ends_with("`migrate lock` creates one"),
        "{error}"
    );
    assert_eq!(names(folder.path()), ["002_a.sql"]);
}

#[test]
fn timestamps_get_the_present() {
    let folder = tempfile::tempdir().unwrap();
    let numbering = Numbering::Timestamp;
    write(
        folder.path(),
        "20240101000000_a.sql",
        "CREATE TABLE a(x);\n",
    );
    let _ = lock::freeze::<Sqlite>(folder.path(), numbering, None).unwrap();
    write(
        folder.path(),
        "20230101000000_b.sql",
        "CREATE TABLE b(x);\n",
    );
    let _ = renumber::renumber(folder.path(), numbering, None).unwrap();
    let registry = read_directory::<Sqlite>(folder.path(), numbering).unwrap();
    assert!(registry.latest().version > Version::new(20_260_101_000_000));
    assert!(registry.latest().label.ends_with("_b"));
}

/// The temporary file cannot be made where a folder has its name: that is how a
/// write fails here, whoever runs the test.
#[test]
fn a_write_that_fails_leaves_the_old_file() {
    let folder = set();
    write(folder.path(), "003_c.sql", "CREATE TABLE c(x);\n");
    let before = text(folder.path());
    let temporary = folder
        .path()
        .join(format!(".migrations.lock.{}", std::process::id()));
    fs::create_dir(&temporary).unwrap();
    let error = lock::update::<Sqlite>(folder.path(), NUMBERING).unwrap_err();
    assert!(error.to_string().contains("is unchanged"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    assert_eq!(text(folder.path()), before);
    fs::remove_dir(&temporary).unwrap();

    // The last step, the rename, fails too: there is a folder in its place.
    let lock_file = folder.path().join("migrations.lock");
    fs::remove_file(&lock_file).unwrap();
    write(folder.path(), "migrations.lock/keep.sql", "");
    assert!(lock::update::<Sqlite>(folder.path(), NUMBERING).is_err());
    assert!(!temporary.exists());
}

/// Whoever reads while it is written sees one file or the other, whole.
#[test]
fn a_reader_never_sees_half_a_file() {
    let folder = set();
    let path = folder.path().to_owned();
    let reader = std::thread::spawn(move || {
        let mut seen = 0;
        while !path.join("stop").exists() {
            let text = match fs::read_to_string(path.join("migrations.lock")) {
                // Windows may refuse a reader at the moment of the rename, and the
                // rename while somebody reads.
                Err(_) if cfg!(windows) => continue,
                text => text.unwrap(),
            };
            assert!(text.starts_with("# migrations.lock 1") && text.ends_with('\n'));
            seen += 1;
            if cfg!(windows) {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        }
        seen
    });
    for number in 3..60 {
        let path = format!("{number:03}_x.sql");
        write(folder.path(), &path, "CREATE TABLE x(x);\n");
        assert!(
            !lock::update::<Sqlite>(folder.path(), NUMBERING)
                .unwrap()
                .is_empty()
        );
    }
    fs::write(folder.path().join("stop"), "").unwrap();
    assert!(reader.join().unwrap() > 0);
}

/// Whatever lies there, it is not taken for a lock file, and the answer comes
/// soon and is short.
#[test]
fn what_is_no_lock_file() {
    let folder = set();
    let path = folder.path().join("migrations.lock");
    let good = text(folder.path());
    let last = good.lines().last().unwrap();
    let many =
        |line: &dyn Fn(usize) -> String| good.clone() + &(0..20_000).map(line).collect::<String>();
    for (text, count) in [
        (String::new(), 1),
        (many(&|_| "what\n".to_owned()), 20),
        (many(&|_| format!("{last}\n")), 20),
        (many(&|i| format!("{}_x draft\n", i + 100)), 21),
        (many(&|_| "<<<<<<< a\n=======\n>>>>>>> b\n".to_owned()), 1),
        ("x".repeat(5_000_000), 1),
    ] {
        fs::write(&path, &text).unwrap();
        let start = std::time::Instant::now();
        let error = read_directory::<Sqlite>(folder.path(), NUMBERING).unwrap_err();
        assert!(start.elapsed().as_secs() < 10);
        let error = error.message();
        assert_eq!(error.matches("help:").count(), count, "{error}");
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let error = lock::update::<Sqlite>(folder.path(), NUMBERING).unwrap_err();
    let what = "is not a file, and is in the place of the lock file; move it away";
    assert!(error.to_string().ends_with(what), "{error}");
    let error = renumber::renumber(folder.path(), NUMBERING, None).unwrap_err();
    assert!(error.to_string().ends_with(what), "{error}");
}

/// A gap among what is frozen could never be closed.
#[test]
fn no_gap_is_frozen() {
    let folder = set();
    write(folder.path(), "003_c.sql", "CREATE TABLE c(x);\n");
    let _ = lock::update::<Sqlite>(folder.path(), NUMBERING).unwrap();
    let before = text(folder.path());
    fs::remove_file(folder.path().join("002_b.sql")).unwrap();
    let error = lock::freeze::<Sqlite>(folder.path(), NUMBERING, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the draft `002_b` has no file, and freezing the migrations after it would leave a gap; \
         restore the file, or run `migrate lock` and then `migrate renumber`"
    );
    assert_eq!(text(folder.path()), before);
    // The advice is good.
    let _ = lock::update::<Sqlite>(folder.path(), NUMBERING).unwrap();
    let _ = renumber::renumber(folder.path(), NUMBERING, None).unwrap();
    let changes = lock::freeze::<Sqlite>(folder.path(), NUMBERING, None).unwrap();
    assert_eq!(changes.to_string(), "`002_c` is frozen");

    // Another name for a draft, and one that is gone at the end, leave none.
    let folder = set();
    write(folder.path(), "003_c.sql", "CREATE TABLE c(x);\n");
    let _ = lock::update::<Sqlite>(folder.path(), NUMBERING).unwrap();
    fs::rename(
        folder.path().join("002_b.sql"),
        folder.path().join("002_d.sql"),
    )
    .unwrap();
    fs::remove_file(folder.path().join("003_c.sql")).unwrap();
    let _ = lock::freeze::<Sqlite>(folder.path(), NUMBERING, None).unwrap();
    assert_eq!(text(folder.path()).matches(" frozen down=").count(), 2);
}
