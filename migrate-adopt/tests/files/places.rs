//! Where the new files are written, and what happens to the old ones.

use super::{conversion, directory};
use insta::assert_snapshot;
use migrate_adopt::Tool;
use migrate_adopt::files::{read_originals, read_source, write};
use migrate_runtime::Numbering;
use migrate_tools::read_directory;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every file below a folder, with its text.
fn tree(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            found.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    found
}

fn paths(folder: &Path) -> String {
    tree(folder).into_keys().collect::<Vec<_>>().join("\n")
}

/// The first new file has the name of an original that becomes the second.
const SHIFTED: [(&str, &str); 4] = [
    ("000_a.sql", "CREATE TABLE zero(id INTEGER PRIMARY KEY);\n"),
    ("001_a.sql", "CREATE TABLE one(id INTEGER PRIMARY KEY);\n"),
    ("down/001_a.sql", "DROP TABLE one;\n"),
    ("notes.txt", "x\n"),
];

#[test]
fn a_directory_of_its_own() {
    let old = directory(&[("1_a.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY);\n")]);
    let before = tree(old.path());
    let conversion = conversion(Tool::Sqlx, old.path());
    let new = directory(&[]);
    let target = new.path().join("db/migrations");
    assert_eq!(write(&conversion, &target).unwrap().len(), 1);
    assert_eq!(paths(&target), "001_a.sql");
    assert_eq!(write(&conversion, &target).unwrap(), [""; 0]);
    assert_eq!(tree(old.path()), before);
}

#[test]
fn nothing_is_overwritten() {
    let old = directory(&[
        ("1_a.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY);\n"),
        ("2_b.sql", "CREATE TABLE u(id INTEGER PRIMARY KEY);\n"),
    ]);
    let conversion = conversion(Tool::Sqlx, old.path());
    for (path, text) in [("002_b.sql", "-- mine\n"), ("007_mine.sql", "SELECT 1;\n")] {
        let new = directory(&[(path, text)]);
        let error = write(&conversion, new.path()).unwrap_err();
        assert!(error.is_in_the_way(), "{error}");
        assert!(error.to_string().contains(path), "{error}");
        assert_eq!(paths(new.path()), path);
        assert_eq!(tree(new.path())[path], text);
    }
    // A file that follows is no reason to refuse what is there already.
    let new = directory(&[]);
    write(&conversion, new.path()).unwrap();
    fs::write(new.path().join("003_mine.sql"), "SELECT 1;\n").unwrap();
    assert_eq!(write(&conversion, new.path()).unwrap(), [""; 0]);
    // The old files would count as migrations there.
    let inside = directory(&[("old/1_a.sql", "SELECT 1;\n")]);
    let conversion = super::conversion(Tool::Sqlx, &inside.path().join("old"));
    assert!(
        write(&conversion, inside.path())
            .unwrap_err()
            .is_in_the_way()
    );
}

#[test]
fn in_its_place() {
    let folder = directory(&SHIFTED);
    let originals = read_originals(Tool::Names, folder.path()).unwrap();
    let conversion = conversion(Tool::Names, folder.path());
    let shown = folder.path().display().to_string();
    let done = write(&conversion, folder.path())
        .unwrap()
        .join("\n")
        .replace(&shown, "DIR");
    assert_snapshot!(done, @"
    moved `DIR/notes.txt` to `DIR/archive/notes.txt`
    moved `DIR/000_a.sql` to `DIR/archive/000_a.sql`
    moved `DIR/001_a.sql` to `DIR/archive/001_a.sql`
    moved `DIR/down/001_a.sql` to `DIR/archive/down/001_a.sql`
    wrote `DIR/001_a.sql`
    wrote `DIR/002_a.sql`
    wrote `DIR/002_a.down.sql`
    ");
    assert_snapshot!(paths(folder.path()), @"
    001_a.sql
    002_a.down.sql
    002_a.sql
    archive/000_a.sql
    archive/001_a.sql
    archive/down/001_a.sql
    archive/notes.txt
    ");
    let after = tree(folder.path());
    assert_eq!(after["archive/001_a.sql"], SHIFTED[1].1);
    let archive = folder.path().join("archive");
    assert_eq!(read_originals(Tool::Names, &archive).unwrap(), originals);
    assert!(
        after["001_a.sql"].contains("zero"),
        "{}",
        after["001_a.sql"]
    );
    assert!(after["002_a.sql"].contains("one"), "{}", after["002_a.sql"]);
    // Nothing was left that the compiler would refuse.
    read_directory::<migrate_runtime::Sqlite>(folder.path(), Numbering::DEFAULT).unwrap();
    let after = tree(folder.path());
    // The same again.
    assert_eq!(write(&conversion, folder.path()).unwrap(), [""; 0]);
    let error = read_source(Tool::Names, folder.path()).unwrap_err();
    assert!(error.is_converted());
    assert_snapshot!(error.to_string().replace(&shown, "DIR"), @"`DIR` is already converted: `001_a.sql` says that it was adopted from names; there is nothing to do");
    assert_eq!(tree(folder.path()), after);
}

/// Cut off anywhere, doing it again ends with the same files.
#[test]
fn in_its_place_after_any_interruption() {
    let whole = directory(&SHIFTED);
    write(&conversion(Tool::Names, whole.path()), whole.path()).unwrap();
    let whole = tree(whole.path());
    // The steps of a run, done by hand as far as to one of them.
    for steps in 0..9 {
        let folder = directory(&SHIFTED);
        let at = |path: &str| folder.path().join(path);
        let conversion = conversion(Tool::Names, folder.path());
        let mut left = steps;
        let mut is_next = || {
            left -= 1;
            left >= 0
        };
        fs::create_dir(at(".adopting")).unwrap();
        for file in &conversion.files {
            fs::write(at(".adopting").join(&file.path), &file.text).unwrap();
        }
        if is_next() {
            let originals = "notes.txt\n000_a.sql\n001_a.sql\ndown/001_a.sql\n";
            fs::write(at(".adopting/originals"), originals).unwrap();
            fs::create_dir_all(at("archive/down")).unwrap();
        }
        for path in ["notes.txt", "000_a.sql", "001_a.sql", "down/001_a.sql"] {
            if is_next() {
                fs::rename(at(path), at("archive").join(path)).unwrap();
            }
        }
        for file in &conversion.files {
            if is_next() {
                fs::rename(at(".adopting").join(&file.path), at(&file.path)).unwrap();
            }
        }
        let again = super::conversion(Tool::Names, folder.path());
        assert_eq!(again.files, conversion.files, "after {steps} steps");
        write(&again, folder.path()).unwrap();
        assert_eq!(tree(folder.path()), whole, "after {steps} steps");
    }
}

#[test]
fn another_conversion_that_was_cut_off_is_not_lost() {
    let folder = directory(&[
        ("1_a.sql", "SELECT 1;\n"),
        (".adopting/originals", "1_a.sql\n"),
        (".adopting/001_other.sql", "SELECT 2;\n"),
    ]);
    let before = tree(folder.path());
    let conversion = conversion(Tool::Sqlx, folder.path());
    let error = write(&conversion, folder.path()).unwrap_err();
    assert!(error.is_in_the_way());
    let shown = folder.path().display().to_string();
    assert_snapshot!(error.to_string().replace(&shown, "DIR"), @"`DIR/.adopting` belongs to another conversion, which was interrupted; run that one again, or move its files back from `archive/` and remove it");
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn an_archive_that_has_the_same_file() {
    let folder = directory(&[
        ("1_a.sql", "SELECT 1;\n"),
        ("archive/1_a.sql", "SELECT 2;\n"),
    ]);
    let before = tree(folder.path());
    let conversion = conversion(Tool::Sqlx, folder.path());
    assert_snapshot!(conversion.notes.join("\n"), @"`archive/` is never read: move migrations out of it");
    assert!(
        write(&conversion, folder.path())
            .unwrap_err()
            .is_in_the_way()
    );
    assert_eq!(tree(folder.path()), before);
}
