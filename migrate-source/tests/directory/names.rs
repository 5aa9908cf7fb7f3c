//! Files that are not called as they should be: M003 to M006.

use super::{SQL, options, problems, problems_with};
use insta::assert_snapshot;
use migrate_model::Numbering;

#[test]
fn one_foreign_file() {
    assert_snapshot!(problems(&[("001_a.sql", SQL), ("deploy.sh", "")]), @"
    M003: `deploy.sh` is not part of a migrations directory
     --> migrations/deploy.sh
      = help: a migration is called `001_name.sql`; move anything else out, or into a folder `archive/`, which is ignored
    ");
}

#[test]
fn foreign_files_are_one_problem_for_each_folder() {
    assert_snapshot!(problems(&[
        ("001_a.sql", SQL),
        ("run.py", ""),
        ("run.sh", ""),
        ("schema/notes.txt", ""),
    ]), @"
    M003: 2 files are not part of a migrations directory
     --> migrations
      = note: run.py
              run.sh
      = help: a migration is called `001_name.sql`; move these files out, or into a folder `archive/`, which is ignored

    M003: `notes.txt` is not part of a migrations directory
     --> migrations/schema/notes.txt
      = help: a migration is called `001_name.sql`; move anything else out, or into a folder `archive/`, which is ignored
    ");
}

#[test]
fn a_file_beside_up_and_down() {
    assert_snapshot!(problems(&[("001_a/up.sql", SQL), ("001_a/seed.sql", SQL)]), @"
    M003: `seed.sql` does not belong in the folder of a single migration
     --> migrations/001_a/seed.sql
      = help: such a folder contains `up.sql` and optionally `down.sql`; the name of a folder for several migrations must not start with a number
    ");
}

#[test]
fn a_category_that_looks_like_a_migration() {
    assert_snapshot!(problems(&[("01_schema/001_a.sql", SQL)]), @"
    M003: `001_a.sql` does not belong in the folder of a single migration
     --> migrations/01_schema/001_a.sql
      = help: such a folder contains `up.sql` and optionally `down.sql`; the name of a folder for several migrations must not start with a number
    ");
}

#[test]
fn no_number() {
    assert_snapshot!(problems(&[("001_a.sql", SQL), ("Add Users.sql", SQL)]), @"
    M004: `Add Users.sql` has no number, so its place in the order is unknown
     --> migrations/Add Users.sql
      = help: rename it to `002_add_users.sql`, or give it the number for its place
    ");
    assert_snapshot!(problems(&[("001_a.sql", SQL), ("a.down.sql", SQL)]), @"
    M004: `a.down.sql` has no number, so the migration that it undoes is unknown
     --> migrations/a.down.sql
      = help: give it the number of its migration, as in `001_a.down.sql`
    ");
    assert_snapshot!(problems(&[("001_a.sql", SQL), ("down/a.sql", SQL)]), @"
    M004: `a.sql` has no number, so the migration that it undoes is unknown
     --> migrations/down/a.sql
      = help: give it the number of its migration, as in `001_a.sql`
    ");
}

#[test]
fn one_digit_and_two() {
    assert_snapshot!(problems(&[("1_a.sql", SQL), ("02-b.up.sql", SQL)]), @"
    M005: the number of `02-b.up.sql` has fewer than three digits
     --> migrations/02-b.up.sql
      = help: rename it to `002_b.up.sql`, so that names sort in numeric order

    M005: the number of `1_a.sql` has fewer than three digits
     --> migrations/1_a.sql
      = help: rename it to `001_a.sql`, so that names sort in numeric order
    ");
    assert_snapshot!(problems(&[("1_a/up.sql", SQL), ("1_a/down.sql", SQL)]), @"
    M005: the number of `1_a` has fewer than three digits
     --> migrations/1_a
      = help: rename it to `001_a`, so that names sort in numeric order
    ");
}

#[test]
fn a_number_that_is_no_version() {
    assert_snapshot!(problems(&[("000_a.sql", SQL)]), @"
    M005: the number of `000_a.sql` is not a version
     --> migrations/000_a.sql
      = help: versions are whole numbers from 1 to 9223372036854775807, written with at most 19 digits
    ");
    assert_snapshot!(problems(&[("9223372036854775808_a.sql", SQL)]), @"
    M005: the number of `9223372036854775808_a.sql` is not a version
     --> migrations/9223372036854775808_a.sql
      = help: versions are whole numbers from 1 to 9223372036854775807, written with at most 19 digits
    ");
    let long = format!("{}1_a.sql", "0".repeat(70_000));
    let problem = problems(&[(long.as_str(), SQL)]);
    assert!(problem.starts_with("M005: "), "{}", &problem[..80]);
}

#[test]
fn a_number_that_is_no_timestamp() {
    let mut options = options();
    options.numbering = Numbering::Timestamp;
    assert_snapshot!(problems_with(&[("001_a.sql", SQL), ("20240101_b.sql", SQL)], &options), @r#"
    M005: the number of `001_a.sql` is not a timestamp of 14 digits
     --> migrations/001_a.sql
      = help: write it as year, month, day, hour, minute, second: `20260131235959_name.sql`; or remove `numbering = "timestamp"`

    M005: the number of `20240101_b.sql` is not a timestamp of 14 digits
     --> migrations/20240101_b.sql
      = help: write it as year, month, day, hour, minute, second: `20260131235959_name.sql`; or remove `numbering = "timestamp"`
    "#);
}

#[test]
fn the_names_of_other_tools() {
    assert_snapshot!(problems(&[
        ("V1__users.sql", SQL),
        ("U1__users.sql", SQL),
        ("R__view.sql", SQL),
        (" 002_a.sql", SQL),
    ]), @"
    M006: ` 002_a.sql` is not a name for a migration
     --> migrations/ 002_a.sql
      = help: rename it to `002_a.sql`: lower-case letters, digits, `_` and `-`

    M004: `R__view.sql` has no number, so its place in the order is unknown
     --> migrations/R__view.sql
      = help: rename it to `003_r_view.sql`, or give it the number for its place

    M006: `U1__users.sql` is not a name for a migration
     --> migrations/U1__users.sql
      = help: rename it to `001_users.down.sql`: lower-case letters, digits, `_` and `-`

    M006: `V1__users.sql` is not a name for a migration
     --> migrations/V1__users.sql
      = help: rename it to `001_users.sql`: lower-case letters, digits, `_` and `-`
    ");
    assert_snapshot!(problems(&[
        ("2024-01-31-120000_create_posts/up.sql", SQL),
        ("2024-01-31-120000_create_posts/down.sql", SQL),
        ("2024-02-01-120000-0000_tags/up.sql", SQL),
    ]), @r#"
    M008: the first migration is number 20240131120000, which looks like a timestamp
     --> migrations/2024-01-31-120000_create_posts/down.sql
      = help: if the migrations are numbered by timestamps, add `numbering = "timestamp"` to the call

    M006: `2024-01-31-120000_create_posts` is not a name for a migration
     --> migrations/2024-01-31-120000_create_posts
      = help: rename it to `20240131120000_create_posts`: lower-case letters, digits, `_` and `-`

    M006: `2024-02-01-120000-0000_tags` is not a name for a migration
     --> migrations/2024-02-01-120000-0000_tags
      = help: rename it to `20240201120000_0000_tags`: lower-case letters, digits, `_` and `-`
    "#);
    assert!(problems(&[("0000-00-00-000000_a.sql", SQL)]).starts_with("M006: "));
    let mut options = options();
    options.numbering = Numbering::Timestamp;
    assert_snapshot!(problems_with(&[("2024-01-31-120000_a.sql", SQL)], &options), @"
    M006: `2024-01-31-120000_a.sql` is not a name for a migration
     --> migrations/2024-01-31-120000_a.sql
      = help: rename it to `20240131120000_a.sql`: lower-case letters, digits, `_` and `-`
    ");
}

#[test]
fn no_name() {
    assert_snapshot!(problems(&[("001.sql", SQL), ("002_.sql", SQL)]), @"
    M006: `001.sql` has a number, but no name
     --> migrations/001.sql
      = help: add a name that says what it does: `001_add_users.sql`

    M006: `002_.sql` has a number, but no name
     --> migrations/002_.sql
      = help: add a name that says what it does: `002_add_users.sql`
    ");
    assert_snapshot!(problems(&[("001_/up.sql", SQL)]), @"
    M006: `001_` has a number, but no name
     --> migrations/001_
      = help: add a name that says what it does: `001_add_users`
    ");
}

#[test]
fn names_outside_of_the_grammar() {
    assert_snapshot!(problems(&[
        ("001_AddUsers.sql", SQL),
        ("002 posts.sql", SQL),
        ("003.tags.sql", SQL),
        ("004_größe.sql", SQL),
        ("005_a.SQL", SQL),
        ("V6__flyway.sql", SQL),
        ("007_a.Up.sql", SQL),
        ("008_Folder/up.sql", SQL),
    ]), @"
    M006: `001_AddUsers.sql` is not a name for a migration
     --> migrations/001_AddUsers.sql
      = help: rename it to `001_add_users.sql`: lower-case letters, digits, `_` and `-`

    M006: `002 posts.sql` is not a name for a migration
     --> migrations/002 posts.sql
      = help: rename it to `002_posts.sql`: lower-case letters, digits, `_` and `-`

    M006: `003.tags.sql` is not a name for a migration
     --> migrations/003.tags.sql
      = help: rename it to `003_tags.sql`: lower-case letters, digits, `_` and `-`

    M006: `004_größe.sql` is not a name for a migration
     --> migrations/004_größe.sql
      = help: rename it to `004_gr_e.sql`: lower-case letters, digits, `_` and `-`

    M006: `005_a.SQL` is not a name for a migration
     --> migrations/005_a.SQL
      = help: rename it to `005_a.sql`: lower-case letters, digits, `_` and `-`

    M006: `007_a.Up.sql` is not a name for a migration
     --> migrations/007_a.Up.sql
      = help: rename it to `007_a_up.sql`: lower-case letters, digits, `_` and `-`

    M006: `008_Folder` is not a name for a migration
     --> migrations/008_Folder
      = help: rename it to `008_folder`: lower-case letters, digits, `_` and `-`

    M006: `V6__flyway.sql` is not a name for a migration
     --> migrations/V6__flyway.sql
      = help: rename it to `006_flyway.sql`: lower-case letters, digits, `_` and `-`
    ");
}
