//! Frozen migrations that were changed: M031.

use super::lock::{against, locked};
use super::{memory::Memory, options, rendered};
use insta::assert_snapshot;
use migrate_model::Checksum;
use migrate_source::directory::read;
use migrate_source::lock_file::part_with;

const UP: &str = "CREATE TABLE a(\n  x TEXT,\n  y TEXT\n);\nCREATE INDEX a_x ON a(x);\n";
const DOWN: &str = "DROP TABLE a;\n";

/// The problems after these files became others, where their earlier texts can
/// be found.
fn changed(before: &[(&str, &str)], after: &[(&str, &str)]) -> String {
    let lock = locked(before, Some(1));
    let earlier = |path: &str, sum: &Checksum| {
        let (_, text) = before.iter().find(|(it, _)| *it == path)?;
        part_with(text, sum)
    };
    let mut options = options();
    options.earlier = Some(&earlier);
    let files = after
        .iter()
        .copied()
        .chain([("migrations.lock", lock.as_str())]);
    rendered(&read(&mut Memory::new(files), &options))
}

#[test]
fn both_checksums_without_an_earlier_text() {
    let lock = locked(&[("001_a.sql", UP)], Some(1));
    let files = [("001_a.sql", "CREATE TABLE a(x);\n")];
    assert_snapshot!(against(&lock, &files), @"
    M031: the up of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.sql
      = note: it was frozen as sha256:703947fdafb1aee42942183fc5f5f544001cfc49011d934d417e810150d2e995
      = note: now it is        sha256:d89afa701da71c81c35b234f040ec570c47f1ef405559e016be5780cae90ddf7
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
}

#[test]
fn the_lines_that_were_changed() {
    let before = [("001_a.sql", UP), ("001_a.down.sql", DOWN)];
    let now = |up: &str| changed(&before, &[("001_a.sql", up), ("001_a.down.sql", DOWN)]);
    assert_snapshot!(now(&UP.replace("y TEXT", "y BLOB")), @"
    M031: the up of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.sql:3:1
      |
    3 |   y BLOB
      | ^^^^^^^^
      = note: what was changed:
              -   y TEXT
              +   y BLOB
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
    assert_snapshot!(now(&UP.replace("CREATE INDEX a_x ON a(x);\n", "")), @"
    M031: the up of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.sql:4:1
      |
    4 | );
      | ^^
      = note: what was changed:
              - CREATE INDEX a_x ON a(x);
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
    assert_snapshot!(now(UP.trim_end()), @"
    M031: the up of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.sql:5:1
      |
    5 | CREATE INDEX a_x ON a(x);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^
      = note: what was changed:
              - CREATE INDEX a_x ON a(x);
              + CREATE INDEX a_x ON a(x); (without a line end)
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
    assert_snapshot!(now(&UP.replace("  y", "\u{a0} y").replace('\u{a0}', "-- \u{a0}\n ")), @r"
    M031: the up of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.sql:3:1
      |
    3 | -- \u{a0}
      | ^^^^^^^^^
      = note: what was changed:
              + -- \u{a0}
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
    let long = format!("{UP}{}", "INSERT INTO a VALUES ('x', 'y');\n".repeat(20));
    assert_snapshot!(now(&long), @"
    M031: the up of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.sql:6:1
      |
    6 | INSERT INTO a VALUES ('x', 'y');
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = note: what was changed:
              + INSERT INTO a VALUES ('x', 'y');
              + INSERT INTO a VALUES ('x', 'y');
              + INSERT INTO a VALUES ('x', 'y');
              + INSERT INTO a VALUES ('x', 'y');
              + INSERT INTO a VALUES ('x', 'y');
              + INSERT INTO a VALUES ('x', 'y');
              and 14 more
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
    let other = "CREATE TABLE b(x);\n".repeat(9);
    assert_snapshot!(now(&other), @"
    M031: the up of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.sql:1:1
      |
    1 | CREATE TABLE b(x);
      | ^^^^^^^^^^^^^^^^^^
      = note: what was changed:
              - CREATE TABLE a(
              -   x TEXT,
              -   y TEXT
              + CREATE TABLE b(x);
              + CREATE TABLE b(x);
              + CREATE TABLE b(x);
              and 8 more
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
}

#[test]
fn long_lines_are_shown_where_they_differ() {
    let columns: Vec<String> = (0..60)
        .map(|number| format!("column_{number} TEXT"))
        .collect();
    let before = format!("CREATE TABLE a({});\n", columns.join(", "));
    let after = before.replace("column_40 TEXT", "column_40 BLOB");
    assert_snapshot!(changed(&[("001_a.sql", &before)], &[("001_a.sql", &after)]), @"
    M031: the up of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.sql:1:1
      |
    1 | CREATE TABLE a(column_0 TEXT, column_1 TEXT, column_2 TEXT, column_3 TEXT, column_4 TEXT, column_5 TEXT, column_6 TEXT, …
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = note: what was changed:
              - …olumn_39 TEXT, column_40 TEXT, column_41 TEXT, column_42 TEXT, column_43 TEXT, column_44 TEXT, colum…
              + …olumn_39 TEXT, column_40 BLOB, column_41 TEXT, column_42 TEXT, column_43 TEXT, column_44 TEXT, colum…
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
}

#[test]
fn the_down_of_a_file_of_its_own() {
    let before = [("001_a.sql", UP), ("down/001_a.sql", DOWN)];
    let after = |down| changed(&before, &[("001_a.sql", UP), ("down/001_a.sql", down)]);
    assert_snapshot!(after("DROP TABLE IF EXISTS a;\n"), @"
    M031: the down of `001_a` was changed, but the migration is frozen
     --> migrations/down/001_a.sql:1:1
      |
    1 | DROP TABLE IF EXISTS a;
      | ^^^^^^^^^^^^^^^^^^^^^^^
      = note: what was changed:
              - DROP TABLE a;
              + DROP TABLE IF EXISTS a;
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
    assert_snapshot!(changed(&before, &[("001_a.sql", UP)]), @"
    M031: the down of `001_a` is gone, but the migration is frozen
     --> migrations/001_a.sql
      = help: restore the committed version
    ");
    assert_snapshot!(changed(&before[..1], &before), @"
    M031: `001_a` has a down now, but was frozen without one
     --> migrations/down/001_a.sql
      = help: remove the down; to undo a released migration, add a new one
    ");
}

#[test]
fn the_two_parts_of_one_file() {
    let whole = format!("{UP}\n-- migrate:down\n{DOWN}");
    let now = |text: &str| changed(&[("001_a.sql", &whole)], &[("001_a.sql", text)]);
    assert_snapshot!(now(&whole.replace("y TEXT", "y BLOB")), @"
    M031: the up of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.sql:3:1
      |
    3 |   y BLOB
      | ^^^^^^^^
      = note: what was changed:
              -   y TEXT
              +   y BLOB
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
    assert_snapshot!(now(&whole.replace("DROP TABLE", "DROP TABLE IF EXISTS")), @"
    M031: the down of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.sql:8:1
      |
    8 | DROP TABLE IF EXISTS a;
      | ^^^^^^^^^^^^^^^^^^^^^^^
      = note: what was changed:
              - DROP TABLE a;
              + DROP TABLE IF EXISTS a;
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
    assert_snapshot!(now(&whole.replace("-- migrate:down", "-- migrate: down")), @"
    M031: the down of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.sql:7:1
      |
    7 | -- migrate: down
      | ^^^^^^^^^^^^^^^^
      = note: what was changed:
              - -- migrate:down
              + -- migrate: down
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
    assert_snapshot!(now(&whole.replace("\n-- migrate", "\n\n-- migrate")), @"
    M031: the down of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.sql:7:1
      |
    7 | 
      | ^
      = note: what was changed:
              + 
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
    assert_snapshot!(now(UP), @"
    M031: the down of `001_a` is gone, but the migration is frozen
     --> migrations/001_a.sql
      = help: restore the committed version
    ");
}

#[test]
fn a_file_in_rust() {
    let rust = "pub fn up() {}\n";
    let now = changed(
        &[("001_a.rs", rust)],
        &[("001_a.rs", "pub fn up() { () }\n")],
    );
    assert_snapshot!(now, @"
    M031: the file of `001_a` was changed, but the migration is frozen
     --> migrations/001_a.rs:1:1
      |
    1 | pub fn up() { () }
      | ^^^^^^^^^^^^^^^^^^
      = note: what was changed:
              - pub fn up() {}
              + pub fn up() { () }
      = help: restore the committed version; a change to a released migration belongs in a new one
    ");
}

#[test]
fn a_file_that_cannot_be_read_is_not_called_changed() {
    let lock = locked(&[("001_a.sql", UP)], Some(1));
    let problems = against(&lock, &[("001_a.sql", "CREATE TABLE a(x);\0")]);
    assert!(
        problems.starts_with("M015") && !problems.contains("M031"),
        "{problems}"
    );
}
