//! With a lock file: what is frozen stays.

use super::{files, plan, shown};
use insta::assert_snapshot;
use migrate_source::Options;
use migrate_source::directory::read;
use migrate_source::lock_file::{LockFile, freeze};
use migrate_tools::renumber::directory::RenumberAll;

/// What each frozen file holds.
pub(super) const TEXT: &str = "CREATE TABLE x(x);\n";

/// A lock file in which these are frozen.
pub(super) fn frozen(paths: &[&str], first: u64) -> String {
    let files = paths.iter().map(|path| (*path, TEXT));
    let mut options = Options::default();
    options.numbering = migrate_model::Numbering::Sequential {
        first: migrate_model::Version::new(first),
    };
    let found = read(&mut super::Memory::new(files), &options);
    freeze(&LockFile::default(), &found.migrations, None)
        .unwrap()
        .to_string()
}

fn planned(paths: &[&str], lock: &str) -> String {
    let mut options = RenumberAll::default();
    options.lock = Some(("migrations.lock", lock));
    shown(paths, &options)
}

fn refused(paths: &[&str], lock: &str) -> String {
    let mut options = RenumberAll::default();
    options.lock = Some(("migrations.lock", lock));
    plan(&files(paths), &options).unwrap_err().message()
}

#[test]
fn drafts_go_behind_what_is_frozen() {
    let lock = frozen(&["0001_a.sql", "0002_b.sql"], 1) + "0003_gone draft\n0007_d draft\n";
    assert_snapshot!(planned(&[
        "0001_a.sql",
        "0002_b.sql",
        "002_a_new.sql",
        "1_x.sql",
        "0007_d.sql",
        "seed.sql",
    ], &lock), @"
    002_a_new.sql -> 0004_a_new.sql
    1_x.sql -> 0003_x.sql
    0007_d.sql -> 0005_d.sql
    seed.sql -> 0006_seed.sql
    lock: 0001_a frozen
    lock: 0002_b frozen
    lock: 0003_x draft
    lock: 0004_a_new draft
    lock: 0005_d draft
    lock: 0006_seed draft
    note: drafts go after the frozen migrations, and were among them: `1_x.sql`, then `002_a_new.sql`
    note: check the order of migrations without a number, which come last: `seed.sql`
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
}

#[test]
fn nothing_becomes_the_down_of_what_is_frozen() {
    let lock = frozen(&["001_a.sql", "002_b.sql", "002_b.down.sql"], 1);
    assert_snapshot!(planned(&[
        "001_a.sql",
        "001_a_down.sql",
        "002_b.sql",
        "002_b.down.sql",
        "9_b.down.sql",
        "V1__a.sql",
    ], &lock), @"
    001_a_down.sql -> archive/001_a_down.sql
    9_b.down.sql -> archive/9_b.down.sql
    V1__a.sql -> 003_a.sql
    lock: 001_a frozen
    lock: 002_b frozen
    lock: 003_a draft
    note: drafts go after the frozen migrations, and were among them: `V1__a.sql`
    note: `001_a_down.sql` is a down, and it is not clear what it undoes: it goes to `archive/`; give it the number and name of its migration to have it back
    note: `9_b.down.sql` is a down, and it is not clear what it undoes: it goes to `archive/`; give it the number and name of its migration to have it back
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
}

#[test]
fn what_is_frozen_must_be_in_order() {
    let lock = frozen(&["003_c.sql"], 3);
    assert_snapshot!(refused(&["003_c.sql"], &lock), @"`003_c` is frozen in the place of number 001, and cannot be moved: databases know it by its number; restore the migrations before it, or begin the set at their number with `first`");
    assert_snapshot!(refused(&["1_a.sql"], &frozen(&["001_a.sql"], 1)), @"`001_a` is frozen and has no file of that number and name; restore it first");
    assert_snapshot!(refused(&["001_a.sql", "x/001_a.sql"], &frozen(&["001_a.sql"], 1)), @"`001_a.sql` and `x/001_a.sql` have the same number and name; rename one of them first");
    assert!(refused(&["001_a.sql"], "what\n").starts_with("M028"));
}
