//! Downs that do not fit their ups: M011, M012, and a way back that must not be.

use super::{SQL, problems};
use insta::assert_snapshot;

#[test]
fn a_down_without_an_up() {
    assert_snapshot!(problems(&[("001_a.sql", SQL), ("002_b.down.sql", SQL)]), @"
    M011: there is no migration 002 that this down could undo
     --> migrations/002_b.down.sql
      = help: add the up script, or remove this file
    ");
    assert_snapshot!(problems(&[("001_a.sql", SQL), ("002_b/down.sql", SQL)]), @"
    M011: there is no migration 002 that this down could undo
     --> migrations/002_b/down.sql
      = help: add the up script, or remove this file
    ");
}

#[test]
fn a_down_of_another_name() {
    assert_snapshot!(problems(&[("001_users.sql", SQL), ("down/001_user.sql", SQL)]), @"
    M011: this down does not belong to `migrations/001_users.sql`: the names differ
     --> migrations/down/001_user.sql
      = help: give both the same name, `users` or `user`
    ");
}

#[test]
fn a_down_whose_up_has_a_bad_name_has_an_up() {
    assert_snapshot!(problems(&[("001_Users.sql", SQL), ("001_users.down.sql", SQL)]), @"
    M006: `001_Users.sql` is not a name for a migration
     --> migrations/001_Users.sql
      = help: rename it to `001_users.sql`: lower-case letters, digits, `_` and `-`
    ");
    assert_snapshot!(problems(&[("001_a.sql", SQL), ("002 b.up.sql", SQL), ("down/002_b.sql", SQL)]), @"
    M006: `002 b.up.sql` is not a name for a migration
     --> migrations/002 b.up.sql
      = help: rename it to `002_b.up.sql`: lower-case letters, digits, `_` and `-`
    ");
}

#[test]
fn nothing_but_a_down() {
    assert_snapshot!(problems(&[("001_a.down.sql", SQL)]), @"
    M011: there is no migration 001 that this down could undo
     --> migrations/001_a.down.sql
      = help: add the up script, or remove this file
    ");
}

#[test]
fn two_downs() {
    let both = "CREATE TABLE t(x);\n-- migrate:down\nDROP TABLE t;\n";
    assert_snapshot!(problems(&[("001_a.sql", both), ("down/001_a.sql", SQL)]), @"
    M012: `migrations/001_a.sql` has 2 downs
     --> migrations/down/001_a.sql
      = note: a down at `migrations/001_a.sql:3`
      = note: a down at `migrations/down/001_a.sql:1`
      = help: keep one of them
    ");
    assert_snapshot!(problems(&[
        ("001_a.sql", SQL),
        ("001_a.down.sql", SQL),
        ("down/001_a.sql", SQL),
        ("rollbacks/001_a_down.sql", SQL),
    ]), @"
    M012: `migrations/001_a.sql` has 3 downs
     --> migrations/down/001_a.sql
      = note: a down at `migrations/001_a.down.sql:1`
      = note: a down at `migrations/down/001_a.sql:1`
      = note: a down at `migrations/rollbacks/001_a_down.sql:1`
      = help: keep one of them
    ");
}

#[test]
fn irreversible_with_a_down() {
    let up = "-- migrate: irreversible \"rows are gone\"\nDELETE FROM t;\n";
    assert_snapshot!(problems(&[("001_a.sql", up), ("001_a.down.sql", SQL)]), @r#"
    M024: this migration is declared irreversible, but has a down
     --> migrations/001_a.sql:1:1
      |
    1 | -- migrate: irreversible "rows are gone"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = note: the down is in `migrations/001_a.down.sql`
      = help: remove the directive, or the down
    "#);
}

#[test]
fn an_irreversible_down() {
    let down = "-- migrate: irreversible \"rows are gone\"\nDELETE FROM t;\n";
    assert_snapshot!(problems(&[("001_a.sql", SQL), ("001_a.down.sql", down)]), @r#"
    M024: a down cannot be irreversible
     --> migrations/001_a.down.sql:1:1
      |
    1 | -- migrate: irreversible "rows are gone"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: remove the directive; if the migration cannot be undone, remove this down and declare it in the up
    "#);
}
