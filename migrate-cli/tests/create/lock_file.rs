//! The line of the draft.

use super::{directory, made, refused};
use crate::support::Folder;

const LOCK: &str = "migrations/migrations.lock";

/// Two frozen migrations and a draft.
fn locked() -> Folder {
    let folder = directory(&["001_a.sql"]);
    folder.write(
        "migrations/002_b.sql",
        "CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT;\n",
    );
    let _ = folder.run("lock --freeze").fine();
    folder.write(
        "migrations/003_c.sql",
        "CREATE TABLE c (id INTEGER PRIMARY KEY) STRICT;\n",
    );
    let _ = folder.run("lock").fine();
    folder
}

#[test]
fn a_new_one_is_a_draft() {
    let folder = locked();
    let before = folder.read(LOCK);
    insta::assert_snapshot!(folder.run("create d"), @"
    exit code 0
    --- stdout
    created `migrations/004_d.sql`
    `004_d` is a draft in `migrations/migrations.lock`
    next: write its SQL in `migrations/004_d.sql`; the build fails until it is there (M016)
    ");
    assert_eq!(folder.read(LOCK), format!("{before}004_d draft\n"));
    // Once it is written, the lock file is as `lock` would have it.
    folder.write(
        "migrations/004_d.sql",
        "CREATE TABLE d (id INTEGER PRIMARY KEY) STRICT;\n",
    );
    let before = folder.read(LOCK);
    let _ = folder.run("lock").fine();
    assert_eq!(folder.read(LOCK), before);
}

#[test]
fn none_is_made_where_there_is_none() {
    assert_eq!(made(&directory(&["001_a.sql"]), "create b"), "002_b.sql");
}

#[test]
fn the_name_is_that_of_the_file() {
    let folder = directory(&["001-a.sql"]);
    let _ = folder.run("lock").fine();
    let _ = folder.run("create add_b").fine();
    assert!(
        folder
            .read(LOCK)
            .ends_with("\n001-a draft\n002-add-b draft\n")
    );
}

#[test]
fn an_edited_frozen_migration_stays_as_it_was_frozen() {
    let folder = locked();
    folder.write("migrations/002_b.sql", "CREATE TABLE other (id INTEGER);\n");
    let before = folder.read(LOCK);
    let _ = folder.run("create d").fine();
    assert_eq!(folder.read(LOCK), format!("{before}004_d draft\n"));
    // It is still the compiler's to say.
    let check = folder.run("check").ends_with(1);
    assert!(check.stderr.contains("M031"), "{check}");
}

#[test]
fn drafts_that_come_and_go_are_set_right() {
    let folder = locked();
    folder.remove("migrations/003_c.sql");
    assert_eq!(made(&folder, "create other"), "003_other.sql");
    assert!(folder.read(LOCK).ends_with("\n003_other draft\n"));
    assert!(!folder.read(LOCK).contains("003_c"));
    folder.write("migrations/004_x.sql", "SELECT");
    let _ = folder.run("create y").fine();
    assert!(
        folder
            .read(LOCK)
            .ends_with("\n003_other draft\n004_x draft\n005_y draft\n")
    );
}

#[test]
fn the_number_of_a_frozen_one_is_never_taken() {
    let folder = locked();
    folder.remove("migrations/003_c.sql");
    folder.remove("migrations/002_b.sql");
    insta::assert_snapshot!(refused(&folder, "create x"), @"
    exit code 1
    --- stderr
    error: `002_b` is frozen, but its file is missing or was renamed
      help: restore the committed version: a frozen migration keeps its number
    ");
    folder.write("migrations/002_x.sql", "SELECT");
    let _ = refused(&folder, "create y");
}

#[test]
fn a_lock_file_that_cannot_be_read_is_not_continued() {
    let folder = locked();
    let text = folder.read(LOCK);
    let merged = text.replace(
        "003_c draft\n",
        "<<<<<<< HEAD\n003_c draft\n=======\n003_d draft\n>>>>>>> other\n",
    );
    folder.write(LOCK, &merged);
    insta::assert_snapshot!(refused(&folder, "create x"), @r#"
    exit code 1
    --- stderr
    error: M029: both of the merged branches changed the lock file
     --> migrations/migrations.lock:4:1
      |
    4 | <<<<<<< HEAD
      | ^^^^^^^^^^^^
      = note: `HEAD` has `003_c` (draft)
      = note: `other` has `003_d` (draft)
      = help: keep the files of both branches, and run `migrate renumber`: it merges their lines, and gives the drafts the next free numbers
    "#);
    for wrong in [
        String::new(),
        text.replace("frozen", "forzen"),
        text.replace("001_a", "001_b"),
        text.trim_end().to_owned(),
    ] {
        folder.write(LOCK, &wrong);
        let said = refused(&folder, "create x");
        assert!(said.contains("error: M0"), "{said}");
    }
    std::fs::write(folder.at(LOCK), b"\xff").unwrap();
    let _ = refused(&folder, "create x");
    folder.remove(LOCK);
    std::fs::create_dir(folder.at(LOCK)).unwrap();
    let _ = refused(&folder, "create x");
}

/// As git leaves files on Windows, if nothing says otherwise.
#[test]
fn files_with_crlf_are_what_they_were() {
    let folder = locked();
    for path in folder.files() {
        let text = folder.read(&path).replace('\n', "\r\n");
        folder.write(&path, &text);
    }
    let before = folder.contents();
    let _ = folder.run("lock").fine();
    let _ = folder.run("check").fine();
    assert_eq!(folder.contents(), before);
    let _ = folder.run("create d").fine();
    assert!(folder.read(LOCK).ends_with("\n003_c draft\n004_d draft\n"));
}
