//! Lines of the lock file that are not as they must be: M028 and M036.

use super::lock::{A, B, B_DOWN, C, D, against, edited, locked};
use insta::assert_snapshot;

#[test]
fn lines_that_are_not_written_like_that() {
    assert_snapshot!(edited(|lock| lock.replace("004_d draft", "004_d drafd")), @r#"
    M028: this is neither a draft nor a frozen migration
     --> migrations/migrations.lock:5:1
      |
    5 | 004_d drafd
      | ^^^^^^^^^^^
      = help: restore the committed line; lock files are written by `migrate lock`, `migrate lock --freeze` and `migrate renumber`, not by hand
    "#);
    assert_snapshot!(edited(|lock| lock.replace("004_d draft", "004_d  draft")), @r#"
    M028: the fields of a line are separated by one space, and there is none at its end
     --> migrations/migrations.lock:5:1
      |
    5 | 004_d  draft
      | ^^^^^^^^^^^^
      = help: restore the committed line; lock files are written by `migrate lock`, `migrate lock --freeze` and `migrate renumber`, not by hand
    "#);
    assert_snapshot!(edited(|lock| lock.replace("004_d draft", "04_d draft")), @r#"
    M028: `04_d` is not the number and name of a migration
     --> migrations/migrations.lock:5:1
      |
    5 | 04_d draft
      | ^^^^^^^^^^
      = help: restore the committed line; lock files are written by `migrate lock`, `migrate lock --freeze` and `migrate renumber`, not by hand
    "#);
    assert_snapshot!(edited(|lock| lock.replace("frozen down=none", "frozen dwon=none")), @r#"
    M028: `dwon=none` should start with `down=`
     --> migrations/migrations.lock:2:1
      |
    2 | 001_a sha256:d89afa701da71c81c35b234f040ec570c47f1ef405559e016be5780cae90ddf7 frozen dwon=none chain=sha256:b8584e230276…
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: restore the committed line; lock files are written by `migrate lock`, `migrate lock --freeze` and `migrate renumber`, not by hand

    M028: `dwon=none` should start with `down=`
     --> migrations/migrations.lock:4:1
      |
    4 | 003_c sha256:0a533876b197264dbaa2c956d1153dce5d64e67c95a1803d5adeaa88d951dab6 frozen dwon=none chain=sha256:dc58bc2604ee…
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: restore the committed line; lock files are written by `migrate lock`, `migrate lock --freeze` and `migrate renumber`, not by hand
    "#);
    assert_snapshot!(edited(|lock| lock.replacen("003_c sha256:", "003_c sha265:", 1)), @r#"
    M028: `sha265:0a533876b197264dbaa2c956d1153dce5…` is not a checksum: `sha256:` and 64 digits or letters from `a` to `f`
     --> migrations/migrations.lock:4:1
      |
    4 | 003_c sha265:0a533876b197264dbaa2c956d1153dce5d64e67c95a1803d5adeaa88d951dab6 frozen down=none chain=sha256:dc58bc2604ee…
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: restore the committed line; lock files are written by `migrate lock`, `migrate lock --freeze` and `migrate renumber`, not by hand
    "#);
    assert_snapshot!(edited(|lock| lock.trim_end().to_owned()), @r#"
    M028: the last line has no line ending
     --> migrations/migrations.lock:5:12
      |
    5 | 004_d draft
      |            ^
      = help: restore the committed line; lock files are written by `migrate lock`, `migrate lock --freeze` and `migrate renumber`, not by hand
    "#);
    assert_snapshot!(edited(|lock| lock + "\n# the end\n"), @r#"
    M028: this line is empty
     --> migrations/migrations.lock:6:1
      |
    6 | 
      | ^
      = help: restore the committed line; lock files are written by `migrate lock`, `migrate lock --freeze` and `migrate renumber`, not by hand

    M028: only the first line is a comment
     --> migrations/migrations.lock:7:1
      |
    7 | # the end
      | ^^^^^^^^^
      = help: restore the committed line; lock files are written by `migrate lock`, `migrate lock --freeze` and `migrate renumber`, not by hand
    "#);
}

#[test]
fn the_header() {
    assert_snapshot!(edited(|lock| lock.replacen("lock 1:", "lock 2:", 1)), @"
    M028: this lock file has format 2, which a newer version wrote
     --> migrations/migrations.lock:1:1
      |
    1 | # migrations.lock 2: what is frozen is released and never changes; a draft may
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: update the crate `migrate-runtime`; this version supports format 1
    ");
    assert_snapshot!(edited(|lock| lock.replacen("lock 1:", "look 1:", 1)), @"
    M028: the first line of a lock file is always the same, and this one differs
     --> migrations/migrations.lock:1:1
      |
    1 | # migrations.look 1: what is frozen is released and never changes; a draft may
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: restore the line: `# migrations.lock 1: what is frozen is released and never changes; a draft may`
    ");
    assert_snapshot!(edited(|_| String::new()), @"
    M028: the lock file is empty, so it does not say what is frozen
     --> migrations/migrations.lock:1:1
      |
    1 | 
      | ^
      = help: restore the committed version; if nothing was ever frozen, delete it, and run `migrate lock`
    ");
}

#[test]
fn lines_in_another_order() {
    let files = [A, B, B_DOWN, C, D];
    let lock = locked(&files, Some(2));
    let swapped = lock.replace("003_c draft\n004_d draft\n", "004_d draft\n003_c draft\n");
    assert_snapshot!(against(&swapped, &files), @r#"
    M036: `003_c` is listed after `004_d`
     --> migrations/migrations.lock:5:1
      |
    5 | 003_c draft
      | ^^^^^
      = help: run `migrate renumber`, which puts the drafts in order after the frozen migrations
    "#);
    assert_snapshot!(against(&format!("{lock}004_d draft\n"), &files), @r#"
    M036: `004_d` is listed twice
     --> migrations/migrations.lock:6:1
      |
    6 | 004_d draft
      | ^^^^^
      = help: run `migrate renumber`, which puts the drafts in order after the frozen migrations
    "#);
    let above = lock
        .replace("004_d draft\n", "")
        .replacen("001_a", "004_d draft\n001_a", 1);
    assert_snapshot!(against(&above, &files), @r#"
    M036: the draft `004_d` is listed before `002-b`, which is frozen
     --> migrations/migrations.lock:2:1
      |
    2 | 004_d draft
      | ^^^^^
      = help: run `migrate renumber`, which puts the drafts in order after the frozen migrations
    "#);
    let lines: Vec<&str> = lock.lines().collect();
    let frozen = [lines[0], lines[2], lines[1], lines[3], lines[4]].join("\n") + "\n";
    assert_snapshot!(against(&frozen, &files), @"
    M036: `001_a` is listed after `002-b`
     --> migrations/migrations.lock:3:1
      |
    3 | 001_a sha256:d89afa701da71c81c35b234f040ec570c47f1ef405559e016be5780cae90ddf7 frozen down=none chain=sha256:b8584e230276…
      | ^^^^^
      = help: restore the committed order: frozen lines never move
    ");
}
