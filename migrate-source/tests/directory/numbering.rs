//! Numbers that do not follow each other: M007 to M010.

use super::{SQL, options, problems, problems_with};
use insta::assert_snapshot;
use migrate_model::{Numbering, Version};

#[test]
fn a_gap_of_one_and_of_several() {
    assert_snapshot!(problems(&[("001_a.sql", SQL), ("003_c.sql", SQL), ("007_d.sql", SQL)]), @"
    M009: version 002 is missing
     --> migrations/003_c.sql
      = note: the migration before it is `migrations/001_a.sql`
      = help: restore what is missing, or renumber this migration and all after it, starting at 002

    M009: versions 004 to 006 are missing
     --> migrations/007_d.sql
      = note: the migration before it is `migrations/003_c.sql`
      = help: restore what is missing, or renumber this migration to 004
    ");
}

#[test]
fn a_bad_name_still_takes_its_number() {
    assert_snapshot!(problems(&[("001_a.sql", SQL), ("002 B.sql", SQL), ("003_c.sql", SQL)]), @"
    M006: `002 B.sql` is not a name for a migration
     --> migrations/002 B.sql
      = help: rename it to `002_b.sql`: lower-case letters, digits, `_` and `-`
    ");
}

#[test]
fn two_and_three_of_one_number() {
    assert_snapshot!(problems(&[
        ("001_a.sql", SQL),
        ("schema/001_b.sql", SQL),
        ("002_a.sql", SQL),
        ("002_b.up.sql", SQL),
        ("002_c/up.sql", SQL),
    ]), @"
    M010: version 001 is used by 2 migrations
     --> migrations/001_a.sql
      = note: `migrations/001_a.sql`
              `migrations/schema/001_b.sql`
      = help: give all but one of them another number; 003 and all numbers above it are free

    M010: version 002 is used by 3 migrations
     --> migrations/002_a.sql
      = note: `migrations/002_a.sql`
              `migrations/002_b.up.sql`
              `migrations/002_c/up.sql`
      = help: give all but one of them another number; 003 and all numbers above it are free
    ");
}

#[test]
fn the_same_migration_in_two_forms() {
    assert_snapshot!(problems(&[("001_a.sql", SQL), ("001_a.up.sql", SQL)]), @"
    M010: version 001 is used by 2 migrations
     --> migrations/001_a.sql
      = note: `migrations/001_a.sql`
              `migrations/001_a.up.sql`
      = help: give all but one of them another number; 002 and all numbers above it are free
    ");
}

#[test]
fn a_down_that_is_taken_for_an_up() {
    assert_snapshot!(problems(&[
        ("001_a.sql", SQL),
        ("001_a_down.sql", SQL),
        ("002_b-up.sql", SQL),
        ("002_b-down.sql", SQL),
        ("003_shut_down.sql", SQL),
        ("003_c.sql", SQL),
    ]), @"
    M010: version 001 is used by 2 migrations
     --> migrations/001_a.sql
      = note: `migrations/001_a.sql`
              `migrations/001_a_down.sql`
      = help: if `migrations/001_a_down.sql` is the down, rename it to `001_a.down.sql`

    M010: version 002 is used by 2 migrations
     --> migrations/002_b-down.sql
      = note: `migrations/002_b-down.sql`
              `migrations/002_b-up.sql`
      = help: if `migrations/002_b-down.sql` is the down, rename it to `002_b-up.down.sql`

    M010: version 003 is used by 2 migrations
     --> migrations/003_c.sql
      = note: `migrations/003_c.sql`
              `migrations/003_shut_down.sql`
      = help: give all but one of them another number; 004 and all numbers above it are free
    ");
}

#[test]
fn two_timestamps_that_are_one() {
    let mut options = options();
    options.numbering = Numbering::Timestamp;
    let files = [("20240131235959_a.sql", SQL), ("20240131235959_b.sql", SQL)];
    assert_snapshot!(problems_with(&files, &options), @"
    M010: version 20240131235959 is used by 2 migrations
     --> migrations/20240131235959_a.sql
      = note: `migrations/20240131235959_a.sql`
              `migrations/20240131235959_b.sql`
      = help: give all but one of them another timestamp
    ");
}

#[test]
fn widths_that_differ() {
    assert_snapshot!(problems(&[
        ("001_a.sql", SQL),
        ("002_b.sql", SQL),
        ("0003_c.sql", SQL),
        ("0003_c.down.sql", SQL),
    ]), @"
    M007: this number has 4 digits, the other numbers here have 3
     --> migrations/0003_c.down.sql
      = help: write it as `003`; the width is not part of the history

    M007: this number has 4 digits, the other numbers here have 3
     --> migrations/0003_c.sql
      = help: write it as `003`; the width is not part of the history
    ");
}

#[test]
fn a_number_that_needs_more_digits() {
    let mut options = options();
    options.numbering = Numbering::Sequential {
        first: Version::new(998),
    };
    let files = [("998_a.sql", SQL), ("999_b.sql", SQL), ("1000_c.sql", SQL)];
    assert_snapshot!(problems_with(&files, &options), @"
    M007: this number has 4 digits, the other numbers here have 3
     --> migrations/1000_c.sql
      = help: write the others with 4 digits too, so that names sort in numeric order; the width is not part of the history
    ");
}

#[test]
fn the_wrong_first_number() {
    assert_snapshot!(problems(&[("002_a.sql", SQL)]), @"
    M008: the first migration is number 002, not 001
     --> migrations/002_a.sql
      = help: restore what is missing, or renumber; if the migrations intentionally start at 2, add `first = 2` to the call
    ");
    let mut options = options();
    options.numbering = Numbering::Sequential {
        first: Version::new(10),
    };
    assert_snapshot!(problems_with(&[("009_a.sql", SQL), ("010_b.sql", SQL)], &options), @"
    M008: the first migration is number 009, not 010
     --> migrations/009_a.sql
      = help: restore what is missing, or renumber; if the migrations intentionally start at 9, add `first = 9` to the call
    ");
}

#[test]
fn timestamps_where_numbers_are_expected() {
    let files = [("20240131235959_a.sql", SQL), ("20250131235959_b.sql", SQL)];
    assert_snapshot!(problems(&files), @r#"
    M008: the first migration is number 20240131235959, which looks like a timestamp
     --> migrations/20240131235959_a.sql
      = help: if the migrations are numbered by timestamps, add `numbering = "timestamp"` to the call
    "#);
}
