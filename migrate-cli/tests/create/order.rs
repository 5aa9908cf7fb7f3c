//! The next number, and directories that have none.

use super::{directory, made, refused};
use crate::support::Folder;

#[test]
fn the_first_number_can_be_chosen() {
    assert_eq!(made(&Folder::new(), "create a --first 10"), "010_a.sql");
    assert_eq!(
        made(&Folder::new(), "create a --first 12345"),
        "12345_a.sql"
    );
    let folder = directory(&["010_a.sql"]);
    insta::assert_snapshot!(refused(&folder, "create b"), @"
    exit code 1
    --- stderr
    error: M008: the first migration is number 010, not 001
     --> migrations/010_a.sql
      = help: restore what is missing, or renumber; if the migrations intentionally start at 10, add `first = 10` to the call
      help: a new migration gets its number when the others are in order: use `--first` if the directory begins with another number on purpose, or see `migrate renumber`
    ");
    assert_eq!(made(&folder, "create b --first 10"), "011_b.sql");
}

/// The present in UTC, with 14 digits.
fn now() -> u64 {
    let output = std::process::Command::new("date")
        .args(["-u", "+%Y%m%d%H%M%S"])
        .output();
    String::from_utf8(output.unwrap().stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

#[test]
#[cfg(unix)]
fn a_timestamp_is_the_present_and_above_the_others() {
    let stamp = |file: &str| file[..14].parse::<u64>().unwrap();
    let before = now();
    let first = made(&Folder::new(), "create a --numbering timestamp");
    assert_eq!(&first[14..], "_a.sql");
    assert!((before..=now()).contains(&stamp(&first)), "{first}");
    // The others tell how numbers are written.
    let second = made(&directory(&["20200101000000_a.sql"]), "create b");
    assert!(stamp(&second) >= stamp(&first), "{second}");
    let ahead = directory(&["29991231235958_a.sql"]);
    assert_eq!(made(&ahead, "create b"), "29991231235959_b.sql");
    let _ = refused(&directory(&["001_a.sql"]), "create b --numbering timestamp");
    let _ = refused(&ahead, "create b --numbering sequential");
}

#[test]
fn numbers_do_not_become_wider_by_the_way() {
    let folder = directory(&["999_a.sql"]);
    insta::assert_snapshot!(refused(&folder, "create b --first 999"), @"
    exit code 1
    --- stderr
    error: version 1000 has 4 digits, but the numbers here have 3
      help: first rename the others to 4 digits, as in `0999`: names must sort in the order of their numbers
    ");
    let last = directory(&["9223372036854775807_a.sql"]);
    insta::assert_snapshot!(refused(&last, "create b --first 9223372036854775807"), @"
    exit code 1
    --- stderr
    error: the highest version is already the maximum
      help: give the newest migration a lower number; see `migrate renumber`
    ");
}

#[test]
fn disorder_is_refused() {
    insta::assert_snapshot!(refused(&directory(&["001_a.sql", "003_c.sql"]), "create d"), @"
    exit code 1
    --- stderr
    error: M009: version 002 is missing
     --> migrations/003_c.sql
      = note: the migration before it is `migrations/001_a.sql`
      = help: restore what is missing, or renumber this migration to 002
      help: a new migration gets its number when the others are in order: `migrate renumber` moves drafts after the released migrations, and `migrate renumber --all` puts a whole directory in order
    ");
    insta::assert_snapshot!(refused(&directory(&["001_a.sql", "001_b.sql"]), "create d"), @"
    exit code 1
    --- stderr
    error: M010: version 001 is used by 2 migrations
     --> migrations/001_a.sql
      = note: `migrations/001_a.sql`
              `migrations/001_b.sql`
      = help: give all but one of them another number; 002 and all numbers above it are free
      help: a new migration gets its number when the others are in order: `migrate renumber` moves drafts after the released migrations, and `migrate renumber --all` puts a whole directory in order
    ");
    insta::assert_snapshot!(refused(&directory(&["001_a.sql", "2_b.sql"]), "create d"), @"
    exit code 1
    --- stderr
    error: M005: the number of `2_b.sql` has fewer than three digits
     --> migrations/2_b.sql
      = help: rename it to `002_b.sql`, so that names sort in numeric order
      help: a new migration gets its number when these have valid ones
    ");
    for wrong in [
        ["001_a.sql", "0002_b.sql"],
        ["001_a.sql", "002_B.sql"],
        ["001_a.sql", "002_b.down.sql"],
        ["001_a.sql", "000_b.sql"],
    ] {
        let _ = refused(&directory(&wrong), "create d");
    }
    let json = directory(&["001_a.sql", "003_c.sql"])
        .run("create d --format json")
        .ends_with(1);
    assert!(json.stdout.contains(r#""code": "M009""#), "{json}");
}

#[test]
fn what_is_in_the_files_is_no_matter() {
    let folder = directory(&["001_a.sql", "notes.txt", "unnumbered.sql"]);
    folder.write("migrations/002_b.sql", "CREATE TABEL 'x");
    folder.write("migrations/003_c.sql", "");
    std::fs::write(folder.at("migrations/004_d.sql"), b"\xff").unwrap();
    assert_eq!(made(&folder, "create e"), "005_e.sql");
}
